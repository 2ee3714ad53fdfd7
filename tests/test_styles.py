"""Every text can be read on its ground, with the contrast that WCAG 2.2 asks for."""

from __future__ import annotations

from itertools import combinations

import pytest

from sheetgpt.template.op import SHOWS
from sheetgpt.template.wiring import GROUPS
from sheetgpt.xlsx import rules
from sheetgpt.xlsx.charts import AXIS_FONT, AXIS_TITLE_FONT, COLOURS, TITLE_FONT
from sheetgpt.xlsx.styles import INK, STYLES, TAB_COLOURS, paler

BLACK, WHITE = "#000000", "#FFFFFF"
#: Text of normal size (success criterion 1.4.3), and what is drawn (1.4.11).
READABLE, VISIBLE = 4.5, 3.0
ENDS = ("min_color", "mid_color", "max_color", "bar_color")


def luminance(colour: str) -> float:
    """Relative luminance, https://www.w3.org/TR/WCAG22/#dfn-relative-luminance."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in channels]
    return sum(weight * x for weight, x in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, two: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(two)))
    return (lighter + 0.05) / (darker + 0.05)


def test_the_formula_of_contrast() -> None:
    assert contrast(BLACK, WHITE) == pytest.approx(21)
    assert contrast("#777777", WHITE) == pytest.approx(4.48, abs=0.01)


PAIRS = {
    **{
        name: (style.get("font_color", BLACK), style.get("bg_color", WHITE))
        for name, style in {**STYLES, **rules.FORMATS}.items()
    },
    **{
        f"ink on {kind}, {end}": (INK, scale[end])
        for kind in ("HEAT", "DIVERGING", "BARS")
        for scale in [getattr(rules, kind)]
        for end in ENDS
        if end in scale
    },
    **{
        f"chart, {font['size']} points": (font["color"], WHITE)
        for font in (TITLE_FONT, AXIS_TITLE_FONT, AXIS_FONT)
    },
}


@pytest.mark.parametrize(("text", "ground"), PAIRS.values(), ids=PAIRS)
def test_text_can_be_read(text: str, ground: str) -> None:
    assert contrast(text, ground) >= READABLE


@pytest.mark.parametrize("colour", COLOURS)
def test_charts_can_be_seen(colour: str) -> None:
    assert contrast(colour, WHITE) >= VISIBLE


def test_every_tab_has_a_colour_and_a_box() -> None:
    assert TAB_COLOURS.keys() == {*GROUPS}
    assert {name.removeprefix("box_") for name in STYLES if name.startswith("box_")} == {*GROUPS}
    model = [TAB_COLOURS[part] for part in ("text", "embedding", "block", "output", "inside")]
    assert all(one != two for one, two in combinations(map(paler, model), 2))


def test_every_way_to_show_a_tensor_is_a_style() -> None:
    assert {*SHOWS} <= STYLES.keys()


def test_only_inputs_can_be_typed_into() -> None:
    unlocked = {name for name, style in STYLES.items() if not style.get("locked", True)}
    assert unlocked == {"input", "entry", "switch"}
