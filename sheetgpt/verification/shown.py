"""What a style of cells shows and hides, against the planned one."""

from __future__ import annotations

import re
from functools import cache

from sheetgpt.xlsx.read_styles import CellStyle
from sheetgpt.xlsx.styles import STYLES, Properties

#: Ink that stands out less than this from its ground cannot be read (WCAG's contrast; our own have
#: 4.5), nor can letters of fewer points.
LEAST_CONTRAST, LEAST_SIZE = 1.6, 4.0
INK, GROUND = "000000", "FFFFFF"
#: A number format that shows any number as itself, with more digits or fewer.
PLAIN = re.compile(r"general|@|(#,##)?0(\.0+)?(e\+0+)?", re.IGNORECASE)
#: The number format that shows nothing.
HIDDEN = ";;;"
#: What is said of a cell whose style has a number that the file does not know.
NO_STYLE = ("a style that the file lacks", "one of its styles")
#: What programs add to a number format without changing what it shows.
_ADDED = re.compile(r"\\(.)|\"([^\"]*)\"|\[\$-[0-9A-Fa-f]+\]|_.| ")


@cache
def problem_of(found: CellStyle, number: int) -> tuple[str, str] | None:
    """What a style does that the planned one of this number does not, and what that does."""
    wanted: Properties = [*STYLES.values()][number - 1] if number else {}
    planned = wanted.get("num_format", "General")
    if not same_format(found.number_format, planned):
        return f"the number format {found.number_format}", planned
    locked = wanted.get("locked", True)
    if found.hidden and locked:  # Gnumeric marks cells to type into, which have no formula
        return "a formula that is hidden", "one that is shown"
    if found.locked != locked:
        words = ("a locked cell", "one to type into")
        return words if found.locked else words[::-1]
    return unreadable(found)


def unreadable(style: CellStyle) -> tuple[str, str] | None:
    """What makes a text of this style beyond reading, and what would not; None if nothing does."""
    ink, ground = style.ink or INK, style.ground or GROUND
    if contrast(ink, ground) < LEAST_CONTRAST:
        return f"ink {ink} on {ground}", "ink that can be read"
    if style.size < LEAST_SIZE:
        return f"letters of {style.size:g} points", "letters that can be read"
    return None


def same_format(found: str, planned: str) -> bool:
    """Whether a number format shows what the planned one does."""
    mine, its = bare_format(found), bare_format(planned)
    return mine == its or (PLAIN.fullmatch(mine) is not None and PLAIN.fullmatch(its) is not None)


def bare_format(number_format: str) -> str:
    """A format without signs that change nothing, sections left off at its end included.

    What is there to be printed as it is, and would be a code otherwise, has a mark in front of it.
    """
    text = _ADDED.sub(lambda found: _printed(found[1] or found[2] or ""), number_format)
    if text.count(";") == 3 and text.endswith(";;") and text != HIDDEN:
        text = text[:-1]  # LibreOffice's way to write an empty third section
    return text.lower()


def _printed(literal: str) -> str:
    return re.sub(r"[\w#?@%.,*/]", "\0\\g<0>", literal)


def contrast(one: str, other: str) -> float:
    """The contrast of two colours RRGGBB, from 1 to 21 (WCAG 2.2, relative luminance)."""
    low, high = sorted(map(_luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    shares = [int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
