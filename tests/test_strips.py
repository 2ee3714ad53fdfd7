"""A product of a large expression, computed some rows at a time, is that of the whole."""

from __future__ import annotations

import numpy as np
import pytest

from sheetgpt.book import Book, CellError, Formula, Sheet
from sheetgpt.book.area import Area
from sheetgpt.evaluator import evaluate, strips

LEFT, RIGHT, BIAS = Area("s", 0, 0, 7, 3), Area("s", 0, 4, 3, 2), Area("s", 0, 7, 1, 3)
FORMULAS = {
    "MMULT(left^2, right)": lambda x, w, b: x**2 @ w,
    "MMULT(left*bias+1, right)": lambda x, w, b: (x * b + 1) @ w,
    "MMULT(-left, right)": lambda x, w, b: -x @ w,
    "SQRT(MMULT(left*left, right^2))": lambda x, w, b: np.sqrt((x * x) @ w**2),
}


def book(formula: str, hole: bool = False) -> Book:
    """Seven rows of numbers, one of them blank in the middle if there is to be a hole."""
    numbers = np.full((7, 12), np.nan)
    for i, area in enumerate((LEFT, RIGHT, BIAS)):
        values = np.random.default_rng(i).normal(size=(area.rows, area.cols))
        numbers[area.row : area.row + area.rows, area.col : area.col + area.cols] = values
    others: dict[tuple[int, int], str | bool] = {}
    if hole:
        numbers[3, 1], others[3, 1] = np.nan, "word"
    cells = Sheet("s", numbers, others, [Formula(0, 10, formula, 7, 2, True)])
    return Book({"s": cells}, {"left": LEFT, "right": RIGHT, "bias": BIAS})


@pytest.mark.parametrize("strip", [1, 3, 6, 9, 1 << 22])
@pytest.mark.parametrize("formula", FORMULAS)
def test_products(formula: str, strip: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strips, "STRIP", strip)
    computed = evaluate(book(formula))
    x, w, b = (computed.named(name) for name in ("left", "right", "bias"))
    found = computed.get(Area("s", 0, 10, 7, 2))
    np.testing.assert_allclose(found, FORMULAS[formula](x, w, b), rtol=1e-14)


def test_a_word_makes_every_cell_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strips, "STRIP", 3)
    found = evaluate(book("MMULT(left^2, right)", hole=True)).get(Area("s", 0, 10, 7, 2))
    assert {*found.flat} == {CellError("#VALUE!")}
