"""Write named tensors side by side as live copies, each below its heading."""

from __future__ import annotations

from sheetgpt.book.area import Area
from sheetgpt.layout.builder import SheetBuilder
from sheetgpt.layout.context import Context
from sheetgpt.template.panels import Panel


def write_table(sheet: SheetBuilder, panel: Panel, row: int, context: Context) -> int:
    """Write the columns of a panel from `row` on; returns the first row below the longest."""
    bottom = row
    for col, column in enumerate(panel.columns, panel.col):
        tensor = context.tensor(column.source)
        head = "column" if column.show == "text" else "column_right"
        sheet.text(row, col, column.title, head)
        area = Area(sheet.name, row + 1, col, tensor.area.rows)
        sheet.array_formula(area, column.source, column.show)
        bottom = max(bottom, area.row + area.rows)
    return bottom
