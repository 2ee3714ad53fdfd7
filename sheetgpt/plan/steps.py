"""Lay out a tab of steps: a card and header cells for every step, then its tensors.

Steps are stacked (`down`) or stand side by side (`right`). Stacked steps share three frozen
columns: outer position (such as the head), position, label.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from textwrap import wrap

import numpy as np

from sheetgpt.area import Area, column_name, quote_sheet
from sheetgpt.plan.bind import bind_letters, guard_rows, left_axes
from sheetgpt.plan.builder import SheetBuilder
from sheetgpt.plan.compile import PlacedStep, compile_step
from sheetgpt.plan.names import require_new_name
from sheetgpt.plan.tensor import ONE, Axis, PlacementError, Tensor, stack
from sheetgpt.template.expand import Step, Tab
from sheetgpt.template.op import Line
from sheetgpt.template.tables import Problems

OUTER, POSITION, LABEL, DATA = 0, 1, 2, 3
TOP_ROWS = 4
#: The row above the cards that leads to each of them by its number.
STEPS_ROW = 2
#: Steps side by side: width of a column, least width of a card, height of the formulas' row.
RIGHT_WIDTH, CARD_WIDTH, FORMULA_HEIGHT = 11.5, 46.0, 190
#: Blank rows that only guard the ends of a table are this low, in points.
GUARD_HEIGHT = 3
TIMES = " × "


@dataclass(frozen=True)
class Band:
    """Where the parts of a card lie: the same row numbers for steps that stand side by side."""

    top: int
    left: int
    formulas: int
    variables: int
    data: int


class StepTab:
    """Lays out one tab; `tensors` is the registry of all named tensors, which it adds to.

    Names of steps that could not be laid out go into `failed`.
    """

    def __init__(
        self,
        tab: Tab,
        tensors: MutableMapping[str, Tensor],
        axes: Mapping[str, Axis],
        config: Mapping[str, int],
        problems: Problems,
        failed: set[str],
    ) -> None:
        self.tab, self.tensors, self.axes, self.config = tab, tensors, axes, config
        self.problems, self.failed = problems, failed
        self.sheet = SheetBuilder(tab.name, tab.part, tab.title)
        self.right = tab.direction == "right"
        self.guards = guard_rows(tab.steps)
        # Cards side by side are as tall as the longest of them, so that all heads line up.
        self.text_rows = max(len(self._sentences(step)) for step in tab.steps) if self.right else 0

    def lay_out(self) -> SheetBuilder:
        """Place every step of the tab and compile its formulas."""
        sheet, look = self.sheet, self.sheet.look
        sheet.link(0, 0, "Start", "'Start'!A1")
        sheet.text(0, 1, self.tab.title, "title")
        sheet.text(1, 1, self.tab.summary, "summary")
        if self.right:
            look.default_width = RIGHT_WIDTH
        else:
            look.widths |= {OUTER: 6, POSITION: 6, LABEL: 14}
            look.freeze = (TOP_ROWS, DATA)
        row, col = TOP_ROWS, 0
        for step in self.tab.steps:
            if not self.failed.isdisjoint(step.inputs.values()):
                self.failed.update(step.names.values())
                continue  # the problem lies in a step before it, which has been reported
            try:
                bottom, edge = self._step(step, row, col)
            except PlacementError as error:
                where = f"{step.op.file}, tab {self.tab.name}, step {step.name}"
                self.problems.add(where, str(error))
                self.failed.update(step.names.values())
                continue
            if self.right:
                col = edge + 1
            else:
                row = bottom + 2
        return sheet

    def _step(self, step: Step, row: int, col: int) -> tuple[int, int]:
        """Lay out one step at (row, col); returns the first row and column after it."""
        for name in step.names.values():
            require_new_name(name, self.tensors)
        letters = bind_letters(step, self.tensors, self.axes)
        shapes = {
            line.left.name: left_axes(line.left, letters, self.config) for line in step.op.lines
        }
        band = self._card(step, shapes, row, col)
        placed, bottom, edge = self._place(step, shapes, band)
        if step.number is not None and not self.right:
            place = f"{quote_sheet(self.tab.name)}!A{row + 1}"
            self.sheet.link(STEPS_ROW, DATA + step.number - 1, f"step {step.number}", place)
        inputs = {d.name: self.tensors[step.inputs[d.name]] for d in step.op.inputs}
        context = PlacedStep(step, {**inputs, **placed}, letters, self.config)
        for formula in compile_step(context):
            self.sheet.formula(formula)
        for variable, tensor in placed.items():
            self.tensors[step.names[variable]] = tensor
            self._dress(tensor, step.op.show.get(variable, "decimal"))
        if self.right:
            self._spread(col, edge)
        return bottom, edge

    def _card(self, step: Step, shapes: Mapping[str, tuple[Axis, ...]], row: int, col: int) -> Band:
        """Write number, title, sentence, formulas, shape and sources."""
        sheet = self.sheet
        text_col = col if self.right else POSITION
        if step.number is not None:
            sheet.number(row, OUTER, float(step.number), "number")
        sheet.text(row, text_col, step.title, "step")
        at = row + 1
        for text, style in self._sentences(step):
            sheet.text(at, text_col, text, style)
            at += 1
        at = max(at, row + 1 + self.text_rows)
        sheet.text(at, text_col, _describe(step, shapes[step.op.lines[-1].left.name]), "meta")
        formulas = variables = at + 1
        if self.right:
            sheet.look.heights[formulas] = FORMULA_HEIGHT
            variables += 1
        else:
            for line in step.op.lines:
                sheet.text(variables, text_col, line.declared(), "declared")
                variables += 1
        wide = any(map(runs_right, shapes.values()))
        labelled = any(runs_right(axes) and axes[-1].labels for axes in shapes.values())
        heads = 1 if self.right else 1 + wide + labelled
        if self.right:
            sheet.look.freeze = (variables + heads, 0)
        return Band(row, col, formulas, variables, variables + heads + self.guards[0])

    def _sentences(self, step: Step) -> list[tuple[str, str]]:
        """The summary and the explanation with their styles; broken into lines side by side."""
        texts = [(step.summary, "summary"), (step.op.explanation, "note")]
        if not self.right:
            return [(text, style) for text, style in texts if text]
        width = max(CARD_WIDTH, (len(step.op.lines) + 1) * RIGHT_WIDTH)
        return [(line, style) for text, style in texts for line in wrap(text, int(width))]

    def _place(
        self, step: Step, shapes: Mapping[str, tuple[Axis, ...]], band: Band
    ) -> tuple[dict[str, Tensor], int, int]:
        """Give the step's tensors their cells, left to right, and write their header cells."""
        down = next((d for d in map(down_axes, shapes.values()) if d), ())
        at = band.left + 1 if self.right else DATA
        placed: dict[str, Tensor] = {}
        for i, line in enumerate(step.op.lines):
            axes = shapes[line.left.name]
            mine = down_axes(axes)
            if mine and [axis.size for axis in mine] != [axis.size for axis in down]:
                raise PlacementError(f"formula {line.left}: its rows differ from those before it")
            if runs_right(axes) and i:
                at += 1
            name = step.names[line.left.name]
            headers = self._header_places(axes, band)
            tensor = stack(name, self.tab.name, band.data, at, axes, headers, self.guards)
            placed[line.left.name] = tensor
            self._head(line, tensor, band, step.op.show.get(line.left.name, "decimal"))
            at += tensor.area.cols
        tall = max(placed.values(), key=lambda tensor: tensor.area.rows)
        self._rows_header(tall, down, band)
        for row in range(band.data - self.guards[0], band.data):
            self.sheet.look.heights[row] = GUARD_HEIGHT
        return placed, band.data + tall.area.rows + self.guards[1], at

    def _header_places(self, axes: tuple[Axis, ...], band: Band) -> tuple[int | None, ...]:
        """The column (or, for the axis that runs right, the row) of each axis' header cells."""
        position = band.left if self.right else POSITION
        down = [None if axis is ONE else OUTER for axis in down_axes(axes)]
        if down and down[-1] is not None:
            down[-1] = position
        across = [band.variables + 1 if runs_right(axes) else None] if len(axes) > 1 else []
        return (*down, *across)

    def _head(self, line: Line, tensor: Tensor, band: Band, show: str) -> None:
        """Write the variable's name above its cells, and the positions of a column axis."""
        sheet, area = self.sheet, tensor.area
        head = "column" if show == "text" else "variable"
        sheet.text(band.variables, area.col, line.left.name, head)
        if self.right:
            sheet.text(band.formulas, area.col, line.declared(), "declared_wrapped")
        if not runs_right(tensor.axes):
            return
        axis = tensor.axes[-1]
        row = band.variables + 1
        numbers = np.arange(axis.first, axis.first + axis.size, dtype=np.float64)[None, :]
        sheet.numbers(row, area.col, numbers, "position")
        if axis.labels and not self.right:
            label = Area(self.tab.name, row + 1, area.col, 1, axis.size)
            sheet.array_formula(label, f"TRANSPOSE({axis.labels})", "label_across")

    def _rows_header(self, tensor: Tensor, down: tuple[Axis, ...], band: Band) -> None:
        """Write the positions (and labels) of the rows, once for all tensors of the step."""
        sheet = self.sheet
        if not down or down[0] is ONE:
            return
        axis = down[-1]
        repeats = tensor.area.rows // axis.size
        numbers = np.arange(axis.first, axis.first + axis.size, dtype=np.float64)
        at = tensor.headers[len(down) - 1]
        assert at is not None
        sheet.numbers(tensor.row, at, np.tile(numbers, repeats)[:, None], "position")
        sheet.text(band.variables, at, axis.name, "axis")
        if len(down) > 1:
            outer = down[0].first + np.repeat(np.arange(float(repeats)), axis.size)
            sheet.numbers(tensor.row, OUTER, outer[:, None], "position")
            sheet.text(band.variables, OUTER, down[0].name, "axis")
        if axis.labels and not self.right:
            for i in range(repeats):
                area = Area(self.tab.name, tensor.row + i * axis.size, LABEL, axis.size)
                sheet.array_formula(area, axis.labels, "label")

    def _dress(self, tensor: Tensor, show: str) -> None:
        """Number format, colour scale and grey for positions beyond the prompt."""
        sheet, area = self.sheet, tensor.area
        sheet.paint(area, show)
        for i, axis in enumerate(tensor.axes):
            at = tensor.headers[i]
            if axis.live is None or at is None:
                continue
            down = tensor.runs_down(i)
            cell = (
                f"${column_name(at)}{area.row + 1}" if down else f"{column_name(area.col)}${at + 1}"
            )
            sheet.rule("dim", area, f"{cell}>={axis.live}+{axis.first}")
        if show == "pattern":
            sheet.rule("heat", area, parts=_triangles(tensor))
        elif show == "scores":
            sheet.rule("masked", area)
            sheet.rule("diverging", area, parts=_triangles(tensor))

    def _spread(self, col: int, edge: int) -> None:
        """Widen the gap after a narrow card so that its sentences can be read."""
        missing = CARD_WIDTH - (edge - col) * RIGHT_WIDTH
        self.sheet.look.widths[edge] = max(3.0, missing)


