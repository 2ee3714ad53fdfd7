"""What of a stranger's workbook is computed, and whether it asks for no more than one of ours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from sheetgpt.book import Book
from sheetgpt.book.area import Area
from sheetgpt.evaluator.groups import Apart, Copies, take_apart
from sheetgpt.evaluator.work import Most, require_modest
from sheetgpt.xlsx.limits import Limits


def computed(book: Book, limits: Limits, areas: Iterable[Area] | None = None) -> tuple[Book, Apart]:
    """What of a workbook is computed, and its formulas, taken apart.

    With `areas` these are the tabs that these cells need: one that no formula behind them reads is
    a reader's own, and may hold anything. Raises EvaluationError for a formula with a function
    that is none of ours, or with too much work.
    """
    apart = take_apart(book)
    if areas is not None:
        tabs = _behind(apart, {area.sheet for area in areas})
        apart = {name: found for name, found in apart.items() if name in tabs}
        book = replace(book, sheets={name: book.sheets[name] for name in apart})
    require_modest(apart, Most(limits.area, limits.array, limits.steps))
    return book, apart


def _behind(apart: Apart, tabs: set[str]) -> set[str]:
    """These tabs and those that formulas on them read, directly or not."""
    reads = _reads(apart)
    seen: set[str] = set()
    wanted = [*tabs]
    while wanted:
        if (tab := wanted.pop()) not in seen:
            seen.add(tab)
            wanted += reads.get(tab, ())
    return seen


def _reads(apart: Apart) -> Mapping[str, set[str]]:
    """The tabs that the formulas of each tab refer to."""
    return {
        tab: {
            reference.sheet
            for copies in found
            if isinstance(copies, Copies)
            for reference in copies.references
            if reference.sheet is not None
        }
        for tab, found in apart.items()
    }
