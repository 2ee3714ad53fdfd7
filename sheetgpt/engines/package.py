"""Engines that are packages of Python: each works in a process of its own, by a session of ours.

NAME_session.py, beside this module, does what a request of `session` asks.
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
from sheetgpt.engines.process import run
from sheetgpt.engines.session import answers, ask
from sheetgpt.errors import EngineMissing


def installed(program: str, package: str) -> str:
    """The program and the version of its package; EngineMissing if there is none."""
    try:
        import_module(package)
    except ImportError as error:
        raise EngineMissing(
            f"{program} is not installed: `pip install {package}` adds its Python package."
        ) from error
    return f"{program} {version(package)}"


def in_session(
    program: str, package: str, source: Path, areas: Mapping[str, Area], seconds: float
) -> dict[str, np.ndarray]:
    """The values of the areas, as the program computes the workbook `source`.

    Raises EngineError where it fails, or takes longer than so many seconds.
    """
    script = Path(__file__).with_name(f"{package}_session.py")
    with TemporaryDirectory(prefix="sheetgpt-", ignore_cleanup_errors=True) as temporary:
        ask(Path(temporary), str(source), areas)
        # -P: without this folder, whose module of that name hides the package.
        command = [sys.executable, "-P", str(script), temporary]
        run(program, command, seconds=seconds, environment={})
        return answers(program, Path(temporary), areas)
