"""Count the cells of a workbook from shapes alone: nothing is laid out and no weight is read."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import prod

from sheetgpt.book.capacity import Capacity
from sheetgpt.checkpoint import Shape
from sheetgpt.checkpoint.traits import Trait, lacking
from sheetgpt.layout.added import NAMES as ADDED
from sheetgpt.layout.bind import bind_letters, left_axes
from sheetgpt.layout.cards import sentences
from sheetgpt.layout.data import FIRST_ROW, FIRST_WEIGHT, weight_axes
from sheetgpt.layout.forms import LABEL
from sheetgpt.layout.projections import DIRECTIONS, NAMES
from sheetgpt.layout.start import BOX, CHIPS, LABELS, MAP_LINES
from sheetgpt.layout.steps import (
    DATA,
    GAP,
    LONG,
    NEXT_COLUMNS,
    POSITION,
    TOP_ROWS,
    displayed,
    down_axes,
    runs_right,
)
from sheetgpt.layout.switches import switch_tensors
from sheetgpt.layout.tensor import ONE, Axis, PlacementError, Tensor, stack
from sheetgpt.layout.workbook import sizes, wired_axes
from sheetgpt.template.expand import FillError, Step, Tab, expand, loop
from sheetgpt.template.forms import Form
from sheetgpt.template.formula import Function, TensorRef
from sheetgpt.template.load import Templates
from sheetgpt.template.op import Line
from sheetgpt.template.rows import Row, wanted
from sheetgpt.template.tables import Problems

#: Columns of a stacked card up to the link to the next one.
LINKS = POSITION + NEXT_COLUMNS + 1
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
    words, positions, ids. `part` is the optional part that it belongs to. `products` counts the
    multiplications in its matrix products.
    """

    name: str
    rows: int = 1
    columns: int = 1
    weights: int = 0
    formulas: int = 0
    values: int = 0
    others: int = 0
    part: str | None = None
    products: int = 0

    @property
    def cells(self) -> int:
        """All cells that are not blank."""
        return self.weights + self.values + self.others

    def cover(self, rows: int, columns: int) -> None:
        """Extend the tab."""
        self.rows, self.columns = max(self.rows, rows), max(self.columns, columns)


def tally(
    shape: Shape, capacity: Capacity, templates: Templates, left_out: Collection[str] = ()
) -> list[TabTally]:
    """Every tab of the workbook: steps, forms, tables, weights; optional ones unless left out.

    Formulas, values, weights and columns are exact, rows and other constants nearly so. Raises
    TemplateError for axes and loops without a length. Steps that cannot be placed count as
    nothing: the plan will say what is wrong with them.
    """
    problems = Problems()
    left_out = {*left_out, *lacking(shape.traits)}
    whole = sizes(shape.config, capacity)
    axes = wired_axes(templates.wiring.axes, whole, problems)
    tabs = expand(templates.wiring, templates.ops, whole, (), left_out, problems)
    problems.raise_any(templates.folder)
    counter = _Counter(shape, whole, axes, left_out)
    steps = [counter.steps(tab) for tab in tabs]
    forms = [counter.form(name, form) for name, form in templates.forms.items() if name != "start"]
    others = [*steps, *forms, *_tables(shape), *_weights(shape)]
    return [counter.start(templates.forms["start"], len(others)), *others]


