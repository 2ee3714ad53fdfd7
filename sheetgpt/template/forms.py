"""The forms, `templates/forms/`: a labelled row per cell, or, for Start, panels in bands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sheetgpt.template.rows import SHOW, read_charts, read_rows
from sheetgpt.template.tables import TABLES, TEXT, WHOLE, Kind, Problems, entries, one_of
from sheetgpt.template.wiring import GROUPS

#: The forms that a workbook is made of.
FORMS = ("start", "checks", "about", "constants")

#: Widths of the columns for labels, values and notes, in characters.
WIDTHS = Kind(
    "three numbers",
    lambda value: isinstance(value, list) and [type(x) for x in value] == [int, int, int],
)
#: The kinds of panels, each with what it cannot do without.
PANELS: Mapping[str, Mapping[str, Kind]] = {
    "rows": {"row": TABLES},
    "table": {"columns": TABLES},
    "chart": {"chart": TABLES},
    "chips": {},
    "map": {"across": WHOLE},
    "switches": {"title": TEXT, "note": TEXT},
}
_COLUMN: Mapping[str, Kind] = {"title": TEXT, "from": TEXT, "show": SHOW}


def read_form(name: str, table: Mapping[str, Any], problems: Problems) -> dict[str, Any]:
    """A form with its rows or bands; what is wrong with it goes into `problems`."""
    where = f"forms/{name}.toml"
    content = {"band": TABLES} if name == "start" else {"row": TABLES}
    form = entries(
        table,
        where,
        problems,
        {"title": TEXT, "summary": TEXT, "group": one_of(*GROUPS), **content},
        {"widths": WIDTHS},
    )
    form["row"] = read_rows(form.get("row", []), where, problems)
    for number, band in enumerate(form.get("band", []), 1):
        place = f"{where}, band {number}"
        panels = entries(band, place, problems, {"panel": TABLES}).get("panel", [])
        band["panel"] = [_panel(panel, place, problems) for panel in panels]
    return form


def _panel(table: Mapping[str, Any], where: str, problems: Problems) -> dict[str, Any]:
    """One panel: its kind, the column where it starts, and what its kind needs."""
    kind = table.get("kind", "?")
    place = f"{where}, panel {kind}"
    panel = entries(
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
    panel["row"] = read_rows(panel.get("row", []), place, problems)
    panel["chart"] = read_charts(panel.get("chart", []), place, problems)
    for column in panel.get("columns", []):
        entries(column, f"{place}, column", problems, _COLUMN)
    return panel
