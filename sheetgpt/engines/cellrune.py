"""CellRune, a spreadsheet engine in Rust, through its Python package.

Of the programs that can be run here it counts texts the most like Excel: in UTF-16 units.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from sheetgpt.book.area import Area
from sheetgpt.engines.package import in_session, installed
from sheetgpt.engines.process import patience
from sheetgpt.engines.program import Program

#: Memory measured with 0.2 on the embedded model; `opens_files` as people cannot look at one in it.
PROGRAM = Program("CellRune", cell_memory=1_000, needs_names=True, opens_files=False)


def available() -> str:
    """The version of the installed package; EngineMissing if there is none."""
    return installed("CellRune", "cellrune")


def recalculate(path: Path, areas: Mapping[str, Area]) -> dict[str, np.ndarray]:
    """Load, evaluate and read; see `sheetgpt.engines.Engine`."""
    available()
    return in_session("CellRune", "cellrune", path, areas, patience(path))
