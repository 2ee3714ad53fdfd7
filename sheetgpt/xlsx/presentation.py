"""How a tab behaves: sizes, frozen panes, protection and print-out, set up by XlsxWriter."""

from __future__ import annotations

from math import ceil
from typing import Any

from sheetgpt.book.look import Look
from sheetgpt.xlsx.styles import TAB_COLOURS

A4 = 9
#: In inches: left, right, top, bottom and the height of the footer's place.
MARGINS = (0.4, 0.4, 0.5, 0.6)
FOOTER_MARGIN = 0.3
FOOTER = "&L&8&A&R&8Page &P of &N"
#: Characters of a column's width that A4 has room for across, in full size and within margins.
PAGE_WIDTH = 145.0
#: Below this share of the full size, print is too small to be read: a wider tab takes more pages.
SMALLEST_PRINT = 0.5
#: What is allowed besides selecting cells: charts can be copied and enlarged, columns widened.
ALLOWED = {"objects": True, "scenarios": True, "format_columns": True, "format_rows": True}


def set_up(worksheet: Any, look: Look, cols: int) -> None:
    """Sizes, panes, zoom, protection without a password, and how the tab is printed.

    `cols` is how many columns the tab has.
    """
    worksheet.set_tab_color(TAB_COLOURS[look.group])
    worksheet.set_column(0, cols, look.default_width)
    for col, width in look.widths.items():
        worksheet.set_column(col, col, width)
    for row, height in look.heights.items():
        worksheet.set_row(row, height)
    if look.freeze != (0, 0):
        worksheet.freeze_panes(*look.freeze)
    if not look.gridlines:
        worksheet.hide_gridlines(2)
    worksheet.set_zoom(look.zoom)
    worksheet.protect("", ALLOWED)
    _set_up_print(worksheet, look, cols)


def _set_up_print(worksheet: Any, look: Look, cols: int) -> None:
    worksheet.set_landscape()
    worksheet.set_paper(A4)
    worksheet.set_margins(*MARGINS)
    worksheet.set_footer(FOOTER, {"margin": FOOTER_MARGIN})
    # No rows or columns are repeated: LibreOffice breaks every tab into pages anew at each of them,
    # which took 16 of 20 s of opening 48 tabs, and left dashed lines at wrong breaks all over them.
    pages = ceil(_width(look, cols) / (PAGE_WIDTH / SMALLEST_PRINT))
    worksheet.fit_to_pages(max(1, pages), 0)


def _width(look: Look, cols: int) -> float:
    """The width of the first columns, in characters."""
    own = {col: width for col, width in look.widths.items() if col < cols}
    return sum(own.values()) + look.default_width * (cols - len(own))