def down_axes(axes: tuple[Axis, ...]) -> tuple[Axis, ...]:
    """The axes that run down the sheet: all but the last, or the only one."""
    return axes[:-1] if len(axes) > 1 else axes


def _triangles(tensor: Tensor) -> list[Area]:
    """The cells of stacked T x T scores that are not masked: row q up to column q, per head."""
    area, size = tensor.area, tensor.axes[-1].size
    return [area._replace(row=area.row + i, rows=1, cols=1 + i % size) for i in range(area.rows)]


def runs_right(axes: tuple[Axis, ...]) -> bool:
    """Whether a tensor has an axis along the columns."""
    return len(axes) > 1 and axes[-1] is not ONE


def _describe(step: Step, axes: tuple[Axis, ...]) -> str:
    """`32 × 64 (position × n_embd), named h.0.ln_1, from h.0.resid_pre, h.0.ln_1.weight`."""
    sizes = TIMES.join(str(axis.size) for axis in axes) or "one cell"
    words = TIMES.join(axis.name for axis in axes)
    shape = f"{sizes} ({words})" if axes else sizes
    results = [name for name in step.names.values() if not name.startswith(f"{step.name}.")]
    sources = f", from {', '.join(step.inputs.values())}" if step.inputs else ""
    return f"{shape}, named {', '.join(results)}{sources}"
