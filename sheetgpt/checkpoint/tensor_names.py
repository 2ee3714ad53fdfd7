"""Names under which programs store the same tensors, brought to Hugging Face's without a prefix."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping

from sheetgpt.checkpoint.model import Tensor
from sheetgpt.errors import CheckpointError

_log = logging.getLogger(__name__)

#: What wrappers put before a name: the language model itself, torch.compile, DataParallel, TRL.
_PREFIXES = re.compile(r"^((transformer|_orig_mod|module|pretrained_model)\.)+")
#: Causal masks that old files carry along; they are no weights.
_MASK_BUFFERS = (".attn.bias", ".attn.masked_bias")
#: Heads of other tasks on top of the same model (transformers' GPT2For..., TRL's value head): the
#: logits of the next token never read them.
_OTHER_HEADS = ("v_head.", "score.", "classifier.", "multiple_choice_head.", "qa_outputs.")
#: OpenAI's TensorFlow names (src/model.py): a variable's last word, as Hugging Face calls it.
_OPENAI = {"/w": ".weight", "/b": ".bias", "/g": ".weight"}


def usual_names(stored: Mapping[str, Tensor], source: str) -> dict[str, Tensor]:
    """The tensors under Hugging Face's names; heads of other tasks are left out.

    That a head is left out is logged. Raises CheckpointError for two tensors of one name, and for
    the parts of an adapter, which is no model by itself; `source` is named in it.
    """
    if any(".lora_" in name for name in stored):
        raise CheckpointError(
            f"{source} holds the parts of an adapter (LoRA). Merge it where you trust it: "
            f"{merge_command(source)}; then copy the tokenizer files into the new folder and "
            "give that."
        )
    found: dict[str, Tensor] = {}
    heads = []
    for name, tensor in stored.items():
        usual = _usual(name)
        if usual.startswith(_OTHER_HEADS):
            heads.append(usual)
        elif usual in found:
            raise CheckpointError(
                f"{source} holds {usual} twice, once as {name}; keep one of them."
            )
        else:
            found[usual] = _without_first(name, tensor)
    if heads:
        _log.warning("Left out, as logits do not need them: %s.", ", ".join(sorted(heads)))
    return found


def is_mask(name: str) -> bool:
    """Whether a stored tensor is a causal mask that old files carry along, and no weight."""
    return name.endswith(_MASK_BUFFERS)


def merge_command(folder: str) -> str:
    """The command that makes a model of an adapter and the model it belongs to."""
    return (
        f"python -c \"from peft import AutoPeftModelForCausalLM as P; P.from_pretrained('{folder}')"
        ".merge_and_unload().save_pretrained('converted')\""
    )


def _usual(name: str) -> str:
    if not name.startswith("model/"):
        return _PREFIXES.sub("", name)
    name = re.sub(r"^model/(h(?=\d))?", lambda found: "h." if found[1] else "", name)
    if name in ("wte", "wpe"):
        return f"{name}.weight"
    return (name[:-2] + _OPENAI.get(name[-2:], name[-2:])).replace("/", ".")


def _without_first(name: str, tensor: Tensor) -> Tensor:
    """A matrix of OpenAI's is a convolution of width 1: (1, inputs, outputs)."""
    return (
        tensor[0] if name.startswith("model/") and tensor.ndim == 3 and len(tensor) == 1 else tensor
    )
