"""Lay out the forms checks, constants and about: a labelled row per cell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sheetgpt.layout.builder import SheetBuilder
from sheetgpt.layout.rows import Columns, Context, RowWriter

LABEL, VALUE, NOTE = 1, 2, 3
FIRST_ROW = 3
#: Widths of labels, values and notes, unless a form has its own; of the margin.
WIDTHS, MARGIN = (22, 46, 60), 6
TITLE_HEIGHT = 28


def lay_out_form(name: str, form: Mapping[str, Any], context: Context) -> SheetBuilder:
    """Write every row of a form."""
    sheet = SheetBuilder(name, form.get("group", "data"), form.get("title", name))
    widths = dict(zip((LABEL, VALUE, NOTE), form.get("widths", WIDTHS), strict=True))
    sheet.look.widths |= {0: MARGIN, **widths}
    sheet.look.freeze = (FIRST_ROW - 1, 0)
    sheet.link(0, 0, "Start", "'Start'!A1")
    sheet.text(0, LABEL, form.get("title", name), "title")
    sheet.text(1, LABEL, form.get("summary", ""), "summary")
    sheet.look.heights[0] = TITLE_HEIGHT
    columns = Columns(LABEL, VALUE, NOTE)
    RowWriter(sheet, f"forms/{name}.toml", columns, FIRST_ROW, context).write(form["row"])
    return sheet
