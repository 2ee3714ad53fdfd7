"""The shape of a model, found without reading a weight or downloading anything large."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from pathlib import Path

from sheetgpt.checkpoint import Checkpoint, Config, load
from sheetgpt.checkpoint.config import read_config
from sheetgpt.checkpoint.hub import download, is_hub_id
from sheetgpt.checkpoint.loading import EMBEDDED
from sheetgpt.checkpoint.model import expected_shapes
from sheetgpt.checkpoint.parameter_csv import is_parameter_csv
from sheetgpt.errors import CheckpointError

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
CONFIG = "config.json"


@dataclass(frozen=True)
class Shape:
    """All that decides how large a model's workbook is; `tied` is false for a second embedding."""

    name: str
    config: Config
    tied: bool = True

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
        return max(self.config.vocab_size - UNMERGED, 0)


def shape_of(model: str | Path, revision: str | None = None) -> Shape:
    """The shape of what `--model` names: from its config.json, or a table for well-known hub ids.

    Of other hub models config.json alone is downloaded; parameter CSV files have to be loaded.
    Raises CheckpointError.
    """
    name, path = str(model), Path(model)
    if name in EMBEDDED:
        return _configured(EMBEDDED[name], name)
    if path.is_dir() and not is_parameter_csv(path):
        return _configured(path, path.resolve().name)
    if not path.exists() and is_hub_id(name):
        known = KNOWN.get(name.removeprefix(OWNERS[0]).removeprefix(OWNERS[1]))
        if known is not None:
            return Shape(name, known)
        return _configured(download(name, revision, [CONFIG]), name)
    return shape_in(load(model, revision))


def _configured(folder: Path, name: str) -> Shape:
    if not (folder / CONFIG).is_file():
        raise CheckpointError(f"{folder} holds no {CONFIG}, so its shape is unknown; add it.")
    return Shape(name, *read_config(folder / CONFIG))


def shape_in(checkpoint: Checkpoint) -> Shape:
    """The shape of a checkpoint at hand."""
    return Shape(checkpoint.name, checkpoint.config, "lm_head.weight" not in checkpoint.tensors)
