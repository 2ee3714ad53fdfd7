"""Rows and charts: what forms, and the tops of tabs with steps, are made of.

A row is one of: `heading`, `text`, or a cell with a `label` or a `name`, and in the cell a `value`
(constant) or a `formula`. With an `entry` the cell is one to type into.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeVar, get_args

from sheetgpt.book.look import MOST_NOTE, MOST_TITLE, ChartKind, LabelPlace
from sheetgpt.book.texts import utf16_units
from sheetgpt.template.formula import FormulaSyntaxError, TensorRef, parse_formula
from sheetgpt.template.op import TensorShow
from sheetgpt.template.tables import (
    TABLE,
    TABLES,
    TEXT,
    TEXTS,
    TRUE,
    VALUE,
    WHOLE,
    Kind,
    Problems,
    Table,
    entries,
    one_of,
)

#: How a cell of a form may look, beside the ways in which tensors are shown.
FormShow = Literal[
    "plain",
    "input",
    "entry",
    "switch",
    "message",
    "answer",
    "output",
    "probability_out",
    "points_out",
    "column",
    "count_left",
    "try",
    "link",
]
Show = TensorShow | FormShow
FORM_SHOWS: tuple[FormShow, ...] = get_args(FormShow)
SHOW = one_of(*get_args(TensorShow), *FORM_SHOWS)
#: What may be typed into a cell: a text, a whole number, a number, a token by its text or its id.
EntryKind = Literal["text", "whole", "number", "token"]
ENTRY_KINDS: tuple[EntryKind, ...] = get_args(EntryKind)
CHART_KINDS: tuple[ChartKind, ...] = get_args(ChartKind)
LABEL_PLACE = one_of(*get_args(LabelPlace))

_ROW: Mapping[str, Kind] = {
    "heading": TEXT,
    "text": TEXT,
    "label": TEXT,
    "name": TEXT,
    "value": VALUE,
    "formula": TEXT,
    "show": SHOW,
    "note": TEXT,
    "each": TEXT,
    "checks": TEXT,
    "entry": TABLE,
    "part": TEXT,
    "span": WHOLE,
    "to": TEXT,
    "mirror": TABLE,
    "switches": TRUE,
    "cells": TEXTS,
}
_CHART = {"kind": one_of(*CHART_KINDS), "title": TEXT, "alt": TEXT, "series": TABLES}
_PLACE: Mapping[str, Kind] = {
    **dict.fromkeys(("x", "y"), TEXT),
    **dict.fromkeys(("width", "height", "col"), WHOLE),
    "shares": TRUE,
    "beside": TRUE,
}
_BRACES = re.compile(r"\{[^{}]*\}")


@dataclass(frozen=True)
class EntryWiring:
    """What may be typed into a cell: from `low` to `high`, or a text of up to `high` characters.

    A limit is a number or integer arithmetic on sizes. `words` are the tokens to begin with, the
    first that the vocabulary knows.
    """

    kind: EntryKind
    low: float | str | None = None
    high: float | str | None = None
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mirror:
    """What a cell shows so that a copy of it can be pasted into an input: the names of cells.

    It refers to the cell `of`; pasted `into` the input, the same formula refers to the cell
    `pasted`, which must lie as far above as the input does.
    """

    of: str
    into: str
    pasted: str


@dataclass(frozen=True)
class Row:
    """One row as a template declares it; `where` is its file and place, for messages.

    `mirror` stands in the place of a formula, `switches` are a row of cells for each block, `cells`
    texts side by side that are broken into lines.
    """

    where: str
    heading: str | None = None
    text: str | None = None
    label: str | None = None
    name: str | None = None
    value: str | float = ""
    formula: str | None = None
    show: Show | None = None
    note: str | None = None
    each: str | None = None
    checks: str | None = None
    entry: EntryWiring | None = None
    part: str | None = None
    span: int | None = None
    to: str | None = None
    mirror: Mirror | None = None
    switches: bool = False
    cells: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The words before its cell."""
        return self.label or self.name or ""

    @property
    def shown(self) -> Show:
        """How its cell looks: as it says, or as its kind does."""
        return self.show or ("entry" if self.entry else "plain")


@dataclass(frozen=True)
class SeriesWiring:
    """One series of a chart; `values`, `categories` and `label` are tensors or parts of them.

    `line`, `wide`, `label` and `place` are as `sheetgpt.book.look.Series` has them.
    """

    name: str
    values: str
    categories: str
    each: str | None = None
    line: bool = False
    wide: bool = False
    label: str | None = None
    place: LabelPlace | None = None


