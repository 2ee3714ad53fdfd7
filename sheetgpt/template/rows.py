"""Rows and charts: what forms, and the tops of tabs with steps, are made of.

A row is one of: `heading`, `text`, or a cell with a `label` or a `name`, and in the cell a `value`
(constant) or a `formula`. With an `entry` the cell is one to type into.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sheetgpt.template.op import SHOWS
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
    entries,
    one_of,
)

#: How a cell of a form may look, beside the ways in which tensors are shown.
FORM_SHOWS = (
    *("plain", "input", "entry", "switch", "message", "answer", "output", "probability_out"),
    *("count_left", "big", "try"),
)
SHOW = one_of(*SHOWS, *FORM_SHOWS)
#: What may be typed into a cell: a text, a whole number, a number, or the id of a token.
ENTRY_KINDS = ("text", "whole", "number", "token")
CHART_KINDS = ("bar", "column", "line", "scatter")

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
}
_CHART = {"kind": one_of(*CHART_KINDS), "title": TEXT, "alt": TEXT, "series": TABLES}
_PLACE: Mapping[str, Kind] = {
    **dict.fromkeys(("x", "y"), TEXT),
    **dict.fromkeys(("width", "height", "col"), WHOLE),
    "shares": TRUE,
}


def read_rows(
    rows: Sequence[Mapping[str, Any]], where: str, problems: Problems
) -> tuple[dict[str, Any], ...]:
    """Checked rows; what is wrong with them goes into `problems`."""
    out = []
    for number, row in enumerate(rows, 1):
        place = f"{where}, row {number}"
        known = entries(row, place, problems, {}, _ROW)
        if "entry" in known:
            known["entry"] = _entry(known["entry"], place, problems)
            if "name" not in known:
                problems.add(place, "a cell to type into needs a 'name'")
        out.append(known)
    return tuple(out)


def _entry(entry: Mapping[str, Any], where: str, problems: Problems) -> dict[str, Any]:
    """`kind`, and from `low` to `high`; `words` are the tokens to begin with, the first known."""
    return entries(
        entry,
        f"{where}, entry",
        problems,
        {"kind": one_of(*ENTRY_KINDS)},
        {"low": VALUE, "high": VALUE, "words": TEXTS},
    )


def read_charts(
    charts: Sequence[Mapping[str, Any]], where: str, problems: Problems
) -> tuple[dict[str, Any], ...]:
    """Checked charts; a series has a `name`, `values` and `categories`: columns of tensors."""
    out = []
    for chart in charts:
        place = f"{where}, chart {chart.get('title', '?')}"
        known = entries(chart, place, problems, _CHART, _PLACE)
        for series in known.get("series", []):
            entries(
                series,
                f"{place}, series",
                problems,
                {"name": TEXT, "values": TEXT, "categories": TEXT},
                {"each": TEXT},
            )
        out.append(known)
    return tuple(out)
