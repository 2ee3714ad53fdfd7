"""What a program in a process of its own is asked, and the values that it hands over in files.

In a temporary folder

    request.json  {"source": the workbook, "areas": [[sheet, row, col, rows, cols], ...]}
    N.f64         written for area N: its numbers as doubles, row by row, NaN where there is none
    N.json        ... and its other cells: [[row, col, value], ...], where a list holds an error

Blank cells are in neither.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from sheetgpt.book import CellError
from sheetgpt.book.area import Area
from sheetgpt.engines.values import area_values
from sheetgpt.errors import EngineError


def ask(folder: Path, source: str, areas: Mapping[str, Area]) -> None:
    """Write the request."""
    request = {"source": source, "areas": list(areas.values())}
    (folder / "request.json").write_text(json.dumps(request))


def answers(
    program: str, folder: Path, areas: Mapping[str, Area], error: Callable[[Any], str] = str
) -> dict[str, np.ndarray]:
    """The values of all areas; `error` gives the name of an error that the program has.

    Raises EngineError for values that are missing or are none.
    """
    try:
        return {
            name: _area(folder, index, area, error)
            for index, (name, area) in enumerate(areas.items())
        }
    except (OSError, ValueError, TypeError) as problem:
        raise EngineError(
            f"{program} has handed over values that cannot be read ({problem}). Try again, or "
            "check the workbook with another engine."
        ) from problem


def _area(folder: Path, index: int, area: Area, error: Callable[[Any], str]) -> np.ndarray:
    numbers = np.fromfile(folder / f"{index}.f64").reshape(area.rows, area.cols)
    others: dict[tuple[int, int], str | bool] = {}
    for row, col, value in json.loads((folder / f"{index}.json").read_text()):
        is_error = isinstance(value, list)
        others[int(row), int(col)] = CellError(error(value[0])) if is_error else value
    return area_values(numbers, others)
