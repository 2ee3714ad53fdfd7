"""Weights from .safetensors files, float32 as views of the memory-mapped file."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open

from sheetgpt.checkpoint.model import Tensor
from sheetgpt.checkpoint.tensor_names import is_mask
from sheetgpt.errors import CheckpointError

_log = logging.getLogger(__name__)

SINGLE_FILE = "model.safetensors"
INDEX_FILE = "model.safetensors.index.json"

#: Storage of the floating-point types; all but F64 can be widened to float32 without loss.
_STORAGE: dict[str, np.dtype[Any]] = {
    "F32": np.dtype("<f4"),
    "F16": np.dtype("<f2"),
    "BF16": np.dtype("<u2"),
    "F64": np.dtype("<f8"),
}


def has_weights(folder: Path) -> bool:
    """Whether the folder holds weights in this format."""
    return (folder / SINGLE_FILE).is_file() or (folder / INDEX_FILE).is_file()


def read_weights(folder: Path) -> dict[str, Tensor]:
    """All tensors of the folder's one file, or of the shards that its index names, as stored."""
    stored: dict[str, Tensor] = {}
    for path in _files(folder):
        stored |= _read_file(path)
    return stored


def _files(folder: Path) -> list[Path]:
    if (folder / SINGLE_FILE).is_file():
        return [folder / SINGLE_FILE]
    index = folder / INDEX_FILE
    try:
        shards = sorted(set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()))
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise CheckpointError(f"{index} holds no weight_map, so no shards can be found.") from error
    missing = [shard for shard in shards if not (folder / shard).is_file()]
    if missing:
        raise CheckpointError(
            f"{index} names files that are not there: {', '.join(missing)}; download them as well."
        )
    return [folder / shard for shard in shards]


def _read_file(path: Path) -> dict[str, Tensor]:
    """The tensors of one file: F32 as views of the mapped file, F16 and BF16 widened.

    The library checks that the file is whole. The values are mapped here, because the library's
    own reader copies every tensor, and NumPy has no bfloat16.
    """
    try:
        with safe_open(path, framework="numpy"):
            pass
    except SafetensorError as error:
        raise CheckpointError(
            f"{path} is damaged or no safetensors file ({error}); download it again."
        ) from error
    with path.open("rb") as file:
        header_size = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(header_size))
    header.pop("__metadata__", None)
    data = np.memmap(path, dtype=np.uint8, mode="r", offset=8 + header_size)
    tensors: dict[str, Tensor] = {}
    if any(entry["dtype"] == "F64" for entry in header.values()):
        _log.warning("The float64 weights of %s are rounded to float32.", path)
    for name, entry in header.items():
        if is_mask(name):
            continue
        if entry["dtype"] not in _STORAGE:
            raise CheckpointError(
                f"{name} in {path} is stored as {entry['dtype']}; "
                f"supported are {', '.join(_STORAGE)}."
            )
        begin, end = entry["data_offsets"]
        stored = data[begin:end].view(_STORAGE[entry["dtype"]]).reshape(entry["shape"])
        tensors[name] = _widen(stored)
    return tensors


def _widen(stored: npt.NDArray[Any]) -> Tensor:
    """float32 values of a stored tensor: exact for both half formats, float64 is rounded."""
    if stored.dtype == np.uint16:  # bfloat16 is the upper half of a float32
        return (stored.astype(np.uint32) << 16).view(np.float32)
    return stored.view(np.ndarray).astype(np.float32, copy=False)
