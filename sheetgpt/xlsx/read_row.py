"""The run of plain numbers at the end of a row, cut out of its XML without an XML parser."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import groupby

import numpy as np
import orjson

from sheetgpt.book.area import column_index, column_name
from sheetgpt.xlsx.read_styles import style_number

#: The tag of a cell of the usual form; all others go to the XML parser.
_TAG = rb'<c(?: r="[A-Z]+\d+")?(?: s="\d+")?>'
_STYLE = re.compile(rb'<c(?: r="[A-Z]+\d+")?(?: s="(\d+)")?>')
_CELL_BREAK = re.compile(rb"</v></c>" + _TAG + rb"<v>")
_FIRST_CELL = re.compile(_TAG + rb"<v>")
_COLUMN = re.compile(rb' r="([A-Z]+)')
_NAMES = re.compile(rb' r="([A-Z]+\d+)"')
_IN_NUMBERS = b"0123456789.,+-eE"


def styles_of(cells: bytes, count: int) -> list[tuple[int, int]]:
    """The styles of `count` plain numbers side by side: runs of how many, and of which number."""
    if first := _STYLE.match(cells):
        style = first[1]
        same = cells.count(b' s="%s"' % style) == count if style else b" s=" not in cells
        if same:
            return [(count, style_number(style))]
    found = [style_number(style) for style in _STYLE.findall(cells)]
    return [(len([*run]), style) for style, run in groupby(found)]


def plain_end(xml: bytes, number: int) -> tuple[bytes, tuple[int, np.ndarray, bytes] | None]:
    """The cells of row `number` as XML up to the last that is no plain number, and the rest.

    The rest is the first column, the float64 values of plain numbers, and their XML. The first is
    empty for a row of nothing but numbers; there is no rest (None) for a row that does not end in
    some.
    """
    if b' t="n"' in xml:
        xml = xml.replace(b' t="n"', b"")
    start = xml.index(b">") + 1
    cut = max(start, xml.rfind(b"/>") + 2)
    odd = max(xml.rfind(b"<f"), xml.rfind(b' t="'))
    if odd >= cut:
        cut = xml.find(b"</c>", odd) + 4
    named = xml.rfind(b'<c r="', cut)
    if named > cut and xml.find(b"<c", named + 2) > 0:
        cut = named  # cells without names follow it; there may be a gap in front of it
    numbers = _plain_numbers(xml[cut:], number, first=cut == start)
    if numbers is None:
        return xml, None
    return xml[:cut] if cut > start else b"", (*numbers, xml[cut:])


def _plain_numbers(cells: bytes, number: int, first: bool) -> tuple[int, np.ndarray] | None:
    """First column and values of cells that are numbers without gaps; None for other cells.

    Cells without `r` start in the first column, if they are the `first` in their row.
    """
    opening = _FIRST_CELL.match(cells)
    if opening is None or not cells.endswith(b"</v></c>"):
        return None
    inside = cells[opening.end() : -8]
    digits = _listed_alike(inside)
    names = _NAMES.findall(cells if digits is None else opening[0])
    if digits is None:
        digits = _CELL_BREAK.sub(b",", inside)
        if digits.translate(None, _IN_NUMBERS):
            return None
        # Cells without `r` follow the one before: those with it stand in front of all others.
        if cells.count(b"<c", 0, cells.rfind(b' r="')) != len(names):
            return None
    try:
        values = np.array(orjson.loads(b"[" + digits + b"]"), np.float64)
    except orjson.JSONDecodeError:
        return None
    start = _COLUMN.search(opening[0])
    if start is None:
        return (0, values) if first and not names else None
    col = column_index(start[1].decode())
    wanted = _names(col, len(names)).replace(b"#", b"%d" % number)
    return (col, values) if b" ".join(names) == wanted else None


def _listed_alike(inside: bytes) -> bytes | None:
    """Numbers with commas between them, where all cells behind the first have one tag, no name.

    Rows of weights are such; this takes a quarter of the time of a pattern for any tag.
    """
    between = _CELL_BREAK.search(inside)
    if between is not None:
        if b' r="' in between[0]:
            return None
        inside = inside.replace(between[0], b",")
    return None if inside.translate(None, _IN_NUMBERS) else inside


@lru_cache(1 << 10)
def _names(col: int, count: int) -> bytes:
    """`A# B# C#`: the names of cells side by side, with # for the row."""
    return b" ".join(column_name(i).encode() + b"#" for i in range(col, col + count))
