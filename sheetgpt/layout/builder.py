"""Collects the cells and the look of one tab, then makes its Sheet."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np

from sheetgpt.book import MAX_COLUMNS, MAX_ROWS, Formula, Sheet
from sheetgpt.book.area import Area
from sheetgpt.book.grid import Patch, PatchGrid
from sheetgpt.book.look import Look, Rule, RuleKind
from sheetgpt.errors import CapacityError

#: The height in points of the row that a tab's title stands in.
TITLE_HEIGHT = 24


class SheetBuilder:
    """One tab in the making; rows and columns count from 0."""

    def __init__(self, name: str, group: str, title: str = "") -> None:
        self.name = name
        #: What the tab shows, for the contents: its heading without the name in front.
        self.title = title.removeprefix(f"{name}: ")
        self.look = Look(group, heights={0: TITLE_HEIGHT})
        self._blocks: list[Patch] = []
        self._others: dict[tuple[int, int], str | bool] = {}
        self._formulas: list[Formula] = []
        self._rows = self._cols = 1

    def text(self, row: int, col: int, text: str, style: str | None = None) -> None:
        """A constant text."""
        self._others[row, col] = text
        self._cover(row, col, 1, 1, style)

    def texts(self, row: int, col: int, texts: Sequence[str], style: str | None = None) -> None:
        """A column of constant texts, from (row, col) down."""
        self._others.update(zip(product(range(row, row + len(texts)), (col,)), texts, strict=True))
        self._cover(row, col, len(texts), 1, style)

    def numbers(self, row: int, col: int, values: np.ndarray, style: str | None = None) -> None:
        """A block of constant numbers, shape (rows, cols)."""
        self._blocks.append(Patch(row, col, values))
        rows, cols = values.shape
        self._cover(row, col, rows, cols, style)

    def number(self, row: int, col: int, value: float, style: str | None = None) -> None:
        """One constant number."""
        self.numbers(row, col, np.array([[value]], dtype=np.float64), style)

    def formula(self, formula: Formula, style: str | None = None) -> None:
        """A formula over the rectangle that it fills."""
        self._formulas.append(formula)
        self._cover(formula.row, formula.col, formula.rows, formula.cols, style)

    def cell_formula(self, row: int, col: int, text: str, style: str | None = None) -> None:
        """A formula in one cell."""
        self.formula(Formula(row, col, text), style)

    def array_formula(self, area: Area, text: str, style: str | None = None) -> None:
        """A legacy array formula over an area."""
        self.formula(Formula(area.row, area.col, text, area.rows, area.cols, True), style)

    def paint(self, area: Area, style: str) -> None:
        """Give an area a style; later styles win."""
        self.look.styles.append((area.row, area.col, area.rows, area.cols, style))

    def rule(
        self, kind: RuleKind, area: Area, formula: str = "", areas: Sequence[Area] = ()
    ) -> None:
        """A conditional format over an area, or over some areas of it."""
        rectangles = [area[1:] for area in areas]
        self.look.rules.append(Rule(kind, *area[1:], formula, rectangles))

    def merge(self, area: Area, style: str) -> None:
        """Show a rectangle as one cell, of which the first holds the content."""
        self.look.merges.append((area.row, area.col, area.rows, area.cols))
        self._cover(area.row, area.col, area.rows, area.cols, style)

    def link(self, row: int, col: int, text: str, place: str, style: str = "link") -> None:
        """A text that leads to a place such as `'block.0'!A1`."""
        self.text(row, col, text, style)
        self.look.links[row, col] = place

    def build(self) -> Sheet:
        """The tab's Sheet; raises CapacityError when it is larger than a sheet can be."""
        if self._rows > MAX_ROWS or self._cols > MAX_COLUMNS:
            raise CapacityError(
                f"Tab {self.name} would need {self._rows:,} rows and {self._cols:,} columns; "
                f"a sheet holds {MAX_ROWS:,} and {MAX_COLUMNS:,}. Choose a smaller capacity."
            )
        numbers = PatchGrid(self._rows, self._cols, self._blocks)
        return Sheet(self.name, numbers, self._others, self._formulas)

    def _cover(self, row: int, col: int, rows: int, cols: int, style: str | None) -> None:
        self._rows, self._cols = max(self._rows, row + rows), max(self._cols, col + cols)
        if style:
            self.look.styles.append((row, col, rows, cols, style))
