"""The references in a formula's text: find them, move them, put placeholders in their place.

Shared by the reader (a shared formula is a text and a distance), the evaluator (formulas that
differ only in position share one tree) and the lint. Rows and columns count from 0.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from sheetgpt.book import MAX_COLUMNS, MAX_ROWS
from sheetgpt.book.area import Area, column_index, column_name

#: What stands between operators: a piece that is text, a number, a reference, a name, a function.
#: Splitting coarsely here and classifying each different word once is five times faster than one
#: regular expression with every alternative.
WORD = re.compile(
    r"""("(?:[^"]|"")*"|\#(?:N/A|DIV/0!|[A-Z/0?!]+)|'(?:[^']|'')+'![$\w.:\\]*|\[[^\]]*\][$\w.:\\!]*"""
    r"""|(?:\d+\.?\d*|\.\d+)[eE][+-]\d+|[$\w.\\][$\w.\\:!?]*\(?)"""
)
_SHEET = r"('(?:[^'\[\]]|'')+'!|[^\W\d][\w.]*!)?"
_CORNER = r"(\$?)([A-Za-z]{1,3})(\$?)([1-9]\d*)"
_REFERENCE = re.compile(f"{_SHEET}{_CORNER}(?::{_CORNER})?")
#: A number as rows have them: without leading zeros, so that its digits never decide what kind of
#: word it stands in.
_NUMBER = re.compile(r"([1-9]\d*)")
_KINDS = {
    "string": re.compile(r'".*"', re.DOTALL),
    "number": re.compile(r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"),
    "function": re.compile(r"[^\W\d][\w.]*\("),
    "error": re.compile(r"#.*"),
    "boolean": re.compile(r"TRUE|FALSE", re.IGNORECASE),
    "external": re.compile(r"('[^']*)?\[.*"),
    "whole": re.compile(_SHEET + r"(?:\$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3}|\$?\d+:\$?\d+)"),
    "name": re.compile(r"(?:[^\W\d]|\\)[\w.\\?]*"),
}
#: In front of the names of functions that came after the format, by Excel and by Gnumeric.
_PREFIX = re.compile(r"^_XLFN(?:GNUMERIC)?\.(?:_XLWS\.)?")


class Reference(NamedTuple):
    """A rectangle as seen from a formula: each number is absolute or a distance from the formula.

    `sheet` is None for the formula's own sheet. `fixed` says which of the four numbers
    (`row`, `col`, `last_row`, `last_col`) are absolute.
    """

    sheet: str | None
    row: int
    col: int
    last_row: int
    last_col: int
    fixed: tuple[bool, bool, bool, bool]

    def corners(self, row: int, col: int) -> tuple[int, int, int, int]:
        """First row, first column, rows and columns, seen from the formula at (row, col)."""
        top = self.row if self.fixed[0] else self.row + row
        left = self.col if self.fixed[1] else self.col + col
        bottom = self.last_row if self.fixed[2] else self.last_row + row
        right = self.last_col if self.fixed[3] else self.last_col + col
        if bottom < top:
            top, bottom = bottom, top
        if right < left:
            left, right = right, left
        return top, left, bottom - top + 1, right - left + 1

    @property
    def rigid(self) -> bool:
        """Whether the rectangle has the same size from everywhere."""
        return self.fixed[0] == self.fixed[2] and self.fixed[1] == self.fixed[3]

    @property
    def still(self) -> bool:
        """Whether the rectangle is the same from everywhere."""
        return all(self.fixed)


class Word(NamedTuple):
    """A classified word of a formula; `place` holds a reference's absolute corners."""

    kind: str
    text: str
    place: Reference | None = None


class UnknownName(Exception):
    """A formula uses a word that is no defined name; the argument is the word."""


class Unsupported(Exception):
    """A formula holds a reference that cannot be followed; the argument is its text."""


@lru_cache(1 << 17)
def classify(text: str) -> Word:
    """The kind of a word: one of `_KINDS`, `reference` or `unknown`."""
    match = _REFERENCE.fullmatch(text)
    if match is None:
        for kind, pattern in _KINDS.items():
            if pattern.fullmatch(text):
                return Word(kind, text)
        return Word("unknown", text)
    sheet, col_mark, col, row_mark, row, col2_mark, col2, row2_mark, row2 = match.groups()
    if row2 is None:
        col2_mark, col2, row2_mark, row2 = col_mark, col, row_mark, row
    if sheet is not None:
        sheet = sheet[:-1]
        sheet = sheet[1:-1].replace("''", "'") if sheet.startswith("'") else sheet
    fixed = bool(row_mark), bool(col_mark), bool(row2_mark), bool(col2_mark)
    corners = int(row) - 1, column_index(col), int(row2) - 1, column_index(col2)
    return Word("reference", text, Reference(sheet, *corners, fixed))


def bare_function(name: str) -> str:
    """A function in capitals, without the prefix by which a file spells newer ones."""
    return _PREFIX.sub("", name.upper())


def words(text: str) -> list[Word]:
    """The words of a formula in order, operators left out."""
    return [classify(word) for word in WORD.split(text)[1::2]]


def split(
    text: str, row: int, col: int, names: Mapping[str, Reference]
) -> tuple[str, tuple[Reference, ...]]:
    """The formula at (row, col) as a template and its references.

    In the template the reference `i` is the word `_i`, so `A1*2` in B1 and `A2*2` in B2 give the
    same pair. `names` holds what upper-case defined names stand for (`to_area`).

    Raises UnknownName and Unsupported.
    """
    pieces = WORD.split(text)
    found: dict[Reference, int] = {}
    for index in range(1, len(pieces), 2):
        kind, word, place = classify(pieces[index])
        if place is not None:
            sheet, top, left, bottom, right, fixed = place
            place = Reference(
                sheet,
                top if fixed[0] else top - row,
                left if fixed[1] else left - col,
                bottom if fixed[2] else bottom - row,
                right if fixed[3] else right - col,
                fixed,
            )
        elif kind == "name":
            place = names.get(word.upper())
            if place is None:
                raise UnknownName(word)
        elif kind in ("whole", "external", "unknown"):
            raise Unsupported(word)
        else:
            continue
        pieces[index] = f"_{found.setdefault(place, len(found))}"
    return "".join(pieces), tuple(found)


class Splitter:
    """`split` for all formulas of a book, in a third of the time.

    Most are copies of one above them: the same text but for the numbers of relative rows, which
    stand at the same distances. Such a formula has the answer of the first.
    """

    def __init__(self, names: Mapping[str, Reference]) -> None:
        self._names = names
        self._moving: dict[str, list[int]] = {}
        self._found: dict[tuple[str | int, ...], tuple[str, tuple[Reference, ...]]] = {}

    def split(self, text: str, row: int, col: int) -> tuple[str, tuple[Reference, ...]]:
        """As the function does; raises UnknownName and Unsupported."""
        pieces: list[str | int] = [*_NUMBER.split(text)]
        form = "\0".join(pieces[::2])  # type: ignore[arg-type]  # texts as yet
        moving = self._moving.get(form)
        if moving is None:
            moving = self._moving[form] = _moving_rows(text)
        for index in moving:
            pieces[index] = int(pieces[index]) - row
        key = (col, *pieces)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = split(text, row, col, self._names)
        return found


def _moving_rows(text: str) -> list[int]:
    """Which pieces of the text, split at its numbers, are relative rows of references."""
    at = {number.start(): 2 * i + 1 for i, number in enumerate(_NUMBER.finditer(text))}
    moving = []
    for word in WORD.finditer(text):
        if match := _REFERENCE.fullmatch(word[0]):
            for mark, row in ((4, 5), (8, 9)):  # of the first corner and of the last, if any
                if match[row] is not None and not match[mark]:
                    moving.append(at[word.start() + match.start(row)])
    return moving


def to_area(area: Area) -> Reference:
    """The absolute reference to an area."""
    last_row, last_col = area.row + area.rows - 1, area.col + area.cols - 1
    return Reference(area.sheet, area.row, area.col, last_row, last_col, (True,) * 4)


def move(text: str, rows: int, cols: int) -> str:
    """The formula text as a copy of its cell `rows` down and `cols` to the right would have it.

    A reference that would leave the sheet becomes `#REF!`, as in every spreadsheet program.
    """
    pieces = WORD.split(text)
    for index in range(1, len(pieces), 2):
        place = classify(pieces[index]).place
        if place is not None:
            pieces[index] = _moved(pieces[index], place, rows, cols)
    return "".join(pieces)


def _moved(text: str, place: Reference, rows: int, cols: int) -> str:
    corners = []
    for row, col, row_fixed, col_fixed in (
        (place.row, place.col, *place.fixed[:2]),
        (place.last_row, place.last_col, *place.fixed[2:]),
    ):
        new_row = row if row_fixed else row + rows
        new_col = col if col_fixed else col + cols
        if not (0 <= new_row < MAX_ROWS and 0 <= new_col < MAX_COLUMNS):
            return "#REF!"
        corners.append(f"{'$' * col_fixed}{column_name(new_col)}{'$' * row_fixed}{new_row + 1}")
    sheet, mark, cells = text.rpartition("!")
    return sheet + mark + ":".join(corners if ":" in cells else corners[:1])
