"""The Checkpoint: configuration, weights and vocabulary of one GPT-2, checked for consistency."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from sheetgpt.checkpoint.config import Config
from sheetgpt.checkpoint.vocabulary import Vocabulary
from sheetgpt.errors import CheckpointError

Tensor = npt.NDArray[np.float32]

#: A list of problems in a message stops here; the rest is counted.
_SHOWN_PROBLEMS = 12


@dataclass(frozen=True)
class Checkpoint:
    """One GPT-2.

    `tensors` holds float32 arrays under Hugging Face's names without `transformer.`, weight
    matrices as (inputs, outputs): `wte.weight` (V, C), `h.0.attn.c_attn.weight` (C, 3C), ...
    `lm_head.weight` (V, C) is there only if it is not the embedding itself. Arrays may be
    read-only views of a memory-mapped file. `end_ids` are the tokens that end a text; where the
    files name none it is empty.
    """

    name: str
    config: Config
    tensors: Mapping[str, Tensor]
    vocabulary: Vocabulary
    end_ids: tuple[int, ...] = ()

    @property
    def unembedding(self) -> Tensor:
        """The matrix (V, C) that turns the last vector into logits."""
        return self.tensors.get("lm_head.weight", self.tensors["wte.weight"])

    @property
    def n_weights(self) -> int:
        """The number of weights; a tied unembedding counts once."""
        return sum(tensor.size for tensor in self.tensors.values())

    def cutting(self, special_tokens: bool) -> Checkpoint:
        """The same with special tokens cut out of prompts or not; raises InputError."""
        return replace(self, vocabulary=self.vocabulary.cutting(special_tokens))

    @cached_property
    def tensor_sha256(self) -> dict[str, str]:
        """SHA-256 of each tensor's float32 values, little-endian, in row-major order."""
        return {
            name: hashlib.sha256(np.ascontiguousarray(tensor, dtype="<f4").data).hexdigest()
            for name, tensor in self.tensors.items()
        }

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the whole: configuration, vocabulary and tensors, whatever file held them."""
        whole: dict[str, object] = {
            "config": self.config.sizes_and_options,
            "tokens": self.vocabulary.tokens,
            "merges": self.vocabulary.merges,
            "tensors": self.tensor_sha256,
        }
        if stated := self.vocabulary.rules.stated:
            whole["rules"] = stated
        return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()


def expected_shapes(config: Config) -> dict[str, tuple[int, ...]]:
    """The tensors of a GPT-2 in order of use, each with its shape; `lm_head.weight` left out."""
    c, inner = config.n_embd, config.n_inner
    shapes: dict[str, tuple[int, ...]] = {
        "wte.weight": (config.vocab_size, c),
        "wpe.weight": (config.n_positions, c),
    }
    for layer in range(config.n_layer):
        block = {
            "ln_1.weight": (c,),
            "ln_1.bias": (c,),
            "attn.c_attn.weight": (c, 3 * c),
            "attn.c_attn.bias": (3 * c,),
            "attn.c_proj.weight": (c, c),
            "attn.c_proj.bias": (c,),
            "ln_2.weight": (c,),
            "ln_2.bias": (c,),
            "mlp.c_fc.weight": (c, inner),
            "mlp.c_fc.bias": (inner,),
            "mlp.c_proj.weight": (inner, c),
            "mlp.c_proj.bias": (c,),
        }
        shapes |= {f"h.{layer}.{name}": shape for name, shape in block.items()}
    return shapes | {"ln_f.weight": (c,), "ln_f.bias": (c,)}


def make_checkpoint(
    name: str,
    config: Config,
    tensors: Mapping[str, Tensor],
    vocabulary: Vocabulary,
    *,
    tied: bool | None = None,
) -> Checkpoint:
    """Put a Checkpoint together, tensors in order of use.

    `tied` says whether the unembedding is the embedding; None leaves that to the tensors. Raises
    CheckpointError that lists all missing, unknown, mis-shaped and non-finite tensors at once.
    """
    found = dict(tensors)
    if tied is not False and "wte.weight" not in found and "lm_head.weight" in found:
        found["wte.weight"] = found.pop("lm_head.weight")  # one of the pair was kept
    head = found.get("lm_head.weight")
    if head is not None and tied is not False and np.array_equal(head, found.get("wte.weight", ())):
        del found["lm_head.weight"]
    expected = expected_shapes(config)
    if tied is False or "lm_head.weight" in found:
        expected["lm_head.weight"] = expected["wte.weight"]
    problems = list(_tensor_problems(found, expected))
    if tied and "lm_head.weight" in found:
        problems.append(
            "lm_head.weight differs from wte.weight although tie_word_embeddings is true; set it "
            "to false in config.json if the head was trained by itself"
        )
    if tied is False and "lm_head.weight" not in found:
        problems.append("set tie_word_embeddings to true in config.json if wte.weight is the head")
    vocabulary = vocabulary.of_size(config.vocab_size)
    if len(vocabulary) != config.vocab_size:
        problems.append(
            f"the tokenizer has {len(vocabulary):,} tokens, vocab_size is {config.vocab_size:,}"
        )
    if problems:
        more = len(problems) - _SHOWN_PROBLEMS
        listed = "; ".join(problems[:_SHOWN_PROBLEMS]) + (f"; and {more} more" * (more > 0))
        raise CheckpointError(f"The weights of {name} are not those of a GPT-2: {listed}.")
    return Checkpoint(name, config, {name: found[name] for name in expected}, vocabulary)


def _tensor_problems(
    found: Mapping[str, Tensor], expected: Mapping[str, tuple[int, ...]]
) -> list[str]:
    problems = [f"{name} is missing" for name in expected if name not in found]
    problems += [f"{name} is unknown" for name in found if name not in expected]
    for name, shape in expected.items():
        if name not in found:
            continue
        if found[name].shape != shape:
            problems.append(f"{name} has shape {found[name].shape}, expected {shape}")
        elif bad := int(found[name].size - np.isfinite(found[name]).sum()):
            problems.append(f"{name} has {bad} values that are infinite or not numbers")
    return problems
