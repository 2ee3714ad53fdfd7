"""Recalculate one workbook in LibreOffice and store the values of some areas of it.

    PYTHON uno_session.py SOFFICE FOLDER

A script for the Python that LibreOffice's UNO bridge belongs to (3.8 or later): it may import
nothing but the standard library and `uno`. FOLDER is a temporary folder that also becomes the
profile's. In it

    request.json  {"source": URL of the workbook, "areas": [[sheet, row, col, rows, cols], ...]}
    numbers.f64   written: the numbers of all areas as doubles, row by row, NaN where there is none
    others.json   ... and for each area its other cells:
                  [[row, col, text or [LibreOffice's error number]], ...]

Blank cells are in neither.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from array import array
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import uno

#: Cells in one call over the bridge: enough to hide its cost, few enough to stay small.
CELLS_PER_CALL = 100_000

#: What soffice exits with on a fresh profile when it wants to be started once more.
START_AGAIN = 81


def main(soffice: str, folder: Path) -> None:
    """Do what FOLDER/request.json asks."""
    request = json.loads((folder / "request.json").read_text())
    with libreoffice(soffice, folder) as desktop:
        document = open_workbook(desktop, request["source"])
        document.calculateAll()  # every formula, whatever the file holds as its cached value
        # Asked for once: an object from over the bridge costs more than the values of an area.
        sheets = {sheet.Name: sheet for sheet in document.Sheets}
        others = []
        with (folder / "numbers.f64").open("wb") as stream:
            for sheet, *rectangle in request["areas"]:
                if sheet not in sheets:
                    sys.exit(f"the workbook has no sheet named {sheet!r}.")
                numbers, held = read(sheets[sheet], *rectangle)
                stream.write(numbers)
                others.append(held)
        (folder / "others.json").write_text(json.dumps(others))
        document.close(True)


@contextmanager
def libreoffice(soffice: str, folder: Path) -> Iterator[Any]:
    """Start LibreOffice with a new profile and end it again; gives its desktop."""
    pipe = f"pipe,name=sheetgpt-{os.getpid()}"  # one that no other session listens on
    command = [
        soffice,
        f"-env:UserInstallation={(folder / 'profile').as_uri()}",
        f"--accept={pipe};urp;",
        *("--headless", "--norestore", "--nologo", "--nodefault", "--nofirststartwizard"),
    ]
    process = start(command)
    while True:
        if process.poll() == START_AGAIN:
            process = start(command)
        elif process.poll() is not None:
            sys.exit(f"soffice ended with exit code {process.returncode} before it was ready.")
        with suppress(uno.getClass("com.sun.star.connection.NoConnectException")):
            desktop = connect(pipe)
            break
        time.sleep(0.1)
    try:
        yield desktop
    finally:
        desktop.terminate()
        process.wait()


def start(command: list[str]) -> subprocess.Popen[bytes]:
    """A new process that says nothing, since this one's last words are its error message."""
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def connect(pipe: str) -> Any:
    """The desktop of the LibreOffice that listens on a pipe."""
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstance("com.sun.star.bridge.UnoUrlResolver")
    remote = resolver.resolve(f"uno:{pipe};urp;StarOffice.ComponentContext")
    return remote.ServiceManager.createInstance("com.sun.star.frame.Desktop")


def open_workbook(desktop: Any, source: str) -> Any:
    """The document. Read-only leaves no lock file beside it and minds no stale one."""
    options = []
    for name in ("Hidden", "ReadOnly"):
        option = uno.createUnoStruct("com.sun.star.beans.PropertyValue")
        option.Name, option.Value = name, True
        options.append(option)
    document = desktop.loadComponentFromURL(source, "_blank", 0, tuple(options))
    if document is None or not document.supportsService("com.sun.star.sheet.SpreadsheetDocument"):
        sys.exit(f"it cannot open {source} as a workbook.")
    return document


def read(sheet: Any, row: int, col: int, rows: int, cols: int) -> tuple[array[float], list[Any]]:
    """The numbers of a rectangle and its other cells, as the files hold them."""
    numbers = array("d")
    others: list[Any] = []
    step = max(1, CELLS_PER_CALL // cols)
    for top in range(0, rows, step):
        bottom = min(rows, top + step) - 1
        part = sheet.getCellRangeByPosition(col, row + top, col + cols - 1, row + bottom)
        data = part.getDataArray()  # floats, text ("" for a blank cell too), None for an error
        blank = blank_cells(part, row + top, col) if any("" in line for line in data) else set()
        for r, values in enumerate(data):
            for c, value in enumerate(values):
                if isinstance(value, float):
                    numbers.append(value)
                    continue
                numbers.append(float("nan"))
                if value is None:  # the number of its error only the cell itself knows
                    others.append((top + r, c, [part.getCellByPosition(c, r).getError()]))
                elif value or (r, c) not in blank:
                    others.append((top + r, c, value))
    return numbers, others


def blank_cells(part: Any, row: int, col: int) -> set[tuple[int, int]]:
    """Which cells of a range that starts at (row, col) hold nothing, not even empty text."""
    return {
        (r - row, c - col)
        for found in part.queryEmptyCells().getRangeAddresses()
        for r in range(found.StartRow, found.EndRow + 1)
        for c in range(found.StartColumn, found.EndColumn + 1)
    }


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
