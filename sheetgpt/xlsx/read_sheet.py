"""One sheet's part of an .xlsx file into a Sheet.

Most cells of a workbook are plain numbers side by side: weights, and the results of array
formulas. So there are three ways in. The run of plain numbers at the end of a row is cut out of the
bytes and parsed in bulk. The cells before it, and short rows of more than numbers, are cut out of
many rows at once if they have the form in which sheetgpt and most programs write them. All other
rows go to the XML parser. The part is read in pieces and never held as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import IO, NoReturn
from xml.etree import ElementTree

import numpy as np

from sheetgpt.book import MAX_COLUMNS, CellError, Formula, Sheet
from sheetgpt.book.area import cell_name, column_index
from sheetgpt.book.grid import Patch
from sheetgpt.book.references import classify, move
from sheetgpt.errors import WorkbookError
from sheetgpt.xlsx.container import OddPart
from sheetgpt.xlsx.limits import STRANGERS, Meter
from sheetgpt.xlsx.read_cell import brackets, cell_value
from sheetgpt.xlsx.read_grid import Cells, grid_of, size_of
from sheetgpt.xlsx.read_known import KnownCells, Row, numbers_of, sorted_out
from sheetgpt.xlsx.read_row import plain_end
from sheetgpt.xlsx.read_styles import style_number
from sheetgpt.xlsx.rows import Rows
from sheetgpt.xlsx.seen import TabSeen
from sheetgpt.xlsx.strings import string_item

#: Bytes of a row of more than numbers from which on the numbers at its end are looked at apart.
SHORT = 500


def read_sheet(
    stream: IO[bytes], name: str, strings: list[str], meter: Meter, seen: TabSeen | None = None
) -> Sheet:
    """The sheet whose XML is in the stream; `strings` are the workbook's shared strings.

    What shows of the tab beside its values is added to `seen`, where that is asked for.

    Raises WorkbookError naming the file and the cell for what is not understood, or more than the
    `meter` allows.
    """
    rows = Rows(stream, name, meter, seen)
    reader = _Reader(rows, strings)
    for piece in rows:
        reader.add(piece)
    return reader.sheet()


@dataclass
class _Reader:
    """What has been read of one sheet so far."""

    xml: Rows
    strings: list[str]
    blocks: list[Patch] = field(default_factory=list)
    cells: list[Cells] = field(default_factory=list)
    singles: dict[tuple[int, int], float] = field(default_factory=dict)
    others: dict[tuple[int, int], str | bool] = field(default_factory=dict)
    formulas: list[Formula] = field(default_factory=list)
    shared: dict[str, Formula] = field(default_factory=dict)
    styles: list[tuple[int, int, int, int]] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Of the tab."""
        return self.xml.name

    @property
    def meter(self) -> Meter:
        """What the file may still ask for."""
        return self.xml.meter

    @cached_property
    def overflow(self) -> CellError | None:
        """What a number is that no double holds; None where such numbers are refused."""
        most = STRANGERS.exponent
        return CellError("#NUM!") if self.meter.limits.exponent > most else None

    def add(self, rows: Iterable[tuple[int, bytes]]) -> None:
        """Takes in rows, each its number and its XML without the end tag."""
        block: list[np.ndarray] = []
        place = (0, 0)
        odd: list[Row] = []
        for row, xml in rows:
            rest, numbers = (xml, None) if self._is_odd(xml) else plain_end(xml, row + 1)
            if rest:
                odd.append((row, rest, MAX_COLUMNS if numbers is None else numbers.col))
            if numbers is None:
                continue
            col, values, styles = numbers
            at = col
            for count, style in styles:
                self.styles.append((row, at, count, style))
                at += count
            same = block and place[1] == col and len(block[0]) == len(values)
            if not same or place[0] + len(block) != row:
                self._add_block(place, block)
                block, place = [], (row, col)
            block.append(values)
        self._add_block(place, block)
        odd = odd if self.xml.prefix else self._add_known(odd)
        if odd:
            self._add_parsed(odd)
        self._tell_styles()

    def _is_odd(self, xml: bytes) -> bool:
        """Whether the numbers at the end of a row are not worth looking at apart from the rest."""
        return bool(self.xml.prefix) or (len(xml) < SHORT and (b' t="' in xml or b"<f" in xml))

    def _tell_styles(self) -> None:
        if self.xml.seen is not None and self.styles:
            self.xml.seen.styles.append(np.array(self.styles))
        self.styles = []

    def _add_block(self, place: tuple[int, int], rows: list[np.ndarray]) -> None:
        if rows:
            self.meter.take("single", 1, f"the tab {self.name!r}")  # so much does a block take
            self.blocks.append(Patch(*place, np.stack(rows)))

    def _add_known(self, rows: list[Row]) -> list[Row]:
        """Takes in the rows that hold known cells alone; returns the others."""
        cells, others = sorted_out(rows)
        self._require_rows_in_order(cells, {row: end for row, _, end in rows})
        self.meter.take("single", cells.single, f"the tab {self.name!r}")
        if self.xml.seen is not None:
            ones = np.ones(len(cells.rows), dtype=int)
            runs = np.stack([cells.rows, cells.cols, ones, cells.styles], axis=1)
            self.xml.seen.styles.append(runs[cells.filled])
        places = [*zip(cells.rows.tolist(), cells.cols.tolist(), strict=True)]
        self._take(
            self._array(*places[at], text, extent) if extent else Formula(*places[at], text)
            for at, extent, text in cells.formulas
            if text or extent
        )
        at_numbers, texts = cells.numbers
        if (numbers := numbers_of(texts)) is not None:
            self.cells.append((cells.rows[at_numbers], cells.cols[at_numbers], numbers))
        else:
            for at, text in zip(at_numbers.tolist(), texts, strict=True):
                row, col = places[at]
                self._add_value(row, col, "n", text)
        for at, kind, text in cells.others:
            row, col = places[at]
            self._add_value(row, col, kind, text)
        return others

    def _add_parsed(self, rows: list[Row]) -> None:
        tree = self.xml.parsed([xml for _, xml, _ in rows])
        if len(tree) != len(rows):
            raise OddPart(f"sheet {self.name!r} holds a row whose end is written oddly")
        for (row, _, limit), element in zip(rows, tree, strict=True):
            col = -1
            cols = []
            for cell in element:
                if cell.tag == f"{self.xml.main}extLst":
                    continue
                name = cell.get("r")
                letters = (name or "").rstrip("0123456789")
                col = column_index(letters) if name else col + 1
                known = col >= 0 and name in (None, "", cell_name(row, col))
                if cell.tag != f"{self.xml.main}c" or not known:
                    raise OddPart(
                        f"{self.name!r} holds {name or cell.tag!r} in row {row + 1}, "
                        "where no such cell can be"
                    )
                cols.append(col)
                if len(cell):
                    self.styles.append((row, col, 1, style_number(cell.get("s"))))
                self._add_cell(row, col, cell)
            self._require_order(row, cols, limit)
            self.meter.take("single", len(element), f"the tab {self.name!r}")

    def _require_order(self, row: int, cols: list[int], end: int) -> None:
        """The cells of a row come by their columns, each once, before the numbers behind them."""
        if any(col >= then for col, then in pairwise([*cols, end])):
            raise OddPart(f"the cells of {self.name!r}, row {row + 1}, are not in order")

    def _require_rows_in_order(self, cells: KnownCells, ends: dict[int, int]) -> None:
        """The same for many rows; `ends` are the columns of the numbers behind them."""
        same = np.diff(cells.rows) == 0
        last = np.append(~same, True)[: len(cells.rows)]
        then = np.append(cells.cols[1:], MAX_COLUMNS)[: len(cells.rows)]
        then[last] = [ends[row] for row in cells.rows[last].tolist()]
        for row in cells.rows[cells.cols >= then].tolist():
            raise OddPart(f"the cells of {self.name!r}, row {row + 1}, are not in order")

    def _add_cell(self, row: int, col: int, cell: ElementTree.Element) -> None:
        tags = [part.tag for part in cell]
        if len({*tags}) < len(tags):
            raise OddPart(f"{self.name}!{cell_name(row, col)} holds two of a kind in one cell")
        kind = cell.get("t", "n")
        inline = f"{self.xml.main}is" in tags
        if inline is not (kind == "inlineStr" and bool(tags)) or (inline and len(tags) > 1):
            raise OddPart(f"{self.name}!{cell_name(row, col)} holds a text where none is due")
        for part in cell:
            tag, text = part.tag.removeprefix(self.xml.main), part.text or ""
            if len(part) and tag != "is":
                raise OddPart(f"{self.name}!{cell_name(row, col)} holds tags inside of <{tag}>")
            if tag == "f":
                form = part.get("t", "normal")
                if form == "array" and cell.get("cm") is not None:
                    form = "dynamic"
                self._add_formula(row, col, form, text, part.get("ref", ""), part.get("si", ""))
            elif tag == "is":
                self.others[row, col] = string_item(part)
            elif tag == "v":
                self._add_value(row, col, kind, text)
            elif tag != "extLst":
                raise OddPart(f"{self.name}!{cell_name(row, col)} holds <{part.tag}>")

    def _add_value(self, row: int, col: int, kind: str, text: str) -> None:
        if not text and kind != "str":
            return
        value = cell_value(kind, text, self.strings, self.overflow)
        if value is None:
            self._refuse(row, col, f"the value {text[:60]!r} of type {kind[:20]!r}")
        elif isinstance(value, float):
            self.singles[row, col] = value
        else:
            self.others[row, col] = value

    def _add_formula(
        self, row: int, col: int, kind: str, text: str, extent: str | None, group: str = ""
    ) -> None:
        """Takes in a formula; `extent` is the range of an array, `group` that of a shared one."""
        if kind == "normal":
            if text:  # ONLYOFFICE writes an empty one into the cells of an array formula
                self._take([Formula(row, col, text)])
        elif kind == "shared":
            if text:
                self.meter.require("length", len(text), f"the formula in {self._where(row, col)}")
                self.shared[group] = Formula(row, col, text)
            first = self.shared.get(group)
            if first is None:
                self._refuse(row, col, "a shared formula without its first cell")
            self._take([Formula(row, col, move(first.text, row - first.row, col - first.col))])
        elif kind == "array":
            self._take([self._array(row, col, text, extent or "")])
        else:
            names = {"dynamic": "a dynamic array formula", "dataTable": "a data table"}
            self._refuse(row, col, names.get(kind, f"a formula of type {kind!r}"))

    def _array(self, row: int, col: int, text: str, extent: str) -> Formula:
        """An array formula over the range `extent`, which must begin at its cell."""
        if text and extent == cell_name(row, col):  # as most are
            return Formula(row, col, text, array=True)
        place = classify(extent.upper()).place
        if place is None or not text:
            self._refuse(row, col, "an array formula without a range")
        rows, cols = place.last_row - row + 1, place.last_col - col + 1
        if place.sheet or min(rows, cols) < 1 or (place.row, place.col) != (row, col):
            self._refuse(row, col, "an array formula that does not begin there")
        return Formula(row, col, text, rows, cols, array=True)

    def _take(self, formulas: Iterable[Formula]) -> None:
        """Takes in formulas that are not larger than the limits."""
        meter, before, characters = self.meter, len(self.formulas), 0
        limits = meter.limits
        for formula in formulas:
            text, size = formula.text, formula.rows * formula.cols
            if len(text) > limits.length or text.count("(") > limits.depth or size > limits.cells:
                where = f"the formula in {self._where(formula.row, formula.col)}"
                meter.require("length", len(text), where)
                meter.require("depth", brackets(text), where)
                meter.require("cells", size, where)
            characters += len(text)
            self.formulas.append(formula)
        meter.take("formulas", len(self.formulas) - before)
        meter.take("text", characters)

    def _where(self, row: int, col: int) -> str:
        return f"{self.name}!{cell_name(row, col)}"

    def _refuse(self, row: int, col: int, what: str) -> NoReturn:
        raise WorkbookError(
            f"{self.meter.path} holds {what} in {self._where(row, col)}, "
            "which sheetgpt cannot evaluate."
        )

    def sheet(self) -> Sheet:
        """Everything that was read, in one grid."""
        if self.singles:
            rows, cols = np.array([*self.singles]).T
            self.cells.append((rows, cols, np.array([*self.singles.values()])))
        ends = [(f.row + f.rows, f.col + f.cols) for f in self.formulas]
        ends += [(row + 1, col + 1) for row, col in self.others]
        size = size_of(self.blocks, self.cells, ends)
        self.meter.take("cells", size[0] * size[1], f"the tab {self.name!r}")
        numbers = grid_of(size, self.blocks, self.cells, formulas=bool(self.formulas))
        return Sheet(self.name, numbers, self.others, self.formulas)
