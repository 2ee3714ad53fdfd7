"""Where a workbook has the least room, a list is one cell; lookups in it are spelled anew.

Gnumeric and IronCalc give an error for INDEX of a single cell, IronCalc for LARGE and MATCH too.
CHOOSE gives that cell for 1 and an error for anything else, as INDEX and LARGE do elsewhere. MATCH
becomes the division of 1 by 1 where the cell is what is looked for, and by 0, an error, where not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from sheetgpt.book import Book, Sheet
from sheetgpt.book.area import Area
from sheetgpt.book.references import classify

_LOOKUPS = "INDEX", "LARGE", "MATCH"
_CALL = re.compile(rf"\b({'|'.join(_LOOKUPS)})\(")
#: A text and the name of a tab, in which marks mean nothing, or such a mark.
_MARK = re.compile(r"\"[^\"]*\"|'[^']*'|[(),]")
#: What may be the reference to a cell, on this tab or on another.
_REFERENCE = re.compile(r"(?:'[^']*'!)?[^'(),:\"]+")
#: The first of several arguments, if it is one word.
_FIRST = re.compile(rf" *({_REFERENCE.pattern}),")
#: How MATCH compares a cell with what is looked for, by its third argument (1 if there is none).
_COMPARED = {"0": "=", "1": "<=", "-1": ">="}


def without_single(book: Book) -> Book:
    """The book with no lookup in one cell; sheets without any are shared with it."""
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
    if not any(name in text for name in _LOOKUPS):
        return None  # as most can
    before = text
    for call in reversed(list(_CALL.finditer(text))):  # those inside of others first
        if call[1] != "MATCH" and not _begins_single(text, call.end(), names):
            continue  # as nearly all do; the other arguments need not be told apart
        arguments, after = _arguments(text[call.end() :])
        if (words := _words(call[1], arguments, names)) is not None:
            text = text[: call.start()] + words + after
    return None if text == before else text


def _words(function: str, arguments: list[str], names: Mapping[str, Area]) -> str | None:
    """What stands in place of a call; None if it looks at more than one cell."""
    if function != "MATCH":
        cell, *places = arguments
        place = places[0] if len(places) == 1 else f"MAX({', '.join(places)})"
        return f"CHOOSE({place}, {cell})" if _is_single(cell, names) else None
    wanted, cell, kind = (*arguments, "1")[:3]
    if kind not in _COMPARED or not _is_single(cell, names):
        return None
    return f"1 / IF({cell} {_COMPARED[kind]} ({wanted}), 1, 0)"


def _begins_single(text: str, at: int, names: Mapping[str, Area]) -> bool:
    """Whether the first of several arguments, which begin there, is one cell."""
    word = _FIRST.match(text, at)
    return word is not None and _is_single(word[1].strip(), names)


def _is_single(word: str, names: Mapping[str, Area]) -> bool:
    if word in names:
        return names[word].rows * names[word].cols == 1
    return _REFERENCE.fullmatch(word) is not None and classify(word).place is not None


def _arguments(rest: str) -> tuple[list[str], str]:
    """The arguments of the call that `rest` is inside of, and what follows it."""
    arguments, start, depth = [], 0, 0
    for mark in _MARK.finditer(rest):
        if depth == 0 and mark[0] in (",", ")"):
            arguments.append(rest[start : mark.start()].strip())
            start = mark.end()
            if mark[0] == ")":
                return arguments, rest[start:]
        depth += (mark[0] == "(") - (mark[0] == ")")
    raise AssertionError(f"no end of the call in {rest}")
