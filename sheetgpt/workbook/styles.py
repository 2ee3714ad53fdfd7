"""What each style of `sheetgpt.look` looks like, as XlsxWriter's format properties."""

from __future__ import annotations

from typing import Any

Properties = dict[str, Any]

INK, FAINT, RULE = "#1F2933", "#5F6B7A", "#C9D1DA"
DARK_BLUE, PALE_BLUE = "#1F4E79", "#E8F0F8"
INPUT_FILL, INPUT_EDGE = "#FFF7CC", "#B58900"
OUTPUT_FILL, OUTPUT_EDGE = "#E3F4E6", "#2E7D32"

#: The colour of a tab shows the part of the model it belongs to.
TAB_COLOURS = {
    "start": "#1F4E79",
    "text": "#0B7A75",
    "embedding": "#4C8C2B",
    "block": "#D9822B",
    "output": "#7B3FA0",
    "checks": "#C0392B",
    "about": "#1F4E79",
    "constants": "#9AA5B1",
    "data": "#9AA5B1",
    "weights": "#616E7C",
}

_CODE: Properties = {"font_name": "Consolas", "font_size": 9, "font_color": DARK_BLUE}
_HEAD: Properties = {"bold": True, "bottom": 1, "bottom_color": RULE, "bg_color": PALE_BLUE}
_OUTPUT: Properties = {
    "bg_color": OUTPUT_FILL, "border": 2, "border_color": OUTPUT_EDGE, "align": "left",
}  # fmt: skip

STYLES: dict[str, Properties] = {
    # words
    "title": {"bold": True, "font_size": 16, "font_color": DARK_BLUE},
    "heading": {"bold": True, "font_size": 12, "font_color": DARK_BLUE},
    "step": {"bold": True, "font_size": 12, "font_color": INK},
    "number": {"bold": True, "font_size": 12, "align": "center", "font_color": "#FFFFFF",
               "bg_color": DARK_BLUE, "num_format": "0"},
    "summary": {"italic": True, "font_color": INK},
    "note": {"font_color": FAINT, "valign": "vcenter"},
    "form_note": {"font_color": FAINT, "valign": "vcenter", "indent": 1},
    "meta": {"font_color": FAINT, "font_size": 9},
    "plain": {"font_color": INK, "align": "left", "valign": "vcenter"},
    "link": {"font_color": "#0563C1", "underline": 1},
    "declared": _CODE,
    "declared_wrapped": {**_CODE, "font_size": 8, "text_wrap": True, "valign": "top"},
    # heads of rows and columns
    "variable": {**_HEAD, "align": "right"},
    "column": {**_HEAD, "align": "left", "indent": 1},
    "column_right": {**_HEAD, "align": "right"},
    "axis": {"font_color": FAINT, "font_size": 9, "align": "right", "italic": True},
    "position": {"font_color": FAINT, "font_size": 9, "num_format": "0", "align": "right"},
    "label": {"font_color": INK, "bold": True, "align": "left", "indent": 1, "right": 1,
              "right_color": RULE},
    "label_across": {"font_color": INK, "bold": True, "align": "right", "bottom": 1,
                     "bottom_color": RULE},
    # numbers
    "decimal": {"num_format": "0.0000"},
    "integer": {"num_format": "#,##0;-#,##0;0"},
    "count": {"num_format": "#,##0;-#,##0;"},  # no zeros: they mark empty places
    "id": {"num_format": "0;;0"},  # no negative numbers: they mark empty places
    "exponent": {"num_format": "0.00E+00"},
    "probability": {"num_format": "0.0%"},
    "share": {"num_format": "0.000"},
    "scores": {"num_format": '[<-1000000]"–";[<0]-0.000;0.000'},
    "pattern": {"num_format": '[=0]"·";0.000', "align": "right"},
    "text": {"num_format": "@", "align": "left", "indent": 1},
    "number_left": {"num_format": "General", "align": "left", "valign": "vcenter"},
    "count_left": {"num_format": "#,##0", "align": "left", "valign": "vcenter"},
    # forms
    "form_label": {"bold": True, "font_color": INK, "valign": "vcenter"},
    "input": {"font_size": 14, "bg_color": INPUT_FILL, "border": 2, "border_color": INPUT_EDGE,
              "num_format": "@", "align": "left", "valign": "vcenter", "locked": False},
    "message": {"font_color": INK, "align": "left", "text_wrap": True, "valign": "vcenter"},
    "answer": {**_OUTPUT, "bold": True, "font_size": 22, "valign": "vcenter"},
    "output": {**_OUTPUT, "text_wrap": True, "valign": "vcenter"},
    "probability_out": {**_OUTPUT, "num_format": "0.0%"},
}  # fmt: skip

#: Conditional formats by kind; a rule's own formula goes in where the criteria need one.
DIM: Properties = {"font_color": "#A9B2BC", "italic": True}
HIDE: Properties = {"num_format": ";;;"}
GOOD: Properties = {"font_color": "#1B5E20", "bg_color": OUTPUT_FILL, "bold": True}
BAD: Properties = {"font_color": "#FFFFFF", "bg_color": "#B71C1C", "bold": True}
MASKED: Properties = {"font_color": "#A9B2BC", "bg_color": "#F1F3F5"}
HEAT: Properties = {
    "type": "2_color_scale", "min_type": "num", "min_value": 0, "min_color": "#FFFFFF",
    "max_type": "num", "max_value": 1, "max_color": "#6BAED6",
}  # fmt: skip
DIVERGING: Properties = {
    "type": "3_color_scale", "min_type": "num", "min_value": -8, "min_color": "#E08214",
    "mid_type": "num", "mid_value": 0, "mid_color": "#FFFFFF",
    "max_type": "num", "max_value": 8, "max_color": "#4393C3",
}  # fmt: skip
#: Below this a score is the mask, not a score.
MASK_LIMIT = -1e6
