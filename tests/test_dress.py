"""What is hidden: the rules of a planned workbook, computed as the formulas that they are."""

from __future__ import annotations

import numpy as np
import pytest

from sheetgpt.book import Book, Formula, Sheet
from sheetgpt.book.area import Area
from sheetgpt.book.capacity import Capacity
from sheetgpt.book.references import move
from sheetgpt.checkpoint import Checkpoint
from sheetgpt.evaluator import evaluate
from sheetgpt.layout.workbook import plan
from sheetgpt.template.load import load_templates

#: Where the rules are computed: in columns that a tab of a small model does not reach.
ASIDE = 2_000


@pytest.fixture(scope="module")
def planned(small: Checkpoint) -> Book:
    """A workbook with room for 6 tokens; nothing is computed."""
    return plan(small, "She is", Capacity(6, 12, 4), load_templates())


@pytest.mark.parametrize(
    ("name", "repeats", "across"),
    [("h.0.ln_1", 1, False), ("h.0.attn.scores", 2, True), ("ln_f", 1, False)],
)
def test_nothing_shows_beyond_the_prompt(
    planned: Book, name: str, repeats: int, across: bool
) -> None:
    """`repeats` heads lie one below the other; with `across`, columns are positions too."""
    area = planned.names[name]
    rules = [
        rule
        for rule in planned.looks[area.sheet].rules
        if rule.kind == "hide" and (rule.row, rule.col) == (area.row, area.col)
    ]
    sheet = planned.sheets[area.sheet]
    copies = [
        Formula(area.row + r, ASIDE + area.cols * i + c, move(rule.formula, r, c))
        for i, rule in enumerate(rules)
        for r in range(area.rows)
        for c in range(area.cols)
    ]
    changed = Sheet(sheet.name, sheet.numbers, sheet.others, [*sheet.formulas, *copies])
    book = evaluate(Book({**planned.sheets, sheet.name: changed}, planned.names))
    hidden = np.zeros((area.rows, area.cols), dtype=bool)
    for i in range(len(rules)):
        there = Area(sheet.name, area.row, ASIDE + area.cols * i, area.rows, area.cols)
        hidden |= book.get(there).astype(bool)
    used = int(book.named("n_tokens")[0, 0])
    assert 0 < used < 6
    rows = np.tile(np.arange(6) >= used, repeats)[:, None]
    columns = np.arange(area.cols) >= (used if across else area.cols)
    assert np.array_equal(hidden, rows | columns)
