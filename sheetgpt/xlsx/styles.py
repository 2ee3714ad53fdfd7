"""What each style of `sheetgpt.look` looks like, as XlsxWriter's format properties.

Text and ground of a style differ by a contrast of 4.5 to 1 or more (WCAG 2.2, 1.4.3). What a
colour says is also said by something else: words, italics, borders, the number itself.
"""

from __future__ import annotations

from typing import Any

Properties = dict[str, Any]

INK, FAINT, RULE, LINK = "#1F2933", "#5F6B7A", "#C9D1DA", "#0563C1"
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
    "inside": "#C2348B",
    "checks": "#C0392B",
    "about": "#1F4E79",
    "constants": "#9AA5B1",
    "data": "#9AA5B1",
    "weights": "#616E7C",
    "lesson": "#0B7A75",
}

#: How much of a tab's colour the pale ground of its box in the map has.
PALE = 0.12


def paler(colour: str, share: float = PALE) -> str:
    """`#RRGGBB` mixed with white, of which the colour makes up a share."""
    channels = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(255 - (255 - x) * share):02X}" for x in channels)


_CODE: Properties = {"font_name": "Consolas", "font_size": 9, "font_color": DARK_BLUE}
_HEAD: Properties = {"bold": True, "bottom": 1, "bottom_color": RULE, "bg_color": PALE_BLUE}
_OUTPUT: Properties = {
    "bg_color": OUTPUT_FILL, "border": 2, "border_color": OUTPUT_EDGE, "align": "left",
}  # fmt: skip
_INPUT: Properties = {"bg_color": INPUT_FILL, "border_color": INPUT_EDGE, "locked": False}
_CENTRED: Properties = {"align": "center", "valign": "vcenter"}
_BOX: Properties = {**_CENTRED, "border": 1, "font_size": 10, "font_color": LINK, "shrink": True}
_MARK: Properties = {**_BOX, "font_size": 9, "border_color": RULE, "bg_color": PALE_BLUE}
#: Cambria, as the lines of Cambria Math are several times as high; else some other serif.
EQUATION: Properties = {
    "font_name": "Cambria", "font_family": 1, "font_size": 12, "italic": True, "font_color": INK,
}  # fmt: skip

#: A share; a small one with more digits.
PERCENT = "[<0.0001]0.0000%;0.00%"

