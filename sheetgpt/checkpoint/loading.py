"""Find a model: the embedded one, a folder, the predecessor's CSV files or a hub id.

`find` decides what `--model` names. A further kind of checkpoint is a class here, with its line
in `find`, and the module that reads its files.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sheetgpt.checkpoint.config import read_config
from sheetgpt.checkpoint.hub import download, is_hub_id
from sheetgpt.checkpoint.model import Checkpoint, make_checkpoint
from sheetgpt.checkpoint.parameter_csv import is_parameter_csv, load_parameter_csv
from sheetgpt.checkpoint.safetensors_files import SINGLE_FILE, has_weights, read_weights
from sheetgpt.checkpoint.shapes import Shape, known_shape, shape_in
from sheetgpt.checkpoint.tokenizer_files import read_vocabulary
from sheetgpt.errors import CheckpointError

#: The models that come with the package, as folders in Hugging Face's layout.
EMBEDDED = {"tiny": Path(__file__).resolve().parent.parent / "models" / "tiny"}
CONFIG = "config.json"


def load(model: str | Path, revision: str | None = None, *, local: bool = False) -> Checkpoint:
    """Load a GPT-2.

    `model` is, in this order: `"tiny"`, the embedded model; a folder or zip of parameter CSV
    files; a folder in Hugging Face's layout; the id of a model on the Hugging Face hub, of which
    `revision` picks a branch, tag or commit; with `local` it is not downloaded. float32 weights
    stay on disk, memory-mapped. Raises CheckpointError.
    """
    return find(model, revision, local=local).load()


def shape_of(model: str | Path, revision: str | None = None) -> Shape:
    """The shape of what `load` would load: from its config.json, or a table of well-known ids.

    Of other hub models config.json alone is downloaded; parameter CSV files have to be loaded.
    Raises CheckpointError.
    """
    return find(model, revision).shape()


class Source(Protocol):
    """A kind of checkpoint; both functions raise CheckpointError."""

    def load(self) -> Checkpoint:
        """The checkpoint itself."""

    def shape(self) -> Shape:
        """Its shape, with as little work as that takes."""


def find(model: str | Path, revision: str | None = None, *, local: bool = False) -> Source:
    """Decide what a model's name stands for; raises CheckpointError if it is nothing."""
    path = Path(model)
    if model in EMBEDDED:
        return Folder(EMBEDDED[str(model)], str(model))
    if path.exists() and is_parameter_csv(path):
        return ParameterCsv(path, path.resolve().stem)
    if path.is_dir():
        return Folder(path, path.resolve().name)
    if isinstance(model, str) and not path.exists() and is_hub_id(model):
        return Hub(model, revision, local)
    raise CheckpointError(
        f"{model} is no model folder; give tiny for the embedded model, a folder with {CONFIG}, "
        f"{SINGLE_FILE}, vocab.json and merges.txt, or the id of a model on the Hugging Face hub."
    )


@dataclass(frozen=True)
class Folder:
    """config.json, safetensors weights and tokenizer files in one folder."""

    folder: Path
    name: str

    def load(self) -> Checkpoint:
        """All of it; the weights stay in their file."""
        shape = self.shape()
        if not has_weights(self.folder):
            self._refuse_weights()
        weights, vocabulary = read_weights(self.folder), read_vocabulary(self.folder)
        return make_checkpoint(self.name, shape.config, weights, vocabulary, tied=shape.tied)

    def shape(self) -> Shape:
        """From config.json alone."""
        if not (self.folder / CONFIG).is_file():
            raise CheckpointError(
                f"{self.folder} holds no {CONFIG}, so its shape is unknown; add it."
            )
        return Shape(self.name, *read_config(self.folder / CONFIG))

    def _refuse_weights(self) -> None:
        pickles = sorted(path.name for path in self.folder.glob("*.bin"))
        if not pickles:
            raise CheckpointError(
                f"{self.folder} holds no weights; {SINGLE_FILE} is expected there."
            )
        raise CheckpointError(
            f"{self.folder} holds its weights only as {pickles[0]}, a pickle, which can run code "
            'when it is opened. Convert it where you trust it: python -c "from transformers '
            f"import GPT2LMHeadModel as G; G.from_pretrained('{self.folder}').save_pretrained("
            "'converted')\"; then copy the tokenizer files into the new folder and give that."
        )


@dataclass(frozen=True)
class ParameterCsv:
    """The predecessor's parameter files, in a folder or a zip."""

    path: Path
    name: str

    def load(self) -> Checkpoint:
        """All of it, in memory."""
        return load_parameter_csv(self.path, self.name)

    def shape(self) -> Shape:
        """The files do not say it: they have to be loaded."""
        return shape_in(self.load())


@dataclass(frozen=True)
class Hub:
    """A model on the Hugging Face hub; what is `local` alone is not downloaded."""

    name: str
    revision: str | None
    local: bool

    def load(self) -> Checkpoint:
        """From the hub's cache, downloaded where it is not there."""
        return Folder(download(self.name, self.revision, local=self.local), self.name).load()

    def shape(self) -> Shape:
        """From the table of well-known models, or from config.json."""
        known = known_shape(self.name)
        if known is not None:
            return known
        folder = download(self.name, self.revision, [CONFIG], local=self.local)
        return Folder(folder, self.name).shape()
