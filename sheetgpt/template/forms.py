"""The forms, `templates/forms/`: a labelled row per cell, or, for Start, panels in bands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sheetgpt.template.rows import (
    SHOW,
    ChartWiring,
    Row,
    Show,
    check_help,
    read_charts,
    read_rows,
)
from sheetgpt.template.tables import TABLES, TEXT, WHOLE, Kind, Problems, Table, entries, one_of
from sheetgpt.template.wiring import GROUPS, Group

#: The forms that a workbook is made of.
FORMS = ("start", "checks", "about", "constants")

#: Widths of the columns for labels, values and notes, in characters.
WIDTHS = Kind(
    "three numbers",
    lambda value: isinstance(value, list) and [type(x) for x in value] == [int, int, int],
)
PanelKind = Literal["rows", "table", "chart", "chips", "map", "switches"]
#: What each kind of panel cannot do without.
PANELS: Mapping[str, Mapping[str, Kind]] = {
    "rows": {"row": TABLES},
    "table": {"columns": TABLES},
    "chart": {"chart": TABLES},
    "chips": {},
    "map": {"across": WHOLE},
    "switches": {"title": TEXT, "note": TEXT},
}
_COLUMN: Mapping[str, Kind] = {"title": TEXT, "from": TEXT, "show": SHOW}


@dataclass(frozen=True)
class TableColumn:
    """A column of a panel that is a table: a live copy of a tensor."""

    title: str
    source: str
    show: Show


@dataclass(frozen=True)
class Panel:
    """One panel of Start, from the column `col` on; `where` is its file and place.

    `rows`, `columns`, `charts` and `across` (boxes in a line of the map) are what its kind needs.
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


@dataclass(frozen=True)
class Form:
    """A form: rows, or for Start bands of panels. `widths` are those of its three columns."""

    title: str
    summary: str
    group: Group
    rows: tuple[Row, ...] = ()
    bands: tuple[tuple[Panel, ...], ...] = ()
    widths: tuple[int, int, int] = (22, 46, 60)

    @property
    def panels(self) -> tuple[Panel, ...]:
        """The panels of all bands."""
        return tuple(panel for band in self.bands for panel in band)


def read_form(name: str, table: Table, problems: Problems) -> Form:
    """A form with its rows or bands; what is wrong with it goes into `problems`."""
    where = f"forms/{name}.toml"
    content = {"band": TABLES} if name == "start" else {"row": TABLES}
    known = entries(
        table,
        where,
        problems,
        {"title": TEXT, "summary": TEXT, "group": one_of(*GROUPS), **content},
        {"widths": WIDTHS},
    )
    known["rows"] = read_rows(known.pop("row", []), where, problems)
    if "widths" in known:
        known["widths"] = tuple(known["widths"])
    bands = []
    for number, band in enumerate(known.pop("band", []), 1):
        place = f"{where}, band {number}"
        panels = entries(band, place, problems, {"panel": TABLES}).get("panel", [])
        bands.append(tuple(_panel(panel, place, problems) for panel in panels))
    blank: dict[str, Any] = {"title": "", "summary": "", "group": "data"}
    return Form(**{**blank, **known}, bands=tuple(bands))


def _panel(table: Table, where: str, problems: Problems) -> Panel:
    """One panel: its kind, the column where it starts, and what its kind needs."""
    kind = table.get("kind", "?")
    place = f"{where}, panel {kind}"
    known = entries(
        table,
        place,
        problems,
        {"kind": one_of(*PANELS), "col": WHOLE, **PANELS.get(str(kind), {})},
        {
            "title": TEXT,
            "note": TEXT,
            "part": TEXT,
            "row": TABLES,
            "columns": TABLES,
            "chart": TABLES,
            "across": WHOLE,
        },
    )
    known["rows"] = read_rows(known.pop("row", []), place, problems)
    known["charts"] = read_charts(known.pop("chart", []), place, problems)
    known["columns"] = tuple(_column(one, place, problems) for one in known.pop("columns", []))
    if kind == "switches":
        check_help(("title", known.get("title", "")), known.get("note", ""), place, problems)
    blank: dict[str, Any] = {"kind": "rows", "col": 0}
    return Panel(place, **{**blank, **known})


def _column(table: Table, panel: str, problems: Problems) -> TableColumn:
    known = entries(table, f"{panel}, column", problems, _COLUMN)
    return TableColumn(known.get("title", ""), known.get("from", ""), known.get("show", "text"))
