"""Put blocks of numbers into the sheets of a workbook that XlsxWriter has written without them.

XlsxWriter makes the workbook, its styles and every cell that is not in bulk. Here the rows of its
sheets and the rendered rows of the blocks are merged, in the order of rows and columns.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from sheetgpt.book import Area, column_index
from sheetgpt.errors import WorkbookError
from sheetgpt.workbook.bulk import Bulk, render_rows
from sheetgpt.workbook.parts import add_part, copy_part

_ROW = re.compile(rb'<row r="(\d+)"([^>]*?)(?:/>|>(.*?)</row>)', re.DOTALL)
_CELL = re.compile(rb'<c r="([A-Z]+)\d+".*?(?:/>|</c>)', re.DOTALL)
_SPANS = re.compile(rb' spans="[^"]*"')
_DIMENSION = re.compile(rb'<dimension ref="[^"]*"/>')
_ARRAY = re.compile(rb'(<f t="array" ref=")([A-Z]+\d+)"')
#: A formula whose value is the empty text: XlsxWriter does not say that it is a text.
_EMPTY_TEXT = re.compile(rb'(<c r="[A-Z]+\d+"(?: s="\d+")?)>(<f[^>]*>[^<]*</f>)<v></v>')
_NO_DATA, _DATA = b"<sheetData/>", (b"<sheetData>", b"</sheetData>")
#: The table of shared strings and the cell formats, which the parts of a workbook refer to.
STRINGS, STYLES = "xl/sharedStrings.xml", "xl/styles.xml"
#: Sheets with at most this many cells in bulk are always compressed well.
LARGE = 500_000
#: Pieces of XML are handed to the compressor in portions of about this many bytes.
_PORTION = 1 << 20

#: (row, first column, XML of the cells from there on)
Segment = tuple[int, int, bytes]
#: The same, or a whole row of XlsxWriter's as a match of `_ROW`.
Item = tuple[int, int, bytes | re.Match[bytes]]


@dataclass
class Additions:
    """What one sheet still lacks: blocks of numbers, and the true extents of array formulas.

    `arrays` maps the first cell of an array formula, such as `D7`, to its whole range `D7:BO7`.
    """

    extent: Area
    blocks: list[Bulk] = field(default_factory=list)
    arrays: dict[bytes, bytes] = field(default_factory=dict)

    @property
    def large(self) -> bool:
        """Whether there is so much to compress that its speed matters."""
        return sum(block.values.size for block in self.blocks) > LARGE


def splice(
    source: Path,
    target: Path,
    additions: Mapping[str, Additions],
    compression: str,
    refs: bool,
) -> None:
    """Write `target`: the workbook `source` with additions by part (`xl/worksheets/sheet1.xml`).

    `refs` gives every cell in bulk its name. Raises CapacityError for a part over 4 GiB.
    """
    with ZipFile(source) as old, ZipFile(target, "w", ZIP_DEFLATED) as new:
        for member in old.infolist():
            added = additions.get(member.filename)
            if added is None:
                copy_part(old, member, new)
            else:
                pieces = _portions(merge_sheet(old.read(member), added, refs))
                how = compression if added.large else "small"
                add_part(new, member.filename, pieces, how)


def take_parts(bare: Path, source: Path, parts: Container[str]) -> None:
    """Replace parts of the workbook `bare` by those of `source`, a workbook of the same plan.

    Raises WorkbookError if the plans differ: the parts would not fit together.
    """
    unfinished = bare.with_name(bare.name + ".taken")
    with ZipFile(bare) as new, ZipFile(source) as old, ZipFile(unfinished, "w") as out:
        known = {member.filename for member in old.infolist()}
        for member in new.infolist():
            name = member.filename
            if name not in known or (name == STYLES and new.read(name) != old.read(name)):
                raise WorkbookError(
                    f"{source} was not written by this version of sheetgpt, or was saved by "
                    "another program since; build it again."
                )
            if name in parts:
                copy_part(old, old.getinfo(name), out)
            else:
                copy_part(new, member, out)
    unfinished.replace(bare)


def merge_sheet(xml: bytes, added: Additions, refs: bool) -> Iterator[bytes]:
    """The XML of a sheet with its additions, piece by piece."""
    begin, end = _DATA
    if _NO_DATA in xml:
        head, tail = xml.split(_NO_DATA)
        rows = b""
    else:
        head, rest = xml.split(begin, 1)
        rows, tail = rest.split(end, 1)
    dimension = b'<dimension ref="%s"/>' % added.extent.a1().encode()
    yield _DIMENSION.sub(dimension, head, count=1)
    yield begin
    yield from _merge_rows(rows, added, refs)
    yield end
    yield tail


def _merge_rows(rows: bytes, added: Additions, refs: bool) -> Iterator[bytes]:
    """Every row once: XlsxWriter's cells and those in bulk, each row's cells by column."""
    own: Iterator[Item] = ((int(m[1]) - 1, -1, m) for m in _ROW.finditer(rows))
    bulk: list[Iterator[Item]] = [render_rows(block, refs) for block in added.blocks]
    merged = heapq.merge(own, *bulk, key=itemgetter(0, 1))
    for row, group in groupby(merged, key=itemgetter(0)):
        segments: list[Segment] = []
        attributes = b""
        for _, col, item in group:
            if isinstance(item, bytes):
                segments.append((row, col, item))
            else:
                attributes = _SPANS.sub(b"", item[2])
                own_cells = item[3] or b""
                segments += _own_cells(row, own_cells, added.arrays, whole=not added.blocks)
        segments.sort(key=itemgetter(1))
        cells = b"".join(cells for _, _, cells in segments)
        yield b'<row r="%d"%s>%s</row>' % (row + 1, attributes, cells)


def _own_cells(
    row: int, cells: bytes, arrays: Mapping[bytes, bytes], whole: bool
) -> Sequence[Segment]:
    """XlsxWriter's cells of a row, one segment each so that blocks can stand between them."""
    cells = _ARRAY.sub(lambda match: b'%s%s"' % (match[1], arrays[match[2]]), cells)
    cells = _EMPTY_TEXT.sub(rb'\1 t="str">\2<v></v>', cells)
    if whole:
        return [(row, 0, cells)]
    return [(row, column_index(match[1].decode()), match[0]) for match in _CELL.finditer(cells)]


def _portions(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Join small pieces: a call of the compressor for each would cost more than its work."""
    waiting: list[bytes] = []
    size = 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= _PORTION:
            yield b"".join(waiting)
            waiting, size = [], 0
    yield b"".join(waiting)
