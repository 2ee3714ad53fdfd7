"""The last word on a planned Book before it is written: portable, complete, and with its values.

LibreOffice takes the stored values of ordinary formulas from a file and leaves its array formulas
uncomputed until somebody looks at them. Until then a change does not pass through them: an ordinary
formula behind one keeps its stored value, whatever is typed into the prompt. An array formula of
one cell gives the same value and is computed with the others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from sheetgpt.book import Book, Sheet
from sheetgpt.errors import TemplateError
from sheetgpt.evaluator.batch import batches
from sheetgpt.evaluator.graph import Graph
from sheetgpt.evaluator.groups import Group, find_groups, take_apart
from sheetgpt.evaluator.lint import problems_in
from sheetgpt.evaluator.run import cleared, compute

_Cells = set[tuple[int, int]]


def finish(book: Book) -> Book:
    """A Book with every formula computed, and as a file should hold it.

    Every ordinary formula that needs an array formula, directly or not, becomes an array formula
    of one cell. An empty text, by which a plan marks a cell that is there for its looks or to be
    typed into, is computed with as the blank that it becomes in a file. The given book stays as it
    is; grids without formulas are shared with it. Raises TemplateError if a formula would not work
    in every program, and the EvaluationErrors of `evaluate`.
    """
    apart = take_apart(book)
    if problems := problems_in(apart):
        head = "These formulas would not work in every program:"
        raise TemplateError("\n  ".join([head, *problems]))
    result = cleared(_without(book))
    graph = Graph(result.sheets, find_groups(apart))
    marked = _cells(graph.make_arrays())
    compute(result, batches(graph.order()))
    for name, sheet in result.sheets.items():
        blank = {place: "" for place, other in book.sheets[name].others.items() if other == ""}
        sheet.others = {**blank, **sheet.others}
    sheets = {name: _marked(sheet, marked[name]) for name, sheet in result.sheets.items()}
    return replace(result, sheets=sheets)


def _without(book: Book) -> Book:
    """The book without its empty texts."""
    sheets = {
        name: replace(sheet, others={at: x for at, x in sheet.others.items() if x != ""})
        for name, sheet in book.sheets.items()
    }
    return replace(book, sheets=sheets)


def _cells(groups: Iterable[Group]) -> dict[str, _Cells]:
    """The cells (row, col) of the groups' formulas, by sheet."""
    cells: dict[str, _Cells] = defaultdict(set)
    for group in groups:
        cells[group.sheet].update(zip(group.rows.tolist(), group.cols.tolist(), strict=True))
    return cells


def _marked(sheet: Sheet, cells: _Cells) -> Sheet:
    """The sheet with the formulas in these cells as array formulas."""
    if not cells:
        return sheet
    formulas = [
        replace(formula, array=True) if (formula.row, formula.col) in cells else formula
        for formula in sheet.formulas
    ]
    return replace(sheet, formulas=formulas)
