"""Compute a book again where a change reaches, and nowhere else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from sheetgpt.book import Book
from sheetgpt.book.area import Area
from sheetgpt.evaluator import evaluate
from sheetgpt.evaluator.graph import Turn
from sheetgpt.evaluator.run import Change

Cells = set[tuple[int, int]]


def reached(book: Book, turns: Iterable[Turn], changed: Iterable[Area]) -> dict[str, Cells]:
    """By sheet, the cells of the formulas that read these areas, or others that do.

    `turns` are those of the book in their order. Copies that can be computed together count as
    one: some of them may read nothing of it.
    """
    room = Area("", 0, 0, 1, 1)
    ends = [*book.names.values(), *changed]
    marks = {}
    for name, sheet in book.sheets.items():
        here = [area for area in ends if area.sheet == name] or [room]
        rows = max(sheet.numbers.shape[0], *(x.row + x.rows for x in here))
        cols = max(sheet.numbers.shape[1], *(x.col + x.cols for x in here))
        marks[name] = np.zeros((rows, cols), bool)
    for area in changed:
        marks[area.sheet][area.row : area.row + area.rows, area.col : area.col + area.cols] = True
    found: dict[str, Cells] = defaultdict(set)
    for turn in turns:
        group = turn.group
        rows, cols = group.rows[turn.span].tolist(), group.cols[turn.span].tolist()
        for reference in group.references:
            first = reference.corners(min(rows), min(cols))
            last = reference.corners(max(rows), max(cols))
            read = marks[reference.sheet or group.sheet]
            if read[first[0] : last[0] + last[2], first[1] : last[1] + last[3]].any():
                break
        else:
            continue
        found[group.sheet].update(zip(rows, cols, strict=True))
        for row, col in zip(rows, cols, strict=True):
            marks[group.sheet][row : row + group.shape[0], col : col + group.shape[1]] = True
    return found


def recomputed(book: Book, wanted: Mapping[str, Cells], changes: Mapping[str, Change]) -> Book:
    """A computed book with other values typed in, and the formulas in these cells computed anew."""
    sheets = {
        name: replace(
            sheet, formulas=[f for f in sheet.formulas if (f.row, f.col) in wanted.get(name, ())]
        )
        for name, sheet in book.sheets.items()
    }
    return evaluate(replace(book, sheets=sheets), changes)
