"""The package `formulas` as it is: its ExcelModel computes the file, cell by cell.

The evaluator of sheetgpt takes the package's parser and has faster functions of its own; this is
the second opinion on them. ExcelModel makes a node of a graph of every cell, constants included,
which takes about a millisecond and six kilobytes each, so it is for small workbooks.

Of the numbers in a file it keeps 15 decimal places, which a comparison within 1e-9 does not see.
"""

from __future__ import annotations

import io
import re
import shutil
import warnings
from collections import defaultdict
from collections.abc import Mapping
from contextlib import redirect_stderr
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from sheetgpt.book.area import Area
from sheetgpt.book.references import classify
from sheetgpt.engines.program import Program
from sheetgpt.engines.values import area_values
from sheetgpt.errors import EngineError
from sheetgpt.evaluator.library import scalar_from_library
from sheetgpt.evaluator.values import Scalar

PROGRAM = Program("formulas.ExcelModel", cell_memory=6_000, grid=50_000)

#: A key of ExcelModel's solution that stands for cells: '[book.xlsx]SHEET'!A1:B2.
_KEY = re.compile(r"'\[book\.xlsx\](.*)'!([A-Z]+\d+(?::[A-Z]+\d+)?)", re.IGNORECASE)


def available() -> str:
    """The version of the package, which comes with sheetgpt."""
    return f"formulas {import_module('formulas').__version__}"


def recalculate(path: Path, areas: Mapping[str, Area]) -> dict[str, np.ndarray]:
    """Load, calculate and read; see `sheetgpt.engines.Engine`."""
    cells = _cells(_solution(path))
    if missing := {area.sheet for area in areas.values() if area.sheet.upper() not in cells}:
        raise EngineError(f"formulas.ExcelModel finds no sheet {sorted(missing)} in {path}.")
    return {name: _read(cells[area.sheet.upper()], area) for name, area in areas.items()}


def _solution(path: Path) -> Mapping[Any, Any]:
    """What ExcelModel computes, by the names that it gives to cells and ranges."""
    formulas = import_module("formulas")  # ExcelModel is a third of a second of imports
    with (
        TemporaryDirectory(prefix="sheetgpt-") as folder,
        warnings.catch_warnings(),
        redirect_stderr(io.StringIO()),  # its progress
    ):
        warnings.simplefilter("ignore")  # of formats that it leaves out
        copy = Path(folder) / "book.xlsx"  # its names of cells hold the file's name
        shutil.copyfile(path, copy)
        try:
            solution: Mapping[Any, Any] = (
                formulas.ExcelModel().loads(str(copy)).finish().calculate()
            )
        except Exception as error:
            raise EngineError(f"formulas.ExcelModel cannot use {path}: {error}") from error
    return solution


def _cells(solution: Mapping[Any, Any]) -> dict[str, dict[tuple[int, int], Scalar]]:
    """The values of all cells by the upper-case name of their sheet, then by row and column."""
    cells: dict[str, dict[tuple[int, int], Scalar]] = defaultdict(dict)
    for key, ranges in solution.items():
        found = _KEY.fullmatch(key) if isinstance(key, str) else None
        place = classify(found[2]).place if found else None
        if found is None or place is None:
            continue
        top, left, _, _ = place.corners(0, 0)
        for (row, col), value in np.ndenumerate(np.asarray(ranges.value, object)):
            cells[found[1].upper()][top + row, left + col] = scalar_from_library(value)
    return cells


def _read(cells: Mapping[tuple[int, int], Scalar], area: Area) -> np.ndarray:
    """The values of one area."""
    numbers = np.full((area.rows, area.cols), np.nan)
    others: dict[tuple[int, int], str | bool] = {}
    for row, col in np.ndindex(area.rows, area.cols):
        value = cells.get((area.row + row, area.col + col))
        if isinstance(value, float):
            numbers[row, col] = value
        elif value is not None:
            others[row, col] = value
    return area_values(numbers, others)
