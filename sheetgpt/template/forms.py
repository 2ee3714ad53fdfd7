"""The forms, `templates/forms/`: a labelled row per cell, or, for Start, panels in bands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sheetgpt.template.panels import Bands, Panel, read_bands
from sheetgpt.template.rows import Row, read_rows
from sheetgpt.template.tables import TABLES, TEXT, Kind, Problems, Table, entries, one_of
from sheetgpt.template.wiring import GROUPS, Group

#: The forms that a workbook is made of.
FORMS = ("start", "tour", "checks", "about", "glossary", "constants")

#: Widths of the columns from that of the labels on, in characters.
WIDTHS = Kind(
    "two numbers or more",
    lambda value: isinstance(value, list) and len(value) > 1 and {*map(type, value)} == {int},
)


@dataclass(frozen=True)
class Form:
    """A form: rows, or for Start bands of panels. `widths` are those of its columns."""

    title: str
    summary: str
    group: Group
    rows: tuple[Row, ...] = ()
    bands: Bands = ()
    widths: tuple[int, ...] = (22, 46, 60)

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
    bands = read_bands(known.pop("band", []), where, problems)
    blank: dict[str, Any] = {"title": "", "summary": "", "group": "data"}
    return Form(**{**blank, **known}, bands=bands)
