"""A sheet of constants as a few blocks of numbers on an otherwise blank grid.

A tab of GPT-2 small's weights has up to 38 million cells. They stay what they are, float32
arrays (mapped from the checkpoint's file), and are never copied into one large float64 grid.
"""

from __future__ import annotations

import math
import mmap
from dataclasses import dataclass
from typing import Any

import numpy as np

from sheetgpt.book.decimals import as_written

#: A view of a block with more elements than this makes the one before forget its pages.
LARGE_VIEW = 1 << 20


def forget_pages(array: np.ndarray) -> None:
    """Let the system drop the pages of a mapped file: until then they count as our memory."""
    base: object = array
    while isinstance(base, np.ndarray):
        base = base.base
    if isinstance(base, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        base.madvise(mmap.MADV_DONTNEED)


@dataclass(frozen=True)
class Patch:
    """Numbers (rows, cols) whose first cell is (row, col)."""

    row: int
    col: int
    values: np.ndarray

    @property
    def end(self) -> tuple[int, int]:
        """The row and the column after its last."""
        rows, cols = self.values.shape
        return self.row + rows, self.col + cols


class PatchGrid:
    """Reads like an array of shape (rows, cols), NaN where no block lies; it cannot be written.

    A rectangle inside one block comes as a view in the block's own type: a float32 there stands
    for its shortest decimal (`sheetgpt.decimals`). Anything else comes as float64.
    """

    def __init__(self, rows: int, cols: int, blocks: list[Patch]) -> None:
        self.shape = (rows, cols)
        self.blocks = blocks

    @property
    def size(self) -> int:
        """How many cells the grid has, blank ones included."""
        return self.shape[0] * self.shape[1]

    def __getitem__(self, key: tuple[Any, Any]) -> np.ndarray:
        rows, cols = key
        if isinstance(rows, slice) and isinstance(cols, slice):
            return self._rectangle(rows.indices(self.shape[0]), cols.indices(self.shape[1]))
        return self._gather(*np.broadcast_arrays(rows, cols))

    def dense(self) -> np.ndarray:
        """All of it as a new float64 array."""
        out = np.full(self.shape, np.nan)
        for block in self.blocks:
            end_row, end_col = block.end
            out[block.row : end_row, block.col : end_col] = as_written(block.values)
        return out

    def item(self, row: int, col: int) -> float:
        """One cell as a float, NaN if blank."""
        for block in self.blocks:
            end_row, end_col = block.end
            if block.row <= row < end_row and block.col <= col < end_col:
                value = block.values[row - block.row, col - block.col]
                return float(as_written(np.asarray(value)))
        return math.nan

    def _rectangle(self, rows: tuple[int, int, int], cols: tuple[int, int, int]) -> np.ndarray:
        (top, bottom, _), (left, right, _) = rows, cols
        shape = max(bottom - top, 0), max(right - left, 0)
        parts = []
        for block in self.blocks:
            end_row, end_col = block.end
            first = max(top, block.row), max(left, block.col)
            last = min(bottom, end_row), min(right, end_col)
            if first[0] < last[0] and first[1] < last[1]:
                part = block.values[
                    first[0] - block.row : last[0] - block.row,
                    first[1] - block.col : last[1] - block.col,
                ]
                if part.shape == shape:
                    if part.size > LARGE_VIEW:
                        forget_pages(block.values)  # those of the views before
                    return part
                parts.append((first[0] - top, first[1] - left, part))
        out = np.full(shape, np.nan)
        for row, col, part in parts:
            out[row : row + part.shape[0], col : col + part.shape[1]] = as_written(part)
        return out

    def _gather(self, rows: np.ndarray, cols: np.ndarray) -> np.ndarray:
        out = np.full(rows.shape, np.nan)
        for block in self.blocks:
            end_row, end_col = block.end
            inside = (rows >= block.row) & (rows < end_row) & (cols >= block.col) & (cols < end_col)
            if inside.any():
                found = block.values[rows[inside] - block.row, cols[inside] - block.col]
                out[inside] = as_written(found)
        return out
