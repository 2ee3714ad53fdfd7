"""Gnumeric, through its converter: ssconvert recalculates and saves, and the copy is read.

What it computes is exact, but text that is itself read back loses control characters and has
line feeds for carriage returns: the .xlsx files that Gnumeric writes do not escape them.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from sheetgpt.book.area import Area
from sheetgpt.engines.process import patience, run, said
from sheetgpt.engines.program import Program
from sheetgpt.errors import EngineError, EngineMissing, WorkbookError
from sheetgpt.xlsx.limits import TRUSTED
from sheetgpt.xlsx.plain import with_values_alone
from sheetgpt.xlsx.read import read

#: Memory measured on a workbook of a million cells (1.12); rows are GNM_MAX_ROWS in gnumeric.h.
PROGRAM = Program("Gnumeric", cell_memory=140, rows=1 << 24, needs_names=True)
#: Without the first, anything that is no workbook is read as a text file of one column.
_XLSX_TO_XLSX = ("--import-type=Gnumeric_Excel:xlsx", "--export-type=Gnumeric_Excel:xlsx2")


def available() -> str:
    """The version of ssconvert; EngineMissing if it is not there."""
    answer = said("Gnumeric", [_ssconvert(), "--version"])  # ssconvert version '1.12.55', ...
    version = re.search(r"\d[\d.]*", answer)
    return f"Gnumeric {version[0] if version else '(of an unknown version)'}"


def recalculate(path: Path, areas: Mapping[str, Area]) -> dict[str, np.ndarray]:
    """Recalculate, save as .xlsx with its 18 digits and read; see `sheetgpt.engines.Engine`."""
    ssconvert, wanted = _ssconvert(), {area.sheet for area in areas.values()}
    with TemporaryDirectory(prefix="sheetgpt-", ignore_cleanup_errors=True) as folder:
        fresh = Path(folder) / "fresh.xlsx"
        run(
            "Gnumeric",
            [ssconvert, "--recalc", *_XLSX_TO_XLSX, str(path), str(fresh)],
            seconds=patience(path),
            environment={},
        )
        values = fresh.with_name("values.xlsx")
        try:
            with_values_alone(fresh, values)
            # As large as the file that was accepted; the weights in it are of no interest.
            book = read(values, only=wanted, limits=TRUSTED)
        except WorkbookError as error:
            raise EngineError(f"Gnumeric has saved what cannot be read: {error}") from error
    if missing := wanted - book.sheets.keys():
        raise EngineError(f"Gnumeric finds no sheet {sorted(missing)} in {path}.")
    return {name: book.get(area) for name, area in areas.items()}


def _ssconvert() -> str:
    if found := shutil.which("ssconvert"):
        return found
    raise EngineMissing(
        "Gnumeric is not installed: `apt install gnumeric` adds its converter, ssconvert."
    )
