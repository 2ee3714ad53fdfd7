"""Put cells into the sheets of a workbook that XlsxWriter has written without most of them.

XlsxWriter makes the workbook, its styles, the table of texts, and cells that are blank or a link.
Here the rows of its sheets and the rendered cells are merged, in the order of rows and columns.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from sheetgpt.book.area import Area, column_index
from sheetgpt.book.grid import forget_pages
from sheetgpt.errors import WorkbookError
from sheetgpt.xlsx.bulk import Bulk, Segment, render_numbers
from sheetgpt.xlsx.members import PartWriter, copy_part, new_archive
from sheetgpt.xlsx.patch import strings_without

_ROW = re.compile(rb'<row r="(\d+)"([^>]*?)(?:/>|>(.*?)</row>)', re.DOTALL)
_CELL = re.compile(rb'<c r="([A-Z]+)\d+".*?(?:/>|</c>)', re.DOTALL)
_SPANS = re.compile(rb' spans="[^"]*"')
_DIMENSION = re.compile(rb'<dimension ref="[^"]*"/>')
_NO_DATA, _DATA = b"<sheetData/>", (b"<sheetData>", b"</sheetData>")
#: The table of shared strings, which the sheets refer to.
STRINGS = "xl/sharedStrings.xml"
#: Parts that differ if another program or version has written them: the cell formats, which the
#: sheets refer to, and the properties, which name model and version.
SAME = ("xl/styles.xml", "docProps/core.xml")
#: Pieces of XML are handed to the compressor in portions of about this many bytes.
_PORTION = 1 << 21


@dataclass
class Additions:
    """What one sheet still lacks: rendered cells, and blocks of numbers to render.

    `cell_refs` gives every cell of the blocks its name.
    """

    extent: Area
    cells: list[Segment]
    blocks: list[Bulk]
    cell_refs: bool


def splice(
    source: Path,
    target: Path,
    additions: Mapping[str, Additions],
    compression: str,
    kept: tuple[Path, Container[str]] | None = None,
) -> None:
    """Write `target`: the workbook `source` with additions by part (`xl/worksheets/sheet1.xml`).

    `kept` is another workbook, and the parts that are copied from there as they are. Raises
    CapacityError for a part over 4 GiB.
    """
    with ExitStack() as files:
        old = files.enter_context(ZipFile(source))
        other = files.enter_context(ZipFile(kept[0])) if kept else None
        new = files.enter_context(PartWriter(files.enter_context(new_archive(target))))
        for member in old.infolist():
            name = member.filename
            added = additions.get(name)
            if kept and other and name in kept[1]:
                new.copy(other, other.getinfo(name))
            elif added is None:
                new.copy(old, member)
            else:
                new.add(name, _portions(merge_sheet(old.read(member), added)), compression)
                for block in added.blocks:
                    forget_pages(block.values)


def require_alike(bare: Path, source: Path) -> None:
    """Raise WorkbookError unless parts of `source` fit into the workbook `bare`."""
    with ZipFile(bare) as new, ZipFile(source) as old:
        known = {member.filename for member in old.infolist()}
        for name in new.namelist():
            if name not in known or (name in SAME and new.read(name) != old.read(name)):
                raise WorkbookError(
                    f"{source} was not written by this version of sheetgpt, or was saved by "
                    "another program since; build it again."
                )


def take_strings(bare: Path, source: Path, prompt: Area | None) -> None:
    """Give the workbook `bare` the shared strings of `source`, a workbook of the same plan.

    The text in the cell `prompt` is not taken: nothing of it shall stay.
    """
    unfinished = bare.with_name(bare.name + ".taken")
    try:
        with ZipFile(bare) as new, ZipFile(source) as old, ZipFile(unfinished, "w") as out:
            for member in new.infolist():
                if member.filename != STRINGS:
                    copy_part(new, member, out)
                elif prompt is not None:
                    out.writestr(member, strings_without(old, prompt), ZIP_DEFLATED)
                else:
                    copy_part(old, old.getinfo(STRINGS), out)
        unfinished.replace(bare)
    finally:
        unfinished.unlink(missing_ok=True)


def merge_sheet(xml: bytes, added: Additions) -> Iterator[bytes]:
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
    yield from _merge_rows(rows, added)
    yield end
    yield tail


def _merge_rows(rows: bytes, added: Additions) -> Iterator[bytes]:
    """Every row once: XlsxWriter's cells and the additions, each row's cells by column.

    Where both have a cell, as where a number is a link, the addition stays.
    """
    own = {int(found[1]) - 1: found for found in _ROW.finditer(rows)}
    # Each of XlsxWriter's rows begins with a segment of nothing: some have no additions.
    cells = [*added.cells, *((row, -1, b"") for row in own)]
    cells.sort(key=itemgetter(0, 1))
    blocks = [render_numbers(block, added.cell_refs) for block in added.blocks]
    ordered = heapq.merge(cells, *blocks, key=itemgetter(0, 1)) if blocks else cells
    for row, group in groupby(ordered, key=itemgetter(0)):
        if row in own:
            yield _row(row, [*group][1:], own[row])
        else:
            yield b'<row r="%d">%s</row>' % (row + 1, b"".join([xml for _, _, xml in group]))


def _row(row: int, segments: list[Segment], own: re.Match[bytes]) -> bytes:
    """One row of additions, which are in order of columns, and of XlsxWriter's cells."""
    others = [*_beside([*_own_cells(row, own[3] or b"")], segments)]
    if others:
        segments = sorted(segments + others, key=itemgetter(1))
    line = b"".join([xml for _, _, xml in segments])
    return b'<row r="%d"%s>%s</row>' % (row + 1, _SPANS.sub(b"", own[2]), line)


def _own_cells(row: int, cells: bytes) -> Iterator[Segment]:
    """XlsxWriter's cells of a row, one segment each so that others can stand between them."""
    for match in _CELL.finditer(cells):
        yield row, column_index(match[1].decode()), match[0]


def _beside(cells: list[Segment], segments: list[Segment]) -> Iterator[Segment]:
    """The single cells of a row that lie in no segment; both are in order of columns."""
    at, end = 0, 0
    for cell in cells:
        while at < len(segments) and segments[at][1] <= cell[1]:
            at, end = at + 1, -1  # where it ends is counted only if a cell comes behind it
        if end < 0:
            _, col, xml = segments[at - 1]
            end = col + xml.count(b"<c ") + xml.count(b"<c>")
        if cell[1] >= end:
            yield cell


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
