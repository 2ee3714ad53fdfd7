"""Programs that count a character beyond U+FFFF as two halves, as Excel does, and others.

The formulas are right in both. What they count on the way is not the same, so a step is compared
with what it must hold in the program that computed it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from sheetgpt.book import Book, Sheet
from sheetgpt.book.area import Area
from sheetgpt.verification.contents import text

#: The last character that is no pair of halves, and the cell that says as how many the next counts.
LAST_UNIT, COUNTED = 0xFFFF, "characters_seen.pair_length"
#: What programs make of half a character, each something else, and how they count characters.
OF_HALVES = tuple(f"characters_seen.{name}" for name in ("first", "two", "joined"))
COUNTS = ("characters_seen", "n_units", "code_units", "first_unread", COUNTED)
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")


def units(prompt: str, halves: bool) -> list[int]:
    """What a program counts as characters, each as its code point; a second half is 0."""
    found = []
    for code in map(ord, prompt):
        found += [code, 0] if halves and code > LAST_UNIT else [code]
    return found


def counts_halves(book: Book) -> bool:
    """Whether the program counts halves that has computed the values in a book."""
    return COUNTED in book.names and in_halves({COUNTED: book.named(COUNTED)})


def in_halves(values: Mapping[str, np.ndarray]) -> bool:
    """The same of the values that a program has computed, by name."""
    return COUNTED in values and bool(values[COUNTED][0, 0] == 2)


def prompt_in_halves(book: Book) -> str:
    """The prompt with halves for characters, of which Python's functions count two."""
    return re.sub(f"[^\0-{chr(LAST_UNIT)}]", lambda found: _halves(found[0]), text(book, "prompt"))


def _halves(character: str) -> str:
    high, low = divmod(ord(character) - LAST_UNIT - 1, 0x400)
    return chr(0xD800 + high) + chr(0xDC00 + low)


def rejoined(book: Book) -> Book:
    """A book computed from `prompt_in_halves`, as a program that counts halves shows it."""
    area = book.names[COUNTED]
    sheets = {name: _rejoined(sheet) for name, sheet in book.sheets.items()}
    numbers = sheets[area.sheet].numbers
    assert isinstance(numbers, np.ndarray)  # of a tab with formulas
    numbers[area.row, area.col] = 2
    return replace(book, sheets=sheets)


def _rejoined(sheet: Sheet) -> Sheet:
    if not sheet.formulas:
        return sheet
    others = {
        place: _PAIR.sub(_joined, other) if type(other) is str else other
        for place, other in sheet.others.items()
    }
    return replace(sheet, others=others)


def _joined(pair: re.Match[str]) -> str:
    return pair[0].encode("utf-16-le", "surrogatepass").decode("utf-16-le")


def without(areas: Iterable[Area], book: Book, names: Iterable[str]) -> list[Area]:
    """The areas that lie in none of the named ones."""
    left_out = [book.names[name] for name in names if name in book.names]
    return [area for area in areas if not any(_inside(area, other) for other in left_out)]


def _inside(area: Area, other: Area) -> bool:
    return (
        area.sheet == other.sheet
        and other.row <= area.row < other.row + other.rows
        and other.col <= area.col < other.col + other.cols
    )
