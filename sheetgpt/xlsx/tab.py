"""Write one tab: what is around its cells by XlsxWriter; most cells are left for `splice`."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, NoReturn

import numpy as np
from xlsxwriter.worksheet import Worksheet

from sheetgpt.book import Book, CellError, Formula, Sheet
from sheetgpt.book.area import Area, cell_name
from sheetgpt.book.filled import Filled
from sheetgpt.book.grid import PatchGrid
from sheetgpt.book.look import Look
from sheetgpt.book.texts import cut_off
from sheetgpt.errors import WorkbookError
from sheetgpt.xlsx.bulk import Bulk, render_array, render_cell, render_numbers, render_shared
from sheetgpt.xlsx.entries import add_entry
from sheetgpt.xlsx.equation import EquationWriter
from sheetgpt.xlsx.paint import Paint
from sheetgpt.xlsx.presentation import set_up
from sheetgpt.xlsx.splice import Additions


class PlainWorksheet(Worksheet):  # type: ignore[misc]  # XlsxWriter has no types
    """XlsxWriter's worksheet, which writes the formulas of rules and entries as they are given.

    XlsxWriter looks in each for 130 functions that files spell with a prefix, for which a small
    build waits a twentieth of its time; `layout` spells them so from the beginning.
    """

    def shared_string(self, text: str) -> int:
        """The number of a text in the workbook's table of shared strings, which gets it if new."""
        number: int = self.str_table._get_shared_string_index(text)
        return number

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        return formula.removeprefix("=")

    def _calculate_spans(self) -> None:
        """What columns each row fills is not told: `splice` puts more cells into them."""


