"""IronCalc, a spreadsheet engine in Rust, through its Python package."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from sheetgpt.book import CellError
from sheetgpt.book.area import Area
from sheetgpt.engines.program import Program
from sheetgpt.engines.values import area_values
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
    ironcalc = _package()
    try:
        with TemporaryDirectory(prefix="sheetgpt-") as folder:
            plain = Path(folder) / "plain.xlsx"
            without_conditional_formats(path, plain)
            model = ironcalc.load_from_xlsx(str(plain))
        model.evaluate()
    except (ironcalc.WorkbookError, WorkbookError) as error:
        raise EngineError(f"IronCalc cannot use {path}: {error}") from error
    indices = {sheet["name"]: i for i, sheet in enumerate(model.get_worksheets_properties())}
    if missing := {area.sheet for area in areas.values()} - indices.keys():
        raise EngineError(f"IronCalc finds no sheet {sorted(missing)} in {path}.")
    error_type = ironcalc.CellType.ErrorValue
    return {
        name: _read(model, error_type, indices[area.sheet], area) for name, area in areas.items()
    }


def _read(model: Any, error_type: Any, sheet: int, area: Area) -> np.ndarray:
    """The values of one area; IronCalc counts rows and columns from 1."""
    numbers = np.full((area.rows, area.cols), np.nan)
    others: dict[tuple[int, int], str | bool] = {}
    for r in range(area.rows):
        for c in range(area.cols):
            cell = (sheet, area.row + r + 1, area.col + c + 1)
            value = model.get_cell_value(*cell)
            if isinstance(value, float):
                numbers[r, c] = value
            elif isinstance(value, str) and model.get_cell_type(*cell) == error_type:
                others[r, c] = CellError(value)
            elif value is not None:
                others[r, c] = value
    return area_values(numbers, others)


def _package() -> Any:
    try:
        return import_module("ironcalc")
    except ImportError as error:
        raise EngineMissing(
            "IronCalc is not installed: `pip install ironcalc` adds its Python package."
        ) from error