STYLES: dict[str, Properties] = {
    # words
    "title": {"bold": True, "font_size": 16, "font_color": DARK_BLUE},
    "heading": {"bold": True, "font_size": 12, "font_color": DARK_BLUE},
    "step": {"bold": True, "font_size": 12, "font_color": INK},
    "number": {"bold": True, "font_size": 12, "align": "center", "font_color": "#FFFFFF",
               "bg_color": DARK_BLUE, "num_format": "0"},
    "summary": {"italic": True, "font_color": INK},
    "note": {"font_color": FAINT, "valign": "vcenter"},
    "wrapped": {"font_color": INK, "text_wrap": True, "valign": "top", "align": "left"},
    "wrapped_link": {"font_color": LINK, "bold": True, "text_wrap": True, "valign": "top",
                     "align": "left"},
    "wrapped_number": {"num_format": "0", "valign": "top"},  # beside these
    "form_note": {"font_color": FAINT, "valign": "vcenter", "indent": 1},
    "meta": {"font_color": FAINT, "font_size": 9},
    "plain": {"font_color": INK, "align": "left", "valign": "vcenter"},
    "link": {"font_color": LINK, "underline": 1},
    "nav": {"font_color": LINK, "font_size": 9, "valign": "vcenter"},
    "equation": {**EQUATION, "align": "left", "valign": "vcenter"},
    "declared": _CODE,
    "declared_wrapped": {**_CODE, "font_size": 8, "text_wrap": True, "valign": "top"},
    # heads of rows and columns
    "variable": {**_HEAD, "align": "right"},
    "variable_tight": {**_HEAD, "align": "right", "shrink": True},
    "column": {**_HEAD, "align": "left", "indent": 1},
    "column_right": {**_HEAD, "align": "right"},
    "axis": {"font_color": FAINT, "font_size": 9, "align": "right", "italic": True},
    "position": {"font_color": FAINT, "font_size": 9, "num_format": "0", "align": "right"},
    "label": {"font_color": INK, "bold": True, "align": "left", "indent": 1, "right": 1,
              "right_color": RULE},
    "label_small": {"font_color": INK, "font_size": 8, "align": "left", "indent": 1},
    "label_across": {"font_color": INK, "bold": True, "align": "right", "bottom": 1,
                     "bottom_color": RULE},
    "label_up": {"font_color": INK, "font_size": 9, "rotation": 90, "align": "center",
                 "bottom": 1, "bottom_color": RULE},
    # numbers
    "decimal": {"num_format": "0.0000"},
    "integer": {"num_format": "#,##0;-#,##0;0"},
    "count": {"num_format": "#,##0;-#,##0;"},  # no zeros: they mark empty places
    "id": {"num_format": "0;;0"},  # no negative numbers: they mark empty places
    "tally": {"num_format": '#,##0;-#,##0;"·"', "align": "right"},
    "exponent": {"num_format": "0.00E+00"},
    "probability": {"num_format": PERCENT},
    "share": {"num_format": "0.000"},
    "points": {"num_format": "+0.00;-0.00;0.00"},
    "scores": {"num_format": '[<-1000000]"–";[<0]-0.000;0.000'},
    "pattern": {"num_format": '[=0]"·";0.000', "align": "right"},
    "text": {"num_format": "@", "align": "left", "indent": 1},
    "map": {"num_format": ";;;", "font_size": 6},  # a picture: colours without their numbers
    "piece": {**_CENTRED, "font_color": INK, "num_format": "@", "shrink": True},
    "picked": {**_CENTRED, "num_format": '[=1]"◂ picked";[=0]"";General', "bold": True,
               "font_color": DARK_BLUE},
    "number_left": {"num_format": "General", "align": "left", "valign": "vcenter"},
    "count_left": {"num_format": "#,##0", "align": "left", "valign": "vcenter"},
    # forms
    "form_label": {"bold": True, "font_color": INK, "valign": "vcenter"},
    "input": {**_INPUT, "font_size": 14, "border": 2, "num_format": "@", "align": "left",
              "valign": "vcenter"},
    "entry": {**_INPUT, **_CENTRED, "border": 1, "num_format": "General"},
    "switch": {**_INPUT, **_CENTRED, "border": 1, "num_format": "0", "bold": True},
    "try": {"font_color": DARK_BLUE, "italic": True, "num_format": "@", "border": 4,
            "border_color": INPUT_EDGE, "align": "left", "valign": "vcenter", "indent": 1},
    "message": {"font_color": INK, "align": "left", "valign": "vcenter"},
    "answer": {**_OUTPUT, "bold": True, "font_size": 22, "valign": "vcenter"},
    "output": {**_OUTPUT, "valign": "vcenter"},
    "probability_out": {**_OUTPUT, "num_format": PERCENT},
    "points_out": {**_OUTPUT, "num_format": '[=0]"none";[<0]-0.00;+0.00'},
    # tokens, the map of the model, the picture of a block
    "chip": {**_CENTRED, "font_color": INK, "bg_color": PALE_BLUE, "border": 1,
             "border_color": DARK_BLUE, "num_format": "@", "shrink": True},
    "chip_place": {**_CENTRED, "font_color": INK, "num_format": "@", "shrink": True},
    "chip_id": {**_CENTRED, "font_color": FAINT, "font_size": 9, "num_format": "0;;0"},
    "mark": _MARK,
    "mark_here": {**_MARK, "bold": True, "border": 2, "border_color": INK, "font_color": "#FFFFFF",
                  "bg_color": DARK_BLUE},
    "stream": {**_CENTRED, "font_color": FAINT, "font_size": 9},
    **{f"box_{part}": {**_BOX, "border_color": colour, "bg_color": paler(colour)}
       for part, colour in TAB_COLOURS.items()},
}  # fmt: skip
