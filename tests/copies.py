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


def without_names(text: str, addresses: Mapping[str, str]) -> str:
    """A formula with addresses in place of these names."""
    return "".join(addresses.get(piece, piece) for piece in WORD.split(text))


def stacked(books: Sequence[Book]) -> Book:
    """All tabs with formulas of books that differ in what is typed in, and the first one's others.

    In the copies, cells stand in place of names.
    """
    first = books[0]
    shared = {name: sheet for name, sheet in first.sheets.items() if not sheet.formulas}
    names = {name: area for name, area in first.names.items() if area.sheet in shared}
    tabs = [name for name in first.sheets if name not in shared]
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
        for tab in tabs:
            copy = in_copy(Area(tab, 0, 0), number).sheet
            formulas = [
                replace(formula, text=_in_copies(without_names(formula.text, addresses), own))
                for formula in first.sheets[tab].formulas
            ]
            result.sheets[copy] = replace(book.sheets[tab], name=copy, formulas=formulas)
    return result


def _in_copies(text: str, tabs: Mapping[str, str]) -> str:
    """A formula that refers to other tabs than these."""
    pieces = WORD.split(text)
    for i, piece in enumerate(pieces):
        tab, mark, cell = piece.rpartition("!")
        pieces[i] = tabs.get(tab + mark, tab + mark) + cell
    return "".join(pieces)
