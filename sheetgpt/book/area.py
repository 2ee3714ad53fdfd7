"""Rectangles of cells, and their names in formulas."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import NamedTuple


class Area(NamedTuple):
    """A rectangle of cells on one sheet."""

    sheet: str
    row: int
    col: int
    rows: int = 1
    cols: int = 1

    def a1(self, absolute: bool = False) -> str:
        """`B2` or `B2:D9`, with dollar signs when absolute, without the sheet."""
        first = cell_name(self.row, self.col, absolute)
        if self.rows == self.cols == 1:
            return first
        last = cell_name(self.row + self.rows - 1, self.col + self.cols - 1, absolute)
        return f"{first}:{last}"

    def full(self) -> str:
        """`'block.0'!$B$2:$D$9`, as a defined name or a formula on another sheet holds it."""
        return f"{quote_sheet(self.sheet)}!{self.a1(absolute=True)}"


@cache  # a build names columns a quarter of a million times
def column_name(col: int) -> str:
    """0 -> A, 25 -> Z, 26 -> AA."""
    letters = ""
    col += 1
    while col:
        col, rest = divmod(col - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@lru_cache(1 << 14)
def column_index(letters: str) -> int:
    """A -> 0, AA -> 26; the inverse of `column_name`."""
    index = 0
    for letter in letters.upper():
        index = index * 26 + ord(letter) - 64
    return index - 1


def cell_name(row: int, col: int, absolute: bool = False) -> str:
    """(6, 2) -> `C7`, or `$C$7`."""
    mark = "$" if absolute else ""
    return f"{mark}{column_name(col)}{mark}{row + 1}"


def quote_sheet(name: str) -> str:
    """The sheet name as a formula must write it: quoted unless it is a plain word."""
    if re.fullmatch(r"[A-Za-z_][A-Za-z_]*", name):
        return name
    return "'" + name.replace("'", "''") + "'"
