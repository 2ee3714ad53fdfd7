"""How fast a matrix of weights becomes cells: our writer and its peers, each a process of its own.

    python -m benchmarks.writers NAME ROWS COLUMNS     one writer; prints CPU seconds and bytes

Every writer gets the same numbers, float64 whose shortest decimals are those of float32 weights,
so that all of them can write the same digits.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from benchmarks.measure import python, table

WEIGHT_STD = 0.13
#: Of so many runs the fastest counts: it was the least disturbed.
ROUNDS = 3
BASELINE = "XlsxWriter, constant_memory"


def sheetgpt(path: Path, weights: np.ndarray, compression: str, cell_refs: bool) -> None:
    """A workbook of one tab, by the way that every build goes."""
    from sheetgpt.book import Book, Sheet  # noqa: PLC0415
    from sheetgpt.book.grid import Patch, PatchGrid  # noqa: PLC0415
    from sheetgpt.xlsx.write import write  # noqa: PLC0415

    rows, columns = weights.shape
    grid = PatchGrid(rows, columns, [Patch(0, 0, weights)])
    book = Book({"weights": Sheet("weights", grid)})
    write(book, path, "weights", "", compression=compression, cell_refs=cell_refs)


def xlsxwriter(path: Path, weights: np.ndarray) -> None:
    """XlsxWriter, one row in memory at a time."""
    from xlsxwriter import Workbook  # noqa: PLC0415

    with Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("weights")
        for i, row in enumerate(weights.tolist()):
            for j, value in enumerate(row):
                sheet.write_number(i, j, value)


def openpyxl(path: Path, weights: np.ndarray) -> None:
    """openpyxl in its write-only mode."""
    from openpyxl import Workbook  # noqa: PLC0415

    book = Workbook(write_only=True)
    sheet = book.create_sheet("weights")
    for row in weights.tolist():
        sheet.append(row)
    book.save(path)


def rustpy(path: Path, weights: np.ndarray) -> None:
    """rustpy-xlsxwriter, a binding of rust_xlsxwriter: rows as dicts, which is its fast way."""
    from rustpy_xlsxwriter import FastExcel  # noqa: PLC0415

    names = [f"c{j}" for j in range(weights.shape[1])]
    rows = [dict(zip(names, row, strict=True)) for row in weights.tolist()]
    FastExcel(str(path), autofit=False).sheet("weights", rows).save()


Writer = Callable[[Path, np.ndarray], None]
#: Writer by name; the package that it needs beside sheetgpt's own, if any.
WRITERS: dict[str, tuple[Writer, str | None]] = {
    BASELINE: (xlsxwriter, None),
    "openpyxl, write_only": (openpyxl, None),
    "rustpy-xlsxwriter": (rustpy, "rustpy_xlsxwriter"),
    "sheetgpt, fast": (partial(sheetgpt, compression="fast", cell_refs=False), None),
    "sheetgpt, fast, cell names": (partial(sheetgpt, compression="fast", cell_refs=True), None),
    "sheetgpt, small": (partial(sheetgpt, compression="small", cell_refs=False), None),
    "sheetgpt, small, cell names": (partial(sheetgpt, compression="small", cell_refs=True), None),
}


def measure(name: str, rows: int, columns: int) -> dict[str, float]:
    """CPU seconds of the fastest run of a writer, and bytes; its imports do not count."""
    from sheetgpt.book.decimals import shortest  # noqa: PLC0415

    rng = np.random.default_rng(0)
    weights = (WEIGHT_STD * rng.standard_normal((rows, columns))).astype(np.float32)
    ours = name.startswith("sheetgpt")
    with tempfile.TemporaryDirectory() as folder:
        writer = WRITERS[name][0]
        path = Path(folder) / "weights.xlsx"
        numbers = weights if ours else shortest(weights)
        writer(path, numbers[:2])
        seconds = []
        for _ in range(ROUNDS):
            start = time.process_time()
            writer(path, numbers)
            seconds.append(time.process_time() - start)
        return {"seconds": min(seconds), "bytes": path.stat().st_size}


def compare(rows: int, columns: int) -> str:
    """The Markdown table of all writers."""
    cells = rows * columns
    speeds: dict[str, float] = {}
    lines = []
    for name, (_, package) in WRITERS.items():
        if package is not None and find_spec(package) is None:
            lines.append([name, "not installed", "", "", ""])
            continue
        run = python("-m", "benchmarks.writers", name, str(rows), str(columns))
        found = json.loads(run.output)
        speeds[name] = cells / found["seconds"]
        lines.append(
            [
                name,
                f"{speeds[name] / 1e6:.2f} million",
                f"{speeds[name] / speeds[BASELINE]:.1f}",
                f"{found['bytes'] / cells:.1f}",
                f"{run.memory / 1e6:.0f} MB",
            ]
        )
    heads = ["writer", "cells per CPU second", "times XlsxWriter", "bytes per cell", "peak memory"]
    return f"### Writing {rows:,} × {columns} weights\n\n{table(heads, lines)}"


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))
