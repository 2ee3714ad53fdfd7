"""Every formula cell of a workbook, named or not, has the same value in every program.

One excepted, which says how a program counts characters.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from needs import PROGRAMS, needs

from sheetgpt import build, verify
from sheetgpt.book import Book
from sheetgpt.book.area import Area
from sheetgpt.checkpoint.precision import Precision
from sheetgpt.engines import ENGINES
from sheetgpt.verification.halves import COUNTED
from sheetgpt.verification.step import TOLERANCE
from sheetgpt.xlsx.read import read

#: A prompt, how exactly the weights are stored, and what the cells to type into hold.
CASES: dict[str, tuple[str, Precision, dict[str, str]]] = {
    "drawn": ("Two plus three equals", "float32", {
        "temperature": "2.5", "top_k": "7", "top_p": "0.95", "random": "0.41",
        "view_block": "2", "view_head": "3", "chosen_position": "1",
        "word_a": "320", "word_b": "321", "word_c": "340", "map_b": "883",
        "switch.0.heads": "0,1,1,0", "switch.1.mlp": "0",
    }),
    "whole numbers": ("Ice is cold. Steam is", "int8", {
        "temperature": "0", "top_k": "0", "top_p": "1", "random": "1",
        "chosen_position": "8", "switch.2.heads": "0,0,0,0",
    }),
    "too long": ("one two three four five six seven eight nine ten", "float32", {}),
}  # fmt: skip


@pytest.fixture(scope="module", params=CASES)
def workbook(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    prompt, precision, settings = CASES[request.param]
    path = tmp_path_factory.mktemp("cells") / "cells.xlsx"
    build(prompt, output=path, tokens=9, chars=32, precision=precision, settings=settings)
    return path


@pytest.fixture(scope="module")
def book(workbook: Path) -> Book:
    """The same workbook, read back; not to be changed."""
    return read(workbook)


@pytest.mark.slow
def test_every_step_agrees_in_python(workbook: Path) -> None:
    assert verify(workbook).first_bad is None


@pytest.mark.engine
@pytest.mark.parametrize("engine", PROGRAMS)
def test_every_cell(workbook: Path, book: Book, engine: str) -> None:
    needs(engine)
    tabs = {name: sheet for name, sheet in book.sheets.items() if sheet.formulas}
    areas = {name: Area(name, 0, 0, *sheet.numbers.shape) for name, sheet in tabs.items()}
    found = ENGINES[engine].recalculate(workbook, areas)
    wrong, count = [], 0
    for name, sheet in tabs.items():
        theirs, mine = found[name], book.get(areas[name])
        bad = unlike(theirs, mine)
        for formula in sheet.formulas:
            end_row, end_col = formula.row + formula.rows, formula.col + formula.cols
            cells = slice(formula.row, end_row), slice(formula.col, end_col)
            count += formula.rows * formula.cols
            if not bad[cells].any():
                continue
            place = Area(name, formula.row, formula.col, formula.rows, formula.cols)
            if place != book.names[COUNTED]:
                its, own = theirs[cells].flat[0], mine[cells].flat[0]
                wrong.append(f"{place.full()} = {formula.text[:80]}: {its}, {own}")
    assert count > 60_000
    assert wrong == []


def unlike(found: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Which values do not agree."""
    bad: np.ndarray = found != wanted
    for place in np.argwhere(bad).tolist():
        bad[*place] = not same(found[*place], wanted[*place])
    return bad


def same(a: object, b: object) -> bool:
    """Whether two values agree; a blank is an empty text."""
    if isinstance(a, float) and isinstance(b, float):
        return abs(a - b) <= TOLERANCE * (1 + abs(b))
    return (a or "") == (b or "")
