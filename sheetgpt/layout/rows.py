"""Write labelled rows: the cells of forms, and those above the steps of a tab."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from sheetgpt.book.area import Area, column_name, quote_sheet
from sheetgpt.book.look import Entry
from sheetgpt.errors import InputError
from sheetgpt.layout.builder import SheetBuilder
from sheetgpt.layout.names import require_new_name
from sheetgpt.layout.tensor import PlacementError, Tensor
from sheetgpt.template.expand import FillError, fill, integer, loop
from sheetgpt.template.tables import Problems

HEIGHTS = {"input": 24, "answer": 32}
#: What the style `beside` goes on with in the cells that the text flows over.
WIDE = ("answer", "output", "probability_out")
#: `{n_layer}` in a text.
FACT = re.compile(r"\{(\w+)\}")
#: Values of a switch, and the names of switches.
OFF, ON = 0, 1
SWITCH = re.compile(r"switch\.\d+\.(heads|mlp)")
#: Longest text of a prompt cell, as a formula: the name of the cell that says so.
MAX_CHARS = "max_chars"

Facts = Mapping[str, str | int | float]


@dataclass(frozen=True)
class Context:
    """What rows may name: facts of the model, tensors, other cells; and what was chosen for them.

    `cells` collects the named cells of all forms and tabs. `settings` holds values for entries by
    name, as text. `token` gives the first of some words that is a token of the vocabulary.
    """

    facts: Facts
    tensors: Mapping[str, Tensor]
    cells: MutableMapping[str, Area]
    left_out: frozenset[str]
    settings: Mapping[str, str]
    token: Callable[[Sequence[str]], int]
    problems: Problems
    #: The names of all cells to type into, with what they may hold.
    entries: dict[str, str] = field(default_factory=dict)

    @property
    def whole(self) -> dict[str, int]:
        """The facts that are whole numbers."""
        return {key: value for key, value in self.facts.items() if isinstance(value, int)}

    def switches(self, name: str, count: int) -> np.ndarray:
        """The setting of a row of switches, shape (1, count): all on unless chosen otherwise."""
        chosen = self.settings.get(name, ",".join([str(ON)] * count)).split(",")
        if len(chosen) != count or not {*chosen} <= {str(OFF), str(ON)}:
            raise InputError(
                f"{name} takes {count} of {OFF} and {ON} with commas between, "
                f"not {self.settings[name]!r}."
            )
        return np.array([chosen], dtype=np.float64)

    def wanted(self, table: Mapping[str, Any]) -> bool:
        """Whether a row or panel belongs to no part that is left out."""
        return table.get("part") not in self.left_out


def switch_names(block: int) -> tuple[str, str]:
    """The names of the switches of a block: those of its heads, and that of its MLP."""
    return f"switch.{block}.heads", f"switch.{block}.mlp"


def is_switch(name: str) -> bool:
    """Whether a defined name is that of switches."""
    return SWITCH.fullmatch(name) is not None


class Columns(NamedTuple):
    """Where the parts of a row stand; without a column notes only help those who type."""

    label: int
    value: int
    note: int | None


class RowWriter:
    """Writes the rows of one tab, one below the other from `row` on."""

    def __init__(
        self, sheet: SheetBuilder, file: str, columns: Columns, row: int, context: Context
    ) -> None:
        self.sheet, self.file, self.columns, self.row = sheet, file, columns, row
        self.context = context

    def write(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write the rows that are wanted, repeated ones as often as they say."""
        for row in filter(self.context.wanted, rows):
            place = f"{self.file}, row {row.get('name', row.get('label', '?'))}"
            with self.context.problems.at(place, FillError, PlacementError):
                for _, env in loop(row.get("each"), self.context.whole):
                    self._row(row, env)

    def _row(self, row: Mapping[str, Any], env: Mapping[str, int]) -> None:
        sheet, at = self.sheet, self.row
        label, value, note = self.columns
        if "heading" in row:
            sheet.text(at + 1, label, row["heading"], "heading")
            self.row += 2
            return
        self.row += 1
        if "text" in row:
            style = row.get("show", "plain")
            if "span" in row:
                sheet.merge(Area(sheet.name, at, label, 1, row["span"]), style)
            if place := row.get("to"):
                sheet.link(at, label, row["text"], f"{quote_sheet(place)}!A1", style)
            else:
                sheet.text(at, label, row["text"], style)
            return
        show = row.get("show", "entry" if "entry" in row else "plain")
        sheet.text(at, label, fill(row.get("label", row.get("name", "")), env), "form_label")
        if "formula" in row:
            formula = fill(row["formula"], env)
            # A check of cells that hold an error has failed; it must not become an error itself.
            formula = f"IFERROR({formula}, 0)" if "checks" in row else formula
            sheet.cell_formula(at, value, formula, show)
        else:
            self._value(at, row, show)
        area = Area(sheet.name, at, value)
        if "span" in row:
            self._widen(area, row, show)
        sheet.look.heights |= {at: HEIGHTS[show]} if show in HEIGHTS else {}
        if "note" in row and note is not None:
            sheet.text(at, note, row["note"], "form_note")
        if "name" in row:
            self._name(row["name"], area)
        if "entry" in row:
            self._entry(row, area)
        if "checks" in row:
            self._check(area)

    def _widen(self, area: Area, row: Mapping[str, Any], show: str) -> None:
        """Let a cell take several columns: as one if it is typed into, else by flowing over.

        Programs take no array formulas in merged cells.
        """
        if "formula" not in row:
            self.sheet.merge(area._replace(cols=row["span"]), show)
        elif show in WIDE:
            self.sheet.paint(area._replace(cols=row["span"]), "beside")
            self.sheet.paint(area._replace(col=area.col + row["span"] - 1), "beside_end")
            self.sheet.paint(area, show)
            for col in range(area.col + 1, area.col + row["span"]):
                self.sheet.text(area.row, col, "")

    def _name(self, name: str, area: Area) -> None:
        require_new_name(name, [*self.context.tensors, *self.context.cells])
        self.context.cells[name] = area

    def _value(self, at: int, row: Mapping[str, Any], show: str) -> None:
        """A constant: a number or text, `{fact}` replaced by what is known of the model."""
        value = row.get("value", "")
        entry = row.get("entry", {})
        if entry.get("kind") == "token":
            value = self.context.token(entry.get("words", []))
        elif isinstance(value, str):
            value = filled(value, self.context.facts)
        chosen = self.context.settings.get(row.get("name", ""))
        if chosen is not None and entry.get("kind", "text") != "text":
            value = number_for(row, chosen, self.context.whole)
        if isinstance(value, str):
            self.sheet.text(at, self.columns.value, value, show)
        else:
            shown = "number_left" if show == "plain" else show
            self.sheet.number(at, self.columns.value, float(value), shown)

    def _entry(self, row: Mapping[str, Any], area: Area) -> None:
        """Let the cell be typed into, with limits and help."""
        entry = row["entry"]
        kind = "whole" if entry["kind"] == "token" else entry["kind"]
        low, high = bounds(entry, self.context.whole)
        title, note = row.get("label", row.get("name", "")), row.get("note", "")
        problem = f"{title} must be a {'whole ' * (kind == 'whole')}number from {low} to {high}."
        if kind == "text":
            problem = f"At most {high} characters fit."
        self.sheet.look.entries.append(Entry(*area[1:], kind, *limits(entry), title, note, problem))
        if kind != "text":
            self.context.entries[row["name"]] = f"{low} to {high}"

    def _check(self, area: Area) -> None:
        """One of the cells that the master flag counts; green or red."""
        cells = self.context.cells
        first = cells.setdefault("checks_passed", area)
        cells["checks_passed"] = first._replace(rows=area.row - first.row + 1)
        cell = f"{column_name(area.col)}{area.row + 1}"
        self.sheet.rule("good", area, f"{cell}=1")
        self.sheet.rule("bad", area, f"{cell}=0")


