"""The steps of a workbook in the order of the data, from the cards on its tabs.

A card begins where the links from its neighbours lead. It says what the step does, and the tensors
that the step computes lie below or beside it, up to the next card.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from sheetgpt.book import Book, Sheet
from sheetgpt.book.references import classify
from sheetgpt.layout.cards import BACK, NEXT

#: A card has at most this many rows above its tables.
CARD_ROWS = 20
_SHAPE = re.compile(r", named .+")
_DECLARED = re.compile(r"\w+(\[[\w,]+\])? = .+")

Place = tuple[str, int, int]


def steps_of(book: Book, looks: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each step: `sheet` (number), `at` (row and column of its card), `number` within its block or
    None, `title`, `lines` (its sentences), `declared` (formulas as the template has them) and
    `areas` (names of what it computes). Empty for a workbook without cards.
    """
    order = {name: i for i, name in enumerate(book.sheets)}
    places = sorted(_places(book, looks), key=lambda place: (order[place[0]], *place[1:]))
    steps = []
    for place in places:
        sheet = book.sheets[place[0]]
        card = _card(sheet, place, [other for other in places if other[0] == place[0]])
        if card is not None:
            steps.append({"sheet": order[place[0]], "at": list(place[1:]), **card, "areas": []})
    _assign(book, order, steps)
    return [step for step in steps if step["areas"]]


def _places(book: Book, looks: Mapping[str, Mapping[str, Any]]) -> set[Place]:
    """Where the links between cards lead."""
    found = set()
    for name, look in looks.items():
        links = look.get("links", [])
        for row, col, location in zip(links[::3], links[1::3], links[2::3], strict=True):
            words = book.sheets[name].value(row, col)
            if isinstance(words, str) and (words.startswith(BACK) or words.endswith(NEXT)):
                target = classify(location).place
                if target is not None and target.sheet in book.sheets:
                    found.add((target.sheet, target.row, target.col))
    return found


def _card(sheet: Sheet, place: Place, places: Sequence[Place]) -> dict[str, Any] | None:
    """The words of the card at one of the sheet's places; a number may stand before its title."""
    _, row, col = place
    number = sheet.value(row, col)
    text_col = col if isinstance(number, str) else col + 1
    title = sheet.value(row, text_col)
    if not isinstance(title, str):
        return None
    lines: list[str] = []
    at = row
    while at < row + CARD_ROWS and not (lines and _SHAPE.search(lines[-1])):
        at += 1
        words = sheet.value(at, text_col)
        if isinstance(words, str) and not words.startswith(BACK) and not words.endswith(NEXT):
            lines.append(words)
    rows, cols = sheet.numbers.shape
    below = min((other[1] for other in places if other[1] > row), default=rows)
    beside = min((other[2] for other in places if other[1] == row and other[2] > col), default=cols)
    declared = [
        words
        for (r, c), words in sorted(sheet.others.items())
        if at < r < below
        and col <= c < beside
        and isinstance(words, str)
        and _DECLARED.fullmatch(words)
    ]
    return {
        "number": int(number) if isinstance(number, float) else None,
        "title": title,
        "lines": lines,
        "declared": declared,
    }


def _assign(book: Book, order: Mapping[str, int], steps: list[dict[str, Any]]) -> None:
    """Give every named area to the card above it, or left of it where cards stand side by side."""
    by_sheet: dict[int, list[dict[str, Any]]] = {}
    for step in steps:
        by_sheet.setdefault(step["sheet"], []).append(step)
    for name, area in book.names.items():
        cards = by_sheet.get(order.get(area.sheet, -1), [])
        beside = len(cards) > 1 and all(a["at"][0] == b["at"][0] for a, b in pairwise(cards))
        axis, place = (1, area.col) if beside else (0, area.row)
        before = [card for card in cards if card["at"][axis] <= place and card["at"][0] < area.row]
        if before:
            before[-1]["areas"].append(name)
