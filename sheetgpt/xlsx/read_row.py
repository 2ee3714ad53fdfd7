"""The run of plain numbers at the end of a row, cut out of its XML without an XML parser."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

import numpy as np
import orjson

from sheetgpt.book.area import column_index
from sheetgpt.xlsx.read_styles import style_number

#: The tag of a cell of the usual form; all others go to the XML parser.
_TAG = rb'<c(?: r="[A-Z]+\d+")?(?: s="\d+")?>'
_STYLE = re.compile(rb'<c(?: r="[A-Z]+\d+")?(?: s="(\d+)")?>')
_CELL_BREAK = re.compile(rb"</v></c>" + _TAG + rb"<v>")
_UNNAMED_BREAK = re.compile(rb'</v></c><c(?: s="(\d+)")?><v>')
_NAMED_NUMBER = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"(?: s="(\d+)")?><v>')
_FIRST_CELL = re.compile(_TAG + rb"<v>")
_NAMES = re.compile(rb'<c(?: r="([A-Z]+\d+)")?(?: s="\d+")?>')
_NAME_IN_ROW = re.compile(rb"[A-Z]{1,3}#")
_NAMED = b'<c r="'
_IN_NUMBERS = b"0123456789.,+-eE"
#: Bytes at the beginning of a row in which other cells may stand in front of its numbers.
NEAR = 1 << 10


class Plain(NamedTuple):
    """Plain numbers side by side: the first column, float64 (N,), and runs (count, style)."""

    col: int
    values: np.ndarray
    styles: list[tuple[int, int]]


def _styles_of(cells: bytes, count: int) -> list[tuple[int, int]]:
    """The styles of `count` plain numbers side by side: runs of how many, and of which number."""
    if first := _STYLE.match(cells):
        style = first[1]
        same = cells.count(b' s="%s"' % style) == count if style else b" s=" not in cells
        if same:
            return [(count, style_number(style))]
    found = [style_number(style) for style in _STYLE.findall(cells)]
    return [(len([*run]), style) for style, run in groupby(found)]


def plain_end(xml: bytes, number: int) -> tuple[bytes, Plain | None]:
    """The cells of row `number` as XML up to the last that is no plain number, and the rest.

    The first is empty for a row of nothing but numbers; there is no rest (None) for a row that
    does not end in some.
    """
    if (found := _alike_end(xml, number)) is not None:
        return found
    if b' t="n"' in xml:
        xml = xml.replace(b' t="n"', b"")
    start = xml.index(b">") + 1
    cut = max(start, xml.rfind(b"/>") + 2)
    odd = max(xml.rfind(b"<f"), xml.rfind(b' t="'))
    if odd >= cut:
        cut = xml.find(b"</c>", odd) + 4
    numbers = _plain_numbers(xml[cut:], number, first=cut == start)
    if numbers is None:
        return xml, None
    cut += numbers[0]
    return xml[:cut] if cut > start else b"", numbers[1]


def _alike_end(xml: bytes, number: int) -> tuple[bytes, Plain] | None:
    """The same for a row that ends in numbers of which only the first has a name.

    All behind the first have one tag. Rows of weights are such: looked for from the front, they
    take a third of the time.
    """
    start = xml.index(b">") + 1
    between = _UNNAMED_BREAK.search(xml, start, start + NEAR)
    if between is None or not xml.endswith(b"</v></c>"):
        return None
    cut = xml.rfind(b"<c", start, between.start())
    opening = _NAMED_NUMBER.match(xml, cut)
    if opening is None or int(opening[2]) != number:
        return None
    values = _listed(xml[opening.end() : -8].replace(between[0], b","))
    if values is None:
        return None
    styles = [style_number(opening[3]), style_number(between[1])]
    runs = [(1, styles[0]), (len(values) - 1, styles[1])]
    if styles[0] == styles[1]:
        runs = [(len(values), styles[0])]
    plain = Plain(column_index(opening[1].decode()), values, runs)
    return xml[:cut] if cut > start else b"", plain


def _plain_numbers(cells: bytes, number: int, first: bool) -> tuple[int, Plain] | None:
    """Where the last cells without a gap begin, and what they hold, if all are plain numbers.

    Cells without `r` start in the first column, if they are the `first` in their row.
    """
    opening = _FIRST_CELL.match(cells)
    if opening is None or not cells.endswith(b"</v></c>"):
        return None
    if (named := _named_alike(cells, number)) is not None:
        return named
    values = _listed(_CELL_BREAK.sub(b",", cells[opening.end() : -8]))
    if values is None:
        return None
    names = _NAMES.findall(cells)
    run = _last_run(b" ".join([*names, b""]).replace(b"%d " % number, b"# "))
    if run is None or not (names[0] or first):
        return None
    at, col = run
    begin = cells.index(b'<c r="%s"' % names[at]) if at else 0
    values = values[at:]
    return begin, Plain(col, values, _styles_of(cells[begin:], len(values)))


def _named_alike(cells: bytes, number: int) -> tuple[int, Plain] | None:
    """The same, in a fourth of the time, where all have a name and one style.

    The first may have another if there is a gap behind it, as the number of a position has.
    """
    opening = _NAMED_NUMBER.match(cells, cells.rfind(_NAMED))
    if opening is None or int(opening[2]) != number:
        return None
    between = cells[opening.end(1) : opening.end()]  # the letters of a name, and the digits
    front, *parts = cells[:-8].replace(b"</v></c>" + _NAMED, between).split(between)
    if len(parts) % 2:  # the first cell is like the others
        parts.insert(0, front.removeprefix(_NAMED))
        front = b""
    letters, digits = parts[::2], parts[1::2]
    values, run = _listed(b",".join(digits)), _last_run(b"# ".join([*letters, b""]))
    if values is None or run is None or (front and not _apart(front, number, letters[0])):
        return None
    at, col = run
    begin = cells.index(_NAMED + letters[at] + b"%d" % number)
    return begin, Plain(col, values[at:], [(len(values) - at, style_number(opening[3]))])


def _apart(cell: bytes, number: int, letters: bytes) -> bool:
    """Whether this is one cell of the row, without its end, and a gap follows before `letters`."""
    found = _NAMED_NUMBER.match(cell)
    if found is None or int(found[2]) != number or cell.count(b"<c") > 1:
        return False
    return column_index(found[1].decode()) + 1 < column_index(letters.decode())


@lru_cache(1 << 6)
def _last_run(names: bytes) -> tuple[int, int] | None:
    """The first cell behind the last gap, and its column; None for cells that are not in order.

    Each name has # for the row and a blank behind it; of a cell without a name there is the blank.
    """
    at, start, col = 0, 0, -1
    for place, name in enumerate(names.split(b" ")[:-1]):
        if name and _NAME_IN_ROW.fullmatch(name) is None:
            return None
        then = column_index(name[:-1].decode()) if name else col + 1
        if then <= col:
            return None
        if then > col + 1 or place == 0:
            at, start = place, then
        col = then
    return at, start


def _listed(digits: bytes) -> np.ndarray | None:
    """The numbers, float64 (N,), that stand there with commas between them; None for others."""
    if not digits or digits.translate(None, _IN_NUMBERS):
        return None
    try:
        numbers = orjson.loads(b"[" + digits + b"]")
    except orjson.JSONDecodeError:
        return None
    return np.fromiter(numbers, np.float64, len(numbers))
