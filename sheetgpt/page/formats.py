"""The formats of cells, from an .xlsx file's table of styles to short descriptions.

A format is a dict with only what differs from a plain cell: `font`, `size` (points), `bold`,
`italic`, `underline`, `color`, `fill`, `across` and `down` (alignment), `wrap`, `shrink`, `indent`,
`format` (of numbers), `open` (may be typed into), `edges` (side to width and colour).
"""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

from sheetgpt.page.package import Package

Format = dict[str, Any]

#: Number formats that a file names by number alone (ECMA-376 part 1, 18.8.30), as far as used.
BUILT_IN = {
    1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 49: "@",
}  # fmt: skip
#: Colours by theme number where the theme is the usual one (Office): ground, ink, ...
THEME = ("#FFFFFF", "#000000", "#EEECE1", "#1F497D", "#4F81BD", "#C0504D")
WIDTHS = {"medium": 2, "thick": 3, "double": 3, "hair": 0.5}
SIDES = ("left", "right", "top", "bottom")
PLAIN_FONT, PLAIN_SIZE = "Calibri", 11


def cell_formats(styles: Element) -> list[Format]:
    """The formats by the number that a cell gives as its style."""
    fonts = [_font(font) for font in styles.iterfind("{*}fonts/{*}font")]
    fills = [_fill(fill) for fill in styles.iterfind("{*}fills/{*}fill")]
    borders = [_edges(border) for border in styles.iterfind("{*}borders/{*}border")]
    codes = {
        int(code.get("numFmtId", "0")): code.get("formatCode", "")
        for code in styles.iterfind("{*}numFmts/{*}numFmt")
    }
    return [
        {
            **fonts[int(xf.get("fontId", "0"))],
            **fills[int(xf.get("fillId", "0"))],
            **borders[int(xf.get("borderId", "0"))],
            **_code(int(xf.get("numFmtId", "0")), codes),
            **_alignment(xf.find("{*}alignment")),
            **_protection(xf.find("{*}protection")),
        }
        for xf in styles.iterfind("{*}cellXfs/{*}xf")
    ]


def rule_formats(styles: Element) -> list[Format]:
    """What conditional formats change, by number."""
    found = []
    for change in styles.iterfind("{*}dxfs/{*}dxf"):
        look: Format = {}
        if (font := change.find("{*}font")) is not None:
            look |= {k: v for k, v in _font(font).items() if k not in ("font", "size")}
        if (fill := change.find("{*}fill")) is not None:
            pattern = fill.find("{*}patternFill")
            ground = None if pattern is None else pattern.find("{*}bgColor")
            if (color := colour(ground)) is not None:
                look["fill"] = color
        if (border := change.find("{*}border")) is not None:
            look |= _edges(border)
        if (code := change.find("{*}numFmt")) is not None:
            look["format"] = code.get("formatCode", "")
        found.append(look)
    return found


def colour(element: Element | None) -> str | None:
    """`#RRGGBB` of a colour element, None if it says nothing or automatic."""
    if element is None:
        return None
    if rgb := element.get("rgb"):
        return f"#{rgb[-6:].upper()}"
    theme = element.get("theme")
    if theme is not None and int(theme) < len(THEME):
        return THEME[int(theme)]
    return None


def _font(font: Element) -> Format:
    look: Format = {}
    name, size = font.find("{*}name"), font.find("{*}sz")
    if name is not None and name.get("val") != PLAIN_FONT:
        look["font"] = name.get("val")
    if size is not None and float(size.get("val", "11")) != PLAIN_SIZE:
        look["size"] = float(size.get("val", "11"))
    for tag, key in (("b", "bold"), ("i", "italic"), ("u", "underline")):
        flag = font.find(f"{{*}}{tag}")
        if flag is not None and flag.get("val") not in ("0", "false", "none"):
            look[key] = 1
    color = colour(font.find("{*}color"))
    if color not in (None, "#000000"):
        look["color"] = color
    return look


def _fill(fill: Element) -> Format:
    pattern = fill.find("{*}patternFill")
    if pattern is None or pattern.get("patternType") != "solid":
        return {}
    color = colour(pattern.find("{*}fgColor"))
    return {} if color is None else {"fill": color}


def _edges(border: Element) -> Format:
    edges = {}
    for side in SIDES:
        line = border.find(f"{{*}}{side}")
        style = None if line is None else line.get("style")
        if line is not None and style not in (None, "none"):
            color = colour(line.find("{*}color")) or "#000000"
            edges[side] = [WIDTHS.get(style or "", 1), color]
    return {"edges": edges} if edges else {}


def _code(number: int, codes: dict[int, str]) -> Format:
    code = codes.get(number) or BUILT_IN.get(number, "General")
    return {} if code == "General" else {"format": code}


def _alignment(alignment: Element | None) -> Format:
    if alignment is None:
        return {}
    look: Format = {}
    if (across := alignment.get("horizontal")) not in (None, "general"):
        look["across"] = across
    if (down := alignment.get("vertical")) not in (None, "bottom"):
        look["down"] = down
    for name, key in (("wrapText", "wrap"), ("shrinkToFit", "shrink")):
        if alignment.get(name) in ("1", "true"):
            look[key] = 1
    if indent := int(alignment.get("indent", "0")):
        look["indent"] = indent
    return look


def _protection(protection: Element | None) -> Format:
    locked = protection is None or protection.get("locked") not in ("0", "false")
    return {} if locked else {"open": 1}


def formats_of(package: Package) -> tuple[list[Format], list[Format]]:
    """The formats of cells, and those of conditional formats."""
    (part,) = package.related(package.main, "styles")[:1] or [""]
    if not part:
        return [{}], []
    styles = package.xml(part)
    return cell_formats(styles), rule_formats(styles)
