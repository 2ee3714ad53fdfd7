"""Folders that hold no model as sheetgpt reads it, each with the command that makes one of it."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

from sheetgpt.checkpoint.hub import FILES, is_hub_id
from sheetgpt.checkpoint.tensor_names import merge_command
from sheetgpt.errors import CheckpointError

_POINTER = b"version https://git-lfs.github.com/spec/"
#: Reads OpenAI's TensorFlow variables and stores them as they are; names are read here.
_FROM_TENSORFLOW = (
    'python -c "import tensorflow as tf; from safetensors.numpy import save_file; '
    "r = tf.train.load_checkpoint('{0}'); save_file({{n: r.get_tensor(n) for n in "
    "r.get_variable_to_shape_map()}}, 'model.safetensors')\""
)


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


def refuse_without_config(folder: Path) -> NoReturn:
    """Say what a folder without config.json is."""
    if (folder / "adapter_config.json").is_file():
        raise CheckpointError(
            f"{folder} holds an adapter (PEFT), which is no model by itself. Merge it where you "
            f"trust it: {merge_command(str(folder))}; then copy the tokenizer files into the new "
            "folder and give that."
        )
    if _tensorflow(folder):
        _refuse_tensorflow(folder)
    raise CheckpointError(
        f"{folder} holds no config.json, so its shape is unknown; add it.{_hides(folder)}"
    )


def refuse_without_weights(folder: Path) -> NoReturn:
    """Say what a folder without safetensors weights holds instead."""
    pickles = sorted(path.name for kind in ("*.bin", "*.pt", "*.pth") for path in folder.glob(kind))
    if pickles:
        raise CheckpointError(
            f"{folder} holds its weights only as {pickles[0]}, a pickle, which can run code "
            f"when it is opened. Convert it where you trust it: {_from_pickle(str(folder))}; "
            "then copy the tokenizer files into the new folder and give that."
        )
    if _tensorflow(folder):
        _refuse_tensorflow(folder)
    raise CheckpointError(
        f"{folder} holds no weights; model.safetensors is expected there.{_hides(folder)}"
    )


def refuse_part(model: str, revision: str | None, missing: str) -> NoReturn:
    """Say that the hub's cache has some files of a model only."""
    wanted = f"{model} --revision {revision}" if revision else model
    raise CheckpointError(
        f"Only part of {model} is here: {missing} is missing. Run `hf download {wanted}` where "
        "there is a connection; if the hub has no model.safetensors of it, convert its pickle "
        f"where you trust it: {_from_pickle(model)}."
    )


def _from_pickle(source: str) -> str:
    return (
        'python -c "from transformers import GPT2LMHeadModel as G; '
        f"G.from_pretrained('{source}').save_pretrained('converted')\""
    )


def _tensorflow(folder: Path) -> bool:
    return any(folder.glob("*.ckpt*.index")) or any(folder.glob("model.ckpt*"))


def _refuse_tensorflow(folder: Path) -> NoReturn:
    raise CheckpointError(
        f"{folder} holds a TensorFlow checkpoint. Convert it: {_FROM_TENSORFLOW.format(folder)}; "
        "then put config.json, vocab.json and merges.txt of its size beside model.safetensors "
        "and give that folder."
    )


def _hides(folder: Path) -> str:
    """A word on a hub model of the same name; empty for a path that could not be one."""
    if not is_hub_id(str(folder)):
        return ""
    return (
        f" If the hub's model {folder} is meant: the folder of that name hides it; rename the "
        "folder or run the command elsewhere."
    )
