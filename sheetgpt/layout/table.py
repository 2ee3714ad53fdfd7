"""Write named tensors side by side as live copies, each below its heading."""

from __future__ import annotations

from collections.abc import Callable
from math import prod

from sheetgpt.book.area import Area
from sheetgpt.layout.builder import SheetBuilder
from sheetgpt.layout.steps import down_axes
from sheetgpt.layout.tensor import Tensor
from sheetgpt.template.panels import Panel


def write_table(
    sheet: SheetBuilder, panel: Panel, row: int, tensor: Callable[[str], Tensor]
) -> int:
    """Write the columns of a panel from `row` on; returns the first row below the longest.

    `tensor` finds one by its name, also one that is laid out later.
    """
    bottom = row
    for col, column in enumerate(panel.columns, panel.col):
        found = tensor(column.source)
        head = "column" if column.show == "text" else "column_right"
        sheet.text(row, col, column.title, head)
        rows = found.area.rows if found.placed else prod(x.size for x in down_axes(found.axes))
        area = Area(sheet.name, row + 1, col, rows)
        sheet.array_formula(area, column.source, column.show)
        bottom = max(bottom, area.row + area.rows)
    return bottom
