"""Lay out a tab of panels in bands: words, cells to type into, tables, charts, steps, exercises.

A step stands where a panel says, with its title above and its formulas below its cells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase

import numpy as np

from sheetgpt.book.area import cell_name
from sheetgpt.layout.bind import bind_letters, guard_rows, left_axes, wired
from sheetgpt.layout.builder import SheetBuilder
from sheetgpt.layout.cards import Card, sentences
from sheetgpt.layout.charts import bind_chart, rows_below
from sheetgpt.layout.compile import PlacedStep, compile_step
from sheetgpt.layout.context import Context
from sheetgpt.layout.exercises import CORRECT, NOT_YET, exercise_rows, hint_rows, verdict_name
from sheetgpt.layout.lines import WORDS, broken
from sheetgpt.layout.rows import Columns, RowWriter, limited_entry
from sheetgpt.layout.side_by_side import Shapes, place_side_by_side
from sheetgpt.layout.table import write_table
from sheetgpt.layout.tensor import Axis, PlacementError, Tensor
from sheetgpt.template.expand import FillError, Step, Tab
from sheetgpt.template.panels import EntryTable, Panel, PanelKind
from sheetgpt.template.rows import Row, wanted

#: Widths in characters: of every column, of the margin.
WIDTH, MARGIN = 9.0, 2
#: The column after the last one that a screen of 1366 pixels shows at this zoom, also where the
#: digits of the font are 8 pixels wide and not 7, as in LibreOffice without Calibri.
EDGE, ZOOM = 19, 90
TOP_ROW = 3
#: Labels of rows take this many columns.
LABELS = 2


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
        #: The tensors of all tabs that are laid out together, those of later ones without places.
        self.known: Mapping[str, Tensor] = {}

    def lay_out(self) -> SheetBuilder:
        """Place all panels and compile the formulas of a tab that needs no other one."""
        (sheet,) = lay_out_together([self])
        return sheet

    def place(self) -> None:
        """Place all panels, each band below the tallest of the one before."""
        sheet, look = self.sheet, self.sheet.look
        look.default_width, look.zoom, look.freeze = WIDTH, ZOOM, (TOP_ROW - 1, 0)
        look.widths[0] = MARGIN
        sheet.link(0, EDGE - 1, "Start", "'Start'!A1")
        sheet.text(0, 1, self.tab.title, "title")
        sheet.text(1, 1, self.tab.summary, "heading")
        row = TOP_ROW
        for band in self.tab.bands:
            panels = wanted(band, self.context.left_out)
            below: dict[int, int] = {}  # by column: panels of one column stand below each other
            for panel in panels:
                below[panel.col] = 1 + self._panel(panel, below.get(panel.col, row), panels)
            row = max(below.values(), default=row)

    def finish(self) -> None:
        """Write the formulas and bind the charts, now that everything has its place."""
        for step in self.tab.steps:
            with self.context.at(self.where(step)):
                self._compile(step)
        for panel, at in self._charts:
            with self.context.at(panel.where):
                charts = [bind_chart(x, at, panel.col, self.context) for x in panel.charts]
                self.sheet.look.charts += charts

    def note_entries(self, known: dict[str, Tensor]) -> None:
        """Add the tensors of cells to type into to those whose axes are known."""
        for panel in self.tab.panels:
            for table in panel.entries:
                known[table.name] = _unplaced(table.name, self._axes_of(table, panel))

    def _axes_of(self, table: EntryTable, panel: Panel) -> tuple[Axis, ...]:
        """The axes of a table, if it has none of its own those of its panel."""
        return tuple(self.axes[name] for name in table.axes or panel.axes)

    def note_step(self, step: Step, known: dict[str, Tensor]) -> None:
        """Find the axes of a step's tensors; raises PlacementError for a missing input."""
        letters = bind_letters(step, known, self.axes)
        shapes = {
            line.left.name: left_axes(line.left, letters, self.context.whole)
            for line in step.op.lines
        }
        self._shapes[step.name] = shapes
        for variable, axes in shapes.items():
            known[step.names[variable]] = _unplaced(step.names[variable], axes)

    def where(self, step: Step) -> str:
        """The file and place of a step, for messages."""
        return f"{step.op.file}, tab {self.tab.name}, step {step.name}"

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
        room = edge - panel.col
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
        """A text in lines, on as many columns as `room` says; returns the row below."""
        for line in broken(text, style, self._wide(col, room)):
            self.sheet.text(row, col, line, style)
            row += 1
        return row

    def _wide(self, col: int, room: int) -> float:
        """The width of so many columns."""
        widths = self.sheet.look.widths
        return sum(widths.get(x, WIDTH) for x in range(col, col + room))

    def _rows(self, panel: Panel, row: int, room: int) -> int:
        return self._write(panel.rows, row, panel.col, room)

    def _write(self, rows: Sequence[Row], row: int, col: int, room: int) -> int:
        columns = Columns(col, col + LABELS, col + LABELS + 1, int(WORDS * self._wide(col, room)))
        writer = RowWriter(self.sheet, columns, row, self.context)
        writer.write(rows)
        return writer.row

    def _table(self, panel: Panel, row: int, _: int) -> int:
        """Named tensors side by side as live copies; they may lie further down."""
        return write_table(
            self.sheet, panel, row, lambda x: self.known.get(x) or self.context.tensor(x)
        )

    def _chart(self, panel: Panel, row: int, _: int) -> int:
        """Leave room for a chart; the tensors that it shows may lie further down."""
        self._charts.append((panel, row))
        return row + max(map(rows_below, panel.charts))

    def _entries(self, panel: Panel, row: int, room: int) -> int:
        """Tensors with the same rows side by side, cells to type into or constants."""
        shapes = {table.title: self._axes_of(table, panel) for table in panel.entries}
        names = {table.title: table.name for table in panel.entries}
        shows = {table.title: table.show for table in panel.entries}
        guards = self._guards(names.values())
        placed, bottom = place_side_by_side(
            self.sheet, shapes, names, shows, row, panel.col, room, guards
        )
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
        for name in panel.of:
            steps = [step for step in self.tab.steps if fnmatchcase(step.name, name)]
            if not steps:
                raise PlacementError(f"there is no step '{name}' on this tab")
            for step in steps:
                if step.name in self._shapes:
                    row = self._step(step, row, panel.col, room) + 1
        return row - 1

    def _step(self, step: Step, row: int, col: int, room: int) -> int:
        self.sheet.text(row, col, step.title, "step")
        row += 1
        for words in sentences(step):
            row = self._lines(words.text, row, col, room, words.style)
        shapes = self._shapes[step.name]
        shows = {name: step.op.show.get(name, "decimal") for name in shapes}
        for name in step.names.values():
            self.context.names.claim(name)
        names = step.names
        guards = self._guards(names.values(), step)
        placed, row = place_side_by_side(self.sheet, shapes, names, shows, row, col, room, guards)
        for variable, tensor in placed.items():
            self.context.tensors[step.names[variable]] = tensor
        self._placed[step.name] = placed
        for line in step.op.lines:
            row = self._lines(line.declared(), row, col, room, "declared")
        return row

    def _guards(self, names: Iterable[str], *own: Step) -> tuple[int, int]:
        """Blank rows around tensors of which their own step, or those that read them, go beyond."""
        wanted_by = {*names}
        readers = [step for step in self.tab.steps if not wanted_by.isdisjoint(step.sources)]
        return guard_rows([*own, *readers])

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
        if panel.exercise is None:
            raise FillError("the exercise is missing")
        row = self._write(exercise_rows(panel.exercise, panel.where), row, panel.col, room)
        area = self.context.cells[verdict_name(panel.exercise.name)]
        cell = cell_name(area.row, area.col, absolute=True)
        self.sheet.rule("good", area, f'{cell}="{CORRECT}"')
        self.sheet.rule("bad", area, f'{cell}="{NOT_YET}"')
        hints = hint_rows(panel.exercise, panel.where, int(WORDS * self._wide(panel.col, room)))
        return self._write(hints, row, panel.col - LABELS, room)


def lay_out_together(tabs: Sequence[BandTab]) -> list[SheetBuilder]:
    """Lay out tabs of which each may read the others, whatever their order."""
    context = tabs[0].context
    known: dict[str, Tensor] = dict(context.tensors)
    for tab in tabs:
        tab.note_entries(known)
    left = [(tab, step) for tab in tabs for step in tab.tab.steps]
    while left:
        later = []
        for tab, step in left:
            try:
                tab.note_step(step, known)
            except PlacementError:
                later.append((tab, step))
        if len(later) == len(left):
            break
        left = later
    for tab, step in left:
        with context.at(tab.where(step)):
            context.failed.update(step.names.values())
            tab.note_step(step, known)
    for tab in tabs:
        tab.known = known
        tab.place()
    for tab in tabs:
        tab.finish()
    return [tab.sheet for tab in tabs]


def _unplaced(name: str, axes: tuple[Axis, ...]) -> Tensor:
    """A tensor of which nothing is known but its axes."""
    strides = ((0, 0),) * len(axes)
    return Tensor(name, "", 0, 0, axes, strides, (None,) * len(axes), placed=False)
