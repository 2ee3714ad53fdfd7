"""Find a model: the embedded one, a folder, the predecessor's CSV files or a hub id.

`find` decides what `--model` names. A further kind of checkpoint is a class here, with its line
in `find`, and the module that reads its files.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from sheetgpt.checkpoint.config import Config, read_config, read_ends, require_activation
from sheetgpt.checkpoint.folder_refusals import (
    refuse_file,
    refuse_part,
    refuse_pointers,
    refuse_without_config,
    refuse_without_weights,
)
from sheetgpt.checkpoint.hub import download, is_hub_id
from sheetgpt.checkpoint.linear_layout import (
    from_linear_layout,
    is_linear_layout,
    joined_attention,
)
from sheetgpt.checkpoint.model import Checkpoint, Tensor, make_checkpoint
from sheetgpt.checkpoint.parameter_csv import is_parameter_csv, load_parameter_csv
from sheetgpt.checkpoint.safetensors_files import SINGLE_FILE, has_weights, read_weights
from sheetgpt.checkpoint.shapes import Shape, known_shape, shape_in
from sheetgpt.checkpoint.tensor_names import usual_names
from sheetgpt.checkpoint.tokenizer_files import has_tokenizer, read_vocabulary
from sheetgpt.errors import CheckpointError

#: The models that come with the package, as folders in Hugging Face's layout.
EMBEDDED = {"tiny": Path(__file__).resolve().parent.parent / "models" / "tiny"}
CONFIG = "config.json"
#: What OpenAI calls it, beside a TensorFlow checkpoint.
HPARAMS = "hparams.json"


def load(model: str | Path, revision: str | None = None, *, local: bool = False) -> Checkpoint:
    """Load a GPT-2.

    `model` is, in this order: `"tiny"`, the embedded model; a folder or zip of parameter CSV
    files; a folder in Hugging Face's layout; the id of a model on the Hugging Face hub, of which
    `revision` picks a branch, tag or commit; with `local` it is not downloaded. float32 weights
    stay on disk, memory-mapped. Raises CheckpointError.
    """
    with _undamaged(model):
        return find(model, revision, local=local).load()


def shape_of(model: str | Path, revision: str | None = None) -> Shape:
    """The shape of what `load` would load: from its config.json, or a table of well-known ids.

    Of other hub models config.json alone is downloaded; parameter CSV files have to be loaded.
    Raises CheckpointError.
    """
    with _undamaged(model):
        return find(model, revision).shape()


@contextmanager
def _undamaged(model: str | Path) -> Iterator[None]:
    """Turn what reading damaged files raises into a CheckpointError."""
    try:
        yield
    except (ArithmeticError, LookupError, OSError, RuntimeError, TypeError, ValueError) as error:
        raise CheckpointError(
            f"{model} is damaged ({type(error).__name__}: {error}); download it again."
        ) from error


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
    refuse_file(path)
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
        config, tied = self._config()
        if not has_weights(self.folder):
            refuse_without_weights(self.folder)
        tensors, linear = self._tensors()
        if linear:
            require_activation(self._config_file())
        if tied is None and not linear:
            tied = True  # GPT2Config's default; nanoGPT and minGPT have no such entry
        made = make_checkpoint(self.name, config, tensors, read_vocabulary(self.folder), tied=tied)
        return replace(made, end_ids=read_ends(self.folder, made.config.vocab_size))

    def shape(self) -> Shape:
        """From config.json alone."""
        config, tied = self._config()
        return Shape(self.name, config, tied is not False)

    def _config(self) -> tuple[Config, bool | None]:
        refuse_pointers(self.folder)
        return read_config(self._config_file())

    def _config_file(self) -> Path:
        found = next((x for x in (CONFIG, HPARAMS) if (self.folder / x).is_file()), None)
        if found is None:
            refuse_without_config(self.folder)
        return self.folder / found

    def _tensors(self) -> tuple[dict[str, Tensor], bool]:
        """The weights under usual names, and whether they were stored as torch.nn.Linear does."""
        tensors = joined_attention(usual_names(read_weights(self.folder), str(self.folder)))
        linear = is_linear_layout(tensors)
        return (from_linear_layout(tensors) if linear else tensors), linear


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
        folder = download(self.name, self.revision, local=self.local)
        if not (folder / CONFIG).is_file():
            refuse_part(self.name, self.revision, CONFIG)
        if not has_weights(folder):
            refuse_part(self.name, self.revision, SINGLE_FILE)
        if not has_tokenizer(folder):
            refuse_part(self.name, self.revision, "vocab.json")
        return Folder(folder, self.name).load()

    def shape(self) -> Shape:
        """From the table of well-known models, or from config.json."""
        known = known_shape(self.name)
        if known is not None:
            return known
        folder = download(self.name, self.revision, [CONFIG], local=self.local)
        return Folder(folder, self.name).shape()
