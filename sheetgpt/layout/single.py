"""Where a workbook has the least room, a list is one cell, and INDEX of it is spelled as CHOOSE.

Gnumeric and IronCalc give an error for INDEX of a single cell. CHOOSE gives that cell for 1 and an
error for anything else, as INDEX does elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from sheetgpt.book import Book, Sheet
from sheetgpt.book.area import Area
from sheetgpt.book.references import classify

_INDEX = re.compile(r"\bINDEX\(((?:'[^']*'!)?[^'(),:\"]+),\s*")
#: A text and the name of a tab, in which marks mean nothing, or such a mark.
_MARK = re.compile(r"\"[^\"]*\"|'[^']*'|[(),]")


def without_single(book: Book) -> Book:
    """The book with every INDEX of one cell as CHOOSE; sheets without any are shared with it."""
    return replace(book, sheets={name: _sheet(x, book.names) for name, x in book.sheets.items()})


def _sheet(sheet: Sheet, names: Mapping[str, Area]) -> Sheet:
    spelled = {
        i: replace(formula, text=text)
        for i, formula in enumerate(sheet.formulas)
        if (text := _spelled(formula.text, names)) is not None
    }
    if not spelled:
        return sheet
    formulas = [spelled.get(i, formula) for i, formula in enumerate(sheet.formulas)]
    return replace(sheet, formulas=formulas)


def _spelled(text: str, names: Mapping[str, Area]) -> str | None:
    """The formula in other words; None if it can stay as it is."""
    found = [match for match in _INDEX.finditer(text) if _is_single(match[1], names)]
    for match in reversed(found):
        text = text[: match.start()] + _choose(match[1], text[match.end() :])
    return text if found else None


def _is_single(word: str, names: Mapping[str, Area]) -> bool:
    if word in names:
        return names[word].rows * names[word].cols == 1
    return classify(word).place is not None


def _choose(cell: str, rest: str) -> str:
    """CHOOSE in place of INDEX, where `rest` follows its first argument."""
    depth, commas = 0, 0
    for mark in _MARK.finditer(rest):
        if mark[0] == ")" and depth == 0:
            places, after = rest[: mark.start()], rest[mark.end() :]
            return f"CHOOSE({f'MAX({places})' if commas else places}, {cell}){after}"
        depth += (mark[0] == "(") - (mark[0] == ")")
        commas += mark[0] == "," and depth == 0
    raise AssertionError(f"no end of INDEX in {rest}")
