"""Names under which programs store the same tensors, brought to Hugging Face's without a prefix."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping

from sheetgpt.checkpoint.convert import convert_command
from sheetgpt.checkpoint.model import Tensor
from sheetgpt.errors import CheckpointError

_log = logging.getLogger(__name__)

#: What stands before a name: the language model itself and what wraps it (torch.compile,
#: DataParallel, TRL, Lightning, ...), up to the first word of GPT-2.
_PREFIXES = re.compile(r"^(?:[A-Za-z_]\w*\.)*?(?=(?:wte|wpe|ln_f|lm_head|h\.\d+)\.)")
#: The same before other heads.
_WRAPPERS = re.compile(r"^((transformer|model|_orig_mod|module|pretrained_model)\.)+")
#: Causal masks that old files carry along; they are no weights.
_MASK_BUFFERS = (".attn.bias", ".attn.masked_bias", ".attn.mask")
#: Heads of other tasks on top of the same model (transformers' GPT2For..., value heads of TRL and
#: others): the logits of the next token never read them.
_OTHER_HEADS = re.compile(r"(?!lm_head)(\w+_heads?|v_head|score|classifier|qa_outputs|summary)\.")
#: What TensorFlow keeps beside the weights to go on training.
_OPTIMIZER = re.compile(r".*/Adam(_\d+)?|beta\d_power|global_step|save_counter.*")
#: OpenAI's TensorFlow names (src/model.py): a variable's last word, as Hugging Face calls it.
_OPENAI = {"/w": ".weight", "/b": ".bias", "/g": ".weight"}
#: minGPT's names of 2020, as patterns, and Hugging Face's.
_MINGPT = (
    (r"tok_emb\.weight", "wte.weight"),
    (r"pos_emb", "wpe.weight"),
    (r"head\.weight", "lm_head.weight"),
    (r"ln_f\.(\w+)", r"ln_f.\1"),
    (r"blocks\.(\d+)\.ln([12])\.(\w+)", r"h.\1.ln_\2.\3"),
    (r"blocks\.(\d+)\.attn\.proj\.(\w+)", r"h.\1.attn.c_proj.\2"),
    (r"blocks\.(\d+)\.attn\.(query|key|value)\.(\w+)", r"h.\1.attn.\2.\3"),
    (r"blocks\.(\d+)\.mlp\.0\.(\w+)", r"h.\1.mlp.c_fc.\2"),
    (r"blocks\.(\d+)\.mlp\.2\.(\w+)", r"h.\1.mlp.c_proj.\2"),
)


def usual_names(stored: Mapping[str, Tensor], source: str) -> dict[str, Tensor]:
    """The tensors under Hugging Face's names; heads of other tasks are left out.

    That a head is left out is logged. Raises CheckpointError for two tensors of one name, and for
    the parts of an adapter, which is no model by itself; `source` is named in it.
    """
    if any(".lora_" in name for name in stored):
        raise CheckpointError(
            f"{source} holds the parts of an adapter (LoRA), which is no model by itself. Merge it "
            f"where you trust it: {convert_command(source)}"
        )
    found: dict[str, Tensor] = {}
    heads = []
    for name, tensor in stored.items():
        usual = _usual(name)
        if _OTHER_HEADS.match(usual):
            heads.append(usual)
        elif usual in found:
            raise CheckpointError(
                f"{source} holds {usual} twice, once as {name}; keep one of them."
            )
        elif not _OPTIMIZER.fullmatch(name):
            found[usual] = _without_first(tensor)
    if heads:
        _log.warning("Left out, as logits do not need them: %s.", ", ".join(sorted(heads)))
    return found


def is_mask(name: str) -> bool:
    """Whether a stored tensor is a causal mask that old files carry along, and no weight."""
    return name.endswith(_MASK_BUFFERS)


def _usual(name: str) -> str:
    if name.startswith("model/"):
        name = re.sub(r"^model/(h(?=\d))?", lambda found: "h." if found[1] else "", name)
        if name in ("wte", "wpe"):
            return f"{name}.weight"
        return (name[:-2] + _OPENAI.get(name[-2:], name[-2:])).replace("/", ".")
    name = _WRAPPERS.sub("", name)
    for pattern, usual in _MINGPT:
        if match := re.fullmatch(pattern, name):
            return match.expand(usual)
    return _PREFIXES.sub("", name)


def _without_first(tensor: Tensor) -> Tensor:
    """OpenAI's matrices are convolutions of width 1, (1, inputs, outputs); minGPT's `pos_emb` is
    that of a batch of one."""
    return tensor[0] if tensor.ndim == 3 and len(tensor) == 1 else tensor
