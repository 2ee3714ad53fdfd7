"""Which cells of a tab its formulas fill."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sheetgpt.book.sheets import Formula


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

    def __contains__(self, place: tuple[int, int]) -> bool:
        row, col = place
        rows, cols = self.grid.shape
        return row < rows and col < cols and bool(self.grid[row, col])
