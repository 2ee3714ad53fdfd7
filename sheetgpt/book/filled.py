"""Which cells of a tab its formulas fill."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain, compress
from typing import TypeVar

import numpy as np

from sheetgpt.book.sheets import Formula

Place = tuple[int, int]
Value = TypeVar("Value")


class Filled:
    """The cells that formulas fill; `grid` is bool (rows, cols) and ends with the last of them."""

    def __init__(self, formulas: Sequence[Formula]) -> None:
        places = np.array([(f.row, f.col, f.rows, f.cols) for f in formulas], int).reshape(-1, 4)
        row, col, height, width = places.T
        end = (row + height).max(initial=0), (col + width).max(initial=0)
        self.grid = np.zeros(end, dtype=bool)
        single = (height == 1) & (width == 1)
        self.grid[row[single], col[single]] = True
        for top, left, down, right in places[~single].tolist():
            self.grid[top : top + down, left : left + right] = True

    def take_from(self, cells: np.ndarray, top: int = 0, left: int = 0) -> None:
        """Leave those that formulas fill out of `cells`, bool (rows, cols), from a corner on."""
        inside = self.grid[top : top + cells.shape[0], left : left + cells.shape[1]]
        cells[: inside.shape[0], : inside.shape[1]] &= ~inside

    def beside(self, others: Mapping[Place, Value]) -> dict[Place, Value]:
        """What is held by cells, (row, col), that formulas do not fill."""
        places = np.fromiter(chain.from_iterable(others), int, 2 * len(others)).reshape(-1, 2)
        free = (places >= self.grid.shape).any(axis=1)
        free[~free] = ~self.grid[tuple(places[~free].T)]
        return dict(compress(others.items(), free.tolist()))
