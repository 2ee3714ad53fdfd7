"""IronCalc, a spreadsheet engine in Rust, through its Python package."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from sheetgpt.book.area import Area
from sheetgpt.engines.package import in_session, installed
from sheetgpt.engines.process import patience
from sheetgpt.engines.program import Program
from sheetgpt.errors import EngineError, WorkbookError
from sheetgpt.xlsx.plain import without_conditional_formats

#: Memory measured with 0.9 on GPT-2 small.
PROGRAM = Program("IronCalc", cell_memory=12, needs_names=True)


def available() -> str:
    """The version of the installed package; EngineMissing if there is none."""
    return installed("IronCalc", "ironcalc")


def recalculate(path: Path, areas: Mapping[str, Area]) -> dict[str, np.ndarray]:
    """Load, evaluate and read; see `sheetgpt.engines.Engine`.

    IronCalc works out the conditional formats with the formulas, which takes most of its time, so
    it gets a copy without them.
    """
    available()
    with TemporaryDirectory(prefix="sheetgpt-", ignore_cleanup_errors=True) as temporary:
        plain = Path(temporary) / "plain.xlsx"
        try:
            without_conditional_formats(path, plain)
        except WorkbookError as error:
            raise EngineError(f"IronCalc cannot use {path}: {error}") from error
        return in_session("IronCalc", "ironcalc", plain, areas, patience(path))
