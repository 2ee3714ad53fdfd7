"""Tests of a program beside Python: skipped where it is missing, with how to install it."""

from __future__ import annotations

import pytest

from sheetgpt.engines import ENGINES
from sheetgpt.errors import EngineMissing

#: The engines that take workbooks of any size.
PROGRAMS = [name for name, engine in ENGINES.items() if engine.PROGRAM.grid is None]


def needs(*engines: str) -> None:
    """Skip the test that calls this unless all of these engines are installed."""
    for name in engines:
        try:
            ENGINES[name].available()
        except EngineMissing as missing:
            pytest.skip(str(missing))
