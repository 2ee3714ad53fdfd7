"""The shape of a model: all that decides how large its workbook is, without a weight."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from sheetgpt.checkpoint.config import Config
from sheetgpt.checkpoint.model import Checkpoint, expected_shapes
from sheetgpt.checkpoint.traits import Trait, traits_of
from sheetgpt.checkpoint.vocabulary import Vocabulary

#: The models of this architecture on the Hugging Face hub that most people mean (their
#: config.json files): a table, so that asking for their size needs no network.
KNOWN = {
    "distilgpt2": Config(n_layer=6),
    "gpt2": Config(),
    "gpt2-medium": Config(24, 16, 1024, n_inner=4096),
    "gpt2-large": Config(36, 20, 1280, n_inner=5120),
    "gpt2-xl": Config(48, 25, 1600, n_inner=6400),
}
OWNERS = ("openai-community/", "distilbert/")
#: The tokens that no merge makes: 256 bytes and <|endoftext|>.
UNMERGED = 257


@dataclass(frozen=True)
class Shape:
    """All that decides how large a model's workbook is; `tied` is false for a second embedding.

    `vocabulary` is None where only the shape of the weights is known.
    """

    name: str
    config: Config
    tied: bool = True
    vocabulary: Vocabulary | None = None

    @property
    def traits(self) -> frozenset[Trait]:
        """In which ways the model differs from others."""
        return traits_of(self.config, self.vocabulary)

    @property
    def tensors(self) -> dict[str, tuple[int, ...]]:
        """The shape of every tensor, in order of use."""
        shapes = expected_shapes(self.config)
        return shapes if self.tied else shapes | {"lm_head.weight": shapes["wte.weight"]}

    @property
    def n_weights(self) -> int:
        """The number of weights."""
        return sum(map(prod, self.tensors.values()))

    @property
    def merges(self) -> int:
        """The number of merges of its tokeniser."""
        if self.vocabulary is not None:
            return len(self.vocabulary.merged)
        return max(self.config.vocab_size - UNMERGED, 0)


def shape_in(checkpoint: Checkpoint) -> Shape:
    """The shape of a checkpoint at hand."""
    return Shape(
        checkpoint.name,
        checkpoint.config,
        "lm_head.weight" not in checkpoint.tensors,
        checkpoint.vocabulary,
    )


def known_shape(hub_id: str) -> Shape | None:
    """The shape of a well-known model on the hub, None for any other."""
    config = KNOWN.get(hub_id.removeprefix(OWNERS[0]).removeprefix(OWNERS[1]))
    return None if config is None else Shape(hub_id, config)
