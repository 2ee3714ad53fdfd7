"""The forms, `templates/forms/`: which rows and tables they may have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sheetgpt.template.op import SHOWS
from sheetgpt.template.tables import (
    TABLES,
    TEXT,
    TRUE,
    VALUE,
    Kind,
    Problems,
    entries,
    one_of,
)
from sheetgpt.template.wiring import PARTS

#: The forms that a workbook is made of.
FORMS = ("start", "checks", "about", "constants")
#: How a cell of a form may look, beside the ways in which tensors are shown.
FORM_SHOWS = ("plain", "input", "message", "answer", "output", "probability_out", "count_left")

_SHOW = one_of(*SHOWS, *FORM_SHOWS)
_ROW: Mapping[str, Kind] = {
    "heading": TEXT,
    "text": TEXT,
    "contents": TRUE,
    "label": TEXT,
    "name": TEXT,
    "value": VALUE,
    "formula": TEXT,
    "show": _SHOW,
    "note": TEXT,
    "each": TEXT,
    "checks": TEXT,
}
#: Widths of the columns for labels, values and notes, in characters.
WIDTHS = Kind(
    "three numbers",
    lambda value: isinstance(value, list) and [type(x) for x in value] == [int, int, int],
)
_COLUMN: Mapping[str, Kind] = {"title": TEXT, "from": TEXT, "show": _SHOW}


def read_form(name: str, table: Mapping[str, Any], problems: Problems) -> dict[str, Any]:
    """A form with its rows and side tables; what is wrong with it goes into `problems`."""
    where = f"forms/{name}.toml"
    form = entries(
        table,
        where,
        problems,
        {"title": TEXT, "summary": TEXT, "part": one_of(*PARTS), "row": TABLES},
        {"side": TABLES, "widths": WIDTHS},
    )
    for number, row in enumerate(form.get("row", []), 1):
        entries(row, f"{where}, row {number}", problems, {}, _ROW)
    for side in form.get("side", []):
        place = f"{where}, side {side.get('title', '?')}"
        known = entries(side, place, problems, {"title": TEXT, "columns": TABLES})
        for column in known.get("columns", []):
            entries(column, f"{place}, column", problems, _COLUMN, {"live": TEXT})
    return form
