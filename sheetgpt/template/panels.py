"""Panels in bands: what Start, and the tops of tabs, are made of.

A band is a row of panels side by side. On a tab, those that begin in the same column stand one
below the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sheetgpt.template.formula import FormulaSyntaxError
from sheetgpt.template.rows import (
    SHOW,
    ChartWiring,
    EntryWiring,
    Row,
    Show,
    check_formula,
    check_help,
    read_charts,
    read_entry,
    read_rows,
)
from sheetgpt.template.tables import (
    TABLE,
    TABLES,
    TEXT,
    TEXTS,
    VALUE,
    WHOLE,
    Kind,
    Problems,
    Table,
    entries,
    one_of,
)

PanelKind = Literal["rows", "table", "chart", "chips", "map", "entries", "steps", "exercise"]
#: What each kind of panel cannot do without.
PANELS: Mapping[str, Mapping[str, Kind]] = {
    "rows": {"row": TABLES},
    "table": {"columns": TABLES},
    "chart": {"chart": TABLES},
    "chips": {},
    "map": {"across": WHOLE},
    "entries": {"axes": TEXTS, "entries": TABLES},
    "steps": {"of": TEXTS},
    "exercise": {"name": TEXT, "task": TEXT, "hint": TEXT},
}
#: What an exercise may say besides.
_EXERCISE: Mapping[str, Kind] = {
    "entry": TABLE,
    **dict.fromkeys(("answer", "done", "right"), TEXT),
    "within": VALUE,
}
_COLUMN: Mapping[str, Kind] = {"title": TEXT, "from": TEXT, "show": SHOW}


def _is_values(value: Any) -> bool:
    rows = value if isinstance(value, list) else [None]
    flat = [x for row in rows for x in (row if isinstance(row, list) else [row])]
    return all(isinstance(x, str | int | float) for x in flat)


VALUES = Kind("a list of texts or numbers, or of such lists", _is_values)


@dataclass(frozen=True)
class TableColumn:
    """A column of a panel that is a table: a live copy of a tensor."""

    title: str
    source: str
    show: Show


@dataclass(frozen=True)
class EntryTable:
    """A tensor of cells to type into: its name, what it begins with and what its cells take.

    Without an `entry` its cells are constants. `values` are in the order of the cells. `axes` are
    its own, where they are not those of the panel.
    """

    where: str
    name: str
    title: str
    values: tuple[str | float, ...]
    entry: EntryWiring | None
    note: str
    show: Show
    axes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Exercise:
    """A task that marks itself: `NOT DONE`, `CORRECT` or `NOT YET` with the hint.

    Either a cell to type the answer into, `entry`, with the formula that gives the right one,
    `answer`, to which a number may be as near as `within`; or two formulas over what was changed
    on the tab: `done`, whether something was, and `right`, whether it is what was asked for.
    """

    name: str
    task: str
    hint: str
    entry: EntryWiring | None = None
    answer: str = ""
    within: float = 0
    done: str = ""
    right: str = ""


@dataclass(frozen=True)
class Panel:
    """One panel, from the column `col` on; `where` is its file and place.

    `rows`, `columns`, `charts`, `across` (boxes in a line of the map), `axes` and `entries`, `of`
    (names of steps) and `exercise` are what its kind needs.
    """

    where: str
    kind: PanelKind
    col: int
    title: str = ""
    note: str = ""
    part: str | None = None
    rows: tuple[Row, ...] = ()
    columns: tuple[TableColumn, ...] = ()
    charts: tuple[ChartWiring, ...] = ()
    across: int = 1
    axes: tuple[str, ...] = ()
    entries: tuple[EntryTable, ...] = ()
    of: tuple[str, ...] = ()
    exercise: Exercise | None = None


Bands = tuple[tuple[Panel, ...], ...]


def read_bands(bands: Sequence[Table], where: str, problems: Problems) -> Bands:
    """Checked bands of panels; what is wrong with them goes into `problems`."""
    read = []
    for number, band in enumerate(bands, 1):
        place = f"{where}, band {number}"
        panels = entries(band, place, problems, {"panel": TABLES}).get("panel", [])
        read.append(tuple(_panel(panel, place, problems) for panel in panels))
    return tuple(read)


def _panel(table: Table, where: str, problems: Problems) -> Panel:
    """One panel: its kind, the column where it starts, and what its kind needs."""
    kind = table.get("kind", "?")
    place = f"{where}, panel {kind}"
    needed = PANELS.get(str(kind), {})
    known = entries(
        table,
        place,
        problems,
        {"kind": one_of(*PANELS), "col": WHOLE, **needed},
        {"title": TEXT, "note": TEXT, "part": TEXT, **(_EXERCISE if kind == "exercise" else {})},
    )
    known["rows"] = read_rows(known.pop("row", []), place, problems)
    known["charts"] = read_charts(known.pop("chart", []), place, problems)
    known["columns"] = tuple(_column(one, place, problems) for one in known.pop("columns", []))
    tables = known.pop("entries", [])
    known["entries"] = tuple(_entries(one, place, problems) for one in tables)
    known |= {key: tuple(known[key]) for key in ("axes", "of") if key in known}
    if kind == "exercise":
        keys = [key for key in ("name", "task", "hint", *_EXERCISE) if key in known]
        known["exercise"] = _exercise({key: known.pop(key) for key in keys}, place, problems)
    blank: dict[str, Any] = {"kind": "rows", "col": 0}
    return Panel(place, **{**blank, **known})


def _column(table: Table, panel: str, problems: Problems) -> TableColumn:
    known = entries(table, f"{panel}, column", problems, _COLUMN)
    return TableColumn(known.get("title", ""), known.get("from", ""), known.get("show", "text"))


def _entries(table: Table, panel: str, problems: Problems) -> EntryTable:
    """A tensor of cells to type into, or of constants."""
    where = f"{panel}, {table.get('name', '?')}"
    known = entries(
        table,
        where,
        problems,
        {"name": TEXT, "values": VALUES},
        {"title": TEXT, "note": TEXT, "entry": TABLE, "show": SHOW, "axes": TEXTS},
    )
    values = known.get("values", [])
    flat = tuple(x for row in values for x in (row if isinstance(row, list) else [row]))
    entry = read_entry(known["entry"], where, problems) if "entry" in known else None
    title = known.get("title", known.get("name", "").rpartition(".")[2])
    if entry is not None:
        check_help(("title", title), known.get("note", ""), where, problems)
    shown = known.get("show", "entry" if entry else "decimal")
    note = known.get("note", "")
    axes = tuple(known.get("axes", ()))
    return EntryTable(where, known.get("name", ""), title, flat, entry, note, shown, axes)


def _exercise(known: dict[str, Any], where: str, problems: Problems) -> Exercise:
    """An exercise with all that it needs to mark itself."""
    if "entry" in known:
        known["entry"] = read_entry(known["entry"], where, problems)
    wanted = ("entry", "answer") if "entry" in known else ("done", "right")
    for key in {"entry", "answer", "done", "right"} & known.keys() ^ {*wanted}:
        problem = "is missing" if key in wanted else f"does not go with {wanted[0]}"
        problems.add(where, f"'{key}' {problem}")
    for key in ("answer", "done", "right"):
        if key in known:
            with problems.at(f"{where}, {key}", FormulaSyntaxError):
                check_formula(known[key])
    return Exercise(**{"name": "", "task": "", "hint": "", **known})
