"""How a tab looks: styles, widths, links and rules. The plan fills it in, the writer obeys.

Styles are names here; what each name means in fonts and colours is in `xlsx/styles.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from sheetgpt.book.area import Area

#: The kinds of conditional formats, of cells to type into, of charts; the classes say what each is.
RuleKind = Literal[
    "heat", "diverging", "signed", "masked", "bars", "hide", "good", "bad", "off", "chip"
]
EntryKind = Literal["text", "whole", "number"]
ChartKind = Literal["bar", "column", "line", "scatter"]
LabelPlace = Literal["right", "left", "above", "below"]
#: The most UTF-16 units of the words that help with an input which Excel shows.
MOST_TITLE, MOST_NOTE = 32, 255


@dataclass
class Rule:
    """A conditional format over a rectangle.

    kind: colour scales `heat` (0 to 1), `diverging` (scores, negative to positive) and `signed`
    (the same for values of any size); `masked` (the mask of scores); `bars` behind the numbers (0
    to 1); `hide` (which ends all that follow), `good`, `bad`, `off` (a switch) or `chip` (a box)
    where `formula` holds. `areas` are rectangles (row, col, rows, cols) that it is limited to. The
    `formula` of `signed` is the number of cells that count: zeros in others change no colours.
    """

    kind: RuleKind
    row: int
    col: int
    rows: int
    cols: int
    formula: str = ""
    areas: list[tuple[int, int, int, int]] = field(default_factory=list)


@dataclass
class Entry:
    """What may be typed into a rectangle of input cells, and the words that help with it.

    kind: `text` (up to `high` characters), `whole` or `number` (from `low` to `high`). A limit is a
    number or a formula, such as `n_layer - 1`. `title` (up to 32 characters) and `note` (up to 255)
    are shown when the cell is selected, `problem` (up to 255) when something else is typed. The
    cells can be typed into if their style says so: `input`, `entry`, `switch`.
    """

    row: int
    col: int
    rows: int
    cols: int
    kind: EntryKind
    low: float | str
    high: float | str
    title: str
    note: str
    problem: str


@dataclass
class Series:
    """One line, row of bars or cloud of points: its name and the cells of a chart.

    Both areas are one row or one column, and as long as each other. `categories` are the words
    below a bar or point of a line; for a scatter chart, the x values: numbers in every cell. There
    `line` joins the points, which are not drawn themselves; one that is `wide` shows the others
    through it, where they lie on each other. `label` is a cell whose text stands
    beside the points, in place of a name: at this `place`, or right and left of neighbours in turn.
    """

    name: str
    categories: Area
    values: Area
    line: bool = False
    wide: bool = False
    label: Area | None = None
    place: LabelPlace | None = None


@dataclass
class Chart:
    """A chart whose upper left corner lies in a cell; width and height are in pixels.

    kind: `bar` (lying, the first on top), `column`, `line` or `scatter`. `alt`
    describes it to those who cannot see it. `x_title` stands below and `y_title` on the left,
    whatever the kind. A chart with one series and no axis titles is as plain as it can be. The
    values of a chart of `shares` go from 0 to 1 and are shown in percent.
    """

    kind: ChartKind
    row: int
    col: int
    width: int
    height: int
    title: str
    alt: str
    series: list[Series]
    x_title: str = ""
    y_title: str = ""
    shares: bool = False


@dataclass
class Look:
    """The presentation of one tab; rows and columns count from 0.

    `styles` are painted in order, the later over the earlier; they show on cells that hold
    something, be it an empty text, or lie in `merges` or `entries`. `links` lead from a cell,
    whatever it holds, to a place such as `'block.0'!A1`. `freeze` is the first row and column that
    scroll; the rows and columns before it are repeated on every printed page. `merges` are
    rectangles that show as one cell: only the first of their cells may hold anything, and no array
    formula.
    """

    group: str = "data"
    styles: list[tuple[int, int, int, int, str]] = field(default_factory=list)
    widths: dict[int, float] = field(default_factory=dict)
    default_width: float = 9.5
    heights: dict[int, float] = field(default_factory=dict)
    links: dict[tuple[int, int], str] = field(default_factory=dict)
    rules: list[Rule] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    charts: list[Chart] = field(default_factory=list)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    freeze: tuple[int, int] = (0, 0)
    zoom: int = 100
    gridlines: bool = False
