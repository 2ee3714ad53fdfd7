"""Write a Book to an .xlsx file with XlsxWriter; the only module that knows that library.

Every formula cell gets its value from the Book, also inside array ranges, so that programs which
do not calculate show true numbers. The same Book gives the same bytes.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException

from sheetgpt.book import Area, Book, CellError, Formula, Sheet, cell_name
from sheetgpt.errors import WorkbookError
from sheetgpt.look import Look, Rule
from sheetgpt.workbook import styles

#: A fixed date of creation: the same input must give the same bytes.
CREATED = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
    "nan_inf_to_errors": False,
    "default_date_format": "yyyy-mm-dd",
}


def write(book: Book, path: Path, title: str, comments: str) -> None:
    """Write the book to `path`, which is replaced only when the new file is complete.

    `title` and `comments` become document properties. Raises WorkbookError when the folder
    cannot be written to.
    """
    unfinished = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(book, unfinished, title, comments)
        unfinished.replace(path)
    except (OSError, XlsxWriterException) as error:
        raise WorkbookError(f"{path} cannot be written: {error}. Choose another file.") from error
    finally:
        unfinished.unlink(missing_ok=True)


def _write(book: Book, path: Path, title: str, comments: str) -> None:
    with xlsxwriter.Workbook(str(path), OPTIONS) as workbook:
        workbook.set_properties({"title": title, "comments": comments, "created": CREATED})
        formats = {name: workbook.add_format(spec) for name, spec in styles.STYLES.items()}
        rules = {
            name: workbook.add_format(getattr(styles, name.upper()))
            for name in ("dim", "hide", "good", "bad", "masked")
        }
        for sheet in book.sheets.values():
            worksheet = workbook.add_worksheet(sheet.name)
            look = book.looks.get(sheet.name, Look())
            _SheetWriter(worksheet, sheet, look, formats).write()
            for rule in look.rules:
                _add_rule(worksheet, rule, rules)
        for name, area in book.names.items():
            workbook.define_name(name, f"={area.full()}")


class _SheetWriter:
    """Writes one tab: its set-up, then every cell once."""

    def __init__(self, worksheet: Any, sheet: Sheet, look: Look, formats: dict[str, Any]) -> None:
        self.worksheet, self.sheet, self.look = worksheet, sheet, look
        names = list(formats)
        self.formats = [None, *formats.values()]
        rows = max([sheet.numbers.shape[0], *(r + h for r, _, h, _, _ in look.styles)])
        cols = max([sheet.numbers.shape[1], *(c + w for _, c, _, w, _ in look.styles)])
        self.styles = np.zeros((rows, cols), dtype=np.uint8)
        for row, col, height, width, style in look.styles:
            self.styles[row : row + height, col : col + width] = names.index(style) + 1
        self.filled = np.zeros((rows, cols), dtype=bool)

    def write(self) -> None:
        self._set_up()
        for formula in self.sheet.formulas:
            self._formula(formula)
        for (row, col), other in self.sheet.others.items():
            if not self.filled[row, col]:
                self._other(row, col, other)
        self._numbers()

    def _set_up(self) -> None:
        worksheet, look = self.worksheet, self.look
        worksheet.set_tab_color(styles.TAB_COLOURS[look.part])
        worksheet.set_column(0, self.styles.shape[1], look.default_width)
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
        return self.formats[self.styles[row, col]]

    def _formula(self, formula: Formula) -> None:
        row, col = formula.row, formula.col
        value = self.sheet.value(row, col)
        first = "" if value is None else value
        if not formula.array:
            self.worksheet.write_formula(
                row, col, f"={formula.text}", self._format(row, col), first
            )
            self.filled[row, col] = True
            return
        last = row + formula.rows - 1, col + formula.cols - 1
        self.worksheet.write_array_formula(
            row, col, *last, f"{{={formula.text}}}", self._format(row, col), first
        )
        self.filled[row : last[0] + 1, col : last[1] + 1] = True
        for r in range(row, last[0] + 1):
            for c in range(col, last[1] + 1):
                if (r, c) != (row, col):
                    self._value(r, c)

    def _value(self, row: int, col: int) -> None:
        """The value of a cell inside an array range: without it XlsxWriter leaves a 0 there."""
        value = self.sheet.value(row, col)
        if isinstance(value, float):
            self.worksheet.write_number(row, col, value, self._format(row, col))
        elif value is not None:
            self._other(row, col, value)

    def _other(self, row: int, col: int, other: str | bool) -> None:
        style = self._format(row, col)
        if isinstance(other, CellError):
            raise WorkbookError(
                f"Cell {self.sheet.name}!{cell_name(row, col)} holds the error {other}; "
                "a workbook with errors is not written."
            )
        if isinstance(other, bool):
            self.worksheet.write_boolean(row, col, other, style)
        elif place := self.look.links.get((row, col)):
            self.worksheet.write_url(row, col, f"internal:{place}", style, other)
        elif other:
            self.worksheet.write_string(row, col, other, style)
        else:
            self.worksheet.write_blank(row, col, "", style)

    def _numbers(self) -> None:
        numbers = self.sheet.numbers
        rows, cols = numbers.shape
        todo = ~np.isnan(numbers) & ~self.filled[:rows, :cols]
        write = self.worksheet.write_number
        for row, col in zip(*(axis.tolist() for axis in np.nonzero(todo)), strict=True):
            write(row, col, float(numbers[row, col]), self._format(row, col))


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