class _Counter:
    """Counts the cells of formulas; `tensors` collects the shapes that steps define."""

    def __init__(
        self,
        shape: Shape,
        whole: Mapping[str, int],
        axes: Mapping[str, Axis],
        left_out: Collection[str],
    ) -> None:
        self.whole, self.axes, self.left_out = whole, axes, left_out
        vocabulary = dict.fromkeys(("vocabulary.shown", "vocabulary.raw"), shape.config.vocab_size)
        merges = dict.fromkeys(("merges.key", "merges.token", "merges.rank"), max(shape.merges, 1))
        cut = {} if shape.vocabulary is None else shape.vocabulary.rules.cut
        added = dict.fromkeys(ADDED, sum(map(len, cut)) + 1)
        tables = {**TABLES, **vocabulary, **merges, **added}
        self.tensors = {name: _unplaced((Axis(name, rows),)) for name, rows in tables.items()}
        for name, lengths in shape.tensors.items():
            self.tensors[name] = _unplaced(weight_axes(name, lengths))
        if Trait.DIVIDED_SCORES in shape.traits:
            layers = range(shape.config.n_layer)
            one = _unplaced(weight_axes("attn.divisor", (1,)))
            self.tensors |= {f"h.{layer}.attn.divisor": one for layer in layers}
        self.tensors["unembedding"] = self.tensors["wte.weight"]
        width, directions = Axis("n_embd", shape.config.n_embd), Axis("direction", DIRECTIONS)
        self.tensors |= dict.fromkeys(NAMES, _unplaced((width, directions)))
        self.tensors |= switch_tensors(whole)

    def steps(self, tab: Tab) -> TabTally:
        """A tab of steps, stacked or side by side."""
        out = TabTally(tab.name, TOP_ROWS, part=tab.part)
        self._rows(tab.rows, out)
        out.cover(out.rows, max((DATA + (row.span or 1) for row in tab.rows), default=1))
        right = tab.direction == "right"
        edge = 0 if right else DATA
        for step in tab.steps:
            with suppress(PlacementError):
                rows, columns = self._step(step, out, labelled=not right)
                if right:
                    out.cover(TOP_ROWS + rows, edge + 1 + columns)
                    edge += columns + 2
                else:
                    out.cover(out.rows + rows + 2, max(edge + columns, LINKS))
        return out

    def _step(self, step: Step, out: TabTally, labelled: bool) -> tuple[int, int]:
        """Count one step into `out`; returns the rows and columns that it takes."""
        letters = bind_letters(step, self.tensors, self.axes)
        out.products += _products(step, letters)
        shape_of = {
            line.left.name: left_axes(line.left, letters, self.whole) for line in step.op.lines
        }
        order = [line.left.name for line in displayed(step, shape_of, not labelled)]
        shapes = [shape_of[variable] for variable in order]
        tensors = [_unplaced(axes) for axes in shapes]
        names = [step.names[variable] for variable in order]
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
        long = labelled and rows > LONG  # the formulas stand beside
        below = len(step.op.lines) * (labelled and not long)
        wide = [axes[-1].repeated for axes in shapes if runs_right(axes)]
        heads = 1 + bool(wide) + any(axis.labels for axis in wide)
        card = 3 + heads + len(sentences(step)) + below + 2 * bool(step.mark)
        beside = (GAP + 1) * long
        return card + rows, beside + gaps + sum(tensor.area.cols for tensor in tensors)

    def form(self, name: str, form: Form) -> TabTally:
        """A form: a formula or a constant for each row."""
        out = TabTally(name, columns=LABEL + len(form.widths))
        self._rows(form.rows, out)
        return out

    def _rows(self, rows: Sequence[Row], out: TabTally) -> None:
        """Rows of a form, of Start or above the steps of a tab."""
        for row in wanted(rows, self.left_out):
            with suppress(FillError):
                times = len(loop(row.each, self.whole))
                computed = row.formula is not None or row.mirror is not None
                out.formulas += times * computed
                out.values += times * computed
                if row.switches:
                    out.others += self.whole["n_layer"] * (self.whole["n_head"] + 2)
                    out.rows += self.whole["n_layer"]
                    out.cover(out.rows, DATA + self.whole["n_head"] + 1)
                out.others += (len(row.cells) or 2) * times
                out.rows += times

    def start(self, form: Form, tabs: int) -> TabTally:
        """Start with its panels: rows, live copies of tensors, chips, boxes for so many tabs."""
        out = TabTally("Start", FIRST_ROW)
        for panel in wanted(form.panels, self.left_out):
            self._rows(panel.rows, out)
            spans = max(
                (LABELS + (row.span or 1) for row in panel.rows if row.text is None), default=0
            )
            out.cover(out.rows, panel.col + max(spans, len(panel.columns)))
            for column in panel.columns:
                rows = self.tensors.get(column.source, _unplaced(())).area.rows
                out.formulas += 1
                out.values += rows
            if panel.kind == "chips":
                out.formulas += 2 * -(-self.whole["max_tokens"] // CHIPS)
                out.values += 2 * self.whole["max_tokens"]
                out.cover(out.rows, panel.col + min(CHIPS, self.whole["max_tokens"]))
                out.rows += 2 * -(-self.whole["max_tokens"] // CHIPS)
            elif panel.kind == "map":
                out.others += BOX * tabs
                out.cover(out.rows, panel.col + BOX * panel.across)
                out.rows += len(MAP_LINES) + tabs // panel.across
        return out


def _unplaced(axes: tuple[Axis, ...]) -> Tensor:
    """A tensor of which only the shape matters."""
    return stack(None, "", 0, 0, axes, (None,) * len(axes))


def _labels(shapes: Sequence[tuple[Axis, ...]]) -> Iterator[int]:
    """The length of every array formula that shows words beside rows and above columns."""
    for axes in shapes:
        inner = axes[-1].repeated if axes else ONE
        if runs_right(axes) and inner.labels:
            yield from [inner.size] * (axes[-1].size // inner.size)
    down = next((d for d in map(down_axes, shapes) if d), ())
    if down and down[0] != ONE and down[-1].labels:
        for _ in range(prod(axis.size for axis in down[:-1])):
            yield down[-1].size


def _products(step: Step, letters: Mapping[str, Axis]) -> int:
    """Multiplications in the matrix products of a step: every axis that it names, together.

    A product is as many multiplications as there are combinations of the positions of its result
    and of the axis that is summed over.
    """
    return sum(
        prod(letters[letter].size for letter in _all_letters(line))
        for line in step.op.lines
        if any(isinstance(part, Function) and part.name == "MMULT" for part in line.tokens)
    )


def _all_letters(line: Line) -> set[str]:
    references = [line.left, *(part for part in line.tokens if isinstance(part, TensorRef))]
    return {letter.lower() for reference in references for letter in reference.letters}


def _tables(shape: Shape) -> list[TabTally]:
    """The tables of the tokeniser: words and whole numbers."""
    tables = [
        ("vocabulary", shape.config.vocab_size, 4, 3),
        ("merges", max(shape.merges, 1), 9, 7),
        ("unicode", UNICODE_RANGES, 11, 2),
        ("byte_table", 256, 3, 3),
        ("projections", shape.config.n_embd, 6, 5),
    ]
    if Trait.CUT_FIRST in shape.traits and shape.vocabulary is not None:
        letters = sum(map(len, shape.vocabulary.rules.cut))
        tables.append(("added_tokens", letters + 1, 8, 7))
    return [
        TabTally(name, FIRST_ROW + rows, columns, others=rows * filled)
        for name, rows, columns, filled in tables
    ]


def _weights(shape: Shape) -> list[TabTally]:
    """A tab per block and one for everything else that is learned, tensors stacked."""
    tabs: dict[str, TabTally] = {}
    for name, lengths in shape.tensors.items():
        parts = name.split(".")
        key = ".".join(parts[: 2 if parts[0] == "h" else 1])
        tab = tabs.setdefault(key, TabTally(f"weights.{key}", FIRST_ROW - 1))  # none after the last
        rows, columns = (1, *lengths)[-2:]
        tab.weights += rows * columns
        labelled = weight_axes(name, lengths)[0].labels is not None
        tab.others += rows * (1 + labelled) + columns + 2
        tab.cover(tab.rows + rows + 3, FIRST_WEIGHT + columns)
    return list(tabs.values())
