"""How the tabs of an .xlsx file look, sheet part by sheet part."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO, Any
from xml.etree import ElementTree

from sheetgpt.book.area import column_index
from sheetgpt.book.references import classify
from sheetgpt.errors import WorkbookError
from sheetgpt.page.formats import Format, colour

Element = ElementTree.Element
#: Bytes of XML that are looked at together.
PIECE = 1 << 22
#: More equal cells than this at the end of a row are not looked at one by one.
MANY = 8
#: Rows of at most so many cells are taken apart at once.
FEW = 256
DEFAULT_WIDTH, DEFAULT_HEIGHT = 8.43, 15.0
#: What a link has that leads to another file.
OUTSIDE = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"

_DATA = re.compile(rb"<(\w+:)?sheetData\s*(/?)>")
_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*)>")
_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*)>(?:<(?:\w+:)?v>(\d+)</)?")
#: The name and style of a cell as most programs write them, and the number of its shared text.
_SPELLED = re.compile(
    rb'<(?:\w+:)?c r="([A-Z]+)\d+"(?: s="(\d+)")?'
    rb'(?: t="s"[^>]*><(?:\w+:)?v>(?=(\d+)<)| t="\w+"/?>|/?>)'
)
_NUMBER = re.compile(rb'\sr="(\d+)"')
_NAME = re.compile(rb'\sr="([A-Z]+)\d+"')
_STYLE = re.compile(rb'\ss="(\d+)"')
_HEIGHT = re.compile(rb'\sht="([\d.]+)"')

Rectangle = list[int]
"""First row, first column, last row and last column, from 0."""


def tab_look(
    stream: IO[bytes], path: str, rich: dict[int, Any], changes: list[Format]
) -> dict[str, Any]:
    """The look of one sheet, from its part.

    `rich` are the shared strings with formats, by number; `changes` those of conditional formats.
    """
    rows = _Rows(rich)
    frame = ElementTree.fromstring(_frame(stream, rows, path))
    look: dict[str, Any] = {"styles": rows.rectangles(), "rich": rows.rich_cells}
    look["heights"] = rows.heights
    look["widths"], default = _widths(frame)
    if default is not None:
        look["width"] = default
    properties = frame.find("{*}sheetPr")
    tab = colour(None if properties is None else properties.find("{*}tabColor"))
    if tab:
        look["tab"] = tab
    view = frame.find("{*}sheetViews/{*}sheetView")
    if view is not None:
        look |= _view(view)
    look["merged"] = [corner for m in frame.iterfind("{*}mergeCells/{*}mergeCell")
                      for corner in _corners(m.get("ref", "A1"))]  # fmt: skip
    look["links"] = [
        item
        for link in frame.iterfind("{*}hyperlinks/{*}hyperlink")
        if link.get("location") and link.get(OUTSIDE) is None
        for item in (*_corners(link.get("ref", "A1"))[:2], link.get("location"))
    ]
    look["rules"] = sorted(_rules(frame, changes), key=lambda rule: int(rule["priority"]))
    look["entries"] = [_entry(e) for e in frame.iterfind("{*}dataValidations/{*}dataValidation")]
    return {key: value for key, value in look.items() if value not in ([], {})}


def _frame(stream: IO[bytes], rows: _Rows, path: str) -> bytes:
    """Everything of the part but its rows, which are handed on."""
    rest, head = b"", None
    while piece := stream.read(PIECE):
        rest += piece
        if head is None:
            if (found := _DATA.search(rest)) is None:
                continue
            head, rest = rest[: found.start()], rest[found.end() :]
            rows.prefix = found[1] or b""
            if found[2]:
                return head + rest + stream.read()
        *lines, rest = rest.split(b"</" + rows.prefix + b"row>")
        for line in lines:
            rows.add(line)
    if head is None:
        raise WorkbookError(f"{path} is damaged: a sheet has no cells part.")
    end = re.search(rb"</(?:\w+:)?sheetData>", rest)
    return head + (rest[end.end() :] if end else rest)


class _Rows:
    """Styles, heights and formatted texts of rows of XML."""

    def __init__(self, rich: dict[int, Any]) -> None:
        self._rich, self._row = rich, -1
        self.prefix = b""  # of the names of elements
        self._open: dict[tuple[int, int, int], int] = {}  # column, count, style: its first row
        self._closed: list[tuple[int, int, int, int, int]] = []
        self._after = 0  # the row after the last one
        self.heights: dict[int, float] = {}
        self.rich_cells: list[Any] = []

    def add(self, line: bytes) -> None:
        """One row without its end tag, maybe after rows without cells."""
        heads = list(self._heads(line))
        for head in heads:
            number = _NUMBER.search(head[1])
            row = int(number[1]) - 1 if number else self._row + 1
            if height := _HEIGHT.search(head[1]):
                self.heights[row] = float(height[1])
            self._row = row
        if heads:
            self._runs(self._row, dict(self._cells(line, heads[-1].end())))

    def _heads(self, line: bytes) -> Iterator[re.Match[bytes]]:
        """The start tags of rows, which stand before the first cell: most of a line is numbers."""
        name, cell = b"<" + self.prefix + b"row", b"<" + self.prefix + b"c"
        end = line.find(cell) if cell in line else len(line)
        at = line.find(name, 0, end)
        while at >= 0:
            if head := _ROW.match(line, at):
                yield head
            at = line.find(name, at + 1, end)

    def _cells(self, line: bytes, at: int) -> Iterator[tuple[tuple[int, int, int], None]]:
        """Runs of cells of one style: column, count and style."""
        start, end, last = 0, 0, 0
        for place, count, style in self._pieces(line, at):
            if place != end or style != last:
                if last:
                    yield (start, end - start, last), None
                start, last = place, style
            end = place + count
        if last:
            yield (start, end - start, last), None

    def _pieces(self, line: bytes, at: int) -> Iterator[tuple[int, int, int]]:
        """Column, count and style of cells next to each other, often of one; in order."""
        begin = b"<" + self.prefix + b"c"
        # Cells without style and name: most numbers of a large model, and none of a small one.
        bare = [name for name in (begin + b">", begin + b"/>") if name in line]
        begin += b" "
        left = 0 if bare else line.count(begin, at)
        if 0 < left <= FEW and len(cells := _SPELLED.findall(line, at)) == left:
            for name, style, shared in cells:
                place = column_index(name.decode())
                if shared:
                    self._note(place, shared)
                yield place, 1, int(style or 0)
            return
        col, tried = 0, -1
        # One byte is found much faster than three, and numbers without styles have no spaces.
        while line.find(b" ", at) >= 0 and (following := line.find(begin, at)) >= 0:
            if bare and (count := sum(line.count(name, at, following) for name in bare)):
                yield col, count, 0
                col += count
            if (cell := _CELL.match(line, following)) is None:
                break
            named, styled = _NAME.search(cell[1]), _STYLE.search(cell[1])
            place = column_index(named[1].decode()) if named else col
            number = int(styled[1]) if styled else 0
            if cell[2] and b't="s"' in cell[1]:
                self._note(place, cell[2])
            yield place, 1, number
            col, at = place + 1, cell.end()
            if number != tried and styled is not None:
                tried = number
                left = 0 if any(line.find(x, at) >= 0 for x in bare) else line.count(begin, at)
                same = left > MANY and line.count(b' s="%d"' % number, at) == left
                if same and b't="s"' not in line[at:]:
                    final = _NAME.search(line, line.rindex(begin))
                    if final is None or column_index(final[1].decode()) == place + left:
                        yield col, left, number
                        break

    def _note(self, col: int, shared: bytes) -> None:
        """Takes in a cell whose text, the number of a shared one, may have formats."""
        if runs := self._rich.get(int(shared)):
            self.rich_cells += [self._row, col, runs]

    def _runs(self, row: int, runs: dict[tuple[int, int, int], None]) -> None:
        for run in [run for run in self._open if run not in runs or row != self._after]:
            self._close(run)
        for run in runs:
            self._open.setdefault(run, row)
        self._after = row + 1

    def _close(self, run: tuple[int, int, int]) -> None:
        first = self._open.pop(run)
        col, count, style = run
        self._closed.append((first, col, self._after - first, count, style))

    def rectangles(self) -> list[int]:
        """Row, column, rows, columns and style of each rectangle, one after the other."""
        for run in list(self._open):
            self._close(run)
        return [number for rectangle in sorted(self._closed) for number in rectangle]


def _corners(text: str) -> Rectangle:
    place = classify(text.replace("$", "")).place
    if place is None:
        return [0, 0, 0, 0]
    return [place.row, place.col, place.last_row, place.last_col]


def _widths(frame: Element) -> tuple[dict[int, float], float | None]:
    """Widths of columns in characters; the one of most columns as the default."""
    widths: dict[int, float] = {}
    for col in frame.iterfind("{*}cols/{*}col"):
        if width := col.get("width"):
            first, last = int(col.get("min", "1")) - 1, int(col.get("max", "1"))
            widths |= dict.fromkeys(range(first, last), round(float(width), 2))
    if not widths:
        return {}, None
    common = max(set(widths.values()), key=list(widths.values()).count)
    return {col: width for col, width in widths.items() if width != common}, common


def _view(view: Element) -> dict[str, Any]:
    look: dict[str, Any] = {}
    pane = view.find("{*}pane")
    if pane is not None and pane.get("state") == "frozen":
        sizes = [int(float(pane.get(axis, "0"))) for axis in ("ySplit", "xSplit")]
        look["frozen"] = sizes
    if (zoom := int(view.get("zoomScale", "100"))) != 100:
        look["zoom"] = zoom
    if view.get("showGridLines") not in ("0", "false"):
        look["grid"] = 1
    return look


def _rules(frame: Element, changes: list[Format]) -> Iterator[dict[str, Any]]:
    """Conditional formats; formulas are as seen from the first cell, `at`."""
    for block in frame.iterfind("{*}conditionalFormatting"):
        areas = [_corners(part) for part in block.get("sqref", "").split()]
        at = [min(area[axis] for area in areas) for axis in (0, 1)]
        for rule in block.iterfind("{*}cfRule"):
            item: dict[str, Any] = {
                "kind": rule.get("type"), "priority": int(rule.get("priority", "0")),
                "areas": [number for area in areas for number in area], "at": at,
            }  # fmt: skip
            if (change := rule.get("dxfId")) is not None:
                item["look"] = changes[int(change)]
            if rule.get("stopIfTrue") in ("1", "true"):
                item["stop"] = 1
            if operator := rule.get("operator"):
                item["operator"] = operator
            if formulas := [f.text or "" for f in rule.iterfind("{*}formula")]:
                item["formulas"] = formulas
            scale = rule.find(f"{{*}}{item['kind']}")
            if scale is not None:
                item["stops"] = [
                    [stop.get("type"), stop.get("val", "")] for stop in scale.iterfind("{*}cfvo")
                ]
                item["colors"] = [colour(color) for color in scale.iterfind("{*}color")]
            yield item


def _entry(element: Element) -> dict[str, Any]:
    """What may be typed into cells, and the words that help with it."""
    areas = [_corners(part) for part in element.get("sqref", "").split()]
    names = {"promptTitle": "title", "prompt": "note", "error": "problem", "operator": "operator"}
    item: dict[str, Any] = {new: element.get(old) for old, new in names.items() if element.get(old)}
    item["kind"] = element.get("type", "none")
    item["areas"] = [number for area in areas for number in area]
    limits = [element.find(f"{{*}}formula{i}") for i in (1, 2)]
    item["limits"] = [limit.text for limit in limits if limit is not None and limit.text]
    return item
