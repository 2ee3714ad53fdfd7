"""Lay out a tab of steps: rows and charts on top, then a card, header cells and tensors for each.

Formulas stand below the tables of their step, or on the right of long ones: results come first.
Steps are stacked (`down`) or stand side by side (`right`). Stacked steps share three frozen
columns: outer position (such as the head), position, label.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import prod

from sheetgpt.book.area import cell_name, quote_sheet
from sheetgpt.layout.bind import bind_letters, guard_rows, left_axes, wired
from sheetgpt.layout.builder import SheetBuilder
from sheetgpt.layout.cards import Card, CardLine, describe, draw_block, marked, sentences, wrapped
from sheetgpt.layout.charts import bind_chart, rows_below
from sheetgpt.layout.compile import PlacedStep, compile_step
from sheetgpt.layout.context import Context
from sheetgpt.layout.dress import Headers, dress
from sheetgpt.layout.rows import Columns, RowWriter
from sheetgpt.layout.tensor import ONE, Axis, PlacementError, Tensor, stack
from sheetgpt.template.expand import Step, Tab
from sheetgpt.template.op import Line

OUTER, POSITION, LABEL, DATA = 0, 1, 2, 3
TOP_ROWS = 4
#: The row above the cards that leads to each of them by its number.
STEPS_ROW = 2
#: Steps side by side: width of a column, least width of a card.
RIGHT_WIDTH, CARD_WIDTH = 11.5, 46.0
#: Formulas in such a column: characters and points of a line, the highest row in points.
FORMULA_CHARS, FORMULA_LINE, HIGHEST = 14, 11, 409
#: Formulas stand on the right of tables with more rows than these, so many columns after them.
LONG, GAP = 100, 1
#: Blank rows that only guard the ends of a table are this low, in points.
GUARD_HEIGHT = 3
#: Columns that the link to a card side by side takes.
LINK_COLUMNS = 3
#: Before the name of a table that a link leads to.
TABLE = "→ "
#: Tables that begin after so many columns are not on the first screen: links lead there.
SCREEN = 18
#: Columns between the link to the step before and that to the next.
NEXT_COLUMNS = 6


@dataclass(frozen=True)
class Band:
    """Where the parts of a card lie: the same row numbers for steps that stand side by side."""

    top: int
    left: int
    variables: int
    data: int


class StepTab:
    """Lays out one tab; adds its tensors to those of the context.

    Names of steps that could not be laid out go into `failed` there. `cards` are in order.
    """

    def __init__(self, tab: Tab, axes: Mapping[str, Axis], context: Context) -> None:
        self.tab, self.axes, self.context = tab, axes, context
        self.tensors, self.config, self.failed = context.tensors, context.whole, context.failed
        self.sheet = SheetBuilder(tab.name, tab.group, tab.title)
        self.cards: list[Card] = []
        #: Of steps side by side: the row below them, and the formulas by column.
        self.bottom, self.formulas = 0, dict[int, str]()
        self.right = tab.direction == "right"
        self.guards = guard_rows(tab.steps)
        # Cards side by side are as tall as the longest of them, so that all heads line up.
        self.text_rows = max(len(self._lines(step)) for step in tab.steps) if self.right else 0

    def lay_out(self) -> SheetBuilder:
        """Place every step of the tab and compile its formulas."""
        sheet, look = self.sheet, self.sheet.look
        sheet.link(0, 0, "Start", "'Start'!A1")
        sheet.text(0, 1, self.tab.title, "title")
        sheet.text(1, 1, self.tab.summary, "summary")
        if self.right:
            look.default_width, look.freeze = RIGHT_WIDTH, (TOP_ROWS, 0)
        else:
            look.widths |= {OUTER: 6, POSITION: 6, LABEL: 14}
            look.freeze = (TOP_ROWS, DATA)
        top = self._rows()
        row, col = top + self._room_for_charts(), 0
        for step in self.tab.steps:
            if not self.failed.isdisjoint(step.sources):
                self.failed.update(step.names.values())
                continue  # the problem lies in a step before it, which has been reported
            try:
                bottom, edge = self._step(step, row, col)
            except PlacementError as error:
                where = f"{step.op.file}, tab {self.tab.name}, step {step.name}"
                self.context.problems.add(where, str(error))
                self.failed.update(step.names.values())
                continue
            if self.right:
                col = edge + 1
                self.bottom = max(self.bottom, bottom)
            else:
                row = bottom + 2
        self._charts(top)
        if self.right:
            self._link_cards()
            self._formulas_below()
        if marked(self.cards):
            draw_block(self.cards, DATA)
        return sheet

    def _link_cards(self) -> None:
        """Links from the top to cards side by side, one for each kind of step."""
        firsts = {card.step.op.key: card for card in reversed(self.cards)}
        for i, card in enumerate(reversed(firsts.values())):
            self.sheet.link(STEPS_ROW, 1 + LINK_COLUMNS * i, card.step.title, card.place)

    def _formulas_below(self) -> None:
        """The formulas of steps side by side in one row below all tables."""
        row = self.bottom + 1
        for col, text in self.formulas.items():
            self.sheet.text(row, col, text, "declared_wrapped")
        lines = max((-(-len(text) // FORMULA_CHARS) for text in self.formulas.values()), default=1)
        self.sheet.look.heights[row] = min(HIGHEST, FORMULA_LINE * (lines + 1))

    def _rows(self) -> int:
        """Write the rows above the steps; returns the first row below them."""
        if not self.tab.rows:
            return TOP_ROWS
        columns = Columns(POSITION, DATA, DATA + 2)
        writer = RowWriter(self.sheet, columns, TOP_ROWS, self.context)
        writer.write(self.tab.rows)
        return writer.row + 1

    def _room_for_charts(self) -> int:
        below = (chart for chart in self.tab.charts if not chart.beside)
        return max((rows_below(chart) + 1 for chart in below), default=0)

    def _charts(self, row: int) -> None:
        for chart in self.tab.charts:
            with self.context.at(chart.where):
                top = TOP_ROWS if chart.beside else row
                col = POSITION if chart.col is None else chart.col
                self.sheet.look.charts.append(bind_chart(chart, top, col, self.context))

    def _step(self, step: Step, row: int, col: int) -> tuple[int, int]:
        """Lay out one step at (row, col); returns the first row and column after it."""
        for name in step.names.values():
            self.context.names.claim(name)
        letters = bind_letters(step, self.tensors, self.axes)
        shapes = {
            line.left.name: left_axes(line.left, letters, self.config) for line in step.op.lines
        }
        band = self._card(step, shapes, row, col)
        placed, bottom, edge = self._place(step, shapes, band)
        if step.number is not None and not self.right:
            column, text = DATA + step.number - 1, f"step {step.number}"
            self.sheet.link(STEPS_ROW, column, text, self.cards[-1].place)
        inputs = {d.name: wired(step, d, self.tensors) for d in step.op.inputs}
        context = PlacedStep(step, {**inputs, **placed}, letters, self.config)
        for formula in compile_step(context):
            self.sheet.formula(formula)
        if not self.right:
            bottom = self._formulas(step, band, bottom, edge)
        for variable, tensor in placed.items():
            self.tensors[step.names[variable]] = tensor
            dress(self.sheet, tensor, step.op.show.get(variable, "decimal"))
        for variable, by in step.op.marks.items():
            cell = cell_name(placed[by].row, placed[by].col)
            self.sheet.rule("chip", placed[variable].area, f"{cell}=1")
        if self.right:
            self._spread(col, edge)
        return bottom, edge

    def _formulas(self, step: Step, band: Band, bottom: int, edge: int) -> int:
        """The formulas of a step below its tables or beside long ones; returns the row below."""
        beside = bottom - band.data - self.guards[1] > LONG
        row, col = (band.data, edge + GAP) if beside else (bottom, POSITION)
        for i, line in enumerate(step.op.lines):
            self.sheet.text(row + i, col, line.declared(), "declared")
        return bottom if beside else bottom + len(step.op.lines)

    def _lines(self, step: Step) -> list[CardLine]:
        """What the card says; broken into lines where cards stand side by side."""
        if not self.right:
            return sentences(step)
        width = max(CARD_WIDTH, (len(step.op.lines) + 1) * RIGHT_WIDTH)
        return wrapped(sentences(step), int(width))

    def _card(self, step: Step, shapes: Mapping[str, tuple[Axis, ...]], row: int, col: int) -> Band:
        """Write number, title, sentences, shape and sources; leave room for links."""
        sheet = self.sheet
        text_col = col if self.right else POSITION
        if step.number is not None:
            sheet.number(row, OUTER, float(step.number), "number")
        sheet.text(row, text_col, step.title, "step")
        at = row + 1
        back, after = (at, text_col), (at, text_col + NEXT_COLUMNS)
        if self.right:
            at += 1
            after = (at, text_col)
        picture = at + 1
        at += 1 + 2 * bool(step.mark)
        self.cards.append(
            Card(step, sheet, row, 0 if not self.right else col, back, after, picture)
        )
        lines = self._lines(step)
        for i, line in enumerate(lines):
            sheet.text(at + i, text_col, line.text, line.style)
        at += max(len(lines), self.text_rows)
        sheet.text(at, text_col, describe(step, largest(shapes.values())), "meta")
        variables = at + 1
        wide = any(map(runs_right, shapes.values()))
        labelled = any(runs_right(axes) and axes[-1].repeated.labels for axes in shapes.values())
        heads = 1 if self.right else 1 + wide + labelled
        return Band(row, col, variables, variables + heads + self.guards[0])

    def _place(
        self, step: Step, shapes: Mapping[str, tuple[Axis, ...]], band: Band
    ) -> tuple[dict[str, Tensor], int, int]:
        """Give the step's tensors their cells, left to right, and write their header cells."""
        down = next((d for d in map(down_axes, shapes.values()) if d), ())
        at = band.left + 1 if self.right else DATA
        heads = Headers(self.sheet, band.variables, self.right)
        placed: dict[str, Tensor] = {}
        for i, line in enumerate(displayed(step, shapes, self.right)):
            axes = shapes[line.left.name]
            mine = down_axes(axes)
            if mine not in ((), (ONE,)) and [a.size for a in mine] != [a.size for a in down]:
                raise PlacementError(f"formula {line.left}: its rows differ from those before it")
            if runs_right(axes) and i:
                at += 1
            name = step.names[line.left.name]
            headers = self._header_places(axes, band)
            tensor = stack(name, self.tab.name, band.data, at, axes, headers, self.guards)
            placed[line.left.name] = tensor
            heads.above(tensor, line.left.name, step.op.show.get(line.left.name, "decimal"))
            if at > SCREEN and runs_right(axes) and not self.right:
                self._link_table(tensor, line.left.name, band, i)
            if self.right:
                self.formulas[at] = line.declared()
            at += tensor.area.cols
        if down and down[0] != ONE:
            heads.beside(next(x for x in placed.values() if x.axes), down, OUTER, LABEL)
        for row in range(band.data - self.guards[0], band.data):
            self.sheet.look.heights[row] = GUARD_HEIGHT
        tallest = max(tensor.area.rows for tensor in placed.values())
        return placed, band.data + tallest + self.guards[1], at

    def _link_table(self, tensor: Tensor, variable: str, band: Band, number: int) -> None:
        """A link to a table that begins far to the right, beside the title of the step."""
        place = f"{quote_sheet(self.sheet.name)}!{cell_name(band.variables, tensor.col)}"
        column = POSITION + NEXT_COLUMNS + number - 1
        self.sheet.link(band.top, column, f"{TABLE}{variable}", place, "nav")

    def _header_places(self, axes: tuple[Axis, ...], band: Band) -> tuple[int | None, ...]:
        """The column (or, for the axis that runs right, the row) of each axis' header cells."""
        position = band.left if self.right else POSITION
        down = [None if axis == ONE else OUTER for axis in down_axes(axes)]
        if down and down[-1] is not None:
            down[-1] = position
        across = [band.variables + 1 if runs_right(axes) else None] if len(axes) > 1 else []
        return (*down, *across)

    def _spread(self, col: int, edge: int) -> None:
        """Widen the gap after a narrow card so that its sentences can be read."""
        missing = CARD_WIDTH - (edge - col) * RIGHT_WIDTH
        self.sheet.look.widths[edge] = max(3.0, missing)


def down_axes(axes: tuple[Axis, ...]) -> tuple[Axis, ...]:
    """The axes that run down the sheet: all but the last, or the only one."""
    return axes[:-1] if len(axes) > 1 else axes


def displayed(
    step: Step, shapes: Mapping[str, tuple[Axis, ...]], side_by_side: bool
) -> tuple[Line, ...]:
    """The formulas from left to right: the result first where wide workings would hide it."""
    *before, last = step.op.lines
    workings = [line for line in before if step.names[line.left.name].startswith(step.name)]
    hidden = any(runs_right(shapes[line.left.name]) for line in workings)
    return step.op.lines if side_by_side or not hidden else (last, *before)


def largest(shapes: Iterable[tuple[Axis, ...]]) -> tuple[Axis, ...]:
    """The shape with the most cells, the last of equal ones: that of a step's result."""
    return max(reversed([*shapes]), key=lambda axes: prod(axis.size for axis in axes))


def runs_right(axes: tuple[Axis, ...]) -> bool:
    """Whether a tensor has an axis along the columns."""
    return len(axes) > 1 and axes[-1] != ONE