class TabWriter:
    """Writes one tab: set-up, blanks and links by XlsxWriter, the rest as additions."""

    def __init__(
        self,
        worksheet: Any,
        sheet: Sheet,
        look: Look,
        formats: dict[str, Any],
        style_numbers: list[int],
        equations: EquationWriter,
        blank: Area | None,
        cell_refs: bool,
    ) -> None:
        self.worksheet, self.sheet, self.look = worksheet, sheet, look
        self.blank = (blank.row, blank.col) if blank and blank.sheet == sheet.name else None
        self.formats = [None, *formats.values()]
        # Not the formats' own: of two that look the same XlsxWriter enters it in one of them.
        self.style_numbers = style_numbers
        self.equations, self.equation = equations, formats["equation"]
        rows, cols = sheet.numbers.shape
        self.painted = Paint(rows, cols, look.styles, list(formats))
        extent = Area(sheet.name, 0, 0, max(rows, 1), max(cols, 1))
        self.additions = Additions(extent, [], [], cell_refs)

    def write(self) -> None:
        """Set up the tab and collect its additions."""
        sheet, numbers = self.sheet, self.sheet.numbers
        set_up(self.worksheet, self.look, numbers.shape[1])
        filled = Filled(sheet.formulas)
        for formula in sheet.formulas:
            self._formula(formula)
        constants = filled.beside(sheet.others)
        self._blanks()
        self._links(constants)
        self._texts(constants)
        if isinstance(numbers, PatchGrid):
            for block in numbers.blocks:
                style = self._style_number(block.row, block.col)
                self.additions.blocks.append(Bulk(block.row, block.col, block.values, style))
        else:
            constant = ~np.isnan(numbers)
            filled.take_from(constant)
            self._numbers(numbers, constant)

    def _blanks(self) -> None:
        """Merge cells, and let cells be typed into.

        Blank ones must be in the file too, for their borders or as they are not locked; where they
        are not blank, what comes later replaces them.
        """
        for merge in self.look.merges:
            self._merge(Area(self.sheet.name, *merge))
        for entry in self.look.entries:
            add_entry(self.worksheet, entry)
            self._paint(Area(self.sheet.name, entry.row, entry.col, entry.rows, entry.cols))

    def _merge(self, area: Area) -> None:
        """Show cells as one; XlsxWriter, which does not see what most cells hold, allows all."""
        if area.rows == area.cols == 1:
            return
        inside = np.ndindex(area.rows, area.cols)
        places = [(area.row + row, area.col + col) for row, col in inside]
        held = [cell_name(*place) for place in places[1:] if self.sheet.value(*place) is not None]
        whole = [f for f in self.sheet.formulas if f.array and not f.rows == f.cols == 1]
        held += [cell_name(f.row, f.col) for f in whole if _overlap(area, f)]
        if held:
            raise WorkbookError(
                f"The cells {area.full()} cannot be shown as one: only the first may hold "
                f"something, and not a part of an array formula, but see {', '.join(held)}."
            )
        first_row, first_col = places[0]
        self.worksheet.merge_range(first_row, first_col, *places[-1], "")
        self._paint(area)

    def _paint(self, area: Area) -> None:
        for row, col in np.ndindex(area.rows, area.cols):
            place = area.row + row, area.col + col
            self.worksheet.write_blank(*place, "", self._format(*place))

    def _links(self, constants: Mapping[tuple[int, int], str | bool]) -> None:
        """Make links of cells: of texts as they are, of others with nothing in them as yet."""
        for place, target in self.look.links.items():
            words = constants.get(place)
            shown = words if isinstance(words, str) else ""
            kind = "external" if "#" in target else "internal"
            self.worksheet.write_url(*place, f"{kind}:{target}", self._format(*place), shown)

    def _style_number(self, row: int, col: int) -> int:
        return self.style_numbers[self.painted.at(row, col)]

    def _format(self, row: int, col: int) -> Any:
        return self.formats[self.painted.at(row, col)]

    def _formula(self, formula: Formula) -> None:
        row, col = formula.row, formula.col
        style = self._style_number(row, col)
        if formula.rows == formula.cols == 1:
            value = self.sheet.value(row, col)
            if isinstance(value, CellError):
                self._refuse(row, col, value)
            cell = render_cell(row, col, value, style, formula.text, formula.array)
            self.additions.cells.append(cell)
            return
        area = Area(self.sheet.name, row, col, formula.rows, formula.cols)
        values = Book({self.sheet.name: self.sheet}).get(area)
        if values.dtype == object:
            for (r, c), value in np.ndenumerate(values):
                if isinstance(value, CellError):
                    self._refuse(row + r, col + c, value)
        self.additions.cells += render_array(formula, values, style, self.additions.cell_refs)

    def _texts(self, constants: Mapping[tuple[int, int], str | bool]) -> None:
        """Constants that are no numbers; plain texts are left for `splice`, as there are many."""
        places = np.array([*constants], int).reshape(-1, 2)
        styles = self.painted.at_all(*places.T).tolist()
        for (place, other), number in zip(constants.items(), styles, strict=True):
            style = self.formats[number]
            if isinstance(other, CellError):
                self._refuse(*place, other)
            if isinstance(other, str) and place in self.look.links:
                continue  # written with its link
            plain = place != self.blank and style is not self.equation
            if plain and isinstance(other, str) and other:
                shared = self.worksheet.shared_string(cut_off(other))
                cell = render_shared(*place, shared, self.style_numbers[number])
                self.additions.cells.append(cell)
            else:
                self._odd_text(*place, other, style)

    def _odd_text(self, row: int, col: int, other: str | bool, style: Any) -> None:
        if isinstance(other, bool):
            self.worksheet.write_boolean(row, col, other, style)
        elif not other or (row, col) == self.blank:
            self.worksheet.write_blank(row, col, "", style)
        else:
            self.equations.write(self.worksheet, row, col, other, style)

    def _refuse(self, row: int, col: int, error: CellError) -> NoReturn:
        raise WorkbookError(
            f"Cell {self.sheet.name}!{cell_name(row, col)} holds the error {error}; "
            "a workbook with errors is not written."
        )

    def _numbers(self, numbers: np.ndarray, constant: np.ndarray) -> None:
        """The constants of a tab with formulas, neighbours of one style in a row together."""
        rows, cols = np.nonzero(constant)
        painted = self.painted.at_all(rows, cols)
        # Found for all cells at once: a large vocabulary gives columns of 50,000 of them.
        changes = (np.diff(rows) != 0) | (np.diff(cols) != 1) | (np.diff(painted) != 0)
        starts = _starts(len(rows), changes)
        lengths = np.diff(starts, append=len(rows))
        long = lengths > 1
        places = zip(
            rows[starts[long]].tolist(),
            cols[starts[long]].tolist(),
            lengths[long].tolist(),
            strict=True,
        )
        for row, first, length in places:
            style = self._style_number(row, first)
            bulk = Bulk(row, first, numbers[row : row + 1, first : first + length], style)
            self.additions.cells += render_numbers(bulk, self.additions.cell_refs)
        self._columns(numbers, starts[~long], rows, cols, painted)

    def _columns(
        self,
        numbers: np.ndarray,
        single: np.ndarray,
        rows: np.ndarray,
        cols: np.ndarray,
        painted: np.ndarray,
    ) -> None:
        """Numbers without a neighbour of their style in the row, those below each other together.

        `single` are their places in `rows`, `cols` and `painted`.
        """
        order = single[np.lexsort((rows[single], cols[single]))]
        row, col, style = rows[order], cols[order], painted[order]
        whole = np.rint(numbers[row, col]) == numbers[row, col]  # 3 is written, and not 3.0
        changes = (np.diff(col) != 0) | (np.diff(row) != 1) | (np.diff(style) != 0)
        starts = _starts(len(order), changes | np.diff(whole))
        for start, end in pairwise([*starts.tolist(), len(order)]):
            at = int(row[start]), int(col[start])
            values = numbers[row[start:end], at[1]][:, None]
            bulk = Bulk(*at, values, self._style_number(*at))
            self.additions.cells += render_numbers(bulk, self.additions.cell_refs)


def _starts(count: int, changes: np.ndarray) -> np.ndarray:
    """Where runs among `count` cells begin: at the first, and behind every change (count - 1,)."""
    begins = np.ones(count, dtype=bool)
    begins[1:] = changes
    return np.flatnonzero(begins)


def _overlap(area: Area, formula: Formula) -> bool:
    """Whether a formula fills a cell of the area."""
    down = formula.row < area.row + area.rows and area.row < formula.row + formula.rows
    across = formula.col < area.col + area.cols and area.col < formula.col + formula.cols
    return down and across
