"""How a tab looks: styles, widths, links and rules. The plan fills it in, the writer obeys.

Styles are names here; what each name means in fonts and colours is in `workbook/styles.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Rule:
    """A conditional format over a rectangle.

    kind: `heat` (0 to 1), `diverging` (negative to positive), `masked` (the mask of scores);
    `dim` (grey), `hide`, `good` or `bad` where `formula` holds. `parts` are rectangles (row, col,
    rows, cols) that it is limited to.
    """

    kind: str
    row: int
    col: int
    rows: int
    cols: int
    formula: str = ""
    parts: list[tuple[int, int, int, int]] = field(default_factory=list)


@dataclass
class Look:
    """The presentation of one tab; rows and columns count from 0.

    `styles` are painted in order, the later over the earlier. `links` lead from a cell to a place
    such as `'block.0'!A1`. `freeze` is the first row and column that scroll.
    """

    part: str = "data"
    styles: list[tuple[int, int, int, int, str]] = field(default_factory=list)
    widths: dict[int, float] = field(default_factory=dict)
    default_width: float = 9.5
    heights: dict[int, float] = field(default_factory=dict)
    links: dict[tuple[int, int], str] = field(default_factory=dict)
    rules: list[Rule] = field(default_factory=list)
    freeze: tuple[int, int] = (0, 0)
    zoom: int = 100
    gridlines: bool = False
