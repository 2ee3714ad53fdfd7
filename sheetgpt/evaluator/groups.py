"""A book's formulas taken apart, once for all that look at them: which are copies of each other.

Formulas that differ only in position are `Copies`; those of them that fill a rectangle without gaps
are one `Group`, computed at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sheetgpt.book import Book, Formula, Sheet
from sheetgpt.book.area import cell_name
from sheetgpt.book.references import Reference, Splitter, UnknownName, Unsupported, to_area
from sheetgpt.errors import EvaluationError


@dataclass(frozen=True, slots=True)
class Copies:
    """Formulas of one sheet, in its order, with one template and the same relative references."""

    template: str
    references: tuple[Reference, ...]
    formulas: list[Formula]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A formula that uses an unknown name, or a reference of a kind that no program shares."""

    formula: Formula
    error: UnknownName | Unsupported


Apart = dict[str, list[Copies | Unreadable]]
"""What the formulas of each sheet are made of, in the order in which they come up."""


def take_apart(book: Book) -> Apart:
    """The formulas of all sheets, each taken apart once; what cannot be is told, not raised."""
    names = {name.upper(): to_area(area) for name, area in book.names.items()}
    splitter = Splitter(names)
    return {name: _take_apart(sheet, splitter) for name, sheet in book.sheets.items()}


def _take_apart(sheet: Sheet, splitter: Splitter) -> list[Copies | Unreadable]:
    found: list[Copies | Unreadable] = []
    copies: dict[tuple[str, tuple[Reference, ...], int, int, bool], Copies] = {}
    for formula in sheet.formulas:
        try:
            template, references = splitter.split(formula.text, formula.row, formula.col)
        except (UnknownName, Unsupported) as error:
            found.append(Unreadable(formula, error))
            continue
        key = template, references, formula.rows, formula.cols, formula.array
        if key not in copies:
            copies[key] = Copies(template, references, [])
            found.append(copies[key])
        copies[key].formulas.append(formula)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Copies of one formula on one sheet, at the cells (rows, cols), each filling `shape` cells.

    Together they fill a rectangle without gaps, and come column by column.

    `first` is the number of the first of them in the numbering of all formulas of the book.
    """

    sheet: str
    template: str
    references: tuple[Reference, ...]
    shape: tuple[int, int]
    array: bool
    rows: np.ndarray
    cols: np.ndarray
    first: int

    @property
    def rigid(self) -> bool:
        """Whether every reference has the same size from every cell."""
        return all(reference.rigid for reference in self.references)

    @property
    def down(self) -> int:
        """How many of them there are in each column of them."""
        return int(self.rows[-1] - self.rows[0]) // self.shape[0] + 1

    def where(self, index: int = 0) -> str:
        """`sheet!A1` of one of the formulas."""
        return f"{self.sheet}!{cell_name(int(self.rows[index]), int(self.cols[index]))}"


def find_groups(apart: Apart) -> list[Group]:
    """The groups of all sheets.

    Raises EvaluationError for a reference to a name or sheet that the book does not have.
    """
    groups: list[Group] = []
    count = 0
    for name, found in apart.items():
        for copies in found:
            if isinstance(copies, Unreadable):
                unknown = isinstance(copies.error, UnknownName)
                what = "unknown name" if unknown else "unsupported reference"
                where = _where(name, copies.formula)
                raise EvaluationError(f"{where} uses the {what} {copies.error}.")
            first = copies.formulas[0]
            for reference in copies.references:
                if reference.sheet is not None and reference.sheet not in apart:
                    where = _where(name, first)
                    raise EvaluationError(
                        f"{where} refers to a missing sheet, {reference.sheet!r}."
                    )
            places = sorted((formula.col, formula.row) for formula in copies.formulas)
            shape = first.rows, first.cols
            for block in _blocks(places, *shape):
                r, c = np.array([p[1] for p in block]), np.array([p[0] for p in block])
                group = Group(
                    name, copies.template, copies.references, shape, first.array, r, c, count
                )
                groups.append(group)
                count += len(block)
    return groups


def _where(sheet: str, formula: Formula) -> str:
    return f"{sheet}!{cell_name(formula.row, formula.col)}"


def _blocks(places: list[tuple[int, int]], rows: int, cols: int) -> Iterator[list[tuple[int, int]]]:
    """Sorted (column, row) places of copies, cut into rectangles without gaps."""
    runs: list[list[tuple[int, int]]] = []
    for col, row in places:
        if runs and runs[-1][-1] == (col, row - rows):
            runs[-1].append((col, row))
        else:
            runs.append([(col, row)])
    open_: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for run in runs:
        span = run[0][1], run[-1][1]
        block = open_.get(span)
        if block is not None and block[-1][0] == run[0][0] - cols:
            block.extend(run)
        else:
            if block is not None:
                yield block
            open_[span] = list(run)
    yield from open_.values()
