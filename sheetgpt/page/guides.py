"""The tabs that explain the workbook, as stops that lead through it.

Nothing here knows what such a tab says. Each row with a link is a stop: its texts are read out, and
the link moves the grid. Rows of texts alone belong to the stop after them, or are one of their own;
the row above a table of stops names its columns. A card is a stop of its own, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import isnan
from typing import Any

from sheetgpt.book import Book, Sheet
from sheetgpt.layout.cards import BACK, NEXT

#: Tabs that explain, in the order in which they are offered.
GUIDES = ("tour", "why")

Texts = dict[int, str]
"""The texts of a row by column."""


def guides_of(
    book: Book, looks: Mapping[str, Mapping[str, Any]], steps: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Each guide: `sheet` (number) and `stops` in order.

    A stop has `at` (row and column), `to` (where its link leads, None for the place itself),
    `cells` (row, column and heading of each text), `words` (of a card) and `title` (the cell that
    names it, None for a card).
    """
    order = {name: i for i, name in enumerate(book.sheets)}
    found = []
    for name in GUIDES:
        if name in order:
            cards = [step for step in steps if step["sheet"] == order[name]]
            stops = list(_stops(book.sheets[name], _links(looks.get(name, {})), cards))
            if stops:
                found.append({"sheet": order[name], "stops": stops})
    return found


def _links(look: Mapping[str, Any]) -> dict[tuple[int, int], str]:
    links = look.get("links", [])
    return {(r, c): to for r, c, to in zip(links[::3], links[1::3], links[2::3], strict=True) if r}


def _stops(
    sheet: Sheet, links: Mapping[tuple[int, int], str], cards: Sequence[Mapping[str, Any]]
) -> Iterator[dict[str, Any]]:
    """The stops of a tab above its first card, and its cards."""
    first = min((card["at"][0] for card in cards), default=None)
    rows = _texts(sheet)
    top = rows.pop(0, {})
    before: list[list[Any]] = []  # texts that belong to the next stop
    heads: Texts = {}
    for row, texts in rows.items():
        if first is not None and row >= first:
            break
        to = next((links[row, col] for col in texts if (row, col) in links), None)
        below = rows.get(row + 1, {})
        if to is not None:
            cells = [[row, col, heads.get(col, "")] for col in texts]
            yield _stop([row, min(texts)], to, [*before, *cells], [row, min(texts)])
            before = []
        elif len(texts) > 1 and below.keys() <= texts.keys() and _linked(links, row + 1):
            heads = texts
        elif not _has_number(sheet, row) and not (len(texts) > 1 and _has_number(sheet, row + 1)):
            before += [[row, col, ""] for col in texts]
    if before:
        yield _stop(before[0][:2], None, before, [0, max(top)] if top else before[0][:2])
    for card in cards:
        yield {**_stop(card["at"], None, []), "words": [card["title"], *card["lines"]]}


def _stop(
    at: list[int], to: str | None, cells: list[list[Any]], title: list[int] | None = None
) -> dict[str, Any]:
    return {"at": at, "to": to, "cells": cells, "words": [], "title": title}


def _texts(sheet: Sheet) -> dict[int, Texts]:
    """The texts by row that are no ways between cards."""
    rows: dict[int, Texts] = {}
    for (row, col), value in sorted(sheet.others.items()):
        text = value if type(value) is str else ""
        if text and not (text.startswith(BACK) or text.endswith(NEXT)):
            rows.setdefault(row, {})[col] = text
    return rows


def _linked(links: Mapping[tuple[int, int], str], row: int) -> bool:
    return any(place[0] == row for place in links)


def _has_number(sheet: Sheet, row: int) -> bool:
    rows, cols = sheet.numbers.shape
    return row < rows and any(not isnan(sheet.numbers.item(row, col)) for col in range(cols))
