"""The programs that can recalculate a workbook, by the name that `verify --engine` takes.

Each engine is a module of this package with what `Engine` describes. They share
nothing but the file: what one program stores as cached values never reaches another.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import numpy as np

from sheetgpt.book.area import Area
from sheetgpt.engines import browser, cellrune, excelmodel, gnumeric, ironcalc, libreoffice
from sheetgpt.engines.program import Program


class Engine(Protocol):
    """What a module of this package offers."""

    #: Its name and limits, for `sheetgpt plan` and before it tries a workbook.
    PROGRAM: Program

    def available(self) -> str:
        """The program and its version, such as `LibreOffice 7.4.7.2`.

        Raises EngineMissing, naming the package to install, if it is not there.
        """

    def recalculate(self, path: Path, areas: Mapping[str, Area]) -> dict[str, np.ndarray]:
        """Compute every formula of the workbook anew and give the values of some areas.

        Cached values in the file are never trusted and the file is not changed. An array has
        the shape (rows, cols) of its area and holds what `Book.get` would: float64 when every
        cell is a number, otherwise objects (float, str, bool, CellError, None for blank).
        Raises EngineMissing, or EngineError if the program fails or knows no such sheet.
        """


#: Every engine; a further one is a module and a line here.
ENGINES: dict[str, Engine] = {
    "libreoffice": libreoffice,
    "ironcalc": ironcalc,
    "gnumeric": gnumeric,
    "cellrune": cellrune,
    "browser": browser,
    "excelmodel": excelmodel,
}
