"""Write a Book to an .xlsx file; the only module that knows XlsxWriter.

XlsxWriter writes tabs, styles and texts; `splice` adds formulas and numbers, of which there are
millions. Every formula cell gets its value from the Book, also inside array ranges, so that
programs which do not calculate show true numbers. The same Book gives the same bytes.
"""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException

from sheetgpt._version import VERSION
from sheetgpt.area import Area, cell_name
from sheetgpt.book import Book, CellError, Formula, Sheet
from sheetgpt.errors import WorkbookError
from sheetgpt.grid import BlockGrid
from sheetgpt.look import Look, Rule
from sheetgpt.workbook import styles
from sheetgpt.workbook.bulk import Bulk, render_array, render_cell, render_numbers
from sheetgpt.workbook.paint import Paint
from sheetgpt.workbook.patch import with_text
from sheetgpt.workbook.splice import Additions, require_alike, splice, take_strings

#: A fixed date of creation: the same input must give the same bytes.
CREATED = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
#: Tabs of weights are written first and tabs of data last.
WRITTEN = {"weights": 0, "data": 2}
OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
    "nan_inf_to_errors": False,
    "default_date_format": "yyyy-mm-dd",
}


def write(
    book: Book,
    path: Path,
    title: str,
    comments: str,
    *,
    compression: str = "small",
    refs: bool = True,
    keep: Path | None = None,
    same_room: bool = True,
) -> None:
    """Write the book to `path`, which is replaced only when the new file is complete.

    `title` and `comments` become document properties. `compression` is `fast` or `small`;
    without `refs` the cells of large blocks carry no names, which some programs need. `keep` is
    a workbook of the same model and templates: its weights are copied as they are, compressed,
    and if it has the `same_room` (capacity) its data too. Raises WorkbookError when the
    folder cannot be written to or `keep` was not written by this program, CapacityError for a
    part over 4 GiB.
    """
    bare = path.with_name(path.name + ".bare")
    unfinished = path.with_name(path.name + ".part")
    prompt = book.names.get("prompt")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        alike = keep is not None and same_room
        kept: set[str] = set()
        additions = _write_bare(book, bare, title, comments, refs, with_data=not alike)
        if keep is not None:
            kept = _parts_of(book, *(("weights", "data") if alike else ("weights",)))
            for part in kept:
                del additions[part]
            require_alike(bare, keep)
            if alike:
                take_strings(bare, keep, prompt)
        if prompt is not None:
            # XlsxWriter's way of storing odd characters is not the one every program reads.
            with_text(bare, bare, prompt, str(book.named("prompt")[0, 0] or ""))
        splice(bare, unfinished, additions, compression, None if keep is None else (keep, kept))
        unfinished.replace(path)
    except (OSError, XlsxWriterException) as error:
        raise WorkbookError(f"{path} cannot be written: {error}. Choose another file.") from error
    finally:
        for leftover in (bare, unfinished):
            with suppress(OSError):  # mostly there is none, or not even its folder
                leftover.unlink()


def _parts_of(book: Book, *kinds: str) -> set[str]:
    """The parts of the file that hold the tabs of some kinds, `weights` or `data`."""
    kinds_of_tabs = [book.looks[name].part for name in book.sheets]
    return {_part(i) for i, kind in enumerate(kinds_of_tabs, 1) if kind in kinds}


def _part(number: int) -> str:
    return f"xl/worksheets/sheet{number}.xml"


def _write_bare(
    book: Book, path: Path, title: str, comments: str, refs: bool, with_data: bool
) -> dict[str, Additions]:
    """Write everything but formulas and numbers; returns those by part of the file.

    What the tabs of weights refer to is the same in every workbook of a model, so that they can
    be copied from one to another: the numbers of formats, and the first strings of the table of
    strings. The tabs of data come last, so that they may be left out. The prompt stays blank: it
    would change the table.
    """
    blank = book.names.get("prompt")
    with xlsxwriter.Workbook(str(path), OPTIONS) as workbook:
        made_by = f"sheetgpt {VERSION}"
        workbook.set_properties(
            {"title": title, "comments": comments, "keywords": made_by, "created": CREATED}
        )
        formats = {name: workbook.add_format(spec) for name, spec in styles.STYLES.items()}
        for style in formats.values():
            style._get_xf_index()  # gives each its number now, used or not
        rules = {
            name: workbook.add_format(getattr(styles, name.upper()))
            for name in ("dim", "hide", "good", "bad", "masked")
        }
        writers = [
            _SheetWriter(
                workbook.add_worksheet(sheet.name),
                sheet,
                book.looks.get(sheet.name, Look()),
                formats,
                blank,
                refs,
            )
            for sheet in book.sheets.values()
        ]
        for writer in sorted(writers, key=lambda writer: WRITTEN.get(writer.look.part, 1)):
            if with_data or writer.look.part != "data":
                writer.write()
        for writer in writers:
            for rule in writer.look.rules:
                _add_rule(writer.worksheet, rule, rules)
        for name, area in book.names.items():
            workbook.define_name(name, f"={area.full()}")
    return {_part(i): writer.additions for i, writer in enumerate(writers, 1)}


