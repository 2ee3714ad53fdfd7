"""CellRune, a spreadsheet engine in Rust, through its Python package.

Of the programs that can be run here it counts texts the most like Excel: in UTF-16 units.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from sheetgpt.book.area import Area
from sheetgpt.engines.process import patience, run
from sheetgpt.engines.program import Program
from sheetgpt.engines.session import answers, ask
from sheetgpt.errors import EngineMissing

#: Memory measured with 0.2 on the embedded model; `opens_files` as people cannot look at one in it.
PROGRAM = Program("CellRune", cell_memory=1_000, needs_names=True, opens_files=False)


def available() -> str:
    """The version of the installed package; EngineMissing if there is none."""
    try:
        import_module("cellrune")
    except ImportError as error:
        raise EngineMissing(
            "CellRune is not installed: `pip install cellrune` adds its Python package."
        ) from error
    return f"CellRune {version('cellrune')}"


def recalculate(path: Path, areas: Mapping[str, Area]) -> dict[str, np.ndarray]:
    """Load, evaluate and read; see `sheetgpt.engines.Engine`."""
    available()
    session = Path(__file__).with_name("cellrune_session.py")
    with TemporaryDirectory(prefix="sheetgpt-", ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary)
        ask(folder, str(path), areas)
        # -P: without this folder, whose cellrune.py would be imported in place of the package.
        command = [sys.executable, "-P", str(session), temporary]
        run("CellRune", command, seconds=patience(path), environment={})
        return answers("CellRune", folder, areas)
