"""The steps of a workbook in the order of the data, from the cards on its tabs.

A card begins where the links from its neighbours lead. It says what the step does, and the tensors
that the step computes lie below or beside it, up to the next card. The links to the next card are
the order.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from sheetgpt.book import Book, Sheet
from sheetgpt.book.references import classify
from sheetgpt.layout.cards import BACK, NEXT, TIMES

#: A card has at most this many rows above its tables.
CARD_ROWS = 20
_NAMED = re.compile(r", named .+")
_SHAPE = re.compile(r"([\d × ]+) \((.+?)\), named ")
_DECLARED = re.compile(r"\w+(\[[^\]=]*\])? = .+")

Place = tuple[str, int, int]


def steps_of(book: Book, looks: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each step: `sheet` (number), `at` (row and column of its card), `number` within its block or
    None, `title`, `lines` (its sentences), `declared` (formulas as the template has them), `areas`
    (names of what it computes), `formulas` (the declared formula of an area by its name) and `axes`
    (name and size of each axis of its largest tensor). Empty for a workbook without cards.
    """
    order = {name: i for i, name in enumerate(book.sheets)}
    links = _links(book, looks)
    places = sorted({target for _, _, target in links}, key=lambda p: (order[p[0]], *p[1:]))
    steps = {}
    for place in places:
        sheet = book.sheets[place[0]]
        card = _card(sheet, place, [other for other in places if other[0] == place[0]])
        if card is not None:
            steps[place] = {"sheet": order[place[0]], "at": list(place[1:]), **card, "areas": []}
    _assign(book, order, [*steps.values()])
    for place, step in steps.items():
        step["formulas"] = _formulas(book, step, book.sheets[place[0]])
        del step["heads"]
    onward = [link[1:] for link in links if not link[0]]
    return [steps[place] for place in _chain(onward, [*steps]) if steps[place]["areas"]]


def _links(book: Book, looks: Mapping[str, Mapping[str, Any]]) -> list[tuple[bool, Place, Place]]:
    """Each link between cards: whether it leads back, where it lies, and where it leads."""
    found = []
    for name, look in looks.items():
        links = look.get("links", [])
        for row, col, location in zip(links[::3], links[1::3], links[2::3], strict=True):
            words = book.sheets[name].value(row, col)
            if isinstance(words, str) and (words.startswith(BACK) or words.endswith(NEXT)):
                target = classify(location).place
                if target is not None and target.sheet in book.sheets:
                    place = (target.sheet, target.row, target.col)
                    found.append((words.startswith(BACK), (name, row, col), place))
    return found


def _chain(links: Sequence[tuple[Place, Place]], places: Sequence[Place]) -> list[Place]:
    """The cards in the order in which each leads to the next; those that no card leads to begin."""
    after: dict[Place, Place] = {}
    for (sheet, row, col), target in links:
        # A link lies on its card, which begins above it and not to the right of it.
        cards = [place for place in places if place[0] == sheet and place[1] < row]
        cards = [place for place in cards if place[2] <= col]
        if cards and target in places:
            after[max(cards, key=lambda place: place[1:])] = target
    targets = {*after.values()}
    found: dict[Place, None] = {}
    for start in sorted(places, key=lambda place: place in targets):
        place: Place | None = start
        while place is not None and place not in found:
            found[place] = None
            place = after.get(place)
    return [*found]


def _formulas(book: Book, step: Mapping[str, Any], sheet: Sheet) -> dict[str, str]:
    """The declared formula of each tensor by its name: the one whose name heads its columns."""
    lines = {re.split(r"[ \[]", line)[0]: line for line in step["declared"]}
    found = {}
    for name in step["areas"]:
        head = sheet.value(step["heads"], book.names[name].col)
        variable = head.split(", ")[0] if isinstance(head, str) else ""  # `z, head 0`
        if variable in lines:
            found[name] = lines[variable]
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
    while at < row + CARD_ROWS and not (lines and _NAMED.search(lines[-1])):
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
        "axes": _axes(lines[-1] if lines else ""),
        "heads": at + 1,
    }


def _axes(line: str) -> list[list[Any]]:
    """The axes that the last line of a card names, with their sizes; none for one cell."""
    found = _SHAPE.match(line)
    if found is None:
        return []
    return [
        [axis, int(size)]
        for size, axis in zip(found[1].split(TIMES), found[2].split(TIMES), strict=True)
    ]


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
