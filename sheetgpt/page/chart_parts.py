"""The charts of a sheet, from its drawing."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

from sheetgpt.page.package import Package, relation_id

#: English Metric Units in a pixel at 96 per inch.
EMU = 9525
KINDS = ("barChart", "lineChart", "scatterChart")
COLOUR = "#0072B2"


def charts_of(package: Package, part: str) -> list[dict[str, Any]]:
    """Each chart: `kind` (bar, column, line, scatter), `at` (the cell of a corner, the distance
    from it and the opposite one), words, `series` (name, colour, cells of categories and values).
    """
    found = []
    for drawing in package.related(part, "drawing"):
        for anchor in package.xml(drawing).iterfind("{*}twoCellAnchor"):
            reference = anchor.find(".//{*}graphicData/{*}chart")
            if reference is None:
                continue
            chart = package.xml(package.target(drawing, relation_id(reference)))
            if (item := _chart(chart, anchor)) is not None:
                found.append(item)
    return found


def _chart(chart: Element, anchor: Element) -> dict[str, Any] | None:
    plot = next((p for kind in KINDS if (p := chart.find(f".//{{*}}{kind}")) is not None), None)
    if plot is None:
        return None
    direction = plot.find("{*}barDir")
    kind = plot.tag.rpartition("}")[2].removesuffix("Chart")
    if direction is not None and direction.get("val") == "col":
        kind = "column"
    words = anchor.find(".//{*}cNvPr")
    axes = [axis for tag in ("catAx", "valAx") for axis in chart.iterfind(f".//{{*}}{tag}")]
    item: dict[str, Any] = {
        "kind": kind,
        "at": [_corner(anchor, "from"), _corner(anchor, "to")],
        "title": _words(chart.find("{*}chart/{*}title")),
        "alt": "" if words is None else words.get("descr", ""),
        "titles": [_words(axis.find("{*}title")) for axis in axes],
        "series": [_series(series) for series in plot.iterfind("{*}ser")],
    }
    code = axes[-1].find("{*}numFmt") if axes else None
    if code is not None and "%" in code.get("formatCode", ""):
        item["shares"] = 1
    return item


def _corner(anchor: Element, which: str) -> list[int]:
    """Row, column, and the distance from there down and right in pixels."""
    numbers = {tag: int(anchor.findtext(f"{{*}}{which}/{{*}}{tag}", "0"))
               for tag in ("row", "col", "rowOff", "colOff")}  # fmt: skip
    return [numbers["row"], numbers["col"], numbers["rowOff"] // EMU, numbers["colOff"] // EMU]


def _words(title: Element | None) -> str:
    return "" if title is None else "".join(t.text or "" for t in title.iterfind(".//{*}t"))


def _series(series: Element) -> dict[str, str]:
    color = series.find(".//{*}srgbClr")
    name = series.find("{*}tx//{*}v")
    return {
        "name": "" if name is None else name.text or "",
        "color": COLOUR if color is None else f"#{color.get('val', '')}",
        "categories": _cells(series, "cat", "xVal"),
        "values": _cells(series, "val", "yVal"),
    }


def _cells(series: Element, *tags: str) -> str:
    """The cells that one of some elements refers to, as a formula; empty for none."""
    found = (series.findtext(f"{{*}}{tag}//{{*}}f") for tag in tags)
    return next((text for text in found if text), "")
