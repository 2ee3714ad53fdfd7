"""Count the cells of a workbook from shapes alone: nothing is laid out and no weight is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import prod
from typing import Any

from sheetgpt.estimate.shapes import Shape
from sheetgpt.plan.bind import bind_letters, left_axes
from sheetgpt.plan.data import FIRST_COL, HEAD, weight_axes
from sheetgpt.plan.forms import NOTE, SIDE
from sheetgpt.plan.steps import DATA, TOP_ROWS, down_axes, runs_right
from sheetgpt.plan.tensor import ONE, Axis, PlacementError, Tensor, stack
from sheetgpt.plan.workbook import Capacity, sizes, wired_axes
from sheetgpt.template.expand import FillError, Step, Tab, expand, loop
from sheetgpt.template.load import Templates
from sheetgpt.template.tables import Problems

#: How many ranges of Unicode the table of classes has, give or take a version of Unicode.
UNICODE_RANGES = 1_610
#: Tables of constants whose length has nothing to do with the model: name -> rows.
TABLES = {
    "unicode.first": UNICODE_RANGES,
    "unicode.class": UNICODE_RANGES,
    "utf.first": 4,
    "utf.count": 4,
    "utf.lead": 4,
    "contraction.key": 7,
    "contraction.length": 7,
    "byte_ids": 256,
}


@dataclass
class TabTally:
    """The cells of one tab and how far it extends.

    `values` are the cells that `formulas` fill; `others` are constants that are no weights:
    words, positions, ids.
    """

    name: str
    rows: int = 1
    columns: int = 1
    weights: int = 0
    formulas: int = 0
    values: int = 0
    others: int = 0

    @property
    def cells(self) -> int:
        """All cells that are not blank."""
        return self.weights + self.values + self.others

    def cover(self, rows: int, columns: int) -> None:
        """Extend the tab."""
        self.rows, self.columns = max(self.rows, rows), max(self.columns, columns)


def tally(shape: Shape, capacity: Capacity, templates: Templates) -> list[TabTally]:
    """Every tab of the workbook: steps, forms, tables, weights.

    Formulas, values, weights and columns are exact, rows and other constants nearly so. Raises
    TemplateError for axes and loops without a length. Steps that cannot be placed count as
    nothing: the plan will say what is wrong with them.
    """
    problems = Problems()
    whole = sizes(shape.config, capacity)
    axes = wired_axes(templates, whole, problems)
    tabs = expand(templates, whole, (), problems)
    problems.raise_any(templates.folder)
    counter = _Counter(shape, whole, axes)
    steps = [counter.steps(tab) for tab in tabs]
    forms = [counter.form(name, form) for name, form in templates.forms.items()]
    return [*steps, *forms, *_tables(shape), *_weights(shape)]


class _Counter:
    """Counts the cells of formulas; `tensors` collects the shapes that steps define."""

    def __init__(self, shape: Shape, whole: Mapping[str, int], axes: Mapping[str, Axis]) -> None:
        self.whole, self.axes = whole, axes
        vocabulary = dict.fromkeys(("vocabulary.shown", "vocabulary.raw"), shape.config.vocab_size)
        merges = dict.fromkeys(("merges.key", "merges.token"), shape.merges)
        tables = {**TABLES, **vocabulary, **merges}
        self.tensors = {name: _unplaced((Axis(name, rows),)) for name, rows in tables.items()}
        for name, lengths in shape.tensors.items():
            self.tensors[name] = _unplaced(weight_axes(name, lengths))
        self.tensors["unembedding"] = self.tensors["wte.weight"]

    def steps(self, tab: Tab) -> TabTally:
        """A tab of steps, stacked or side by side."""
        out = TabTally(tab.name, TOP_ROWS)
        right = tab.direction == "right"
        edge = 0 if right else DATA
        for step in tab.steps:
            with suppress(PlacementError):
                rows, columns = self._step(step, out, labelled=not right)
                if right:
                    out.cover(TOP_ROWS + rows, edge + 1 + columns)
                    edge += columns + 2
                else:
                    out.cover(out.rows + rows + 2, edge + columns)
        return out

    def _step(self, step: Step, out: TabTally, labelled: bool) -> tuple[int, int]:
        """Count one step into `out`; returns the rows and columns that it takes."""
        letters = bind_letters(step, self.tensors, self.axes)
        shapes = [left_axes(line.left, letters, self.whole) for line in step.op.lines]
        tensors = [_unplaced(axes) for axes in shapes]
        names = [step.names[line.left.name] for line in step.op.lines]
        self.tensors |= zip(names, tensors, strict=True)
        out.formulas += sum(
            prod(letters[letter].size for letter in line.left.letters if letter.islower())
            for line in step.op.lines
        )
        out.values += sum(prod(axis.size for axis in axes) for axes in shapes)
        if labelled:
            labels = list(_labels(shapes))
            out.formulas += len(labels)
            out.values += sum(labels)
        rows = max(tensor.area.rows for tensor in tensors)
        gaps = sum(map(runs_right, shapes[1:]))
        out.others += rows + sum(axes[-1].size for axes in shapes if runs_right(axes))
        card = 5 + bool(step.op.explanation) + len(step.op.lines) * labelled
        return card + rows, gaps + sum(tensor.area.cols for tensor in tensors)

    def form(self, name: str, form: Mapping[str, Any]) -> TabTally:
        """A form: a formula or a constant for each row, live copies of tensors at its side."""
        out = TabTally("Start" if name == "start" else name)
        for row in form["row"]:
            with suppress(FillError):
                times = len(loop(row.get("each"), self.whole))
                out.formulas += times * ("formula" in row)
                out.others += 2 * times
                out.rows += times
        out.values = out.formulas
        out.columns = NOTE + 1
        sides = form.get("side", [])
        for column in (column for table in sides for column in table["columns"]):
            tensor = self.tensors.get(column["from"], _unplaced(()))
            out.formulas += 1
            out.values += tensor.area.rows
            out.cover(HEAD + tensor.area.rows, max(out.columns, SIDE) + 1)
        out.columns += max(len(sides) - 1, 0)  # a blank column between two tables
        return out


def _unplaced(axes: tuple[Axis, ...]) -> Tensor:
    """A tensor of which only the shape matters."""
    return stack(None, "", 0, 0, axes, (None,) * len(axes))


def _labels(shapes: Sequence[tuple[Axis, ...]]) -> Iterator[int]:
    """The length of every array formula that shows words beside rows and above columns."""
    for axes in shapes:
        if runs_right(axes) and axes[-1].labels:
            yield axes[-1].size
    down = next((d for d in map(down_axes, shapes) if d), ())
    if down and down[0] is not ONE and down[-1].labels:
        for _ in range(prod(axis.size for axis in down[:-1])):
            yield down[-1].size


def _tables(shape: Shape) -> list[TabTally]:
    """The tables of the tokeniser: words and whole numbers."""
    tables = [
        ("vocabulary", shape.config.vocab_size, 3, 3),
        ("merges", shape.merges, 4, 3),
        ("unicode", UNICODE_RANGES, 11, 2),
        ("byte_table", 256, 3, 3),
    ]
    return [
        TabTally(name, HEAD + rows, columns, others=rows * filled)
        for name, rows, columns, filled in tables
    ]


def _weights(shape: Shape) -> list[TabTally]:
    """A tab per block and one for everything else that is learned, tensors stacked."""
    tabs: dict[str, TabTally] = {}
    for name, lengths in shape.tensors.items():
        parts = name.split(".")
        key = ".".join(parts[: 2 if parts[0] == "h" else 1])
        tab = tabs.setdefault(key, TabTally(f"weights.{key}", HEAD - 1))  # none after the last
        rows, columns = (1, *lengths)[-2:]
        tab.weights += rows * columns
        tab.others += rows + columns + 1
        tab.cover(tab.rows + rows + 3, FIRST_COL + columns)
    return list(tabs.values())
