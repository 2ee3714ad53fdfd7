"""The cells of the sheets while they are being computed, and the place that a formula runs in."""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan

import numpy as np

from sheetgpt.book import Sheet
from sheetgpt.decimals import as_written
from sheetgpt.evaluate.graph import Group
from sheetgpt.evaluate.values import Refused, Scalar, Value, as_array
from sheetgpt.references import Reference


def read_cell(sheet: Sheet, row: int, col: int) -> Scalar:
    """One cell, None if blank."""
    rows, cols = sheet.numbers.shape
    if row < rows and col < cols:
        number: float = sheet.numbers.item(row, col)
        if not isnan(number):
            return number
    return sheet.others.get((row, col))


def read_area(sheet: Sheet, row: int, col: int, rows: int, cols: int) -> np.ndarray:
    """A rectangle (rows, cols): a view of the grid when all of it is numbers, else objects."""
    stored = sheet.numbers[row : row + rows, col : col + cols]
    if stored.shape == (rows, cols) and not np.isnan(stored.min()):
        return stored
    out = np.full((rows, cols), None, object)
    known = ~np.isnan(stored)
    out[: stored.shape[0], : stored.shape[1]][known] = as_written(stored)[known]
    if len(sheet.others) < out.size:
        for (r, c), other in sheet.others.items():
            if row <= r < row + rows and col <= c < col + cols:
                out[r - row, c - col] = other
        return out
    for r, c in zip(*np.nonzero(out == None), strict=True):  # noqa: E711
        out[r, c] = sheet.others.get((row + int(r), col + int(c)))
    return out


def read_many(
    sheet: Sheet, rows: np.ndarray, cols: np.ndarray, height: int, width: int
) -> np.ndarray:
    """Rectangles of one size from many corners: rows, cols (n,) give (n, height, width)."""
    r = rows[:, None, None] + np.arange(height)[:, None]
    c = cols[:, None, None] + np.arange(width)
    limit_rows, limit_cols = sheet.numbers.shape
    if rows.max() + height <= limit_rows and cols.max() + width <= limit_cols:
        numbers = as_written(sheet.numbers[r, c])
    else:
        inside = (r < limit_rows) & (c < limit_cols)
        numbers = np.full(inside.shape, np.nan)
        rr, cc = np.broadcast_arrays(r, c)
        numbers[inside] = sheet.numbers[rr[inside], cc[inside]]
    gaps = np.isnan(numbers)
    if not gaps.any():
        return numbers
    places = zip(*(np.broadcast_to(x, gaps.shape)[gaps].tolist() for x in (r, c)), strict=True)
    out = numbers.astype(object)
    items = np.empty(np.count_nonzero(gaps), object)
    items[:] = [sheet.others.get(place) for place in places]
    out[gaps] = items
    return out


def writable(sheet: Sheet) -> np.ndarray:
    """The grid of a tab that has formulas: only a tab without any is a BlockGrid."""
    assert isinstance(sheet.numbers, np.ndarray)
    return sheet.numbers


def write_cell(sheet: Sheet, row: int, col: int, value: Scalar) -> None:
    """Writes the result of a formula; a blank one shows as 0."""
    if value is None:
        value = 0.0
    if isinstance(value, float):
        writable(sheet)[row, col] = value
    else:
        sheet.others[row, col] = value


class Batch:
    """The place of some formulas of a group, those at (rows, cols), computed together."""

    def __init__(
        self,
        sheets: Mapping[str, Sheet],
        group: Group,
        rows: np.ndarray,
        cols: np.ndarray,
    ) -> None:
        self._sheets, self._home, self._references = sheets, group.sheet, group.references
        self.rows, self.cols, self._shape = rows, cols, group.shape
        self._values: list[Value | None] = [None] * len(group.references)

    def value(self, slot: int) -> Value:
        """What the reference holds, read once."""
        found = self._values[slot]
        if found is None:
            found = self._values[slot] = self._read(self._references[slot])
        return found

    def _read(self, reference: Reference) -> Value:
        sheet = self._sheets[reference.sheet or self._home]
        top, left, height, width = reference.corners(int(self.rows[0]), int(self.cols[0]))
        if reference.still or len(self.rows) == 1:
            if height == width == 1:
                return read_cell(sheet, top, left)
            return read_area(sheet, top, left, height, width)[None]
        rows, cols, height, width = self.corners(reference)
        return read_many(sheet, rows, cols, height, width)

    def corners(self, reference: Reference) -> tuple[np.ndarray, np.ndarray, int, int]:
        """The first rows and columns (n,) of a rigid reference, and its size."""
        top, left, height, width = reference.corners(int(self.rows[0]), int(self.cols[0]))
        rows = (
            np.full(len(self.rows), top) if reference.fixed[0] else top + self.rows - self.rows[0]
        )
        cols = (
            np.full(len(self.cols), left) if reference.fixed[1] else left + self.cols - self.cols[0]
        )
        return rows, cols, height, width

    def corner(self, slot: int) -> tuple[np.ndarray, np.ndarray, int, int]:
        """See `Place`."""
        rows, cols, height, width = self.corners(self._references[slot])
        return rows[:, None, None], cols[:, None, None], height, width

    def here(self) -> tuple[np.ndarray, np.ndarray, int, int]:
        """See `Place`."""
        return self.rows[:, None, None], self.cols[:, None, None], *self._shape

    def store(self, value: Value) -> None:
        """Writes the result into the cells: one value for all, or one for each cell.

        Raises Refused when the result has another size.
        """
        sheet = self._sheets[self._home]
        if len(self.rows) == 1 and self._shape == (1, 1) and not isinstance(value, np.ndarray):
            write_cell(sheet, int(self.rows[0]), int(self.cols[0]), value)
            return
        result = as_array(value)
        height, width = self._shape
        if result.shape[1:] not in ((1, 1), self._shape):
            wanted = "one cell" if self._shape == (1, 1) else f"{height} x {width} cells"
            raise Refused(f"gives {result.shape[1]} x {result.shape[2]} values for {wanted}")
        result = np.broadcast_to(result, (len(self.rows), height, width))
        r = self.rows[:, None, None] + np.arange(height)[:, None]
        c = self.cols[:, None, None] + np.arange(width)
        if result.dtype in (np.float64, np.float32):
            writable(sheet)[r, c] = result
            return
        for place, item in zip(
            zip(
                np.broadcast_to(r, result.shape).ravel().tolist(),
                np.broadcast_to(c, result.shape).ravel().tolist(),
                strict=True,
            ),
            result.ravel().tolist(),
            strict=True,
        ):
            write_cell(sheet, *place, item)