class _SheetWriter:
    """Writes one tab: set-up and constant texts by XlsxWriter, the rest as additions."""

    def __init__(
        self,
        worksheet: Any,
        sheet: Sheet,
        look: Look,
        formats: dict[str, Any],
        blank: Area | None,
        refs: bool,
    ) -> None:
        self.worksheet, self.sheet, self.look = worksheet, sheet, look
        self.blank = (blank.row, blank.col) if blank and blank.sheet == sheet.name else None
        self.formats = [None, *formats.values()]
        rows, cols = sheet.numbers.shape
        self.painted = Paint(rows, cols, look.styles, list(formats))
        extent = Area(sheet.name, 0, 0, max(rows, 1), max(cols, 1))
        self.additions = Additions(extent, [], [], refs)

    def write(self) -> None:
        """Set up the tab, write its texts and collect its additions."""
        self._set_up()
        numbers = self.sheet.numbers
        filled = np.zeros(numbers.shape if self.sheet.formulas else (0, 0), dtype=bool)
        for formula in self.sheet.formulas:
            filled[formula.rows_slice, formula.cols_slice] = True
            self._formula(formula)
        for (row, col), other in self.sheet.others.items():
            if not (filled.size and filled[row, col]):
                self._text(row, col, other)
        if isinstance(numbers, BlockGrid):
            for block in numbers.blocks:
                style = self._style_number(block.row, block.col)
                self.additions.blocks.append(Bulk(block.row, block.col, block.values, style))
        else:
            constant = ~np.isnan(numbers)
            self._numbers(numbers, constant & ~filled if filled.size else constant)

    def _style_number(self, row: int, col: int) -> int:
        style = self._format(row, col)
        return style.xf_index if style is not None else 0

    def _set_up(self) -> None:
        worksheet, look = self.worksheet, self.look
        worksheet.set_tab_color(styles.TAB_COLOURS[look.part])
        worksheet.set_column(0, self.sheet.numbers.shape[1], look.default_width)
        for col, width in look.widths.items():
            worksheet.set_column(col, col, width)
        for row, height in look.heights.items():
            worksheet.set_row(row, height)
        if look.freeze != (0, 0):
            worksheet.freeze_panes(*look.freeze)
        if not look.gridlines:
            worksheet.hide_gridlines(2)
        worksheet.set_zoom(look.zoom)
        worksheet.set_landscape()
        worksheet.fit_to_pages(1, 0)

    def _format(self, row: int, col: int) -> Any:
        return self.formats[self.painted.at(row, col)]

    def _formula(self, formula: Formula) -> None:
        row, col = formula.row, formula.col
        style = self._style_number(row, col)
        if not formula.array:
            value = self.sheet.value(row, col)
            if isinstance(value, CellError):
                self._refuse(row, col, value)
            self.additions.cells.append(render_cell(row, col, value, style, formula.text))
            return
        area = Area(self.sheet.name, row, col, formula.rows, formula.cols)
        values = Book({self.sheet.name: self.sheet}).get(area)
        if values.dtype == object:
            for (r, c), value in np.ndenumerate(values):
                if isinstance(value, CellError):
                    self._refuse(row + r, col + c, value)
        self.additions.cells += render_array(formula, values, style, self.additions.refs)

    def _text(self, row: int, col: int, other: str | bool) -> None:
        style = self._format(row, col)
        if isinstance(other, CellError):
            self._refuse(row, col, other)
        if (row, col) == self.blank:
            self.worksheet.write_blank(row, col, "", style)
        elif isinstance(other, bool):
            self.worksheet.write_boolean(row, col, other, style)
        elif place := self.look.links.get((row, col)):
            self.worksheet.write_url(row, col, f"internal:{place}", style, other)
        elif other:
            self.worksheet.write_string(row, col, other, style)
        else:
            self.worksheet.write_blank(row, col, "", style)

    def _refuse(self, row: int, col: int, error: CellError) -> NoReturn:
        raise WorkbookError(
            f"Cell {self.sheet.name}!{cell_name(row, col)} holds the error {error}; "
            "a workbook with errors is not written."
        )

    def _numbers(self, numbers: np.ndarray, constant: np.ndarray) -> None:
        """The constants of a tab with formulas, neighbours of one style in a row together."""
        for row in np.flatnonzero(constant.any(axis=1)).tolist():
            runs: list[tuple[int, list[int]]] = []  # a style and the columns that have it
            for col in np.flatnonzero(constant[row]).tolist():
                style = self._style_number(row, col)
                if runs and runs[-1][0] == style and runs[-1][1][-1] == col - 1:
                    runs[-1][1].append(col)
                else:
                    runs.append((style, [col]))
            for style, cols in runs:
                first, end = cols[0], cols[-1] + 1
                if end == first + 1:
                    value = float(numbers[row, first])
                    self.additions.cells.append(render_cell(row, first, value, style))
                    continue
                bulk = Bulk(row, first, numbers[row : row + 1, first:end], style)
                self.additions.cells += render_numbers(bulk, self.additions.refs)


def _add_rule(worksheet: Any, rule: Rule, formats: dict[str, Any]) -> None:
    area = rule.row, rule.col, rule.row + rule.rows - 1, rule.col + rule.cols - 1
    options: dict[str, Any]
    if rule.kind == "heat":
        options = dict(styles.HEAT)
    elif rule.kind == "diverging":
        options = dict(styles.DIVERGING)
    elif rule.kind == "masked":
        options = {"type": "cell", "criteria": "<", "value": styles.MASK_LIMIT,
                   "format": formats["masked"], "stop_if_true": True}  # fmt: skip
    else:
        options = {"type": "formula", "criteria": f"={rule.formula}", "format": formats[rule.kind],
                   "stop_if_true": rule.kind == "dim"}  # fmt: skip
    if rule.parts:
        options["multi_range"] = " ".join(Area("", *part).a1() for part in rule.parts)
    worksheet.conditional_format(*area, options)
