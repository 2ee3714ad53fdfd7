"""Two directions in which positions, and words at positions, are best seen on a flat map.

They are computed once, when the workbook is built; the formulas of the tab `positions` use them.
"""

from __future__ import annotations

from collections.abc import MutableMapping

import numpy as np

from sheetgpt.checkpoint import Checkpoint
from sheetgpt.plan.builder import SheetBuilder
from sheetgpt.plan.data import FIRST_COL, HEAD, data_tab
from sheetgpt.plan.tensor import Axis, Tensor, stack
from sheetgpt.precision import restored
from sheetgpt.template.expand import SCALE

#: A map has two directions, each a list of numbers with this many digits.
DIRECTIONS, DIGITS = 2, 6
#: At most this many rows of a table decide.
SAMPLE = 4096
NAMES = ("projection.positions", "projection.words")


def projections_tab(checkpoint: Checkpoint, tensors: MutableMapping[str, Tensor]) -> SheetBuilder:
    """Both projections, n_embd x 2 each."""
    sheet = data_tab("projections", "projections: from n_embd numbers to two, for maps")
    width = checkpoint.config.n_embd
    sheet.numbers(HEAD, 0, np.arange(float(width))[:, None], "position")
    axes = (Axis("n_embd", width), Axis("direction", DIRECTIONS))
    for i, (name, values) in enumerate(zip(NAMES, projections(checkpoint), strict=True)):
        col = FIRST_COL + i * (DIRECTIONS + 1)
        sheet.text(1, col, name, "column")
        for direction in range(DIRECTIONS):
            sheet.text(HEAD - 1, col + direction, "xy"[direction], "column_right")
        sheet.numbers(HEAD, col, values, "decimal")
        tensors[name] = stack(name, sheet.name, HEAD, col, axes, (0, None))
    return sheet


def projections(checkpoint: Checkpoint) -> tuple[np.ndarray, np.ndarray]:
    """The directions for positions alone, and for words at positions: (n_embd, 2) each.

    The first are the two principal components of the position vectors. The others are the
    direction in which positions differ most and, at right angles to it, that in which the words
    of the vocabulary differ most, so that words lie apart and their positions are seen.
    """
    positions, words = (_sample(checkpoint, name) for name in ("wpe.weight", "wte.weight"))
    along = components(positions)
    first = along[:, :1]
    across = components(words - words @ first @ first.T)[:, :1]
    return along.round(DIGITS), np.hstack([first, across]).round(DIGITS)


def components(rows: np.ndarray) -> np.ndarray:
    """The two principal components of (rows, columns), as columns of length 1: (columns, 2).

    From the eigenvectors of the covariance; the sign is such that the largest number is positive.
    """
    _, vectors = np.linalg.eigh(np.cov(rows, rowvar=False))
    out = vectors[:, ::-1][:, :DIRECTIONS]
    largest = np.abs(out).argmax(axis=0)
    return np.asarray(out * np.sign(out[largest, range(DIRECTIONS)]))


def _sample(checkpoint: Checkpoint, name: str) -> np.ndarray:
    """Rows of an embedding table, evenly spaced, as float64: enough to see its directions."""
    table = checkpoint.tensors[name]
    step = -(-len(table) // SAMPLE)
    parts = {name: table[::step]}
    if name + SCALE in checkpoint.tensors:
        parts[name + SCALE] = checkpoint.tensors[name + SCALE][::step]
    return restored(parts)[name].astype(np.float64)
