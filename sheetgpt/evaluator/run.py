"""Computes every formula of a Book."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches

import numpy as np

from sheetgpt.book import Book, Sheet
from sheetgpt.book.area import Area
from sheetgpt.book.filled import Filled
from sheetgpt.book.grid import Patch, PatchGrid
from sheetgpt.errors import InputError
from sheetgpt.evaluator.batch import Batch, batches
from sheetgpt.evaluator.cells import Cells, Constants
from sheetgpt.evaluator.graph import Graph
from sheetgpt.evaluator.groups import Apart, find_groups, take_apart

#: What can be put into a named cell, or in the order of its cells into a named area.
Change = str | float | Sequence[str | float]


def evaluate(book: Book, changes: Mapping[str, Change] | None = None) -> Book:
    """A Book with the same sheets, formulas and names, and every formula computed.

    `changes` puts other values into named input cells first, `{"prompt": "Hello"}`, or a list of
    them into a named area; an empty text in a list leaves its cell blank. What the formula cells
    held before does not matter; grids without formulas are shared with the given book.

    An error value such as #N/A in a cell is a value. Raises EvaluationError with sheet and cell
    for what has no value at all: an unknown function, name or sheet, formulas in a circle, an
    array in a one-cell formula, a use on which spreadsheet programs disagree. Raises InputError
    for a change to a name that is no input cell, or of as many values as it has no cells.
    """
    return Recalculation(book).evaluate(changes)


class Recalculation:
    """A book's formulas taken apart and put in order once, to be computed for many inputs.

    `apart` are these formulas where they have been taken apart already. The book must not be
    changed meanwhile. Raises EvaluationError for what can have no value whatever the inputs are;
    see `evaluate`.
    """

    def __init__(self, book: Book, apart: Apart | None = None) -> None:
        self._book = cleared(book)
        graph = Graph(self._book.sheets, find_groups(apart or take_apart(book)))
        #: All formulas in the order of computation.
        self.turns = list(graph.order())
        self._batches = list(batches(self.turns))
        self._constants = Constants()

    def evaluate(self, changes: Mapping[str, Change] | None = None) -> Book:
        """As the function `evaluate`: a Book of its own, whatever was asked for before."""
        sheets = {name: _copied(sheet) for name, sheet in self._book.sheets.items()}
        result = replace(self._book, sheets=sheets)
        for name, value in (changes or {}).items():
            _change(result, name, value)
        changed = {result.names[name].sheet for name in changes or {}}
        same = all(sheets[name].formulas for name in changed)
        compute(result, self._batches, self._constants if same else None)
        return result


def _copied(sheet: Sheet) -> Sheet:
    """A `cleared` sheet that can be filled in; one without formulas is shared."""
    if not sheet.formulas:
        return sheet
    return replace(sheet, numbers=sheet.numbers[:, :].copy(), others=dict(sheet.others))


def compute(book: Book, found: Iterable[Batch], constants: Constants | None = None) -> None:
    """Fill in the values of a `cleared` book's formulas, given in an order in which they can be.

    `constants` are as `Cells` takes them. Raises EvaluationError with sheet and cell for what has
    no value; see `evaluate`.
    """
    cells = Cells(book.sheets, constants)
    for batch in found:
        batch.compute(cells)


def cleared(book: Book) -> Book:
    """A Book whose formula cells are blank and lie inside the grids of its sheets."""
    return replace(book, sheets={name: _cleared(sheet) for name, sheet in book.sheets.items()})


def _cleared(sheet: Sheet) -> Sheet:
    """A sheet whose formula cells are blank and lie inside the grid."""
    if not sheet.formulas:
        return sheet
    filled = Filled(sheet.formulas)
    rows, cols = filled.grid.shape
    numbers = _grid(sheet, rows, cols)
    numbers[:rows, :cols][filled.grid] = np.nan
    return replace(sheet, numbers=numbers, others=filled.beside(sheet.others))


def _grid(sheet: Sheet, rows: int, cols: int) -> np.ndarray:
    """A copy of the sheet's numbers in float64, with room for at least (rows, cols)."""
    stored = sheet.numbers
    blocks = stored.blocks if isinstance(stored, PatchGrid) else [Patch(0, 0, stored)]
    return PatchGrid(max(rows, stored.shape[0]), max(cols, stored.shape[1]), blocks).dense()


def _change(book: Book, name: str, value: Change) -> None:
    """Puts a value into a named cell, or several, of a book whose formula cells are blank."""
    area = book.names.get(name)
    if area is None:
        close = "".join(f"; did you mean {n!r}?" for n in get_close_matches(name, book.names, 1))
        raise InputError(f"The workbook has no cell named {name!r}{close or '.'}")
    sheet = book.sheets[area.sheet]
    formula = any(
        f.row < area.row + area.rows
        and area.row < f.row + f.rows
        and f.col < area.col + area.cols
        and area.col < f.col + f.cols
        for f in sheet.formulas
    )
    if isinstance(value, (str, int, float)):
        if (area.rows, area.cols) != (1, 1) or formula:
            problem = f"The name {name!r} is no single input cell; only such cells can change."
            raise InputError(problem)
        book.sheets[area.sheet] = _with_values(sheet, area, [value])
        return
    if formula or len(value) != area.rows * area.cols:
        raise InputError(
            f"The name {name!r} has {area.rows * area.cols} cells, none of which may be a formula; "
            f"{len(value)} values cannot be put there."
        )
    book.sheets[area.sheet] = _with_values(sheet, area, value)


def _with_values(sheet: Sheet, area: Area, values: Sequence[str | float]) -> Sheet:
    """A sheet with values in the cells of an area; of several, an empty text is a blank cell."""
    numbers = _grid(sheet, area.row + area.rows, area.col + area.cols)
    others = dict(sheet.others)
    for (row, col), value in zip(np.ndindex(area.rows, area.cols), values, strict=True):
        place = area.row + row, area.col + col
        others.pop(place, None)
        numbers[place] = np.nan
        if not isinstance(value, (str, bool)):
            numbers[place] = value
        elif value != "" or len(values) == 1:
            others[place] = value
    return replace(sheet, numbers=numbers, others=others)
