"""Which spreadsheet programs can open a workbook, by what their makers say of their limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sheetgpt.engines import ENGINES, libreoffice
from sheetgpt.engines.program import Program
from sheetgpt.estimate.tally import TabTally

GB = 1e9


#: What Excel, Google Sheets and Numbers take for a cell is not published; LibreOffice's figure
#: stands in for it.
CELL_MEMORY = libreoffice.PROGRAM.cell_memory

#: Programs that are no engines of sheetgpt.
OTHERS = (
    # "Excel specifications and limits", support.microsoft.com: 1,048,576 rows by 16,384 columns.
    Program("Excel, 64-bit", CELL_MEMORY),
    # The same page: 32-bit processes share 2 GB of address space with all that Excel loads.
    Program("Excel, 32-bit", CELL_MEMORY, memory=2 * GB),
    # "Files you can store in Google Drive", support.google.com: 10 million cells, column ZZZ.
    Program("Google Sheets", CELL_MEMORY, columns=18_278, grid=10_000_000),
    # "Change the size of a table", Numbers User Guide, support.apple.com.
    Program("Numbers", CELL_MEMORY, rows=1_000_000, columns=1_000),
)


#: Why nothing opens a workbook that is larger than any can be.
TOO_LARGE = "no workbook is so large"


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


def openers(tabs: Sequence[TabTally], cell_refs: bool, writable: bool = True) -> list[Opens]:
    """Every program with what it needs, or why it cannot open the workbook.

    No program opens one that is not `writable`: a file of that size cannot be.
    """
    cells = sum(tab.cells for tab in tabs)
    return [
        Opens(
            program.name,
            _problem(program, tabs, cells, cell_refs) if writable else TOO_LARGE,
            cells * program.cell_memory,
        )
        for program in [*OTHERS, *(engine.PROGRAM for engine in ENGINES.values())]
        if program.opens_files
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
