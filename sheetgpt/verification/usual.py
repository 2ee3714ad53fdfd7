"""Whether a workbook from a stranger asks for no more than one of ours, before it is computed."""

from __future__ import annotations

from collections.abc import Iterable

from sheetgpt.book import Book
from sheetgpt.evaluator.groups import Apart, take_apart
from sheetgpt.evaluator.work import Most, require_modest
from sheetgpt.xlsx.limits import Limits


def require_usual(book: Book, limits: Limits, sheets: Iterable[str] | None = None) -> Apart:
    """The formulas of a book, taken apart, if none of them asks for more than one of ours does.

    The `sheets` are those that will be computed: all of them unless they are named. Raises
    EvaluationError for a formula with a function that is none of ours, or too much work.
    """
    most = Most(limits.area, limits.array, limits.steps)
    apart = take_apart(book)
    require_modest(apart, most, sheets)
    return apart
