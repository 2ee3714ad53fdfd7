"""IronCalc, a spreadsheet engine in Rust, through its Python package."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from sheetgpt.book.area import Area
from sheetgpt.engines.process import patience, run
from sheetgpt.engines.program import Program
from sheetgpt.engines.session import answers, ask
from sheetgpt.errors import EngineError, EngineMissing, WorkbookError
from sheetgpt.xlsx.plain import without_conditional_formats

#: Memory measured with 0.9 on GPT-2 small.
PROGRAM = Program("IronCalc", cell_memory=12, needs_names=True)


def available() -> str:
    """The version of the installed package; EngineMissing if there is none."""
    return f"IronCalc {_package().__version__}"


def recalculate(path: Path, areas: Mapping[str, Area]) -> dict[str, np.ndarray]:
    """Load, evaluate and read; see `sheetgpt.engines.Engine`.

    IronCalc works out the conditional formats with the formulas, which takes most of its time, so
    it gets a copy without them.
    """
    _package()
    session = Path(__file__).with_name("ironcalc_session.py")
    with TemporaryDirectory(prefix="sheetgpt-", ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary)
        plain = folder / "plain.xlsx"
        try:
            without_conditional_formats(path, plain)
        except WorkbookError as error:
            raise EngineError(f"IronCalc cannot use {path}: {error}") from error
        ask(folder, str(plain), areas)
        # -P: without this folder, whose ironcalc.py would be imported in place of the package.
        command = [sys.executable, "-P", str(session), temporary]
        run("IronCalc", command, seconds=patience(path), environment={})
        return answers("IronCalc", folder, areas)


def _package() -> Any:
    try:
        return import_module("ironcalc")
    except ImportError as error:
        raise EngineMissing(
            "IronCalc is not installed: `pip install ironcalc` adds its Python package."
        ) from error
