"""The values in a file as some program saved them, read by openpyxl: nothing is recalculated.

What Excel computed can be compared by anybody who has Excel: type a prompt, save, and let this read
the file. openpyxl shares no line with the reader that everything else here uses.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any
from warnings import catch_warnings, simplefilter

import numpy as np

from sheetgpt.book import CellError
from sheetgpt.book.area import Area
from sheetgpt.engines.values import area_values
from sheetgpt.errors import EngineError, EngineMissing
from sheetgpt.xlsx.strings import unescape

#: The name that `verify --engine` takes.
SAVED = "saved"
#: What openpyxl calls cells with an error.
_ERROR = "e"


def available() -> str:
    """The version of openpyxl; raises EngineMissing without it."""
    try:
        return f"openpyxl {import_module('openpyxl').__version__}"
    except ImportError as error:
        raise EngineMissing(
            "--engine saved reads files with openpyxl, which is not installed; "
            "run: pip install openpyxl"
        ) from error


def stored(path: Path, areas: Mapping[str, Area]) -> dict[str, np.ndarray]:
    """The stored values of some areas, as `Engine.recalculate` gives computed ones.

    Raises EngineMissing, or EngineError where openpyxl cannot read the file.
    """
    available()
    try:
        with catch_warnings():
            simplefilter("ignore")  # it names what it does not read, which no value needs
            book = import_module("openpyxl").load_workbook(path, read_only=True, data_only=True)
            try:
                tabs = {
                    name: _cells(book[name]) for name in {area.sheet for area in areas.values()}
                }
            finally:
                book.close()
    except Exception as error:  # it raises whatever its parts do
        raise EngineError(f"openpyxl cannot read {path}: {error}") from error
    found = {name: _values(tabs[area.sheet], area) for name, area in areas.items()}
    blank = [name for name, held in found.items() if not any(x is not None for x in held.flat)]
    if 2 * len(blank) > len(found):
        raise EngineError(
            f"{path} stores no values of its formulas, as the program that saved it does not "
            "compute; open it in a spreadsheet program and save it there."
        )
    return found


def _cells(sheet: Any) -> list[tuple[Any, ...]]:
    sheet.reset_dimensions()  # programs write them wrong
    return [*sheet.iter_rows()]


def _values(rows: list[tuple[Any, ...]], area: Area) -> np.ndarray:
    """The values of one area; a cell that the file does not have is blank."""
    numbers = np.full((area.rows, area.cols), np.nan)
    others: dict[tuple[int, int], str | bool] = {}
    for row, cells in enumerate(rows[area.row : area.row + area.rows]):
        for col, cell in enumerate(cells[area.col : area.col + area.cols]):
            value = cell.value
            if value is None:
                continue
            if cell.data_type == _ERROR:
                others[row, col] = CellError(value)
            elif isinstance(value, bool):
                others[row, col] = value
            elif isinstance(value, int | float):
                numbers[row, col] = value
            else:
                others[row, col] = unescape(str(value))  # openpyxl leaves that to us
    return area_values(numbers, others)
