"""What a page computes with: the constants, the formulas and the names of a Book.

Copies of a formula are stored once, as the rectangle that they fill; the page parses their text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from sheetgpt.book import Book, CellError, Sheet
from sheetgpt.book.filled import Filled
from sheetgpt.book.grid import PatchGrid
from sheetgpt.book.references import bare_function, words
from sheetgpt.errors import EvaluationError
from sheetgpt.evaluator.graph import Graph
from sheetgpt.evaluator.groups import Group, find_groups, take_apart
from sheetgpt.page.functions import KNOWN

#: row, col, rows, cols of constant numbers, and the numbers.
Patch = tuple[int, int, int, int, np.ndarray]


@dataclass(frozen=True)
class Content:
    """A book for the page: what goes into JSON, and the numbers of all its patches in order."""

    sheets: list[dict[str, Any]]
    groups: list[list[Any]]
    names: dict[str, list[int]]
    numbers: list[np.ndarray]


def content(book: Book) -> Content:
    """The content of a book.

    Raises EvaluationError, with sheet and cell, for a function that the page does not know, an
    unknown name or sheet, and formulas that overlap or go round in a circle.
    """
    numbering = {name: i for i, name in enumerate(book.sheets)}
    found = find_groups(take_apart(book))
    for group in found:
        _require_known(group)
    for _ in Graph(book.sheets, found).order():
        pass  # an order exists, or this raises
    texts = {(s.name, f.row, f.col): f.text for s in book.sheets.values() for f in s.formulas}
    groups = [_group(group, numbering, texts) for group in found]
    sheets, numbers = [], []
    first = book.names["prompt"].sheet if "prompt" in book.names else next(iter(book.sheets), "")
    for sheet in book.sheets.values():
        filled = Filled(sheet.formulas)
        patches = list(_patches(sheet, filled))
        numbers += [patch[4] for patch in patches]
        sheets.append(_sheet(sheet, filled, patches))
        if sheet.name == first:
            sheets[-1]["shown"] = list(_shown(sheet, filled))
    names = {
        name: [numbering[area.sheet], *area[1:]]
        for name, area in book.names.items()
        if area.sheet in numbering
    }
    return Content(sheets, groups, names, numbers)


def _require_known(group: Group) -> None:
    for word in words(group.template):
        name = bare_function(word.text[:-1])
        if word.kind == "function" and name not in KNOWN:
            raise EvaluationError(
                f"{group.where()} uses the function {name}, which the page does not know; "
                "take it out of the template, or check the file with sheetgpt verify."
            )


def _group(group: Group, numbering: dict[str, int], texts: dict[Any, str]) -> list[Any]:
    row, col = int(group.rows[0]), int(group.cols[0])
    return [
        *(numbering[group.sheet], row, col, *group.shape, int(group.array)),
        *(group.down, len(group.rows) // group.down, texts[group.sheet, row, col]),
    ]


def _sheet(sheet: Sheet, filled: Filled, patches: list[Patch]) -> dict[str, Any]:
    """The size of a sheet, where its numbers are, and its constant texts."""
    rows, cols = sheet.numbers.shape
    ends = [filled.grid.shape, *((row + 1, col + 1) for row, col in sheet.others)]
    texts: list[Any] = []
    errors = []
    for (row, col), value in sorted(filled.beside(sheet.others).items()):
        if isinstance(value, CellError):
            errors.append(len(texts) // 3)
        texts += [row, col, value if isinstance(value, bool) else str(value)]
    item: dict[str, Any] = {
        "name": sheet.name,
        "rows": max([rows, *(end[0] for end in ends)]),
        "cols": max([cols, *(end[1] for end in ends)]),
        "patches": [list(patch[:4]) for patch in patches],
        "texts": texts,
    }
    if errors:
        item["errors"] = errors
    return item


def _shown(sheet: Sheet, filled: Filled) -> Iterator[Any]:
    """Row, column and value of each cell that a formula fills, as the file says it; no errors."""
    rows, cols = sheet.numbers.shape
    for row, col in np.argwhere(filled.grid).tolist():
        value: Any = sheet.others.get((row, col))
        if value is None and row < rows and col < cols and not np.isnan(sheet.numbers[row, col]):
            value = float(sheet.numbers[row, col])
        if value is not None and not isinstance(value, CellError):
            yield from (row, col, value)


def _patches(sheet: Sheet, filled: Filled) -> Iterator[Patch]:
    """The constant numbers of a sheet as rectangles without gaps."""
    numbers = sheet.numbers
    if isinstance(numbers, PatchGrid):
        for block in numbers.blocks:
            yield block.row, block.col, *block.values.shape, block.values
        return
    constant = ~np.isnan(numbers)
    filled.take_from(constant)
    for row, col, height, width in rectangles(constant):
        yield row, col, height, width, numbers[row : row + height, col : col + width]


def rectangles(mask: np.ndarray) -> Iterator[tuple[int, int, int, int]]:
    """Where a mask is true, as row, col, rows, cols: runs in a row, as long as rows repeat them.

    Only rows that differ from the one before are looked at.
    """
    open_: dict[tuple[int, int], int] = {}  # first column and width to the first row
    others = np.flatnonzero((mask[1:] != mask[:-1]).any(axis=1)) + 1
    for row in [0, *others.tolist(), len(mask)] if len(mask) else []:
        line = mask[row] if row < len(mask) else np.zeros(mask.shape[1], bool)
        edges = np.flatnonzero(np.diff(np.concatenate([[False], line, [False]]).astype(np.int8)))
        runs = {(int(a), int(b - a)) for a, b in zip(edges[::2], edges[1::2], strict=True)}
        for run in sorted(open_.keys() - runs):
            first = open_.pop(run)
            yield first, run[0], row - first, run[1]
        for run in runs:
            open_.setdefault(run, row)
