"""Whether a spreadsheet program can hold a workbook, asked before it tries."""

from __future__ import annotations

import os
from pathlib import Path

from sheetgpt.engines import ENGINES
from sheetgpt.errors import EngineError, EngineTooSmall
from sheetgpt.xlsx.bulk import has_unnamed_cells

#: Below this many cells every program has room.
SMALL = 5_000_000


def require_room(engine: str, path: Path, cells: int) -> None:
    """Raise EngineError if a program cannot read the file, or hold that many cells here.

    `cells` counts blank ones inside the tabs too. For more than the program ever takes, the error
    is an EngineTooSmall.
    """
    program = ENGINES[engine].PROGRAM
    if program.grid is not None and cells > program.grid:
        raise EngineTooSmall(
            f"{engine} takes workbooks of up to {program.grid:,} cells and {path} has {cells:,}. "
            "Build a smaller one (a smaller model, --without, fewer --tokens, --chars and "
            "--rounds), or use another engine."
        )
    if program.needs_names and has_unnamed_cells(path):
        raise EngineError(
            f"{engine} cannot read {path}: the cells of its weights carry no names. "
            "Build it again with --cell-refs."
        )
    if cells < SMALL or (memory := installed_memory()) is None:
        return
    needed = cells * program.cell_memory
    if needed > memory:
        raise EngineError(
            f"{engine} needs about {needed / 1e9:.0f} GB of memory for the {cells:,} cells of "
            f"{path} and this machine has {memory / 1e9:.0f} GB; use another engine."
        )


def installed_memory() -> int | None:
    """The memory of this machine in bytes, None where the system does not say (Windows)."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError):
        return None
