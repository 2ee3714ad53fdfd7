"""Recalculate one workbook with CellRune and store the values of some areas of it.

    PYTHON cellrune_session.py FOLDER

A process of its own, so that nothing which happens to it ends the one that asks. What is in FOLDER
is told in `session`.
"""

from __future__ import annotations

import json
import sys
from array import array
from pathlib import Path
from typing import Any

import cellrune


def main(folder: Path) -> None:
    """Do what FOLDER/request.json asks."""
    request = json.loads((folder / "request.json").read_text())
    what = request["source"]
    try:
        workbook = cellrune.Workbook.open_path(request["source"])
        workbook.calculate()
        others = []
        with (folder / "numbers.f64").open("wb") as stream:
            for sheet, *rectangle in request["areas"]:
                what = f"the sheet {sheet!r}"
                numbers, held = read(workbook, sheet, *rectangle)
                stream.write(numbers)
                others.append(held)
    except cellrune.CellRuneError as error:
        sys.exit(f"{what}: {error}")
    (folder / "others.json").write_text(json.dumps(others))


def read(
    workbook: Any, sheet: str, row: int, col: int, rows: int, cols: int
) -> tuple[array[float], list[Any]]:
    """The values of one area.

    A formula that CellRune has no value for ends the process with what it says about it.
    """
    first, last = cell_name(row, col), cell_name(row + rows - 1, col + cols - 1)
    numbers = array("d")
    others: list[Any] = []
    for r, cells in enumerate(workbook.read_values(sheet, first, last)):
        for c, cell in enumerate(cells):
            kind, value = cell["kind"], cell.get("value")
            if kind == "number":
                numbers.append(value)
                continue
            numbers.append(float("nan"))
            if kind == "error":
                others.append((r, c, [value]))
            elif kind in ("text", "logical"):
                others.append((r, c, value))
            elif kind != "blank":
                where = f"{sheet}!{cell_name(row + r, col + c)}"
                sys.exit(f"{where} has no value: {cell.get('message', kind)}.")
    return numbers, others


def cell_name(row: int, col: int) -> str:
    """A1 from 0, 0."""
    letters, col = "", col + 1
    while col:
        col, letter = divmod(col - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return f"{letters}{row + 1}"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
