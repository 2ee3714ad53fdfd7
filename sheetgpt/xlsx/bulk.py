"""Render formulas and blocks of numbers as cells of sheet XML.

orjson writes the shortest text of a whole row of numbers at once; the commas between the numbers
then become the tags between the cells.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import orjson

from sheetgpt.book import Formula
from sheetgpt.book.area import cell_name, column_name
from sheetgpt.xlsx.strings import escape

#: Larger whole numbers are written with an exponent, as orjson does it.
LARGEST_WHOLE = 1e15
#: Significant digits of values that formulas give; smaller numbers are written as they are.
DIGITS, SMALLEST_USUAL = 13, 1e-290
#: Rows of so many numbers are short: orjson writes several at once, of so many numbers together.
SHORT, TOGETHER = 1 << 6, 1 << 10
_DUMP = orjson.OPT_SERIALIZE_NUMPY

#: (row, first column, XML of the cells from there on)
Segment = tuple[int, int, bytes]


@dataclass(frozen=True)
class Bulk:
    """Numbers (rows, cols) whose first cell is (row, col), all in one style.

    `style` is the index of a cell format in the workbook, 0 for none. With `skip_first` the first
    cell of all is somebody else's.
    """

    row: int
    col: int
    values: np.ndarray
    style: int = 0
    skip_first: bool = False


def render_numbers(bulk: Bulk, cell_refs: bool) -> Iterable[Segment]:
    """The cells of every row of a block.

    With `cell_refs` every cell carries its name, which IronCalc, Gnumeric and ExcelJS need;
    without, only the first of a row does and the others follow it.
    """
    style = _style(bulk.style)
    values = bulk.values
    if values.dtype == np.float64 and _all_whole(values):
        values = values.astype(np.int64)  # 3 and not 3.0
    if values.shape[1] == 1:
        return _column(bulk, values[:, 0], style)
    return _rows(bulk, values, style, cell_refs)


def _rows(bulk: Bulk, values: np.ndarray, style: bytes, cell_refs: bool) -> Iterator[Segment]:
    names = _Names(bulk.col, values.shape[1], style) if cell_refs else None
    middle = b"</v></c><c%s><v>" % style
    for i, line in enumerate(_lines(values)):
        row, first = bulk.row + i, 1 if bulk.skip_first and i == 0 else 0
        texts = line.split(b",", 1)[1] if first else line
        if names is not None:
            yield row, bulk.col + first, names.cells(row, texts.split(b","), first)
        else:
            head = b'<c r="%s"%s><v>' % (cell_name(row, bulk.col + first).encode(), style)
            yield row, bulk.col + first, b"%b%b</v></c>" % (head, texts.replace(b",", middle))


def _lines(values: np.ndarray) -> Iterator[bytes]:
    """The numbers of each row as text, with commas between them; of short rows many at once."""
    if values.shape[1] > SHORT:
        for line in values:
            yield orjson.dumps(np.ascontiguousarray(line), option=_DUMP)[1:-1]
        return
    count = TOGETHER // max(values.shape[1], 1)
    for start in range(0, len(values), count):
        text = orjson.dumps(np.ascontiguousarray(values[start : start + count]), option=_DUMP)
        yield from text[2:-2].split(b"],[")


def _column(bulk: Bulk, values: np.ndarray, style: bytes) -> list[Segment]:
    """A block of one column: one text of all its numbers, not one for each row."""
    first = 1 if bulk.skip_first else 0
    line = np.ascontiguousarray(values[first:])
    if not line.size:
        return []
    texts = orjson.dumps(line, option=_DUMP)[1:-1].split(b",")
    form = b'<c r="%s%%d"%s><v>%%s</v></c>' % (column_name(bulk.col).encode(), style)
    rows = range(bulk.row + first, bulk.row + first + len(texts))
    return [(row, bulk.col, form % (row + 1, text)) for row, text in zip(rows, texts, strict=True)]


def render_cell(
    row: int, col: int, value: object, style: int, formula: str, array: bool = False
) -> Segment:
    """One cell with a formula and its value.

    `array` makes it an array formula of this cell alone: of 50,000 formulas in an embedded model
    16,500 are such ones, and as a grid of one number (`render_array`) each takes 77 microseconds
    instead of 5.
    """
    kind = b' t="array" ref="%s"' % cell_name(row, col).encode() if array else b""
    xml = b"<f%s>%s</f>" % (kind, escape(formula).encode())
    if isinstance(value, float):
        value = float(f"{value:.{DIGITS}g}")
    return row, col, _cell(row, col, style, value, xml)


def render_shared(row: int, col: int, number: int, style: int) -> Segment:
    """One cell with a text, by its number in the table of shared strings."""
    name = cell_name(row, col).encode()
    return row, col, b'<c r="%s"%s t="s"><v>%d</v></c>' % (name, _style(style), number)


def render_array(
    formula: Formula, values: np.ndarray, style: int, cell_refs: bool
) -> Iterator[Segment]:
    """An array formula and its values (rows, cols): float64, or objects as in `Book.get`."""
    row, col = formula.row, formula.col
    last = cell_name(row + formula.rows - 1, col + formula.cols - 1)
    extent = f"{cell_name(row, col)}:{last}" if values.size > 1 else last
    text = b'<f t="array" ref="%s">%s</f>' % (extent.encode(), escape(formula.text).encode())
    if values.dtype != object:
        values = significant(values)
    yield row, col, _cell(row, col, style, values[0, 0], text)
    if values.dtype != object:
        yield from render_numbers(Bulk(row, col, values, style, skip_first=True), cell_refs)
        return
    if formula.cols == 1 and all(type(value) is str for value in values[:, 0].tolist()):
        yield from _texts(row + 1, col, values[1:, 0].tolist(), style)
        return
    for r, line in enumerate(values):
        cells = [
            _cell(row + r, col + c, style, value)
            for c, value in enumerate(line)
            if (r, c) != (0, 0)
        ]
        if cells:
            yield row + r, col + (r == 0), b"".join(cells)


def _texts(row: int, col: int, texts: Sequence[str], style: int) -> Iterator[Segment]:
    """A column of texts, as the tokens of a vocabulary are: its formats are put together once."""
    letters, kind = column_name(col).encode(), _style(style)
    for place, text in enumerate(texts, row):
        cell = b'<c r="%s%d"%s t="str"><v%s>%s</v></c>'
        yield place, col, cell % (letters, place + 1, kind, *_spelled(text))


def significant(values: np.ndarray) -> np.ndarray:
    """float64 to thirteen significant digits.

    Those beyond depend on the order in which a program adds up, and cost space in the file; a
    check allows a thousand times more.
    """
    size = np.abs(values)
    usual = (size > SMALLEST_USUAL) & (size < LARGEST_WHOLE)
    digits = np.floor(np.log10(size, out=np.zeros(values.shape), where=usual))
    scale = 10.0 ** (DIGITS - 1 - digits)
    return np.where(usual, np.rint(values * scale) / scale, values)


def has_unnamed_cells(path: Path) -> bool:
    """Whether some cell of a sheet follows another without a name of its own."""
    with ZipFile(path) as file:
        for name in file.namelist():
            if name.startswith("xl/worksheets/sheet"):
                with file.open(name) as part:
                    start = part.read(1 << 20)
                if b"<c><v>" in start or b"</c><c s=" in start:
                    return True
    return False


def _cell(row: int, col: int, style: int, value: object, formula: bytes = b"") -> bytes:
    """One cell; a text is the value of a formula (type "str"), a blank one an empty text."""
    space = b""
    if isinstance(value, float):  # also a np.float64
        whole = value.is_integer() and abs(value) < LARGEST_WHOLE
        kind, text = b"", orjson.dumps(int(value) if whole else float(value))
    elif isinstance(value, bool):
        kind, text = b' t="b"', b"%d" % value
    else:
        kind = b' t="str"'
        space, text = _spelled("" if value is None else str(value))
    name = cell_name(row, col).encode()
    return b'<c r="%s"%s%s>%s<v%s>%s</v></c>' % (name, _style(style), kind, formula, space, text)


def _spelled(text: str) -> tuple[bytes, bytes]:
    """The attribute that keeps blanks at either end of a text, if it has some, and its XML."""
    xml = escape(text).encode()
    return b' xml:space="preserve"' if xml.strip() != xml else b"", xml


def _style(number: int) -> bytes:
    return b' s="%d"' % number if number else b""


def _all_whole(values: np.ndarray) -> bool:
    """Whether all are whole and not too large, row by row: the first row settles it for most."""
    lines = values.T if values.shape[1] == 1 else values
    return all(
        np.array_equal(line, np.rint(line)) and np.abs(line).max(initial=0) < LARGEST_WHOLE
        for line in lines
    )


class _Names:
    """Cells with their names: a format string per column count, filled with row and numbers."""

    def __init__(self, col: int, count: int, style: bytes) -> None:
        self._parts = [
            b'<c r="%s\0"%s><v>%%b</v></c>' % (column_name(col + i).encode(), style)
            for i in range(count)
        ]
        self._whole = b"".join(self._parts)

    def cells(self, row: int, texts: Sequence[bytes], first: int) -> bytes:
        """One row; `first` leading columns are left out."""
        form = b"".join(self._parts[first:]) if first else self._whole
        return form.replace(b"\0", b"%d" % (row + 1)) % tuple(texts)
