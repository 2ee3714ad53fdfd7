"""Folders that hold no model as sheetgpt reads it, each with the command that makes one of it."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

from sheetgpt.checkpoint.convert import convert_command
from sheetgpt.checkpoint.hub import FILES, is_hub_id
from sheetgpt.errors import CheckpointError

_POINTER = b"version https://git-lfs.github.com/spec/"
#: Weights that this program does not open, as patterns, and what they are.
_PICKLE = "a pickle, which can run code when it is opened"
_UNOPENED = {
    "*.bin": _PICKLE,
    "*.pt": _PICKLE,
    "*.pth": _PICKLE,
    "*.ckpt*.index": "a TensorFlow checkpoint",
    "model.ckpt*": "a TensorFlow checkpoint",
    "tf_model.h5": "Keras weights",
}


def refuse_pointers(folder: Path) -> None:
    """Raise if a file is a Git LFS pointer, which a clone leaves where git-lfs is missing."""
    for pattern in FILES:
        for path in sorted(folder.glob(pattern)):
            with path.open("rb") as file:
                if file.read(len(_POINTER)) == _POINTER:
                    raise CheckpointError(
                        f"{path} is a Git LFS pointer, not the file itself; run `git lfs install` "
                        f"and `git lfs pull` in {folder}."
                    )


def refuse_file(path: Path) -> None:
    """Raise for a file that holds weights and is no folder."""
    if path.match("*.safetensors"):
        raise CheckpointError(f"{path} is a file of weights; give the folder that holds it.")
    for pattern, kind in _UNOPENED.items():
        if path.match(pattern):
            raise CheckpointError(f"{path} is {kind}. {_conversion(str(path))}")


def refuse_without_config(folder: Path) -> NoReturn:
    """Say what a folder without config.json is."""
    if (folder / "adapter_config.json").is_file():
        raise CheckpointError(
            f"{folder} holds an adapter (PEFT), which is no model by itself. "
            f"{_conversion(str(folder))}"
        )
    _refuse_unopened(folder)
    raise CheckpointError(
        f"{folder} holds no config.json, so its shape is unknown; add it.{_hides(folder)}"
    )


def refuse_without_weights(folder: Path) -> NoReturn:
    """Say what a folder without safetensors weights holds instead."""
    if (folder / "adapter_config.json").is_file():
        refuse_without_config(folder)
    _refuse_unopened(folder)
    raise CheckpointError(
        f"{folder} holds no weights; model.safetensors is expected there.{_hides(folder)}"
    )


def refuse_part(model: str, revision: str | None, missing: str) -> NoReturn:
    """Say that the hub's cache has some files of a model only."""
    wanted = f"{model} --revision {revision}" if revision else model
    raise CheckpointError(
        f"Only part of {model} is here: {missing} is missing. Run `hf download {wanted}` where "
        "there is a connection; if the hub has no model.safetensors of it, convert the folder "
        f"that this names where you trust it: {convert_command('FOLDER')}"
    )


def _refuse_unopened(folder: Path) -> None:
    for pattern, kind in _UNOPENED.items():
        for path in sorted(folder.glob(pattern)):
            raise CheckpointError(
                f"{folder} holds its weights only as {path.name}, {kind}. "
                f"{_conversion(str(folder))}"
            )


def _conversion(source: str) -> str:
    return (
        f"Convert it where you trust it: {convert_command(source)} (docs/checkpoints.md says what "
        "that needs); then give the folder `converted`."
    )


def _hides(folder: Path) -> str:
    """A word on a hub model of the same name; empty for a path that could not be one."""
    if not is_hub_id(str(folder)):
        return ""
    return (
        f" If the hub's model {folder} is meant: the folder of that name hides it; rename the "
        "folder or run the command elsewhere."
    )
