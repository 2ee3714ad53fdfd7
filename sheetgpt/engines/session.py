"""What a program in a process of its own is asked, and the values that it hands over in files.

In a temporary folder

    request.json  {"source": the workbook, "areas": [[sheet, row, col, rows, cols], ...]}
    numbers.f64   written: the numbers of all areas as doubles, row by row, NaN where there is none
    others.json   ... and for each area its other cells: [[row, col, value], ...], where a list
                  holds an error

Blank cells are in neither.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

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
        others = json.loads((folder / "others.json").read_text())
        with (folder / "numbers.f64").open("rb") as numbers:
            found = {
                name: _area(numbers, area, held, error)
                for (name, area), held in zip(areas.items(), others, strict=True)
            }
            if numbers.read(1):
                raise ValueError("there are more of them than cells")
        return found
    except (OSError, ValueError, TypeError) as problem:
        raise EngineError(
            f"{program} has handed over values that cannot be read ({problem}). Try again, or "
            "check the workbook with another engine."
        ) from problem


def _area(stream: BinaryIO, area: Area, held: Any, error: Callable[[Any], str]) -> np.ndarray:
    numbers = np.fromfile(stream, count=area.rows * area.cols).reshape(area.rows, area.cols)
    others: dict[tuple[int, int], str | bool] = {}
    for row, col, value in held:
        is_error = isinstance(value, list)
        others[int(row), int(col)] = CellError(error(value[0])) if is_error else value
    return area_values(numbers, others)
