"""The cells of the sheets while they are being computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isnan

import numpy as np

from sheetgpt.book import Sheet
from sheetgpt.book.area import Area
from sheetgpt.book.decimals import as_written
from sheetgpt.evaluator.values import Scalar

#: Of what is no view of a grid, only so many rectangles are kept, of so many cells together.
MANY, MANY_CELLS = 1 << 12, 1 << 20


@dataclass(frozen=True)
class Constants:
    """What has been read of sheets without formulas: rectangles (rows, cols), and single cells."""

    areas: dict[Area, np.ndarray] = field(default_factory=dict)
    cells: dict[tuple[str, int, int], Scalar] = field(default_factory=dict)


class Cells:
    """Reads and writes the cells of a book's sheets.

    `constants` is filled with what is read of sheets without formulas, and may serve other books
    that share these sheets.
    """

    def __init__(self, sheets: Mapping[str, Sheet], constants: Constants | None = None) -> None:
        self._sheets = sheets
        self._constants = constants or Constants()
        self._kept = sum(x.size for x in self._constants.areas.values() if x.flags.owndata)

    def cell(self, name: str, row: int, col: int) -> Scalar:
        """One cell, None if blank. A PatchGrid is slow at this, so its cells are kept."""
        sheet = self._sheets[name]
        if isinstance(sheet.numbers, np.ndarray):
            return _read_cell(sheet, row, col)
        key, known = (name, row, col), self._constants.cells
        if key not in known:
            known[key] = _read_cell(sheet, row, col)
        return known[key]

    def area(self, area: Area) -> np.ndarray:
        """A rectangle (rows, cols): a view of the grid if all of it is numbers, else objects.

        Looking for blanks takes 20 ms in GPT-2 small's embeddings, and gathering the texts of its
        vocabulary as long, so the rectangles of a sheet without formulas are kept.
        """
        found = self._constants.areas.get(area)
        if found is None:
            sheet = self._sheets[area.sheet]
            found = _read(sheet, area)
            own = found.size if found.flags.owndata else 0
            few = len(self._constants.areas) < MANY and self._kept + own <= MANY_CELLS
            if not sheet.formulas and (few or not own):
                self._constants.areas[area] = found
                self._kept += own
        return found

    def many(
        self, name: str, rows: np.ndarray, cols: np.ndarray, height: int, width: int
    ) -> np.ndarray:
        """Rectangles of one size from many corners: rows, cols (n,) give (n, height, width)."""
        sheet = self._sheets[name]
        r = rows[:, None, None] + np.arange(height)[:, None]
        c = cols[:, None, None] + np.arange(width)
        limit_rows, limit_cols = sheet.numbers.shape
        if rows.max() + height <= limit_rows and cols.max() + width <= limit_cols:
            numbers = as_written(sheet.numbers[r, c])
        else:
            inside = (r < limit_rows) & (c < limit_cols)
            numbers = np.full(inside.shape, np.nan)
            rr, cc = np.broadcast_arrays(r, c)
            numbers[inside] = as_written(sheet.numbers[rr[inside], cc[inside]])
        gaps = np.isnan(numbers)
        if not gaps.any():
            return numbers
        places = zip(*(np.broadcast_to(x, gaps.shape)[gaps].tolist() for x in (r, c)), strict=True)
        out = numbers.astype(object)
        items = np.empty(np.count_nonzero(gaps), object)
        items[:] = [sheet.others.get(place) for place in places]
        out[gaps] = items
        return out

    def put(self, name: str, row: int, col: int, value: Scalar) -> None:
        """Writes the result of a formula; a blank one shows as 0."""
        sheet = self._sheets[name]
        if value is None:
            value = 0.0
        if isinstance(value, float):
            _writable(sheet)[row, col] = value
        else:
            sheet.others[row, col] = value

    def put_many(self, name: str, rows: np.ndarray, cols: np.ndarray, values: np.ndarray) -> None:
        """Writes values (n, height, width) into rectangles with the corners rows, cols (n,)."""
        r = rows[:, None, None] + np.arange(values.shape[1])[:, None]
        c = cols[:, None, None] + np.arange(values.shape[2])
        if values.dtype not in (object, bool):
            _writable(self._sheets[name])[r, c] = as_written(values)
            return
        places = zip(*(x.ravel().tolist() for x in np.broadcast_arrays(r, c)), strict=True)
        for (row, col), value in zip(places, values.ravel().tolist(), strict=True):
            self.put(name, row, col, value)


def _read_cell(sheet: Sheet, row: int, col: int) -> Scalar:
    rows, cols = sheet.numbers.shape
    if row < rows and col < cols:
        number: float = sheet.numbers.item(row, col)
        if not isnan(number):
            return number
    return sheet.others.get((row, col))


def _read(sheet: Sheet, area: Area) -> np.ndarray:
    end_row, end_col = area.row + area.rows, area.col + area.cols
    stored = sheet.numbers[area.row : end_row, area.col : end_col]
    if stored.shape == (area.rows, area.cols) and not np.isnan(stored.min()):
        return stored
    out = np.full((area.rows, area.cols), None, object)
    known = ~np.isnan(stored)
    out[: stored.shape[0], : stored.shape[1]][known] = as_written(stored)[known]
    if len(sheet.others) < out.size:
        for (r, c), other in sheet.others.items():
            if area.row <= r < end_row and area.col <= c < end_col:
                out[r - area.row, c - area.col] = other
        return out
    unknown = np.full(out.shape, True)
    unknown[: stored.shape[0], : stored.shape[1]] = ~known
    for r, c in zip(*np.nonzero(unknown), strict=True):
        out[r, c] = sheet.others.get((area.row + int(r), area.col + int(c)))
    return out


def _writable(sheet: Sheet) -> np.ndarray:
    """The grid of a tab that has formulas: only a tab without any is a PatchGrid."""
    assert isinstance(sheet.numbers, np.ndarray)
    return sheet.numbers
