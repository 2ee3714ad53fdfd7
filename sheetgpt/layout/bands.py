"""Lay out a tab of panels in bands: words, cells to type into, tables, charts, steps, exercises.

A step stands where a panel says, with its title above and its formulas below its cells.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from textwrap import wrap

import numpy as np

from sheetgpt.book.area import Area, cell_name
from sheetgpt.layout.bind import bind_letters, guard_rows, left_axes, wired
from sheetgpt.layout.builder import SheetBuilder
from sheetgpt.layout.cards import Card
from sheetgpt.layout.charts import bind_chart, rows_below
from sheetgpt.layout.compile import PlacedStep, compile_step
from sheetgpt.layout.context import Context
from sheetgpt.layout.dress import Headers, dress
from sheetgpt.layout.rows import Columns, RowWriter, limited_entry
from sheetgpt.layout.steps import down_axes, runs_right
from sheetgpt.layout.tensor import ONE, Axis, PlacementError, Tensor, stack
from sheetgpt.template.expand import FillError, Step, Tab
from sheetgpt.template.panels import EntryTable, Exercise, Panel, PanelKind
from sheetgpt.template.rows import Row, wanted

#: Widths in characters: of every column, of the margin.
WIDTH, MARGIN = 9.0, 2
#: The column after the last one that a screen of 1366 pixels shows.
EDGE = 19
TOP_ROW = 3
#: Characters that go into the width of one, in words and in formulas.
WORDS, CODE = 1.25, 1.1
#: Labels of rows take this many columns.
LABELS = 2
#: What an exercise says of the answer.
NOT_DONE, CORRECT, NOT_YET = "NOT DONE", "CORRECT", "NOT YET"

Shapes = Mapping[str, tuple[Axis, ...]]


class BandTab:
    """Lays out one tab; adds its tensors to those of the context.

    Names of steps that could not be laid out go into `failed` there.
    """

    def __init__(self, tab: Tab, axes: Mapping[str, Axis], context: Context) -> None:
        self.tab, self.axes, self.context = tab, axes, context
        self.sheet = SheetBuilder(tab.name, tab.group, tab.title)
        #: It has none: nothing leads from step to step.
        self.cards: list[Card] = []
        self._shapes: dict[str, Shapes] = {}
        self._placed: dict[str, dict[str, Tensor]] = {}
        self._charts: list[tuple[Panel, int]] = []

    def lay_out(self) -> SheetBuilder:
        """Place all panels, each band below the tallest of the one before, then the formulas."""
        sheet, look = self.sheet, self.sheet.look
        look.default_width, look.freeze = WIDTH, (TOP_ROW - 1, 0)
        look.widths[0] = MARGIN
        sheet.link(0, EDGE - 1, "Start", "'Start'!A1")
        sheet.text(0, 1, self.tab.title, "title")
        sheet.text(1, 1, self.tab.summary, "heading")
        self._find_shapes()
        row = TOP_ROW
        for band in self.tab.bands:
            panels = wanted(band, self.context.left_out)
            below: dict[int, int] = {}  # by column: panels of one column stand below each other
            for panel in panels:
                below[panel.col] = 1 + self._panel(panel, below.get(panel.col, row), panels)
            row = max(below.values(), default=row)
        for step in self.tab.steps:
            with self.context.at(f"{step.op.file}, tab {self.tab.name}, step {step.name}"):
                self._compile(step)
        for panel, at in self._charts:
            with self.context.at(panel.where):
                charts = [bind_chart(x, at, panel.col, self.context) for x in panel.charts]
                look.charts += charts
        return sheet

    def _find_shapes(self) -> None:
        """The axes of all tensors of the tab: a panel may stand above one that it reads."""
        known: dict[str, Tensor] = dict(self.context.tensors)

        def note(name: str, axes: tuple[Axis, ...]) -> None:
            stand = stack(name, self.tab.name, 0, 0, axes, (None,) * len(axes))
            known[name] = stand

        for panel in self.tab.panels:
            for table in panel.entries:
                note(table.name, tuple(self.axes[name] for name in panel.axes))
        for step in self.tab.steps:
            with self.context.at(f"{step.op.file}, tab {self.tab.name}, step {step.name}"):
                try:
                    letters = bind_letters(step, known, self.axes)
                    shapes = {
                        line.left.name: left_axes(line.left, letters, self.context.whole)
                        for line in step.op.lines
                    }
                except PlacementError:
                    self.context.failed.update(step.names.values())
                    raise
                self._shapes[step.name] = shapes
                for variable, axes in shapes.items():
                    note(step.names[variable], axes)

    def _panel(self, panel: Panel, row: int, band: Sequence[Panel]) -> int:
        """Write one panel from `row` on; returns the first row below it."""
        kinds: dict[PanelKind, Callable[[Panel, int, int], int]] = {
            "rows": self._rows,
            "table": self._table,
            "chart": self._chart,
            "entries": self._entries,
            "steps": self._steps,
            "exercise": self._exercise,
        }
        edge = min((other.col for other in band if other.col > panel.col), default=EDGE)
        room = int((edge - panel.col) * WIDTH)
        with self.context.at(panel.where):
            if panel.kind not in kinds:
                raise PlacementError(f"a panel of the kind {panel.kind} stands on Start alone")
            if panel.title:
                self.sheet.text(row, panel.col, panel.title, "heading")
                row += 1
            row = self._lines(panel.note, row, panel.col, room, "note")
            return kinds[panel.kind](panel, row, room)
        return row

    def _lines(self, text: str, row: int, col: int, room: int, style: str) -> int:
        """A text in lines on a width of `room`; returns the row below."""
        for line in wrap(text, int(room * (CODE if style == "declared" else WORDS))):
            self.sheet.text(row, col, line, style)
            row += 1
        return row

    def _rows(self, panel: Panel, row: int, room: int) -> int:
        return self._write(panel.rows, row, panel.col, room)

    def _write(self, rows: Sequence[Row], row: int, col: int, room: int) -> int:
        columns = Columns(col, col + LABELS, col + LABELS + 1, int(room * WORDS))
        writer = RowWriter(self.sheet, columns, row, self.context)
        writer.write(rows)
        return writer.row

    def _table(self, panel: Panel, row: int, _: int) -> int:
        """Named tensors side by side as live copies."""
        sheet, bottom = self.sheet, row
        for col, column in enumerate(panel.columns, panel.col):
            tensor = self.context.tensor(column.source)
            head = "column" if column.show == "text" else "column_right"
            sheet.text(row, col, column.title, head)
            area = Area(sheet.name, row + 1, col, tensor.area.rows)
            sheet.array_formula(area, column.source, column.show)
            bottom = max(bottom, area.row + area.rows)
        return bottom

    def _chart(self, panel: Panel, row: int, _: int) -> int:
        """Leave room for a chart; the tensors that it shows may lie further down."""
        self._charts.append((panel, row))
        return row + max(map(rows_below, panel.charts))

    def _entries(self, panel: Panel, row: int, _: int) -> int:
        """Tensors of one shape side by side, cells to type into or constants."""
        axes = tuple(self.axes[name] for name in panel.axes)
        shapes = {table.title: axes for table in panel.entries}
        names = {table.title: table.name for table in panel.entries}
        shows = {table.title: table.show for table in panel.entries}
        placed, bottom = self._place(shapes, names, shows, row, panel.col, (0, 0))
        for table in panel.entries:
            self.context.names.claim(table.name)
            self._fill(table, placed[table.title])
            self.context.tensors[table.name] = placed[table.title]
        return bottom

    def _fill(self, table: EntryTable, tensor: Tensor) -> None:
        """The values of a table, and what its cells take."""
        area = tensor.area
        if len(table.values) != area.rows * area.cols:
            raise PlacementError(
                f"{table.name} has {len(table.values)} values for {area.rows} x {area.cols} cells"
            )
        for (row, col), value in zip(np.ndindex(area.rows, area.cols), table.values, strict=True):
            place = area.row + row, area.col + col
            if isinstance(value, str):
                self.sheet.text(*place, value, table.show)
            else:
                self.sheet.number(*place, value, table.show)
        if table.entry is not None:
            whole = self.context.whole
            entry = limited_entry(area, table.entry, table.title, table.note, whole)
            self.sheet.look.entries.append(entry)

    def _steps(self, panel: Panel, row: int, room: int) -> int:
        """Steps one below the other: title, cells, formulas."""
        steps = {step.name: step for step in self.tab.steps}
        for name in panel.of:
            if name not in steps:
                raise PlacementError(f"there is no step '{name}' on this tab")
            if name in self._shapes:
                row = self._step(steps[name], row, panel.col, room) + 1
        return row - 1

    def _step(self, step: Step, row: int, col: int, room: int) -> int:
        self.sheet.text(row, col, step.title, "step")
        row = self._lines(step.summary, row + 1, col, room, "summary")
        shapes = self._shapes[step.name]
        shows = {name: step.op.show.get(name, "decimal") for name in shapes}
        for name in step.names.values():
            self.context.names.claim(name)
        placed, row = self._place(shapes, step.names, shows, row, col, guard_rows([step]))
        for variable, tensor in placed.items():
            self.context.tensors[step.names[variable]] = tensor
        self._placed[step.name] = placed
        for line in step.op.lines:
            row = self._lines(line.declared(), row, col, room, "declared")
        return row

    def _place(
        self,
        shapes: Shapes,
        names: Mapping[str, str],
        shows: Mapping[str, str],
        row: int,
        col: int,
        guards: tuple[int, int],
    ) -> tuple[dict[str, Tensor], int]:
        """Give tensors their cells, left to right, with header cells; and the row below them."""
        down = next((d for d in map(down_axes, shapes.values()) if d and d != (ONE,)), ())
        labelled = bool(down and down[-1].labels)
        outer, position = col, col + (len(down) > 1)
        label = position + bool(down)
        at = label + labelled
        across = any(map(runs_right, shapes.values()))
        labels = any(runs_right(axes) and axes[-1].labels for axes in shapes.values())
        top = row + 1 + across + labels + guards[0]
        heads = Headers(self.sheet, row, side_by_side=False)
        placed: dict[str, Tensor] = {}
        for i, (variable, axes) in enumerate(shapes.items()):
            mine = down_axes(axes)
            if mine not in ((), (ONE,)) and [a.size for a in mine] != [a.size for a in down]:
                raise PlacementError(f"{variable}: its rows differ from those beside it")
            if runs_right(axes) and (i or not down):
                at += 1
            places = [None if axis == ONE else outer for axis in mine]
            if places and places[-1] is not None:
                places[-1] = position
            right = [row + 1 if runs_right(axes) else None] if len(axes) > 1 else []
            headers = (*places, *right)
            tensor = stack(names[variable], self.tab.name, top, at, axes, headers, guards)
            placed[variable] = tensor
            heads.above(tensor, variable, shows[variable])
            dress(self.sheet, tensor, shows[variable])
            at += tensor.area.cols
        if down:
            sized = (x for x in placed.values() if down_axes(x.axes) not in ((), (ONE,)))
            heads.beside(next(sized), down, outer, label)
        tallest = max(tensor.area.rows for tensor in placed.values())
        return placed, top + tallest + guards[1]

    def _compile(self, step: Step) -> None:
        """The formulas of a step, now that everything that it reads has its place."""
        if step.name not in self._placed:
            if step.name in self._shapes:
                raise PlacementError("it stands in no panel")
            return
        tensors = self.context.tensors
        inputs = {d.name: wired(step, d, tensors) for d in step.op.inputs}
        letters = bind_letters(step, tensors, self.axes)
        placed = {**inputs, **self._placed[step.name]}
        for formula in compile_step(PlacedStep(step, placed, letters, self.context.whole)):
            self.sheet.formula(formula)

    def _exercise(self, panel: Panel, row: int, room: int) -> int:
        """The task, a cell for the answer, what it is worth, and the hint when it is wrong."""
        exercise = panel.exercise
        if exercise is None:
            raise FillError("the exercise is missing")
        verdict = verdict_name(exercise.name)
        rows = [Row(panel.where, text=exercise.task)]
        if exercise.entry is not None:
            note = "type it here"
            entry = Row(panel.where, label="Your answer", name=exercise.name,
                        entry=exercise.entry, note=note)  # fmt: skip
            rows.append(entry)
        if exercise.within:
            rows.append(Row(panel.where, label="Near enough", name=f"{exercise.name}.within",
                            value=exercise.within, show="plain"))  # fmt: skip
        rows.append(Row(panel.where, label="Marked", name=verdict, formula=marking(exercise),
                        show="message"))  # fmt: skip
        row = self._write(rows, row, panel.col, room)
        area = self.context.cells[verdict]
        cell = cell_name(area.row, area.col, absolute=True)
        self.sheet.rule("good", area, f'{cell}="{CORRECT}"')
        self.sheet.rule("bad", area, f'{cell}="{NOT_YET}"')
        hints = [
            Row(panel.where, formula=f'IF({verdict} = "{NOT_YET}", {quoted(line)}, "")',
                show="message")
            for line in wrap(f"Hint: {exercise.hint}", int(room * WORDS))
        ]  # fmt: skip
        return self._write(hints, row, panel.col - LABELS, room)


def verdict_name(exercise: str) -> str:
    """The name of the cell that marks an exercise."""
    return f"{exercise}.verdict"


def marking(exercise: Exercise) -> str:
    """The formula that marks an exercise, with names alone."""
    name = exercise.name
    done, right = f"LEN({name}) > 0", f"{name} = {exercise.answer}"
    if exercise.entry is None:
        done, right = exercise.done, exercise.right
    elif exercise.within:
        right = f"({name} - ({exercise.answer}))^2 <= {name}.within^2"
    marked = f'IF(IFERROR({right}, 0 = 1), "{CORRECT}", "{NOT_YET}")'
    return f'IF({done}, {marked}, "{NOT_DONE}")'


def quoted(text: str) -> str:
    """A text as a formula holds it."""
    return '"' + text.replace('"', '""') + '"'
