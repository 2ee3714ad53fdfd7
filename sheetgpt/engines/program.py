"""What a spreadsheet program can hold."""

from __future__ import annotations

from dataclasses import dataclass

from sheetgpt.book import MAX_COLUMNS, MAX_ROWS


@dataclass(frozen=True)
class Program:
    """A program's name and limits; None is no limit but memory.

    `grid` counts the cells of all tabs, blank ones inside them included. `memory` is the most
    that the program can use, `cell_memory` what it takes for a cell, both in bytes. `needs_names`
    says that it cannot read a cell without its name, the attribute `r` of the file format;
    `opens_files` that people open workbooks in it.
    """

    name: str
    cell_memory: int
    rows: int = MAX_ROWS
    columns: int = MAX_COLUMNS
    grid: int | None = None
    memory: float | None = None
    needs_names: bool = False
    opens_files: bool = True
