"""Write labelled rows: the cells of forms, and those above the steps of a tab."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import NamedTuple

from sheetgpt.book.area import Area, cell_name, quote_sheet
from sheetgpt.book.look import Entry
from sheetgpt.errors import InputError
from sheetgpt.layout.builder import SheetBuilder
from sheetgpt.layout.compile import spelled
from sheetgpt.layout.context import Context, Facts
from sheetgpt.layout.switches import write_switches
from sheetgpt.layout.tensor import PlacementError
from sheetgpt.template.expand import FillError, fill, integer, loop
from sheetgpt.template.formula import Letter, Name, parse_formula
from sheetgpt.template.rows import EntryWiring, Mirror, Row, Show, wanted

#: Heights in points of the rows of cells that look so.
HEIGHTS: Mapping[Show, float] = {"input": 24, "answer": 32}
#: What shows several columns as one cell.
WIDE: tuple[Show, ...] = ("answer", "output", "probability_out", "points_out")
#: Letters that go into the width of one, as in most words; those of digits are wider.
LETTERS = 1.1
#: Heights in points of a line, and of what a row of lines has above and below.
LINE, PADDING = 15, 6
#: `{n_layer}` in a text.
FACT = re.compile(r"\{(\w+)\}")
#: Longest text of a prompt cell, as a formula: the name of the cell that says so.
MAX_CHARS = "max_chars"
#: The name of all cells of checks together.
CHECKS_PASSED = "checks_passed"


class Columns(NamedTuple):
    """Where the parts of a row stand; without a column notes only help those who type.

    Texts are broken into lines of as many characters as `wrap` says.
    """

    label: int
    value: int
    note: int | None
    wrap: int | None = None


class RowWriter:
    """Writes the rows of one tab, one below the other from `row` on."""

    def __init__(self, sheet: SheetBuilder, columns: Columns, row: int, context: Context) -> None:
        self.sheet, self.columns, self.row, self.context = sheet, columns, row, context

    def write(self, rows: Sequence[Row]) -> None:
        """Write the rows that are wanted, repeated ones as often as they say."""
        for row in wanted(rows, self.context.left_out):
            with self.context.at(row.where):
                for _, env in loop(row.each, self.context.whole):
                    self._row(row, env)

    def _row(self, row: Row, env: Mapping[str, int]) -> None:
        if row.heading is not None:
            self.sheet.text(self.row + 1, self.columns.label, row.heading, "heading")
            self.row += 2
            return
        if row.text is not None:
            wide = self.columns.wrap or len(row.text) + 1
            for line in wrap(row.text, wide):
                self._text(row, line, self.row)
                self.row += 1
        elif row.cells:
            self._cells(row, self.row)
            self.row += 1
        elif row.switches:
            cols, words = self.columns[:2], (row.title, row.note or "")
            self.row = write_switches(self.sheet, self.row, cols, words, self.context)
        else:
            self._cell(row, self.row, env)
            self.row += 1

    def _text(self, row: Row, text: str, at: int) -> None:
        """Words alone, which may lead to a tab."""
        sheet, col = self.sheet, self.columns.label
        if row.span is not None:
            sheet.merge(Area(sheet.name, at, col, 1, row.span), row.shown)
        if row.to is None:
            sheet.text(at, col, text, row.shown)
        elif row.to in self.context.tabs:
            sheet.link(at, col, text, f"{quote_sheet(row.to)}!A1", row.shown)
        elif "#" in row.to:  # a tab of another file
            file, _, tab = row.to.partition("#")
            sheet.link(at, col, text, f"{file}#{quote_sheet(tab)}!A1", row.shown)
        else:
            raise PlacementError(f"to = '{row.to}': there is no tab of this name")

    def _cells(self, row: Row, at: int) -> None:
        """Texts side by side, each broken into lines in its column; the first leads to a tab."""
        sheet, look = self.sheet, self.sheet.look
        for col, text in enumerate(row.cells, self.columns.label):
            words = str(filled(text, self.context.facts))
            style = row.shown if row.show else "wrapped"
            if row.to is None or col > self.columns.label:
                sheet.text(at, col, words, style)
            elif row.to in self.context.tabs:
                sheet.link(at, col, words, f"{quote_sheet(row.to)}!A1", "wrapped_link")
            else:
                raise PlacementError(f"to = '{row.to}': there is no tab of this name")
            lines = len(wrap(words, int(LETTERS * look.widths.get(col, look.default_width)))) or 1
            look.heights[at] = max(look.heights.get(at, 0), LINE * lines + PADDING)

    def _cell(self, row: Row, at: int, env: Mapping[str, int]) -> None:
        """A label, a cell and a note."""
        sheet = self.sheet
        label, value, note, _ = self.columns
        sheet.text(at, label, fill(row.title, env), "form_label")
        if row.formula is not None:
            sheet.cell_formula(at, value, self._formula(row, row.formula, env), row.shown)
        elif row.mirror is not None:
            here = Area(sheet.name, at, value)
            sheet.cell_formula(at, value, self._mirrored(row.mirror, here), row.shown)
        else:
            self._value(at, row)
        area = Area(sheet.name, at, value)
        if row.span is not None:
            self._widen(area, row, row.span)
        if row.shown in HEIGHTS:
            sheet.look.heights[at] = HEIGHTS[row.shown]
        if row.note is not None and note is not None:
            beside = note + (row.span - 1 if row.span and self.columns.wrap else 0)
            sheet.text(at, beside, row.note, "form_note")
        if row.name is not None:
            self.context.names.claim(row.name)
            self.context.cells[row.name] = area
        if row.entry is not None:
            self._entry(row, row.entry, area)
        if row.checks is not None:
            self._check(area)

    def _formula(self, row: Row, text: str, env: Mapping[str, int]) -> str:
        words = parse_formula(fill(text, env))
        # A row has no axes: a letter is a name, like any other word.
        tokens = [Name(word.letter) if isinstance(word, Letter) else word for word in words]
        self.context.formulas.setdefault(row.where, []).append(tokens)
        # A check of cells that hold an error has failed; it must not become an error itself.
        return spelled(tokens) if row.checks is None else f"IFERROR({spelled(tokens)}, 0)"

    def _mirrored(self, mirror: Mirror, here: Area) -> str:
        """A reference to another cell that leads to a third one when it is pasted elsewhere."""
        names = (mirror.of, mirror.into, mirror.pasted)
        if unknown := [name for name in names if name not in self.context.cells]:
            raise PlacementError(f"mirror: there is no cell '{unknown[0]}' before it")
        of, into, pasted = (self.context.cells[name] for name in names)
        down, across = here.row - into.row, here.col - into.col
        if pasted != of._replace(row=of.row - down, col=of.col - across):
            raise PlacementError(
                f"mirror: '{mirror.pasted}' must lie as far from '{mirror.of}' as "
                f"'{mirror.into}' from this cell: {down} rows above it, {across} columns before it"
            )
        return f"{quote_sheet(of.sheet)}!{cell_name(of.row, of.col)}"

    def _widen(self, area: Area, row: Row, span: int) -> None:
        """Let a cell take several columns, as one: a click anywhere selects it."""
        if row.shown in WIDE or row.entry is not None:
            self.sheet.merge(area._replace(cols=span), row.shown)

    def _value(self, at: int, row: Row) -> None:
        """A constant: a number or text, `{fact}` replaced by what is known of the model."""
        value = row.value
        if row.entry is not None and row.entry.words:
            value = self.context.token(row.entry.words)
        elif isinstance(value, str):
            value = filled(value, self.context.facts)
        chosen = self.context.settings.get(row.name or "")
        if row.entry is not None and row.entry.kind != "text" and chosen is not None:
            by_text = row.entry.kind == "token" and not chosen.isdecimal()
            name, whole = row.name or "", self.context.whole
            value = chosen if by_text else number_for(name, row.entry, chosen, whole)
        if isinstance(value, str):
            self.sheet.text(at, self.columns.value, value, row.shown)
        else:
            shown = "number_left" if row.shown == "plain" else row.shown
            self.sheet.number(at, self.columns.value, float(value), shown)

    def _entry(self, row: Row, entry: EntryWiring, area: Area) -> None:
        """Let the cell be typed into, with limits and help."""
        limited = limited_entry(area, entry, row.title, row.note or "", self.context.whole)
        self.sheet.look.entries.append(limited)
        if entry.kind != "text" and row.name is not None:
            low, high = bounds(entry, self.context.whole)
            or_text = ", or the text of a token" * (entry.kind == "token")
            self.context.entries[row.name] = f"{low} to {high}{or_text}"

    def _check(self, area: Area) -> None:
        """One of the cells that the master flag counts; green or red."""
        cells = self.context.cells
        first = cells.setdefault(CHECKS_PASSED, area)
        cells[CHECKS_PASSED] = first._replace(rows=area.row - first.row + 1)
        cell = cell_name(area.row, area.col)
        self.sheet.rule("good", area, f"{cell}=1")
        self.sheet.rule("bad", area, f"{cell}=0")


def limited_entry(
    area: Area, entry: EntryWiring, title: str, note: str, whole: Mapping[str, int]
) -> Entry:
    """Cells to type into with their limits, and the words that help; raises FillError."""
    if entry.kind == "token":
        problem = f"At most {whole[MAX_CHARS]} characters fit."
        return Entry(*area[1:], "text", 0, MAX_CHARS, title, note, problem)
    low, high = bounds(entry, whole)
    number = "number" if entry.kind == "number" else "whole number"
    problem = f"{title} must be a {number} from {low} to {high}."
    if entry.kind == "text":
        problem = f"At most {high} characters fit."
    return Entry(*area[1:], entry.kind, *limits(entry), title, note, problem)


def limits(entry: EntryWiring) -> tuple[float | str, float | str]:
    """The lowest and highest value of an entry; a text has a length, a token its number."""
    if entry.kind == "token":
        return 0, "vocab_size - 1"
    low = 0 if entry.low is None else entry.low
    return low, MAX_CHARS if entry.high is None else entry.high


def bounds(entry: EntryWiring, whole: Mapping[str, int]) -> tuple[float, float]:
    """The limits of an entry as numbers; raises FillError for a name that is not in `whole`."""
    low, high = (x if isinstance(x, int | float) else integer(x, whole) for x in limits(entry))
    return low, high


def number_for(name: str, entry: EntryWiring, chosen: str, whole: Mapping[str, int]) -> float:
    """A setting as the number that its cell takes; raises InputError."""
    low, high = bounds(entry, whole)
    try:
        value = float(chosen)
    except ValueError:
        value = float("nan")
    fits = low <= value <= high and (entry.kind == "number" or value == int(value))
    if not fits:
        kind = "number" if entry.kind == "number" else "whole number"
        raise InputError(f"{name} must be a {kind} from {low} to {high}, not {chosen!r}.")
    return value


def filled(value: str, facts: Facts) -> str | int | float:
    """A text with its `{fact}`s filled in; a fact alone keeps its kind. Raises FillError."""
    if unknown := [word for word in FACT.findall(value) if word not in facts]:
        known = ", ".join(sorted(facts))
        raise FillError(f"there is no fact {{{unknown[0]}}} (known: {known})")
    if alone := FACT.fullmatch(value):
        return facts[alone[1]]
    return FACT.sub(lambda match: str(facts[match[1]]), value)
