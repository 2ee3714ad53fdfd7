"""Whether a spreadsheet program can hold a workbook, asked before it tries."""

from __future__ import annotations

import os
from pathlib import Path

from sheetgpt.errors import EngineError
from sheetgpt.xlsx.bulk import has_unnamed_cells

#: Memory that a program takes for each cell of a large workbook, in bytes (measured on GPT-2
#: small: LibreOffice 7.4, IronCalc 0.9) and on a workbook of a million cells (Gnumeric 1.12).
BYTES_PER_CELL = {"libreoffice": 40, "ironcalc": 12, "gnumeric": 140, "browser": 12}
#: Programs that cannot read a cell without its name, the attribute `r` of the file format.
NEED_NAMES = ("ironcalc", "gnumeric")
#: Below this many cells every program has room.
SMALL = 5_000_000


def require_room(engine: str, path: Path, cells: int) -> None:
    """Raise EngineError if a program cannot read the file, or hold that many cells here."""
    if engine in NEED_NAMES and has_unnamed_cells(path):
        raise EngineError(
            f"{engine} cannot read {path}: the cells of its weights carry no names. "
            "Build it again with --cell-refs."
        )
    if cells < SMALL or (memory := installed_memory()) is None:
        return
    needed = cells * BYTES_PER_CELL[engine]
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
