"""Two directions in which positions, and words at positions, are best seen on a flat map.

They are computed once, when the workbook is built; the formulas of the tab `positions` use them.
"""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence

import numpy as np

from sheetgpt.checkpoint import Checkpoint
from sheetgpt.checkpoint.precision import SCALE, restored
from sheetgpt.layout.builder import SheetBuilder
from sheetgpt.layout.data import FIRST_COL, FIRST_ROW, data_tab
from sheetgpt.layout.tensor import Axis, Tensor, stack

#: A map has two directions, each a list of numbers with this many digits.
DIRECTIONS, DIGITS = 2, 6
#: Vectors that are iterated, rounds at most, and how far from the true ones they may stay.
SPACE, ROUNDS, TOLERANCE = 8, 60, 1e-10
NAMES = ("projection.positions", "projection.words")


def projections_tab(
    checkpoint: Checkpoint, words: tuple[int, int], tensors: MutableMapping[str, Tensor]
) -> SheetBuilder:
    """Both projections, n_embd x 2 each; `words` are the ids of two tokens to tell apart."""
    sheet = data_tab("projections", "projections: from n_embd numbers to two, for maps")
    width = checkpoint.config.n_embd
    sheet.numbers(FIRST_ROW, 0, np.arange(float(width))[:, None], "position")
    directions = projections(checkpoint, words)
    axes = (Axis("n_embd", width), Axis("direction", DIRECTIONS))
    for i, (name, values) in enumerate(zip(NAMES, directions, strict=True)):
        col = FIRST_COL + i * (DIRECTIONS + 1)
        sheet.text(1, col, name, "column")
        for direction in range(DIRECTIONS):
            sheet.text(FIRST_ROW - 1, col + direction, "xy"[direction], "column_right")
        sheet.numbers(FIRST_ROW, col, values, "decimal")
        tensors[name] = stack(name, sheet.name, FIRST_ROW, col, axes, (0, None))
    return sheet


def projections(checkpoint: Checkpoint, words: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """The directions for positions alone, and for words at positions: (n_embd, 2) each.

    The first are the two principal components of the position vectors. The others are the
    direction in which positions differ most and, at right angles to it, the one from the second
    of two words to the first, so that words lie apart and their positions are seen.
    """
    along = components(_rows(checkpoint, "wpe.weight"))
    first = along[:, 0]
    here, there = _rows(checkpoint, "wte.weight", words)
    across = (here - there) - ((here - there) @ first) * first
    length = np.linalg.norm(across) or 1.0  # the same word twice
    return along.round(DIGITS), np.stack([first, across / length], axis=1).round(DIGITS)


def components(rows: np.ndarray) -> np.ndarray:
    """The two principal components of (rows, columns), as columns of length 1: (columns, 2).

    They are eigenvectors of the covariance; the sign is such that the largest number is positive.
    """
    centred = rows - rows.mean(axis=0)
    out = _leading(centred)
    if out is None:
        _, vectors = np.linalg.eigh(centred.T @ centred)  # covariance, times a factor
        out = vectors[:, ::-1][:, :DIRECTIONS]
    largest = np.abs(out).argmax(axis=0)
    return np.asarray(out * np.sign(out[largest, range(DIRECTIONS)]))


def _leading(centred: np.ndarray) -> np.ndarray | None:
    """The leading eigenvectors of `centred.T @ centred`, by subspace iteration: (columns, 2).

    All 768 of GPT-2 small take 1.9 s, the two by themselves a tenth of a second. A direction is
    about its residual over the distance to the next eigenvalue away from the true one (Davis and
    Kahan 1970). None if that stays above `TOLERANCE`: the eigenvalues are too close.
    """
    columns = centred.shape[1]
    start = np.random.default_rng(0).standard_normal((columns, min(SPACE, columns)))
    basis, _ = np.linalg.qr(start)
    for _ in range(ROUNDS):
        image = centred.T @ (centred @ basis)
        values, turn = np.linalg.eigh(basis.T @ image)  # Rayleigh and Ritz; smallest first
        values, turn = values[::-1], turn[:, ::-1]
        found: np.ndarray = (basis @ turn)[:, :DIRECTIONS]
        residuals = np.linalg.norm(
            (image @ turn)[:, :DIRECTIONS] - found * values[:DIRECTIONS], axis=0
        )
        gaps = -np.diff(values)[:DIRECTIONS]
        distances = np.minimum.accumulate(gaps)
        if len(gaps) == DIRECTIONS and (residuals <= TOLERANCE * distances).all():
            return found
        basis, _ = np.linalg.qr(image)
    return None


def _rows(checkpoint: Checkpoint, name: str, rows: Sequence[int] | None = None) -> np.ndarray:
    """Some rows of an embedding table as float64, or all of them."""
    picked = slice(None) if rows is None else [*rows]
    names = [x for x in (name, name + SCALE) if x in checkpoint.tensors]
    return restored({x: checkpoint.tensors[x][picked] for x in names})[name].astype(np.float64)
