"""What stands around the cells of a file that no other program has saved, byte for byte.

The same workbook gives the same bytes, so its parts are written anew without what the cells hold
and compared: styles, charts, drawings, views, what stands in front of the rows of each sheet and
behind them, and the tags of rows and cells. What the cells hold is compared elsewhere.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

import numpy as np

from sheetgpt.book import Book, Sheet
from sheetgpt.book.area import Area, cell_name
from sheetgpt.book.grid import Patch, PatchGrid
from sheetgpt.book.look import Look
from sheetgpt.layout.properties import properties
from sheetgpt.verification.finding import Comparison
from sheetgpt.xlsx.origin import CORE, XLSXWRITER
from sheetgpt.xlsx.splice import STRINGS
from sheetgpt.xlsx.write import sheet_part, write_bare

#: Parts that list all tabs, or number the styles of all: a tab of a reader's own changes them.
_OF_ALL_TABS = re.compile(r"\[Content_Types\]\.xml|_rels/.*|xl/[^/]*\.xml|xl/_rels/.*|docProps/.*")
#: The style of equations, in which parts of a text are raised or lowered.
EQUATION = "equation"
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
#: Bytes of a sheet from which on its rows are not looked at here: only tables of weights are so
#: large, which have nothing but numbers.
LARGE = 1 << 26
#: Of a sheet and its rows, what tells no more than which cells there are.
_EXTENT = re.compile(rb'<dimension ref="[A-Z0-9:]*"/>')
_MADE = re.compile(rb' spans="[0-9:]*"| x14ac:dyDescent="0\.25"')
_ROW = re.compile(rb'<row r="(\d+)"([^>]*)>')
#: The beginning of a cell, and what follows up to its end.
_CELL = re.compile(rb'<c r="([A-Z]+[0-9]+)"')
_REST = re.compile(rb"[^>]*?(?:/>|>.*?</c>)", re.DOTALL)
#: The tags of cells as they are written here, whatever the cells hold; all others are odd.
_ODD_TAG = re.compile(
    rb"<(?!/?v>|/c>|"
    rb'c(?: r="[A-Z]+\d+")?(?: s="\d+")?(?: t="(?:s|str|b|e)")?/?>|'
    rb'f>|f t="array" ref="[A-Z0-9:]+">|/f>|/?row[ >]|v xml:space="preserve">)[^>]*>?'
)
#: A text of the table as it is written here, without looks of its own.
_PLAIN_TEXT = re.compile(rb'<si><t(?: xml:space="preserve")?>[^<]*</t></si>|<si><t/></si>')
_TEXT = re.compile(rb"<si>.*?</si>", re.DOTALL)
_SPACED = re.compile(rb"<t>(?:\s|[^<]*\s</t>)")


@dataclass(frozen=True)
class _Typed:
    """What a reader has typed: cells by the part of their tab, and texts."""

    cells: Mapping[str, list[str]]
    texts: Collection[str]


def compare_frame(
    result: Comparison,
    path: Path,
    book: Book,
    plan: Book,
    own_tabs: Collection[str],
    inputs: Iterable[Area] = (),
) -> str | None:
    """Compare what is around the cells of the file at `path`, whose content is `book`.

    With tabs of a reader's own, only what belongs to one of the others is compared. What is typed
    into `inputs` may be written in any way. Returns a sentence where nothing can be compared, as
    another XlsxWriter has written the file.
    """
    typed = _typed(book, plan, inputs)
    with TemporaryDirectory(prefix="sheetgpt-") as folder:
        bare = Path(folder) / "bare.xlsx"
        write_bare(_without_content(plan, book), bare, *properties(plan))
        with ZipFile(path) as file, ZipFile(bare) as wanted:
            if (writer := _other_writer(file)) is not None:
                return (
                    f"The file was written with {writer}, and this is {XLSXWRITER}: what stands "
                    "around its cells was not compared."
                )
            there, due = ({*archive.namelist()} for archive in (file, wanted))
            for name in sorted(there | due):
                if own_tabs and name != STRINGS and _OF_ALL_TABS.fullmatch(name):
                    continue
                if name in there and name in due:
                    _compare_part(result, name, file, wanted, typed)
                elif name in due:
                    result.differ(name, "nothing", "this part")
                elif not own_tabs:
                    result.differ(name, "a part that sheetgpt does not write", "nothing")
    return None


def _typed(book: Book, plan: Book, inputs: Iterable[Area]) -> _Typed:
    cells: dict[str, list[str]] = defaultdict(list)
    texts: set[str] = set()
    tabs = [*plan.sheets]
    for area in inputs:
        texts |= {str(value) for value in book.get(area).flat}
        places = np.ndindex(area.rows, area.cols)
        cells[sheet_part(tabs.index(area.sheet) + 1)] += [
            cell_name(area.row + row, area.col + col) for row, col in places
        ]
    return _Typed(cells, texts)


def _other_writer(file: ZipFile) -> str | None:
    """The XlsxWriter that a file says has written it, if that is not the one here."""
    said = file.read(CORE) if CORE in file.namelist() else b""
    found = re.search(rb", sheetgpt [^<,]*, (XlsxWriter [^<,]*)</cp:keywords>", said)
    writer = found[1].decode("utf-8", "replace") if found else None
    return None if writer == XLSXWRITER else writer


def _without_content(plan: Book, book: Book) -> Book:
    """The plan without its content, but for equations, whose looks are written with them.

    The cells that charts show have what is in the file, of which a chart keeps a copy.
    """
    texts = {
        name: _told(sheet, plan.looks.get(name, Look())) for name, sheet in plan.sheets.items()
    }
    numbers: dict[str, list[Patch]] = {name: [] for name in plan.sheets}
    charts = (chart for look in plan.looks.values() for chart in look.charts)
    for series in (series for chart in charts for series in chart.series):
        for area in filter(None, (series.categories, series.values, series.label)):
            shown = book.get(area)
            for (row, col), value in np.ndenumerate(shown):
                if isinstance(value, str):
                    texts[area.sheet][area.row + row, area.col + col] = value
            patch = np.vectorize(_number, otypes=[float])(shown)
            numbers[area.sheet].append(Patch(area.row, area.col, patch))
    shapes = ((name, sheet.numbers.shape) for name, sheet in plan.sheets.items())
    sheets = {
        name: Sheet(name, PatchGrid(rows, cols, numbers[name]), texts[name])
        for name, (rows, cols) in shapes
    }
    return replace(plan, sheets=sheets)


def _told(sheet: Sheet, look: Look) -> dict[tuple[int, int], str | bool]:
    """The texts of a sheet that its frame tells too: equations, and the words of links."""
    places = {
        (row + down, col + right)
        for row, col, rows, cols, style in look.styles
        if style == EQUATION
        for down, right in np.ndindex(rows, cols)
    }
    places |= look.links.keys()
    return {place: sheet.others[place] for place in places & sheet.others.keys()}


def _number(value: float | bool | str | None) -> float:
    return np.nan if value is None or isinstance(value, str) else float(value)


def _compare_part(
    result: Comparison, name: str, file: ZipFile, wanted: ZipFile, typed: _Typed
) -> None:
    if name == STRINGS:
        _compare_texts(result, file.read(name), wanted.read(name), typed.texts)
    elif not _SHEET.fullmatch(name):
        _compare(result, name, file.read(name), wanted.read(name))
    elif file.getinfo(name).file_size < LARGE:
        cells = typed.cells.get(name, [])
        _compare_sheet(result, name, file.read(name), wanted.read(name), cells)


def _compare(result: Comparison, where: str, found: bytes, wanted: bytes) -> None:
    if found == wanted:
        result.agree()
    else:
        result.differ(where, *_apart(found, wanted))


def _compare_texts(result: Comparison, found: bytes, wanted: bytes, typed: Collection[str]) -> None:
    """Texts in several fonts must be among those that are wanted; others have no looks at all."""
    known = {*_TEXT.findall(wanted)}
    for item in _TEXT.findall(found):
        plain = _PLAIN_TEXT.fullmatch(item) and not _SPACED.search(item)
        if not plain and item not in known and _words(item) not in typed:
            shown = item[:100].decode("utf-8", "replace")
            result.differ(f"a text in {STRINGS}", shown, "a plain one")


def _words(item: bytes) -> str:
    """The text of an item of the table, without its looks."""
    parts = re.findall(rb"<t[^>]*>([^<]*)</t>", item)
    return unescape(b"".join(parts).decode("utf-8", "replace"))


def _compare_sheet(
    result: Comparison, name: str, found: bytes, wanted: bytes, typed: Iterable[str]
) -> None:
    (head, rows, tail), (due_head, due_rows, due_tail) = map(_pieces, (found, wanted))
    _compare(result, f"{name}, in front of its rows", head, due_head)
    _compare(result, f"{name}, behind its rows", tail, due_tail)
    tags, due = _row_tags(rows), _row_tags(due_rows)
    for number in sorted(tags.keys() | due.keys(), key=int):
        if tags.get(number) != due.get(number):
            said, wanted_said = (held.get(number, b"nothing").decode() for held in (tags, due))
            result.differ(f"{name}, row {number.decode()}", said, wanted_said)
    if odd := _ODD_TAG.search(_without(rows, {cell.encode() for cell in typed})):
        shown = odd[0][:60].decode("utf-8", "replace")
        result.differ(f"{name}, in its rows", shown, "tags that sheetgpt writes")


def _without(rows: bytes, cells: Collection[bytes]) -> bytes:
    """Rows without these cells, all in one go: the lessons have 38,000 to type into."""
    if not cells:
        return rows  # as on most tabs
    kept, end = [], 0
    for cell in _CELL.finditer(rows):
        if cell.start() >= end and cell[1] in cells and (rest := _REST.match(rows, cell.end())):
            kept.append(rows[end : cell.start()])
            end = rest.end()
    return b"".join([*kept, rows[end:]])


def _pieces(sheet: bytes) -> tuple[bytes, bytes, bytes]:
    """What stands in front of the rows of a sheet, the rows, and what stands behind them."""
    head, _, rest = sheet.partition(b"<sheetData")
    rows, end, tail = rest.rpartition(b"</sheetData>")
    return _EXTENT.sub(b"", head), rows if end else b"", tail if end else rest


def _row_tags(rows: bytes) -> dict[bytes, bytes]:
    """What rows say of themselves beside their number, by number, where they say anything."""
    tags = ((row[1], _MADE.sub(b"", row[2]).rstrip(b"/")) for row in _ROW.finditer(rows))
    return {number: said for number, said in tags if said}


def _apart(found: bytes, wanted: bytes) -> tuple[str, str]:
    """The first place where two pieces differ, of both."""
    ends = zip(found, wanted, strict=False)
    at = next((i for i, (a, b) in enumerate(ends) if a != b), min(len(found), len(wanted)))
    start = max(0, at - 20)
    words = (x[start : at + 40].decode("utf-8", "replace") for x in (found, wanted))
    one, other = (text or "nothing" for text in words)
    return one, other
