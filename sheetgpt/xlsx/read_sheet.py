"""One sheet's part of an .xlsx file into a Sheet.

Most cells of a workbook are plain numbers side by side: weights, and the results of array
formulas. So there are three ways in. The run of plain numbers at the end of a row is cut out of the
bytes and parsed in bulk. The cells before it are taken as they are if they have the form in which
sheetgpt and most programs write them; this takes a third of the time of the XML parser, to which
all other rows go. The part is read in pieces and never held as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import IO, NoReturn
from xml.etree import ElementTree

import numpy as np

from sheetgpt.book import MAX_COLUMNS, CellError, Formula, Sheet
from sheetgpt.book.area import cell_name, column_index
from sheetgpt.book.decimals import as_written, shortest
from sheetgpt.book.grid import Patch, PatchGrid
from sheetgpt.book.references import classify, move
from sheetgpt.errors import WorkbookError
from sheetgpt.xlsx.read_row import known_cells, plain_end
from sheetgpt.xlsx.relations import OddPart, main_namespace, require_plain
from sheetgpt.xlsx.strings import string_item, unescape

#: Bytes of XML that are looked at together.
PIECE = 1 << 22
#: Cells from which on a sheet without formulas is kept as blocks, weights among them as float32.
LARGE = 1 << 20
#: ... unless it has more single numbers than this between its other cells.
LOOSE = 100

#: The tag of a row in the usual form; any other goes to the XML parser.
_ROW_TAG = re.compile(rb'<row(?: r="(\d+)")?(?: (?!xmlns|r=)[\w:]+="[^"<>]*")* ?/?>')

#: Rows that a parser is to take in: number, XML, and the column from which on there are numbers.
_Odd = tuple[int, bytes, int]


def read_sheet(stream: IO[bytes], name: str, strings: list[str], path: str) -> Sheet:
    """The sheet whose XML is in the stream; `strings` are the workbook's shared strings.

    Raises WorkbookError naming the file and the cell for what is not understood.
    """
    reader = _Reader(name, strings, path)
    for rows in _pieces(stream, reader):
        reader.add(rows)
    return reader.sheet()


def _pieces(stream: IO[bytes], reader: _Reader) -> Iterator[list[bytes]]:
    """The rows of the sheet as XML, some megabytes at a time."""
    rest = b""
    started = False
    while piece := stream.read(PIECE):
        require_plain(rest[-1:] + piece if rest else piece, reader.name)
        rest += piece
        if not started:
            if (head := re.search(rb"<(\w+:)?sheetData\s*(/?)>", rest)) is None:
                continue
            started = True
            reader.begin(rest[: head.start()], head[1] or b"")
            rest = rest[head.start() if head[2] else head.end() :]
            empty = bool(head[2])
        if not empty:
            *rows, rest = rest.split(b"</" + reader.prefix + b"row>")
            if rows:
                yield rows
    if not started:
        raise WorkbookError(f"{reader.path} is damaged: sheet {reader.name!r} has no cells part.")
    reader.end(rest)


@dataclass
class _Reader:
    """What has been read of one sheet so far."""

    name: str
    strings: list[str]
    path: str
    root: bytes = b""
    prefix: bytes = b""
    main: str = ""
    row: int = -1
    blocks: list[Patch] = field(default_factory=list)
    cells: dict[tuple[int, int], float] = field(default_factory=dict)
    others: dict[tuple[int, int], str | bool] = field(default_factory=dict)
    formulas: list[Formula] = field(default_factory=list)
    shared: dict[str, Formula] = field(default_factory=dict)

    def begin(self, head: bytes, prefix: bytes) -> None:
        """Takes in what stands in front of the cells, whose part has a prefix or none."""
        data = b"<" + prefix + b"sheetData/>"
        start = re.search(rb"<(\w+:)?worksheet\b[^>]*>", head)
        self.root, self.prefix = (start[0] if start else b"<worksheet>"), prefix
        self.main = self._require_data(head[start.start() if start else 0 :] + data)

    def end(self, tail: bytes) -> None:
        """Takes in what stands behind the last row: there may be no second part of cells."""
        empty = b"<" + self.prefix + b"sheetData"
        opening = b"" if tail.lstrip().startswith(empty) else empty + b">"
        self._require_data(self.root + opening + tail, b"")

    def _require_data(self, xml: bytes, end: bytes | None = None) -> str:
        """The namespace of a sheet with one part of cells, right below its root."""
        closing = (b"</" + self.prefix + b"worksheet>") if end is None else end
        root = ElementTree.fromstring(xml + closing)
        main = main_namespace(root, "worksheet")
        data = [child for child in root.iter() if child.tag.endswith("}sheetData")]
        if [child.tag for child in data] != [f"{main}sheetData"] or data[0] not in [*root]:
            raise OddPart(f"sheet {self.name!r} has more than one part of cells, or a hidden one")
        if any(len(row) for row in data[0]):
            raise OddPart(f"sheet {self.name!r} holds a row whose end is written oddly")
        return main

    def add(self, rows: list[bytes]) -> None:
        """Takes in rows of XML, each without its end tag."""
        block: list[np.ndarray] = []
        place = (0, 0)
        odd: list[_Odd] = []
        for xml in map(self._enter, rows):
            rest, numbers = (xml, None) if self.prefix else plain_end(xml, self.row + 1)
            if rest:
                odd.append((self.row, rest, MAX_COLUMNS if numbers is None else numbers[0]))
            if numbers is None:
                continue
            col, values = numbers
            same = block and place[1] == col and len(block[0]) == len(values)
            if not same or place[0] + len(block) != self.row:
                self._add_block(place, block)
                block, place = [], (self.row, col)
            block.append(values)
        self._add_block(place, block)
        if odd:
            self._add_odd(odd)

    def _enter(self, xml: bytes) -> bytes:
        """The last row in the XML, which may come after empty rows; sets its number."""
        while True:
            start = xml.index(b"<")
            end = xml.index(b">") + 1
            before, tag = self.row, xml[start:end]
            known = _ROW_TAG.fullmatch(tag)
            if known:
                number = known[1]
            else:
                row = self._row(tag)
                number = row.encode() if row is not None else None
            self.row = int(number) - 1 if number else self.row + 1
            if self.row <= before or xml[:start].strip():
                raise OddPart(f"the rows of sheet {self.name!r} are not in order at {tag!r}")
            if not tag.endswith(b"/>"):
                return xml[start:]
            xml = xml[end:]

    def _row(self, tag: bytes) -> str | None:
        """The number in a row's tag, if it has one; any XML may stand there."""
        closing = b"" if tag.endswith(b"/>") else b"</" + self.prefix + b"row>"
        end = b"</" + self.prefix + b"worksheet>"
        row = ElementTree.fromstring(self.root + tag + closing + end)[0]
        if row.tag != f"{self.main}row":
            raise OddPart(f"sheet {self.name!r} holds {tag!r} where a row is due")
        return row.get("r")

    def _add_block(self, place: tuple[int, int], rows: list[np.ndarray]) -> None:
        if rows:
            block = np.stack(rows)
            with np.errstate(over="ignore"):  # what is too large becomes infinite, so not exact
                small = block.astype(np.float32)
            exact = np.array_equal(shortest(small), block)
            self.blocks.append(Patch(*place, small if exact else block))

    def _add_odd(self, rows: list[_Odd]) -> None:
        if rows := [row for row in rows if not self._add_known(*row)]:
            self._add_parsed(rows)

    def _add_known(self, row: int, xml: bytes, end: int) -> bool:
        """Takes in a row of known cells; False, with nothing taken in, for any other row."""
        cells = None if self.prefix else known_cells(xml, row + 1)
        if cells is None:
            return False
        self._require_order(row, [cell.col for cell in cells], end)
        for col, kind, array, formula, value in cells:
            if formula is not None:
                self._add_formula(row, col, "normal" if array is None else "array", formula, array)
            if value is not None:
                self._add_value(row, col, kind, value)
        return True

    def _add_parsed(self, rows: list[_Odd]) -> None:
        end = b"</" + self.prefix + b"row>"
        xml = b"".join(xml + end for _, xml, _ in rows)
        tree = ElementTree.fromstring(self.root + xml + b"</" + self.prefix + b"worksheet>")
        if len(tree) != len(rows):
            raise OddPart(f"sheet {self.name!r} holds a row whose end is written oddly")
        for (row, _, limit), element in zip(rows, tree, strict=True):
            col = -1
            cols = []
            for cell in element:
                if cell.tag == f"{self.main}extLst":
                    continue
                name = cell.get("r")
                letters = (name or "").rstrip("0123456789")
                col = column_index(letters) if name else col + 1
                if cell.tag != f"{self.main}c" or (name and name != cell_name(row, col)):
                    raise OddPart(
                        f"{self.name!r} holds {name or cell.tag!r} in row {row + 1}, "
                        "where no such cell can be"
                    )
                cols.append(col)
                self._add_cell(row, col, cell)
            self._require_order(row, cols, limit)

    def _require_order(self, row: int, cols: list[int], end: int) -> None:
        """The cells of a row come by their columns, each once, before the numbers behind them."""
        if any(col >= then for col, then in pairwise([*cols, end])):
            raise OddPart(f"the cells of {self.name!r}, row {row + 1}, are not in order")

    def _add_cell(self, row: int, col: int, cell: ElementTree.Element) -> None:
        tags = [part.tag for part in cell]
        if len({*tags}) < len(tags):
            raise OddPart(f"{self.name}!{cell_name(row, col)} holds two of a kind in one cell")
        for part in cell:
            tag, text = part.tag.removeprefix(self.main), part.text or ""
            if len(part) and tag != "is":
                raise OddPart(f"{self.name}!{cell_name(row, col)} holds tags inside of <{tag}>")
            if tag == "f":
                kind = part.get("t", "normal")
                if kind == "array" and cell.get("cm") is not None:
                    kind = "dynamic"
                self._add_formula(row, col, kind, text, part.get("ref", ""), part.get("si", ""))
            elif tag == "is":
                self.others[row, col] = string_item(part)
            elif tag == "v":
                self._add_value(row, col, cell.get("t", "n"), text)
            elif tag != "extLst":
                raise OddPart(f"{self.name}!{cell_name(row, col)} holds <{part.tag}>")

    def _add_value(self, row: int, col: int, kind: str, text: str) -> None:
        if not text and kind != "str":
            return
        try:
            if kind == "n":
                self.cells[row, col] = float(text)
            elif kind == "s":
                self.others[row, col] = self.strings[int(text)]
            elif kind == "str":
                self.others[row, col] = unescape(text)
            elif kind == "b":
                self.others[row, col] = text.strip() in ("1", "true")
            elif kind == "e":
                self.others[row, col] = CellError(text)
            else:
                raise ValueError(kind)
        except (ValueError, IndexError):
            self._refuse(row, col, f"the value {text!r} of type {kind!r}")

    def _add_formula(
        self, row: int, col: int, kind: str, text: str, extent: str | None, group: str = ""
    ) -> None:
        """Takes in a formula; `extent` is the range of an array, `group` that of a shared one."""
        if kind == "normal":
            if text:  # ONLYOFFICE writes an empty one into the cells of an array formula
                self.formulas.append(Formula(row, col, text))
        elif kind == "shared":
            if text:
                self.shared[group] = Formula(row, col, text)
            first = self.shared.get(group)
            if first is None:
                self._refuse(row, col, "a shared formula without its first cell")
            self.formulas.append(
                Formula(row, col, move(first.text, row - first.row, col - first.col))
            )
        elif kind == "array":
            place = classify((extent or "").upper()).place
            if place is None or not text:
                self._refuse(row, col, "an array formula without a range")
            rows, cols = place.last_row - row + 1, place.last_col - col + 1
            self.formulas.append(Formula(row, col, text, rows, cols, array=True))
        else:
            names = {"dynamic": "a dynamic array formula", "dataTable": "a data table"}
            self._refuse(row, col, names.get(kind, f"a formula of type {kind!r}"))

    def _refuse(self, row: int, col: int, what: str) -> NoReturn:
        raise WorkbookError(
            f"{self.path} holds {what} in {self.name}!{cell_name(row, col)}, "
            "which sheetgpt cannot evaluate."
        )

    def sheet(self) -> Sheet:
        """Everything that was read, in one grid."""
        rows, cols = self._size()
        numbers: np.ndarray | PatchGrid
        if self.formulas or rows * cols < LARGE or len(self.cells) > LOOSE:
            numbers = np.full((rows, cols), np.nan)
            for block in self.blocks:
                end_row, end_col = block.end
                numbers[block.row : end_row, block.col : end_col] = as_written(block.values)
            if self.cells:
                numbers[tuple(np.array([*self.cells]).T)] = [*self.cells.values()]
        else:
            loose = [Patch(*place, np.array([[number]])) for place, number in self.cells.items()]
            numbers = PatchGrid(rows, cols, [*_joined(self.blocks), *loose])
        return Sheet(self.name, numbers, self.others, self.formulas)

    def _size(self) -> tuple[int, int]:
        """Rows and columns of the smallest grid that everything lies in."""
        ends = [block.end for block in self.blocks]
        ends += [(f.row + f.rows, f.col + f.cols) for f in self.formulas]
        for places in (self.cells, self.others):
            if places:
                row, col = np.array([*places]).max(axis=0).tolist()
                ends.append((row + 1, col + 1))
        return max((end[0] for end in ends), default=0), max((end[1] for end in ends), default=0)


def _joined(blocks: list[Patch]) -> Iterator[Patch]:
    """Blocks that continue each other as one; the list is used up, to keep memory low."""
    blocks.reverse()
    while blocks:
        run = [blocks.pop()]
        while blocks and _continues(run[-1], blocks[-1]):
            run.append(blocks.pop())
        first = run[0]
        yield Patch(first.row, first.col, np.concatenate([block.values for block in run]))


def _continues(block: Patch, below: Patch) -> bool:
    same = block.values.dtype == below.values.dtype and block.col == below.col
    return same and (below.row, below.end[1]) == (block.end[0], block.end[1])
