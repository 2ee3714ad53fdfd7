"""The one in-memory picture of a workbook: sheets of values and formulas, and defined names.

The plan makes a Book, the reader makes one from a file, the evaluator fills one in and the
writer stores it. Rows and columns count from 0 here; `A1` text is made at the edges.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isnan

import numpy as np

from sheetgpt.book.area import Area
from sheetgpt.book.decimals import as_written
from sheetgpt.book.grid import PatchGrid
from sheetgpt.book.look import Look

#: The size of a sheet in every current spreadsheet program (Excel 2007 and later).
MAX_ROWS, MAX_COLUMNS = 1_048_576, 16_384


class CellError(str):
    """An error value in a cell: `#N/A`, `#VALUE!`, `#DIV/0!`, `#NUM!`, `#REF!`, `#NAME?`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"CellError({self!s})"


@dataclass(slots=True)
class Formula:
    """One formula: its text without `=`, and the rectangle that it fills.

    `array` marks a legacy array formula ({=...}) over the whole rectangle; any other formula
    fills one cell.
    """

    row: int
    col: int
    text: str
    rows: int = 1
    cols: int = 1
    array: bool = False


@dataclass
class Sheet:
    """One tab: a grid of numbers, the cells that are not numbers, and the formulas.

    `numbers` has NaN where a cell is blank or not a number: a float64 array, or a PatchGrid for a
    tab without formulas. `others` holds text, booleans and error values. Both also hold the
    values of formula cells, once somebody has computed them.
    """

    name: str
    numbers: np.ndarray | PatchGrid
    others: dict[tuple[int, int], str | bool] = field(default_factory=dict)
    formulas: list[Formula] = field(default_factory=list)

    def value(self, row: int, col: int) -> float | str | bool | None:
        """The value of one cell, None if it is blank."""
        other = self.others.get((row, col))
        if other is not None:
            return other
        rows, cols = self.numbers.shape
        if row >= rows or col >= cols:
            return None
        number = self.numbers.item(row, col)
        return None if isnan(number) else number


@dataclass
class Book:
    """A workbook: sheets in tab order, defined names, and how the tabs look.

    Only a Book that the plan made has looks; a Book read from a file is content alone.
    """

    sheets: dict[str, Sheet] = field(default_factory=dict)
    names: dict[str, Area] = field(default_factory=dict)
    looks: dict[str, Look] = field(default_factory=dict)

    def get(self, area: Area) -> np.ndarray:
        """The values of an area, shape (rows, cols).

        float64 when every cell is a number; otherwise an object array of float, str, bool,
        CellError and None (blank). Cells beyond the stored grid are blank.
        """
        sheet = self.sheets[area.sheet]
        out = np.full((area.rows, area.cols), np.nan)
        stored = sheet.numbers[area.row : area.row + area.rows, area.col : area.col + area.cols]
        out[: stored.shape[0], : stored.shape[1]] = as_written(stored)
        gaps = np.isnan(out)
        if not gaps.any():
            return out
        mixed = np.full(out.shape, None, object)
        mixed[~gaps] = out[~gaps]
        others = sheet.others
        corner = np.array([area.row, area.col])
        if np.count_nonzero(gaps) < len(others):
            places = np.argwhere(gaps) + corner
        else:  # as in most of a tab: blank cells are not looked up one by one
            places = np.array([*others], int).reshape(-1, 2)
        rows, cols = (places - corner).T
        inside = (rows >= 0) & (cols >= 0) & (rows < area.rows) & (cols < area.cols)
        inside[inside] = gaps[rows[inside], cols[inside]]
        found = np.empty(np.count_nonzero(inside), object)
        found[:] = [others.get(place) for place in map(tuple, places[inside].tolist())]
        mixed[rows[inside], cols[inside]] = found
        return mixed

    def named(self, name: str) -> np.ndarray:
        """The values of a defined name, as `get` gives them."""
        return self.get(self.names[name])
