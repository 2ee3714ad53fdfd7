"""What the styles of a file show and hide: number formats, ink and ground, what can be changed.

`xl/styles.xml` is described in ECMA-376 part 1, chapter 18.8.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

#: Number formats without a text of their own in the file (18.8.30), those that workbooks use.
KNOWN_FORMATS = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%",
    11: "0.00E+00", 37: "#,##0;-#,##0", 38: "#,##0;-#,##0", 39: "#,##0.00;-#,##0.00",
    40: "#,##0.00;-#,##0.00", 48: "##0.0E+0", 49: "@",
}  # fmt: skip
#: The first eight colours of the old palette (18.8.27), which two rows of it begin with.
PALETTE = ("000000", "FFFFFF", "FF0000", "00FF00", "0000FF", "FFFF00", "FF00FF", "00FFFF")
#: A theme's colours in the order in which cells number them, by what the theme calls them.
THEME = ("lt1", "dk1", "lt2", "dk2", *(f"accent{i}" for i in range(1, 7)), "hlink", "folHlink")
#: The size of text that has none of its own.
NORMAL_SIZE = 11.0
_TRUE = ("1", "true", "on")
_COLOUR = re.compile("[0-9A-F]{6}")
#: Stands for any style that no file can have: below 0, or above what a file has room for.
NO_STYLE = 1 << 30


@dataclass(frozen=True)
class CellStyle:
    """How cells of a style are shown; colours are RRGGBB, None for the program's own.

    `hidden` cells keep their formulas to themselves; those that are not `locked` can be typed into
    on a protected tab.
    """

    number_format: str = "General"
    ink: str | None = None
    ground: str | None = None
    size: float = NORMAL_SIZE
    locked: bool = True
    hidden: bool = False


@dataclass(frozen=True)
class Styles:
    """The styles of cells and of conditional formats by their numbers.

    A conditional format's number format is "" if it has none.
    """

    cells: Sequence[CellStyle] = (CellStyle(),)
    rules: Sequence[CellStyle] = ()


def style_number(text: str | bytes | None) -> int:
    """The number of a cell's style, 0 unless one is given; `NO_STYLE` for an absurd one."""
    number = int(text or 0)
    return number if 0 <= number < NO_STYLE else NO_STYLE


def true(element: Element | None, key: str, default: bool = False) -> bool:
    """An attribute that is true or false, as any program may write it."""
    value = None if element is None else element.get(key)
    return default if value is None else value in _TRUE


def read_styles(root: Element, main: str, theme: Sequence[str | None] = ()) -> Styles:
    """The styles of a file; `theme` are the colours of `theme_colours`."""
    formats = {
        int(item.get("numFmtId", 0)): item.get("formatCode", "")
        for item in root.iterfind(f"{main}numFmts/{main}numFmt")
    }
    fonts = [_font(item, main, theme) for item in root.iterfind(f"{main}fonts/{main}font")]
    fills = [_fill(item, main, theme) for item in root.iterfind(f"{main}fills/{main}fill")]
    cells = []
    for item in root.iterfind(f"{main}cellXfs/{main}xf"):
        number = int(item.get("numFmtId", 0))
        ink, size = fonts[int(item.get("fontId", 0))]
        protection = item.find(f"{main}protection")
        cells.append(
            CellStyle(
                formats.get(number, KNOWN_FORMATS.get(number, f"number {number}")),
                ink,
                fills[int(item.get("fillId", 0))],
                size,
                true(protection, "locked", default=True),
                true(protection, "hidden"),
            )
        )
    rules = [rule_style(item, main, theme) for item in root.iterfind(f"{main}dxfs/{main}dxf")]
    return Styles(cells or (CellStyle(),), rules)


def rule_style(item: Element, main: str, theme: Sequence[str | None] = ()) -> CellStyle:
    """The style that a conditional format gives."""
    form = item.find(f"{main}numFmt")
    font, fill = item.find(f"{main}font"), item.find(f"{main}fill")
    ink, size = (None, NORMAL_SIZE) if font is None else _font(font, main, theme)
    ground = None if fill is None else _rule_fill(fill, main, theme)
    return CellStyle("" if form is None else form.get("formatCode", ""), ink, ground, size)


def theme_colours(root: Element) -> list[str | None]:
    """The colours of a theme as cells number them."""
    found: dict[str, str | None] = {}
    for item in root.iter():
        name = item.tag.rpartition("}")[2]
        if name in THEME and len(item):
            found.setdefault(name, _hex(item[0].get("lastClr") or item[0].get("val")))
    return [found.get(name) for name in THEME]


def _font(font: Element, main: str, theme: Sequence[str | None]) -> tuple[str | None, float]:
    size = font.find(f"{main}sz")
    given = None if size is None else size.get("val")
    return _colour(font.find(f"{main}color"), theme), float(given or NORMAL_SIZE)


def _fill(fill: Element, main: str, theme: Sequence[str | None]) -> str | None:
    pattern = fill.find(f"{main}patternFill")
    if pattern is None or pattern.get("patternType", "none") == "none":
        return None
    return _colour(pattern.find(f"{main}fgColor"), theme)


def _rule_fill(fill: Element, main: str, theme: Sequence[str | None]) -> str | None:
    """Of a conditional format, whose solid ground is called the back."""
    pattern = fill.find(f"{main}patternFill")
    return None if pattern is None else _colour(pattern.find(f"{main}bgColor"), theme)


def _hex(text: str | None) -> str | None:
    """RRGGBB, None for what is no colour."""
    return text.upper() if text and _COLOUR.fullmatch(text.upper()) else None


def _colour(colour: Element | None, theme: Sequence[str | None]) -> str | None:
    """RRGGBB; tints of a theme's colours are left out."""
    if colour is None or true(colour, "auto"):
        return None
    if (rgb := colour.get("rgb")) is not None:
        return _hex(rgb[-6:])
    if (number := colour.get("theme")) is not None:
        return theme[int(number)] if int(number) < len(theme) else None
    number = colour.get("indexed")
    if number is None or int(number) >= 2 * len(PALETTE):
        return None
    return PALETTE[int(number) % len(PALETTE)]
