"""Render blocks of numbers or texts as cells of sheet XML, many at a time.

orjson writes the shortest text of a whole row of float32 or float64 at once; the commas between
the numbers then become the tags between the cells.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape
from zipfile import ZipFile

import numpy as np
import orjson

from sheetgpt.book import cell_name, column_name

_DUMP = orjson.OPT_SERIALIZE_NUMPY


@dataclass(frozen=True)
class Bulk:
    """Values (rows, cols) whose first cell is (row, col), all in one style.

    They are numbers, or an object array of texts that are the values of formulas. `style` is the
    index of a cell format in the workbook, 0 for none. With `skip_first` the first cell of all is
    somebody else's.
    """

    row: int
    col: int
    values: np.ndarray
    style: int = 0
    skip_first: bool = False


def render_rows(bulk: Bulk, refs: bool) -> Iterator[tuple[int, int, bytes]]:
    """(row, first column, cells) for every row of a block.

    With `refs` every cell carries its name, which IronCalc, Gnumeric and ExcelJS need; without,
    only the first of a row does and the others follow it.
    """
    style = b' s="%d"' % bulk.style if bulk.style else b""
    values = bulk.values
    if values.dtype == object:
        yield from _render_texts(bulk, style)
        return
    if values.dtype == np.float64 and _all_whole(values):
        values = values.astype(np.int64)  # 3 and not 3.0
    names = _Names(bulk.col, values.shape[1], style) if refs else None
    for i in range(len(values)):
        first = 1 if bulk.skip_first and i == 0 else 0
        row, col = bulk.row + i, bulk.col + first
        line = np.ascontiguousarray(values[i, first:])
        if not line.size:
            continue
        text = orjson.dumps(line, option=_DUMP)[1:-1]
        if names is not None:
            yield row, col, names.cells(row, text.split(b","), first)
        else:
            head = b'<c r="%s"%s><v>' % (cell_name(row, col).encode(), style)
            middle = b"</v></c><c%s><v>" % style
            yield row, col, head + text.replace(b",", middle) + b"</v></c>"


def _all_whole(values: np.ndarray) -> bool:
    """Whether all numbers are whole, row by row: the first row settles it for most."""
    return all(np.array_equal(row, np.rint(row)) for row in values)


def _render_texts(bulk: Bulk, style: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Texts as values of formulas (type "str"), each cell with its name: there are few."""
    for r, texts in enumerate(bulk.values):
        cells = [
            b'<c r="%s"%s t="str"><v xml:space="preserve">%s</v></c>'
            % (cell_name(bulk.row + r, bulk.col + c).encode(), style, escape(text).encode())
            for c, text in enumerate(texts)
            if not (bulk.skip_first and r == c == 0)
        ]
        if cells:
            first = 1 if bulk.skip_first and r == 0 else 0
            yield bulk.row + r, bulk.col + first, b"".join(cells)


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
