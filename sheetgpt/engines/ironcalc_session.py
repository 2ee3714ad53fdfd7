"""Recalculate one workbook with IronCalc and store the values of some areas of it.

    PYTHON ironcalc_session.py FOLDER

A process of its own: IronCalc ends the process that it runs in where a formula is nested too
deeply for its stack. What is in FOLDER is told in `session`.
"""

from __future__ import annotations

import json
import sys
from array import array
from pathlib import Path
from typing import Any

import ironcalc


def main(folder: Path) -> None:
    """Do what FOLDER/request.json asks."""
    request = json.loads((folder / "request.json").read_text())
    try:
        model = ironcalc.load_from_xlsx(request["source"])
        model.evaluate()
    except ironcalc.WorkbookError as error:
        sys.exit(str(error))
    indices = {sheet["name"]: i for i, sheet in enumerate(model.get_worksheets_properties())}
    others = []
    with (folder / "numbers.f64").open("wb") as stream:
        for sheet, *rectangle in request["areas"]:
            if sheet not in indices:
                sys.exit(f"the workbook has no sheet named {sheet!r}.")
            numbers, held = read(model, indices[sheet], *rectangle)
            stream.write(numbers)
            others.append(held)
    (folder / "others.json").write_text(json.dumps(others))


def read(
    model: Any, sheet: int, row: int, col: int, rows: int, cols: int
) -> tuple[array[float], list[Any]]:
    """The values of one area; IronCalc counts rows and columns from 1."""
    numbers = array("d")
    others: list[Any] = []
    error = ironcalc.CellType.ErrorValue
    for r in range(rows):
        for c in range(cols):
            cell = (sheet, row + r + 1, col + c + 1)
            value = model.get_cell_value(*cell)
            if isinstance(value, float):
                numbers.append(value)
                continue
            numbers.append(float("nan"))
            if isinstance(value, str) and model.get_cell_type(*cell) == error:
                others.append((r, c, [value]))
            elif value is not None:
                others.append((r, c, value))
    return numbers, others


if __name__ == "__main__":
    main(Path(sys.argv[1]))
