"""Which spreadsheet programs can open a workbook, by what their makers say of their limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sheetgpt.book import MAX_COLUMNS, MAX_ROWS
from sheetgpt.engines.room import BYTES_PER_CELL, NEED_NAMES
from sheetgpt.estimate.tally import TabTally

GB = 1e9


@dataclass(frozen=True)
class Program:
    """A program's limits; None is no limit but memory.

    `grid` counts the cells of all tabs, blank ones inside them included. `memory` is the most
    that the program can use, `cell_memory` what it takes for a cell, both in bytes.
    """

    name: str
    rows: int = MAX_ROWS
    columns: int = MAX_COLUMNS
    grid: int | None = None
    memory: float | None = None
    cell_memory: int = BYTES_PER_CELL["libreoffice"]
    needs_names: bool = False


PROGRAMS = (
    # "Excel specifications and limits", support.microsoft.com: 1,048,576 rows by 16,384 columns.
    Program("Excel, 64-bit"),
    # The same page: 32-bit processes share 2 GB of address space with all that Excel loads. What
    # it takes for a cell is not published; LibreOffice's figure stands in for it.
    Program("Excel, 32-bit", memory=2 * GB),
    # LibreOffice 7.4 release notes: 16,384 columns; memory measured.
    Program("LibreOffice 7.4+"),
    # "Files you can store in Google Drive", support.google.com: 10 million cells, column ZZZ.
    Program("Google Sheets", columns=18_278, grid=10_000_000),
    # "Change the size of a table", Numbers User Guide, support.apple.com.
    Program("Numbers", rows=1_000_000, columns=1_000),
    Program(
        "IronCalc",
        cell_memory=BYTES_PER_CELL["ironcalc"],
        needs_names="ironcalc" in NEED_NAMES,
    ),
    # GNM_MAX_ROWS and GNM_MAX_COLS in Gnumeric's gnumeric.h.
    Program(
        "Gnumeric",
        rows=1 << 24,
        cell_memory=BYTES_PER_CELL["gnumeric"],
        needs_names="gnumeric" in NEED_NAMES,
    ),
)


@dataclass(frozen=True)
class Opens:
    """Whether a program can open the workbook: `problem` is empty if it can."""

    program: str
    problem: str
    memory: float

    @property
    def ok(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.problem


def openers(tabs: Sequence[TabTally], cell_refs: bool) -> list[Opens]:
    """Every program with what it needs, or why it cannot open the workbook."""
    cells = sum(tab.cells for tab in tabs)
    return [
        Opens(program.name, _problem(program, tabs, cells, cell_refs), cells * program.cell_memory)
        for program in PROGRAMS
    ]


def _problem(program: Program, tabs: Sequence[TabTally], cells: int, cell_refs: bool) -> str:
    grid = sum(tab.rows * tab.columns for tab in tabs)
    memory = cells * program.cell_memory
    longest = max(tabs, key=lambda tab: tab.rows)
    widest = max(tabs, key=lambda tab: tab.columns)
    if program.grid is not None and grid > program.grid:
        return f"{grid:,} cells, it takes {program.grid:,}"
    if widest.columns > program.columns:
        return f"{widest.name} has {widest.columns:,} columns, it takes {program.columns:,}"
    if longest.rows > program.rows:
        return f"{longest.name} has {longest.rows:,} rows, it takes {program.rows:,}"
    if program.needs_names and not cell_refs:
        return "needs --cell-refs"
    if program.memory is not None and memory > program.memory:
        return f"needs about {memory / GB:.1f} GB, it can use {program.memory / GB:.0f} GB"
    return ""
