"""Charts of `sheetgpt.look`, drawn by XlsxWriter: calm, and readable without seeing colours.

The cells of a chart are spliced into the file after XlsxWriter is done, so the values that it
stores for programs which do not calculate come from the Book.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sheetgpt.book import Book
from sheetgpt.book.area import Area
from sheetgpt.book.look import Chart, Series
from sheetgpt.errors import WorkbookError
from sheetgpt.xlsx.bulk import significant
from sheetgpt.xlsx.styles import FAINT, INK, RULE, Properties

#: The colours of Okabe and Ito that stay apart for colour-blind eyes and stand out from white,
#: with the ink for black (https://jfly.uni-koeln.de/color/).
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", INK)
#: What else tells series apart: points, lines and the fills of bars. There is one less of each than
#: of colours, so that it takes many series until two look alike.
MARKERS = ("circle", "square", "diamond", "triangle")
DASHES = ("solid", "dash", "round_dot", "long_dash")
PATTERNS = (None, "wide_upward_diagonal", "narrow_horizontal", "large_grid")
GRID = "#E6EAEE"
#: Diameter of points in points, and how many of them are so many that they are drawn smaller.
POINT, SMALL_POINT, MANY_POINTS = 5, 3, 200
#: A line that others may lie on, below it in one program and above it in another.
WIDE_LINE: Properties = {"width": 7, "transparency": 60}
#: A legend of more series than this stands on the right and not below.
LEGEND_BELOW = 6
#: Space between bars, in percent of their width.
GAP = 45
#: The axis of values that are shares.
SHARES: Properties = {"min": 0, "max": 1, "major_unit": 0.25, "num_format": "0%"}
TITLE_FONT: Properties = {"size": 12, "bold": True, "color": INK}
AXIS_TITLE_FONT: Properties = {"size": 10, "bold": False, "color": INK}
AXIS_FONT: Properties = {"size": 9, "color": FAINT}
#: How a chart moves with its cells: it does, but keeps its size.
MOVE_ONLY = 2
#: Pixels between a chart and what lies left of it.
INSET = 8


def add_chart(workbook: Any, worksheet: Any, chart: Chart, book: Book) -> None:
    """Draw one chart on a worksheet; raises WorkbookError for cells that make no series."""
    drawn = workbook.add_chart({"type": chart.kind})
    for i, series in enumerate(chart.series):
        drawn.add_series(_series(chart, i, series, book))
    drawn.set_title({"name": chart.title, "name_font": TITLE_FONT})
    drawn.set_size({"width": chart.width, "height": chart.height})
    drawn.set_chartarea({"border": {"color": RULE}, "fill": {"color": "#FFFFFF"}})
    x_axis, y_axis = _axis(chart.x_title), _axis(chart.y_title)
    if chart.kind == "bar":
        # From the top down; the values then stay below if their axis crosses behind the last bar.
        y_axis |= {"reverse": True, "crossing": "max", "major_tick_mark": "none"}
        x_axis |= {"major_gridlines": _line(GRID), "label_position": "next_to"}
    else:
        y_axis |= {"major_gridlines": _line(GRID)}
    if chart.kind == "scatter":
        x_axis |= {"major_gridlines": _line(GRID)}
    labelled = any(series.label for series in chart.series)
    if labelled:  # no axis runs through the words
        x_axis |= {"crossing": "min"}
        y_axis |= {"crossing": "min"}
    if chart.shares:
        (x_axis if chart.kind == "bar" else y_axis).update(SHARES)
    drawn.set_x_axis(x_axis)
    drawn.set_y_axis(y_axis)
    place = "bottom" if len(chart.series) <= LEGEND_BELOW else "right"
    alone = len(chart.series) == 1 or labelled
    drawn.set_legend({"none": True} if alone else {"position": place, "font": AXIS_FONT})
    where = {"object_position": MOVE_ONLY, "description": chart.alt, "x_offset": INSET}
    worksheet.insert_chart(chart.row, chart.col, drawn, where)


def _axis(title: str) -> Properties:
    named = {"name": title, "name_font": AXIS_TITLE_FONT} if title else {}
    return {
        **named,
        "num_font": AXIS_FONT,
        "label_position": "low",  # also where values are negative
        "line": {"color": RULE},
        "major_gridlines": {"visible": False},
        "major_tick_mark": "outside",
    }


def _line(colour: str) -> Properties:
    return {"visible": True, "line": {"color": colour, "width": 0.75}}


def _series(chart: Chart, i: int, series: Series, book: Book) -> Properties:
    """The i-th series with the cells that it shows, their values and its looks."""
    categories = _values(chart, series.categories, book)
    values = _values(chart, series.values, book)
    if len(categories) != len(values):
        raise WorkbookError(
            f"Chart '{chart.title}', series '{series.name}': {series.categories.full()} and "
            f"{series.values.full()} have {len(categories)} and {len(values)} cells; give it as "
            "many of one as of the other."
        )
    return {
        "name": series.name,
        **_label(chart, i, series, book),
        "categories": f"={series.categories.full()}",
        "categories_data": [_Word(x) if isinstance(x, str) else x for x in categories],
        "values": f"={series.values.full()}",
        "values_data": [None if isinstance(x, str) else x for x in values],
        **(_line_alone(i, series.wide) if series.line else _look(chart.kind, i, len(values))),
    }


def _label(chart: Chart, i: int, series: Series, book: Book) -> Properties:
    """The text of a cell as the name of the i-th series, beside its points: neighbours in turn."""
    if series.label is None:
        return {}
    labels = {
        "series_name": True,
        "value": False,
        "position": series.place or ("right", "left")[i % 2],
        "font": AXIS_FONT,
    }
    return {
        "name": f"={series.label.full()}",
        "name_data": _values(chart, series.label, book),
        "data_labels": labels,
    }


def _line_alone(i: int, wide: bool) -> Properties:
    """A line through the points of a scatter chart."""
    looks = WIDE_LINE if wide else {"width": 2, "dash_type": DASHES[i % len(DASHES)]}
    return {"line": {"color": COLOURS[i % len(COLOURS)], **looks}, "marker": {"type": "none"}}


def _look(kind: str, i: int, count: int) -> Properties:
    """The colour of the i-th series, and what tells it from the others without colour."""
    colour = COLOURS[i % len(COLOURS)]
    fill, edge = {"color": colour}, {"color": colour, "width": 1}
    if kind in ("bar", "column"):
        if pattern := PATTERNS[i % len(PATTERNS)]:
            hatched = {"pattern": pattern, "fg_color": colour, "bg_color": "#FFFFFF"}
            return {"pattern": hatched, "border": edge, "gap": GAP}
        return {"fill": fill, "border": edge, "gap": GAP}
    size = SMALL_POINT if count > MANY_POINTS else POINT
    marker = {"type": MARKERS[i % len(MARKERS)], "size": size, "fill": fill, "border": edge}
    if kind == "scatter":
        return {"marker": marker}
    line = {"color": colour, "width": 2, "dash_type": DASHES[i % len(DASHES)]}
    return {"line": line, "marker": marker}


class _Word(str):
    """A text in a cell; XlsxWriter would take one that looks like a number for a number."""

    __slots__ = ()

    def __float__(self) -> float:
        raise ValueError(f"{self} is a text")


def _values(chart: Chart, area: Area, book: Book) -> list[float | str | None]:
    """The values of the cells of a row or column as they will be in the file."""
    if min(area.rows, area.cols) != 1 or area.sheet not in book.sheets:
        raise WorkbookError(
            f"Chart '{chart.title}' cannot show {area.full()}: it must be one row or one column "
            "of a tab of the workbook."
        )
    values = book.get(area).ravel().tolist()
    return [x if isinstance(x, str) else _number(x) for x in values]


def _number(value: float | bool | None) -> float | None:
    return None if value is None else float(significant(np.array([float(value)]))[0])
