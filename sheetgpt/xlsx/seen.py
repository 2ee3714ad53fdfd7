"""What a spreadsheet program shows of a file, beside what its cells hold.

`read` fills it in when it is asked to. Only what can hide, replace or lead astray is kept: a change
of a font or of a width is nobody's business but the reader's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from sheetgpt.xlsx.read_styles import CellStyle, Styles

#: Rows lower and columns narrower than this (points, characters) show nothing.
LEAST_HEIGHT, LEAST_WIDTH = 3.0, 0.3
#: What XlsxWriter calls itself.
WRITER = "Microsoft Excel 12.0000"


@dataclass(frozen=True)
class Condition:
    """A conditional format: where, when (formulas), and what it does to the cells.

    `shows` is whether numbers stay beside a bar or an icon.
    """

    where: str
    formulas: tuple[str, ...]
    style: CellStyle
    shows: bool = True


@dataclass(frozen=True)
class Validation:
    """What cells take: the kind, the operator, and the formulas of the limits."""

    where: str
    kind: str
    operator: str
    limits: tuple[str, ...]


@dataclass(frozen=True)
class ChartSeen:
    """The texts of a chart and the cells that it draws, as the file spells them."""

    texts: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass
class TabSeen:
    """One tab: `state` is visible, hidden or veryHidden.

    `styles` are runs of cells with something in them, in arrays (N, 4): row, column, how many to
    the right, the number of their style. `links` are the places that cells lead to, one outside of
    the file with its address. `locked` is whether the tab is protected, `password` whether by one.
    `drawn` are kinds of things drawn over the cells other than charts.
    """

    state: str = "visible"
    styles: list[np.ndarray] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_cols: list[tuple[int, int]] = field(default_factory=list)
    all_rows_hidden: bool = False
    locked: bool = False
    password: bool = False
    links: dict[str, str] = field(default_factory=dict)
    merges: list[str] = field(default_factory=list)
    conditions: list[Condition] = field(default_factory=list)
    validations: list[Validation] = field(default_factory=list)
    charts: list[ChartSeen] = field(default_factory=list)
    drawn: list[str] = field(default_factory=list)
    head: bytes = b""
    tail: bytes = b""

    def note_row(self, row: int, hidden: bool, height: float | None) -> None:
        """Take in what the tag of a row says."""
        if hidden or (height is not None and height < LEAST_HEIGHT):
            self.hidden_rows.append(row)


@dataclass
class Seen:
    """A whole file: where it is, its tabs, styles, settings, and the program that saved it.

    `program` is as the file names it, None where it does not; `editor` who changed it last. Of a
    file as it was built that is sheetgpt. `settings` are those of calculation
    that differ from what programs do by themselves, with their values. `local_names` are names
    that mean something else on one tab: (tab, name). `foreign` are kinds of parts that no workbook
    of sheetgpt has: macros, data from elsewhere.
    """

    path: Path | None = None
    tabs: dict[str, TabSeen] = field(default_factory=dict)
    styles: Styles = field(default_factory=Styles)
    program: str | None = None
    editor: str = ""
    settings: dict[str, str] = field(default_factory=dict)
    local_names: list[tuple[str, str]] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    @property
    def saved_by_sheetgpt(self) -> bool:
        """Whether no other program has saved the file, as far as it says."""
        return self.program == WRITER and self.editor.startswith("sheetgpt ")
