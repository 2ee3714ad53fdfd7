"""The cells of many rows cut out of their XML at once, without an XML parser.

They must have one of the forms in which sheetgpt and most programs write cells. One pass of a
pattern finds all of them, and what it finds is looked at kind by kind: this takes a tenth of the
time of the XML parser, which is for all other rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import chain, compress, repeat
from typing import NamedTuple

import numpy as np

from sheetgpt.book.area import column_index
from sheetgpt.xlsx.read_styles import style_number
from sheetgpt.xlsx.strings import PLAIN_TEXT, plain_text

#: A cell without a formula, or with an ordinary or a legacy array formula; else what stands there.
#: As `PLAIN_TEXT` has no `NUL`, no cell goes over the end of its row.
_CELL = re.compile(
    r'<c(?: r="([A-Z]{1,3})([0-9]+)")?(?: s="([0-9]+)")?(?: t="(s|str|b|n|e)")?(?:/>|>'
    rf'(?:(<f)(?: t="array" ref="([A-Z0-9:]+)")?>({PLAIN_TEXT})</f>)?'
    rf'(?:(<v)(?: xml:space="preserve")?>({PLAIN_TEXT})</v>)?</c>)|([^\0]+)'
)
_NUL = b"\0"
#: What there is in a number: of texts of these, float() takes what an .xlsx file may hold alone.
_IN_NUMBERS = b"0123456789.+-eE"

#: Rows: the number of each from 0, its XML without the end tag, and the column where other cells
#: begin.
Row = tuple[int, bytes, int]


class KnownCells(NamedTuple):
    """Cells in the order of the file, N of them; `rows`, `cols` and `styles` are int (N,).

    `filled` (N,) are those with a formula or a value. `numbers` are the places in this order of
    those with a number, and the number as text; of the other values the place, the type and the
    text. Of a formula they are the place, the range if it is an array formula, and the text.
    """

    rows: np.ndarray
    cols: np.ndarray
    styles: np.ndarray
    filled: np.ndarray
    numbers: tuple[np.ndarray, list[str]]
    others: list[tuple[int, str, str]]
    formulas: list[tuple[int, str, str]]

    @property
    def single(self) -> int:
        """How many there are if plain numbers side by side are one."""
        plain = np.zeros(len(self.rows), dtype=bool)
        plain[self.numbers[0]] = True
        plain[[at for at, *_ in self.formulas]] = False
        follows = (np.diff(self.rows) == 0) & (np.diff(self.cols) == 1)
        return len(plain) - int(np.count_nonzero(plain[1:] & plain[:-1] & follows))


def sorted_out(rows: Sequence[Row]) -> tuple[KnownCells, list[Row]]:
    """The cells of rows that hold known ones alone, and all other rows."""
    if (cells := _cells(rows)) is not None:
        return cells, []
    odd = [row for row in rows if _cells([row]) is None]
    numbers = {row for row, *_ in odd}
    cells = _cells([row for row in rows if row[0] not in numbers])
    assert cells is not None  # each of them is known
    return cells, odd


def _cells(rows: Sequence[Row]) -> KnownCells | None:
    """The cells of rows; None if some are not known, or not in the row that their name says."""
    inside = [xml[xml.index(b">") + 1 :] for _, xml, _ in rows]
    joined = _NUL.join(inside)
    try:
        text = joined.decode()
    except UnicodeDecodeError:
        return None  # damaged: the XML parser says so
    columns: list[Sequence[str]] = [*zip(*_CELL.findall(text), strict=True)] or [()] * _CELL.groups
    letters, lines, styles, kinds, has_formula, arrays, formulas, has_value, values, odd = columns
    if any(odd) or joined.count(_NUL) >= max(len(rows), 1):
        return None  # something else stands there
    counts = [xml.count(b"<c") for xml in inside]
    due = [*chain.from_iterable(map(repeat, (str(row + 1) for row, *_ in rows), counts))]
    if [*lines] != due and any(
        line and line != number for line, number in zip(lines, due, strict=True)
    ):
        return None  # the XML parser says so
    if "&" in text:
        formulas, values = [*map(plain_text, formulas)], [*map(plain_text, values)]
    formula, value = _marks(has_formula), _marks(has_value)
    number, text_of_formula = _each(kinds, ("", "n").__contains__), _each(kinds, "str".__eq__)
    numbers = number & _marks(values)
    others = ~number & (_marks(values) | (value & text_of_formula))
    return KnownCells(
        np.repeat(np.array([row for row, *_ in rows], dtype=int), counts),
        _columns(_each(letters, column_index), counts),
        _each(styles, style_number),
        formula | value,
        (np.flatnonzero(numbers), [*compress(values, numbers.tolist())]),
        [(at, kinds[at], values[at]) for at in np.flatnonzero(others).tolist()],
        [(at, arrays[at], formulas[at]) for at in np.flatnonzero(formula).tolist()],
    )


def _marks(texts: Sequence[str]) -> np.ndarray:
    """Which texts are not empty, (N,)."""
    return np.fromiter(map(bool, texts), bool, len(texts))


def _each(texts: Sequence[str], what: Callable[[str], int]) -> np.ndarray:
    """What is true of each text, int or bool (N,); there are few different ones."""
    found = {text: what(text) for text in {*texts}}
    kind = type(next(iter(found.values()), 0))
    return np.fromiter(map(found.__getitem__, texts), kind, len(texts))


def _columns(named: np.ndarray, counts: Sequence[int]) -> np.ndarray:
    """The columns of cells; one without a name (-1) follows the one before, or begins its row."""
    places = np.arange(len(named))
    known = named >= 0
    known[np.cumsum([0, *counts])[:-1][np.array(counts, dtype=bool)]] = True
    last = np.maximum.accumulate(np.where(known, places, 0))
    columns: np.ndarray = np.maximum(named[last], 0) + places - last
    return columns


def numbers_of(texts: Sequence[str]) -> np.ndarray | None:
    """The float64 of every text; None if one of them is no number that a double holds."""
    if "".join(texts).encode().translate(None, _IN_NUMBERS):
        return None
    try:
        numbers = np.fromiter(map(float, texts), np.float64, len(texts))
    except ValueError:
        return None
    return numbers if np.isfinite(numbers).all() else None
