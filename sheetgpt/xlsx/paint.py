"""Which style each cell of a tab has."""

from __future__ import annotations

import numpy as np

#: Above this many cells a tab's styles are looked up rectangle by rectangle, not in a grid.
MAX_PAINTED = 4_000_000


class Paint:
    """Which style a cell has: the last rectangle painted over it."""

    def __init__(
        self, rows: int, cols: int, painted: list[tuple[int, int, int, int, str]], names: list[str]
    ) -> None:
        self._grid: np.ndarray | None = None
        self._painted = [(*place, names.index(style) + 1) for *place, style in painted]
        if rows * cols <= MAX_PAINTED:
            self._grid = np.zeros((rows, cols), dtype=np.uint8)
            for row, col, height, width, number in self._painted:
                self._grid[row : row + height, col : col + width] = number

    def at_all(self, rows: np.ndarray, cols: np.ndarray) -> np.ndarray:
        """The numbers of many cells' styles, at rows and cols (n,), as int64 (n,)."""
        if self._grid is not None:
            found: np.ndarray = self._grid[rows, cols].astype(np.int64)
            return found
        found = np.zeros(len(rows), dtype=np.int64)
        for top, left, height, width, number in self._painted:
            inside = (top <= rows) & (rows < top + height) & (left <= cols) & (cols < left + width)
            found[inside] = number
        return found

    def at(self, row: int, col: int) -> int:
        """The style's number, 0 for none."""
        if self._grid is not None:
            number: int = self._grid.item(row, col)
            return number
        for top, left, height, width, number in reversed(self._painted):
            if top <= row < top + height and left <= col < left + width:
                return int(number)
        return 0
