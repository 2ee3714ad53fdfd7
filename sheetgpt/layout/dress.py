"""Header cells and the look of tensors: positions, words, number formats, colour scales."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np

from sheetgpt.book.area import Area, column_name
from sheetgpt.layout.builder import SheetBuilder
from sheetgpt.layout.tensor import ONE, Axis, Tensor

#: Columns of pieces of a text are this wide, in characters: most prompts fit a screen.
PIECE_WIDTH = 5.5
#: Columns of a map are this wide, in characters, its rows as high, in points; its tab is shown at
#: this size, in percent, so that many fit. The words above them stand upright, as high in points.
MAP_WIDTH, MAP_HEIGHT, MAP_ZOOM, MAP_LABEL_HEIGHT = 2.2, 10, 70, 50


class Headers:
    """Writes the header cells of a step's tensors; `row` is that of the variables' names."""

    def __init__(self, sheet: SheetBuilder, row: int, side_by_side: bool) -> None:
        self.sheet, self.row, self.side_by_side = sheet, row, side_by_side

    def above(self, tensor: Tensor, variable: str, show: str) -> None:
        """The variable's name above its cells, and the positions of an axis that runs right."""
        sheet, area = self.sheet, tensor.area
        sheet.text(self.row, area.col, variable, "column" if show == "text" else "variable")
        if len(tensor.axes) < 2 or tensor.axes[-1] == ONE:
            return
        axis = tensor.axes[-1]
        inner = axis.repeated
        positions = np.arange(inner.first, inner.first + inner.size, dtype=np.float64)
        numbers = np.tile(positions, axis.size // inner.size)[None, :]
        sheet.numbers(self.row + 1, area.col, numbers, "position")
        self._hide(Area(sheet.name, self.row + 1, area.col, 1, axis.size), inner)
        if not self.side_by_side:
            # In the column of words, or in the gap to the tensor before: what runs to the right.
            sheet.text(self.row + 1, area.col - 1, f"{inner.name} ▸", "axis")
        if axis.outer:
            for i in range(axis.outer.size):
                name = f"{axis.outer.name} {axis.outer.first + i}"
                text = f"{variable}, {name}" if i == 0 else name
                sheet.text(self.row, area.col + i * inner.size, text, "column")
        if inner.labels and not self.side_by_side:
            style = "label_up" if show == "map" else "label_across"
            for col in range(area.col, area.col + axis.size, inner.size):
                label = Area(area.sheet, self.row + 2, col, 1, inner.size)
                sheet.array_formula(label, f"TRANSPOSE({inner.labels})", style)
            if show == "map":
                sheet.look.heights[self.row + 2] = MAP_LABEL_HEIGHT

    def beside(self, tensor: Tensor, down: tuple[Axis, ...], outer: int, label: int) -> None:
        """The positions (and words) of the rows, once for all tensors of the step."""
        sheet, axis = self.sheet, down[-1]
        repeats = tensor.area.rows // axis.size
        numbers = np.arange(axis.first, axis.first + axis.size, dtype=np.float64)
        at = tensor.headers[len(down) - 1]
        assert at is not None
        sheet.numbers(tensor.row, at, np.tile(numbers, repeats)[:, None], "position")
        self._hide(Area(sheet.name, tensor.row, at, tensor.area.rows), axis, at=at)
        sheet.text(self.row, at, axis.name, "axis")
        if len(down) > 1:
            groups = down[0].first + np.repeat(np.arange(float(repeats)), axis.size)
            sheet.numbers(tensor.row, outer, groups[:, None], "position")
            self._hide(Area(sheet.name, tensor.row, outer, tensor.area.rows), axis, at=at)
            sheet.text(self.row, outer, down[0].name, "axis")
        if axis.labels and not self.side_by_side:
            for i in range(repeats):
                area = Area(sheet.name, tensor.row + i * axis.size, label, axis.size)
                sheet.array_formula(area, axis.labels, "label")

    def _hide(self, header: Area, axis: Axis, at: int | None = None) -> None:
        """Show no positions beyond those in use; `at` is their column if the axis runs down."""
        if axis.live is not None:
            row = header.row + 1
            cell = f"{column_name(header.col)}${row}" if at is None else f"${column_name(at)}{row}"
            self.sheet.rule("hide", header, f"{cell}>={axis.live}+{axis.first}")


def dress(sheet: SheetBuilder, tensor: Tensor, show: str) -> None:
    """Number format and colour scale; nothing shows beyond the prompt."""
    area = tensor.area
    sheet.paint(area, show)
    for i, axis in enumerate(tensor.axes):
        at = tensor.headers[i]
        if axis.live is None or at is None:
            continue
        down = tensor.runs_down(i)
        cell = f"${column_name(at)}{area.row + 1}" if down else f"{column_name(area.col)}${at + 1}"
        sheet.rule("hide", area, f"{cell}>={axis.live}+{axis.first}")
    wide = len(tensor.axes) > 1 and tensor.axes[-1] != ONE
    if show == "pattern":
        sheet.rule("heat", area, areas=_triangles(tensor))
    elif show == "map":
        sheet.rule("heat", area)
        sheet.look.heights |= dict.fromkeys(range(area.row, area.row + area.rows), MAP_HEIGHT)
        at = tensor.headers[0 if len(tensor.axes) < 3 else 1]
        if at is not None:
            sheet.paint(Area(sheet.name, area.row, at + 1, area.rows), "label_small")
        sheet.look.widths |= dict.fromkeys(range(area.col, area.col + area.cols), MAP_WIDTH)
        sheet.look.zoom = MAP_ZOOM
    elif show == "piece":
        sheet.look.widths |= dict.fromkeys(range(area.col, area.col + area.cols), PIECE_WIDTH)
    elif show == "scores":
        sheet.rule("masked", area)
        sheet.rule("diverging", area, areas=_triangles(tensor))
    elif show == "probability":
        sheet.rule("bars", area)
    elif show in ("decimal", "points", "tally") and wide:
        sheet.rule("signed", area, _in_use(tensor.axes))


def _in_use(axes: Sequence[Axis]) -> str:
    """The number of cells in use as a formula: `48*MIN(n_tokens,16)`."""
    fixed = prod(axis.size for axis in axes if axis.live is None)
    live = [f"MIN({axis.live},{axis.size})" for axis in axes if axis.live is not None]
    return "*".join([str(fixed), *live])


def _triangles(tensor: Tensor) -> list[Area]:
    """The cells of stacked T x T scores that are not masked: row q up to column q, per head."""
    area, size = tensor.area, tensor.axes[-1].size
    return [area._replace(row=area.row + i, rows=1, cols=1 + i % size) for i in range(area.rows)]
