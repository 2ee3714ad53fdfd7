"""Conditional formats by kind; with `sheetgpt.book.look.Rule`, as XlsxWriter takes them.

Text stays readable on both ends of a colour scale, with the contrast that `styles` speaks of.
"""

from __future__ import annotations

from typing import Any

from sheetgpt.book.area import Area
from sheetgpt.book.look import Rule
from sheetgpt.errors import WorkbookError
from sheetgpt.xlsx.styles import DARK_BLUE, FAINT, INK, OUTPUT_FILL, PALE_BLUE, Properties

#: LibreOffice, for which `hide` does not end the colours that follow, finds 0 beyond the prompt,
#: which has none.
FORMATS: dict[str, Properties] = {
    "hide": {"num_format": ";;;"},
    "good": {"font_color": "#1B5E20", "bg_color": OUTPUT_FILL, "bold": True},
    "bad": {"font_color": "#FFFFFF", "bg_color": "#B71C1C", "bold": True},
    "off": {"font_color": "#FFFFFF", "bg_color": "#B71C1C", "bold": True},
    "masked": {"font_color": FAINT, "bg_color": "#F1F3F5"},
    "chip": {"font_color": INK, "bg_color": PALE_BLUE, "border": 1, "border_color": DARK_BLUE},
}
#: Those that hold where a rule's own formula does.
BY_FORMULA = ("hide", "good", "bad", "off", "chip")
WHITE, ORANGE, BLUE, BAR = "#FFFFFF", "#F1A340", "#67A9CF", "#A6CEE3"
#: Below this a score is the mask, not a score.
MASK_LIMIT = -1e6
#: Scores have full colour from this size on.
SCORE_LIMIT = 8
#: So large a share of the values of `signed`, at either end, has full colour: a few outliers do not
#: leave the rest white.
FULL_COLOUR = 0.02

HEAT: Properties = {
    "type": "2_color_scale", "min_type": "num", "min_value": 0, "min_color": WHITE,
    "max_type": "num", "max_value": 1, "max_color": BLUE,
}  # fmt: skip
TWO_SIDED: Properties = {
    "type": "3_color_scale", "min_color": ORANGE, "mid_color": WHITE, "max_color": BLUE,
    "mid_type": "num", "mid_value": 0,
}  # fmt: skip
DIVERGING: Properties = {
    **TWO_SIDED, "min_type": "num", "min_value": -SCORE_LIMIT,
    "max_type": "num", "max_value": SCORE_LIMIT,
}  # fmt: skip
BARS: Properties = {
    "type": "data_bar", "bar_color": BAR, "bar_solid": True, "bar_no_border": True,
    "bar_axis_position": "none", "min_type": "num", "min_value": 0,
    "max_type": "num", "max_value": 1,
    "min_length": 0, "max_length": 100,  # the format's default for zero is a tenth of the cell
}  # fmt: skip


def add_formats(workbook: Any) -> dict[str, Any]:
    """XlsxWriter's formats for the rules of a workbook, by kind."""
    return {kind: workbook.add_format(spec) for kind, spec in FORMATS.items()}


def add_rule(worksheet: Any, rule: Rule, formats: dict[str, Any]) -> None:
    """Add one rule to a worksheet; raises WorkbookError for a kind that there is not."""
    area = Area("", rule.row, rule.col, rule.rows, rule.cols)
    options: dict[str, Any]
    if rule.kind in BY_FORMULA:
        options = {"type": "formula", "criteria": f"={rule.formula}", "format": formats[rule.kind],
                   "stop_if_true": rule.kind == "hide"}  # fmt: skip
    elif rule.kind == "masked":
        options = {"type": "cell", "criteria": "<", "value": MASK_LIMIT,
                   "format": formats["masked"], "stop_if_true": True}  # fmt: skip
    elif rule.kind == "heat":
        options = dict(HEAT)
    elif rule.kind == "diverging":
        options = dict(DIVERGING)
    elif rule.kind == "signed":
        options = _signed(area, rule.formula or str(area.rows * area.cols))
    elif rule.kind == "bars":
        options = dict(BARS)
    else:
        raise WorkbookError(f"There is no conditional format '{rule.kind}' for {area.a1()}.")
    if rule.areas:
        options["multi_range"] = " ".join(Area("", *part).a1() for part in rule.areas)
    worksheet.conditional_format(*_corners(area), options)


def _corners(area: Area) -> tuple[int, int, int, int]:
    return area.row, area.col, area.row + area.rows - 1, area.col + area.cols - 1


def _signed(area: Area, count: str) -> Properties:
    """Colours for values of unknown size: the same depth for the same size below and above 0.

    Limits that are formulas, which Excel and LibreOffice both take, can be equally far from 0; the
    plain minimum and maximum cannot, and are on one side of it for values of one sign. They are
    the values at a rank from either end, so that zeros in cells that do not `count` change nothing.
    """
    cells, size = area.a1(absolute=True), area.rows * area.cols
    rank = f"MAX(1,INT({FULL_COLOUR}*{count}))"
    limit = f"MAX(LARGE({cells},{rank}),-LARGE({cells},{size + 1}-{rank}))"
    return {**TWO_SIDED, "min_type": "formula", "min_value": f"=-{limit}",
            "max_type": "formula", "max_value": f"={limit}"}  # fmt: skip