def limits(entry: Mapping[str, Any]) -> tuple[float | str, float | str]:
    """The lowest and highest value of an entry; a text has a length."""
    if entry["kind"] == "token":
        return 0, "vocab_size - 1"
    return entry.get("low", 0), entry.get("high", MAX_CHARS)


def bounds(entry: Mapping[str, Any], whole: Mapping[str, int]) -> tuple[float, float]:
    """The limits of an entry as numbers; raises FillError for a name that is not in `whole`."""
    low, high = (x if isinstance(x, int | float) else integer(x, whole) for x in limits(entry))
    return low, high


def number_for(row: Mapping[str, Any], chosen: str, whole: Mapping[str, int]) -> float:
    """A setting as the number that its cell takes; raises InputError."""
    entry = row["entry"]
    low, high = bounds(entry, whole)
    try:
        value = float(chosen)
    except ValueError:
        value = float("nan")
    fits = low <= value <= high and (entry["kind"] == "number" or value == int(value))
    if not fits:
        kind = "number" if entry["kind"] == "number" else "whole number"
        raise InputError(f"{row['name']} must be a {kind} from {low} to {high}, not {chosen!r}.")
    return value


def filled(value: str, facts: Facts) -> str | int | float:
    """A text with its `{fact}`s filled in; a fact alone keeps its kind. Raises FillError."""
    if unknown := [word for word in FACT.findall(value) if word not in facts]:
        known = ", ".join(sorted(facts))
        raise FillError(f"there is no fact {{{unknown[0]}}} (known: {known})")
    if alone := FACT.fullmatch(value):
        return facts[alone[1]]
    return FACT.sub(lambda match: str(facts[match[1]]), value)
