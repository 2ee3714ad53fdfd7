"""Whether a workbook from a stranger asks for no more than one of ours, before it is computed."""

from __future__ import annotations

from collections.abc import Iterable

from sheetgpt.book import Book
from sheetgpt.evaluator.groups import take_apart
from sheetgpt.evaluator.work import Most, require_modest
from sheetgpt.xlsx.limits import Limits


def require_usual(book: Book, limits: Limits, sheets: Iterable[str] | None = None) -> None:
    """Raise EvaluationError for a formula with a function that is none of ours, or too much work.

    The `sheets` are those that will be computed: all of them unless they are named.
    """
    most = Most(limits.area, limits.array, limits.steps)
    require_modest(take_apart(book), most, sheets)
