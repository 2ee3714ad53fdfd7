"""The values that a file stores for its formulas, against those computed anew."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np

from sheetgpt.book import Book, Sheet
from sheetgpt.book.area import Area, cell_name
from sheetgpt.book.decimals import as_written
from sheetgpt.verification.compare import StepResult, difference, show

#: The name of these values beside those of steps.
CACHED = "cached values"


_Cell = tuple[str, int, int]
"""Tab, row and column."""


class Stored(NamedTuple):
    """How stored values compare, how many cells have none, and how many 0 for an empty text."""

    result: StepResult
    missing: int
    zeros: int


def formula_areas(book: Book) -> list[Area]:
    """The cells that formulas fill."""
    return [
        Area(sheet.name, formula.row, formula.col, formula.rows, formula.cols)
        for sheet in book.sheets.values()
        for formula in sheet.formulas
    ]


def book_of(values: Mapping[str, np.ndarray], areas: Mapping[str, Area]) -> Book:
    """A Book with these values, as `Book.get` gives them, in these areas alone."""
    book = Book()
    for name, found in values.items():
        area = areas[name]
        sheet = book.sheets.setdefault(area.sheet, Sheet(area.sheet, np.empty((0, 0))))
        end = area.row + area.rows, area.col + area.cols
        sheet.numbers = _grown(sheet.numbers[:, :], *end)
        for (row, col), value in np.ndenumerate(found):
            if isinstance(value, float):
                sheet.numbers[area.row + row, area.col + col] = value
            elif value is not None:
                sheet.others[area.row + row, area.col + col] = value
    return book


def compare_stored(stored: Book, fresh: Book, areas: Iterable[Area], own: bool) -> Stored:
    """Compare the values of two books in some areas.

    A cell without a value, as some programs leave those of formulas, is not one with another. Nor
    is 0 for an empty text, which Gnumeric saves, unless the file is as sheetgpt wrote it (`own`):
    then it is, and so is a cell without a value among others that have theirs.
    """
    covered: dict[str, list[Area]] = {}
    for area in areas:
        covered.setdefault(area.sheet, []).append(area)
    worst, worst_absolute, where, found, wanted = 0.0, 0.0, "", "", ""
    cells = zeros = 0
    missing: list[_Cell] = []
    for name, inside in covered.items():
        sheets = stored.sheets[name], fresh.sheets[name]
        places, absolute, scaled, none, zero = _compare_sheet(*sheets, inside, own)
        cells += int(np.count_nonzero(~np.isnan(scaled)))
        missing += [(name, *place) for place in none]
        zeros += zero
        if not scaled.size or np.isnan(scaled).all():
            continue
        at = int(np.nanargmax(scaled))
        if not where or scaled[at] > worst:
            worst, worst_absolute = float(scaled[at]), float(absolute[at])
            row, col = places[at].tolist()
            where = f"{name}!{cell_name(row, col)}"
            found, wanted = (show(sheet.value(row, col)) for sheet in sheets)
    if own and missing and cells:
        name, row, col = missing[0]
        worst = worst_absolute = math.inf
        where, found = f"{name}!{cell_name(row, col)}", show(None)
        wanted = show(fresh.sheets[name].value(row, col))
    result = StepResult(CACHED, cells, worst_absolute, worst, where, found, wanted)
    return Stored(result, len(missing), zeros)


def _compare_sheet(
    stored: Sheet, fresh: Sheet, areas: Iterable[Area], own: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[tuple[int, int]], int]:
    """Cells (N, 2), of each |a - b| and the same / (1 + |b|) (N,), NaN where nothing is compared.

    Then the cells that hold nothing, and the number of zeros, as `Stored` has them.
    """
    areas = [*areas]
    rows = max(area.row + area.rows for area in areas)
    cols = max(area.col + area.cols for area in areas)
    inside = np.zeros((rows, cols), dtype=bool)
    for area in areas:
        inside[area.row : area.row + area.rows, area.col : area.col + area.cols] = True
    at = np.nonzero(inside)
    a, b = (_grown(as_written(x.numbers[:rows, :cols]), rows, cols)[at] for x in (stored, fresh))
    places, absolute = np.stack(at, axis=1), np.abs(a - b)
    scaled = absolute / (1 + np.abs(b))
    gaps = np.flatnonzero(np.isnan(absolute))
    none: list[tuple[int, int]] = []
    zeros = 0
    for gap, (row, col) in zip(gaps.tolist(), places[gaps].tolist(), strict=True):
        held, right = stored.value(row, col), fresh.value(row, col)
        if held is None and right in (None, ""):
            continue
        if held is None:
            none.append((row, col))
        elif right == "" and held == 0 and not own:
            zeros += 1
        else:
            absolute[gap] = difference(held, right)
            size = 1 + abs(right) if isinstance(right, float) else 1.0
            scaled[gap] = absolute[gap] / size
    return places, absolute, scaled, none, zeros


def _grown(numbers: np.ndarray, rows: int, cols: int) -> np.ndarray:
    """The numbers with at least so many rows and columns, NaN in new cells."""
    rows, cols = max(rows, numbers.shape[0]), max(cols, numbers.shape[1])
    if numbers.shape == (rows, cols):
        return numbers
    out = np.full((rows, cols), np.nan)
    out[: numbers.shape[0], : numbers.shape[1]] = numbers
    return out
