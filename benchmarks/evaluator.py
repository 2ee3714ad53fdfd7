"""How much faster than `formulas.ExcelModel` the evaluator is, on a file that both can finish.

    python benchmarks/evaluator.py

The file holds one MLP with its layer norm and a running column, as the real workbooks do, but
small: ExcelModel makes every cell a node of a graph. Both must give the same values.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import formulas
import numpy as np
import xlsxwriter

from sheetgpt.book.area import Area, column_name
from sheetgpt.evaluator import evaluate
from sheetgpt.xlsx.read import read

TOKENS, WIDTH, INNER = 16, 32, 128
#: Where the results lie on the sheet `calc`: the last step, and a copy of the running column.
RESULTS = {"out": Area("calc", 60, 1, TOKENS, WIDTH), "copy": Area("calc", 100, 2, TOKENS)}


def write(path: Path) -> int:
    """The workbook; returns how many cells it has."""
    rng = np.random.default_rng(0)
    x, w, v = (rng.normal(size=s) for s in ((TOKENS, WIDTH), (WIDTH, INNER), (INNER, WIDTH)))
    inner, last = column_name(INNER), column_name(WIDTH)
    with xlsxwriter.Workbook(path) as book:
        data, calc = book.add_worksheet("data"), book.add_worksheet("calc")
        for first, matrix in ((0, x), (20, w), (60, v)):
            for row, values in enumerate(matrix, first):
                data.write_row(row, 0, values)
        for t in range(TOKENS):
            x_t = f"data!$A{t + 1}:${column_name(WIDTH - 1)}{t + 1}"
            norm = f"{{=({x_t}-AVERAGE({x_t}))/SQRT(VARP({x_t})+1E-5)}}"
            calc.write_array_formula(t, 1, t, WIDTH, norm)
            for c in range(WIDTH):
                cell = f"{column_name(c + 1)}{t + 61}"
                calc.write_formula(t + 80, c + 1, f"=IF({cell}>0,{cell}*2,{cell}/2)+$A{t + 1}")
            calc.write_formula(t + 100, 0, f"=IF(A{t + 100}>9,0,A{t + 100})+B{t + 81}")
        calc.write_array_formula(100, 2, 99 + TOKENS, 2, f"{{=$A$101:$A${100 + TOKENS}*1}}")
        product = f"MMULT($B$1:${last}${TOKENS},data!$A$21:${column_name(INNER - 1)}${20 + WIDTH})"
        calc.write_array_formula(20, 1, 19 + TOKENS, INNER, f"{{=TANH({product})}}")
        hidden, weights = (
            f"$B$21:${inner}${20 + TOKENS}",
            f"data!$A$61:${column_name(WIDTH - 1)}$188",
        )
        calc.write_array_formula(60, 1, 59 + TOKENS, WIDTH, f"{{=MMULT({hidden},{weights})}}")
    return x.size + w.size + v.size + 3 * TOKENS * WIDTH + TOKENS * (INNER + 1)


def by_library(path: Path) -> dict[str, np.ndarray]:
    """The results from `formulas.ExcelModel`."""
    solution = formulas.ExcelModel().loads(str(path)).finish().calculate()
    return {
        name: np.asarray(solution[f"'[{path.name}]CALC'!{area.a1()}"].value, np.float64)
        for name, area in RESULTS.items()
    }


def by_evaluator(path: Path) -> dict[str, np.ndarray]:
    """The results from sheetgpt."""
    book = evaluate(read(path))
    return {key: book.get(area) for key, area in RESULTS.items()}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "benchmark.xlsx"
        cells = write(path)
        by_evaluator(path)
        seconds, results = [], []
        for compute in (by_library, by_evaluator):
            start = time.perf_counter()
            results.append(compute(path))
            seconds.append(time.perf_counter() - start)
    for key in RESULTS:
        np.testing.assert_allclose(results[1][key], results[0][key], rtol=1e-12, atol=1e-12)
    print(f"{cells} cells: formulas.ExcelModel {seconds[0]:.2f} s, sheetgpt {seconds[1]:.3f} s")
    print(f"{seconds[0] / seconds[1]:.0f} times as fast, the same values")


if __name__ == "__main__":
    main()
