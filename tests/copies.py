"""Copies of tabs in one workbook, so that a program opens it once for many inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sheetgpt.book import Book
from sheetgpt.book.area import Area, quote_sheet
from sheetgpt.book.references import WORD


def in_copy(area: Area, number: int) -> Area:
    """The same cells in a copy of their tab."""
    return area._replace(sheet=f"{area.sheet}.{number}")


class Moved(dict[str, str]):
    """What the pieces of formulas are in a copy: other addresses for names, other tabs for tabs.

    Each piece is looked at once, whatever the number of formulas that have it.
    """

    def __init__(self, addresses: Mapping[str, str], tabs: Mapping[str, str]) -> None:
        """Tabs are quoted, with the exclamation mark behind."""
        super().__init__(addresses)
        self.tabs = tabs

    def __missing__(self, piece: str) -> str:
        tab, mark, cell = piece.rpartition("!")
        self[piece] = self.tabs.get(tab + mark, tab + mark) + cell
        return self[piece]

    def text(self, pieces: Sequence[str]) -> str:
        """A formula that `WORD` has split."""
        return "".join([self[piece] for piece in pieces])


def stacked(books: Sequence[Book]) -> Book:
    """All tabs with formulas of books that differ in what is typed in, and the first one's others.

    In the copies, cells stand in place of names.
    """
    first = books[0]
    shared = {name: sheet for name, sheet in first.sheets.items() if not sheet.formulas}
    names = {name: area for name, area in first.names.items() if area.sheet in shared}
    tabs = [name for name in first.sheets if name not in shared]
    split = {tab: [WORD.split(x.text) for x in first.sheets[tab].formulas] for tab in tabs}
    result = Book(shared, names)
    for number, book in enumerate(books):
        addresses = {
            name: in_copy(area, number).full()
            for name, area in book.names.items()
            if area.sheet not in shared
        }
        own = {
            f"{quote_sheet(tab)}!": f"{quote_sheet(in_copy(Area(tab, 0, 0), number).sheet)}!"
            for tab in tabs
        }
        moved = Moved(addresses, own)
        for tab in tabs:
            copy = in_copy(Area(tab, 0, 0), number).sheet
            formulas = [
                replace(formula, text=moved.text(pieces))
                for formula, pieces in zip(first.sheets[tab].formulas, split[tab], strict=True)
            ]
            result.sheets[copy] = replace(book.sheets[tab], name=copy, formulas=formulas)
    return result