@dataclass(frozen=True)
class ChartWiring:
    """A chart as a template declares it; sizes in pixels, `where` is its file and place.

    One that stands `beside` the rows of its tab takes no room below them.
    """

    where: str
    kind: ChartKind
    title: str
    alt: str
    series: tuple[SeriesWiring, ...]
    x: str = ""
    y: str = ""
    width: int = 560
    height: int = 300
    col: int | None = None
    shares: bool = False
    beside: bool = False


class Optional(Protocol):
    """What can be left out of a workbook: a tab, a step, a row, a panel."""

    @property
    def part(self) -> str | None:
        """The optional part or the trait of a model that it goes with; None: always there."""


Item = TypeVar("Item", bound=Optional)


def wanted(items: Iterable[Item], left_out: Container[str]) -> list[Item]:
    """Those that go with no part or trait which is left out, in their order."""
    return [item for item in items if item.part not in left_out]


def read_rows(rows: Sequence[Table], where: str, problems: Problems) -> tuple[Row, ...]:
    """Checked rows; what is wrong with them goes into `problems`."""
    return tuple(_row(row, number, where, problems) for number, row in enumerate(rows, 1))


def _row(table: Table, number: int, where: str, problems: Problems) -> Row:
    words = (table.get(key) for key in ("name", "label", "heading"))
    place = f"{where}, row {next((word for word in words if word), number)}"
    known = entries(table, place, problems, {}, _ROW)
    if "entry" in known:
        known["entry"] = read_entry(known["entry"], place, problems)
        if "name" not in known:
            problems.add(place, "a cell to type into needs a 'name'")
        key = "label" if "label" in known else "name"
        check_help((key, known.get(key, "")), known.get("note", ""), place, problems)
    if "mirror" in known:
        cells = dict.fromkeys(("of", "into", "pasted"), TEXT)
        mirror = entries(known["mirror"], f"{place}, mirror", problems, cells)
        known["mirror"] = Mirror(**{**dict.fromkeys(cells, ""), **mirror})
    if known.get("switches"):
        key = "label" if "label" in known else "name"
        check_help((key, known.get(key, "")), known.get("note", ""), place, problems)
    if "cells" in known:
        known["cells"] = tuple(known["cells"])
    if "formula" in known:
        with problems.at(place, FormulaSyntaxError):
            check_formula(known["formula"])
    return Row(place, **known)


def check_help(title: tuple[str, str], note: str, where: str, problems: Problems) -> None:
    """Words that help with an input are no longer than Excel shows; `title` is (key, words)."""
    for key, text, most in ((*title, MOST_TITLE), ("note", note, MOST_NOTE)):
        if (units := utf16_units(text)) > most:
            problem = f"the {key} of an input has {units} characters and Excel shows {most}"
            problems.add(where, f"{problem}; shorten it: {text}")


def check_formula(text: str) -> None:
    """Raise FormulaSyntaxError for a formula that cannot be taken apart."""
    for token in parse_formula(_BRACES.sub("0", text)):
        if isinstance(token, TensorRef):
            raise FormulaSyntaxError(f"{token}: the formula of a row names whole tensors, no parts")


def read_entry(entry: Table, where: str, problems: Problems) -> EntryWiring:
    """What may be typed into a cell; what is wrong with it goes into `problems`."""
    known = entries(
        entry,
        f"{where}, entry",
        problems,
        {"kind": one_of(*ENTRY_KINDS)},
        {"low": VALUE, "high": VALUE, "words": TEXTS},
    )
    known["words"] = tuple(known.get("words", ()))
    return EntryWiring(**{"kind": "whole", **known})


def read_charts(charts: Sequence[Table], where: str, problems: Problems) -> tuple[ChartWiring, ...]:
    """Checked charts; what is wrong with them goes into `problems`."""
    return tuple(_chart(chart, where, problems) for chart in charts)


def _chart(table: Table, where: str, problems: Problems) -> ChartWiring:
    place = f"{where}, chart {table.get('title', '?')}"
    known = entries(table, place, problems, _CHART, _PLACE)
    series = tuple(_series(one, place, problems) for one in known.pop("series", []))
    blank: dict[str, Any] = {"kind": "line", "title": "", "alt": ""}
    return ChartWiring(place, **{**blank, **known}, series=series)


def _series(table: Table, chart: str, problems: Problems) -> SeriesWiring:
    required = dict.fromkeys(("name", "values", "categories"), TEXT)
    optional = {"each": TEXT, "line": TRUE, "wide": TRUE, "label": TEXT, "place": LABEL_PLACE}
    known = entries(table, f"{chart}, series", problems, required, optional)
    return SeriesWiring(**{**dict.fromkeys(required, ""), **known})
