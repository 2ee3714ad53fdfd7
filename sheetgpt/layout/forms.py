"""Lay out the forms checks, constants and about: a labelled row per cell."""

from __future__ import annotations

from sheetgpt.layout.builder import SheetBuilder
from sheetgpt.layout.context import Context
from sheetgpt.layout.rows import Columns, RowWriter
from sheetgpt.template.forms import Form

LABEL, VALUE, NOTE = 1, 2, 3
FIRST_ROW = 3
#: Width of the margin.
MARGIN = 6


def lay_out_form(name: str, form: Form, context: Context) -> SheetBuilder:
    """Write every row of a form."""
    sheet = SheetBuilder(name, form.group, form.title)
    widths = dict(enumerate(form.widths, LABEL))
    sheet.look.widths |= {0: MARGIN, **widths}
    sheet.look.freeze = (FIRST_ROW - 1, 0)
    sheet.link(0, 0, "Start", "'Start'!A1")
    sheet.text(0, LABEL, form.title, "title")
    sheet.text(1, LABEL, form.summary, "summary")
    columns = Columns(LABEL, VALUE, NOTE)
    RowWriter(sheet, columns, FIRST_ROW, context).write(form.rows)
    return sheet
