"""Weights rounded to fewer bits before they go into a workbook.

A workbook's formulas, and the reference that checks them, both compute with the rounded numbers,
so that a check stays exact; what the rounding does to the model is another question, which
`build` answers in numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Literal, get_args

import numpy as np

from sheetgpt.book.decimals import as_written
from sheetgpt.checkpoint import Checkpoint
from sheetgpt.errors import CheckpointError, InputError

#: How exactly weights are kept.
Precision = Literal["float32", "float16", "int8"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)
#: The suffix of the name under which the scale of a tensor goes.
SCALE = ".scale"
INT8_MAX = 127
#: Matrices whose rows are looked up one by one have a scale for each row, others for each column.
LOOKED_UP = ("wte.weight", "wpe.weight", "lm_head.weight")


def rounded(checkpoint: Checkpoint, precision: str) -> Checkpoint:
    """The checkpoint with rounded tensors.

    float16 rounds every weight. int8 turns every matrix into whole numbers from -127 to 127 (an
    int8 array) beside a float32 scale named `NAME.scale`, one per row for embeddings, one per
    column for the others; vectors stay as they are. Raises CheckpointError for a weight that
    float16 cannot hold.
    """
    if precision not in PRECISIONS:
        raise InputError(f"There is no precision {precision}; choose of {', '.join(PRECISIONS)}.")
    if precision == "float32":
        return checkpoint
    tensors: dict[str, np.ndarray] = {}
    for name, tensor in checkpoint.tensors.items():
        if precision == "float16":
            tensors[name] = _float16(name, tensor)
        elif tensor.ndim == 1:
            tensors[name] = tensor
        else:
            tensors[name], tensors[name + SCALE] = _int8(tensor, rows=name in LOOKED_UP)
    return replace(checkpoint, tensors=tensors)


def restored(tensors: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Whole numbers times their scales, as float64; all other tensors as they are."""
    out = {}
    for name, tensor in tensors.items():
        scale = tensors.get(name + SCALE)
        if scale is not None:
            axis = (slice(None), None) if name in LOOKED_UP else (None, slice(None))
            out[name] = tensor.astype(np.float64) * as_written(scale)[axis]
        elif not name.endswith(SCALE):
            out[name] = tensor
    return out


def _float16(name: str, tensor: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):
        half = np.asarray(tensor, dtype=np.float16)
    if not np.isfinite(half).all():
        raise CheckpointError(
            f"{name} has a weight beyond 65504, the largest float16; use --precision float32."
        )
    return _half_decimals()[half.view(np.uint16)]


@cache
def _half_decimals() -> np.ndarray:
    """For each of the 65,536 float16, the float32 that has its shortest decimal.

    The float16 nearest to 0.1 is 0.0999755859375; 0.1 is shorter and stands for the same float16.
    """
    halves = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
    finite = np.isfinite(halves)
    out = np.zeros(len(halves), dtype=np.float32)
    out[finite] = [float(str(half)) for half in halves[finite]]
    return out


def _int8(tensor: np.ndarray, rows: bool) -> tuple[np.ndarray, np.ndarray]:
    """Whole numbers (int8) and the scale (float32) of each row or column."""
    peak = np.abs(tensor).max(axis=1 if rows else 0)
    scale = (peak / INT8_MAX).astype(np.float32)
    scale[scale == 0] = 1  # nothing but zeros, or next to nothing
    whole = np.empty(tensor.shape, dtype=np.int8)
    for start in range(0, len(tensor), 4096):  # in pieces: a table of tokens is large
        part = slice(start, start + 4096)
        divisor = scale[part, None] if rows else scale[None, :]
        whole[part] = np.clip(np.rint(tensor[part] / divisor), -INT8_MAX, INT8_MAX)
    return whole, scale
