"""Where there is the least room, a list is one cell, which lookups cannot take everywhere."""

from __future__ import annotations

import numpy as np
import pytest
from checkpoints import SHORT_VOCABULARY, make_checkpoint
from needs import needs

from sheetgpt import build
from sheetgpt.book import Book, Formula, Sheet
from sheetgpt.book.area import Area
from sheetgpt.checkpoint import Config
from sheetgpt.commands.progress import quiet
from sheetgpt.commands.recalculation import PYTHON_ENGINE
from sheetgpt.commands.verify import Verification
from sheetgpt.layout.single import without_single

NAMES = {"one": Area("S", 0, 0), "two": Area("S", 0, 0, 2)}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("INDEX(two, 1) + INDEX(A1:A2,1)", "INDEX(two, 1) + INDEX(A1:A2,1)"),
        ("INDEX(one, B1) + 1", "CHOOSE(B1, one) + 1"),
        ("INDEX($A1, B1, C1)", "CHOOSE(MAX(B1, C1), $A1)"),
        ("INDEX('a(b,c'!A1,MAX(1,2))", "CHOOSE(MAX(1,2), 'a(b,c'!A1)"),
        ('IF(INDEX(one,LEN("),("))=1,2)', 'IF(CHOOSE(LEN("),("), one)=1,2)'),
        ("INDEX(one, INDEX(A2, 1)) & INDEX(one, 1)", "CHOOSE(CHOOSE(1, A2), one) & CHOOSE(1, one)"),
        ("MATCH(1, two, 0) + MATCH(B1, A1:A2, 1)", "MATCH(1, two, 0) + MATCH(B1, A1:A2, 1)"),
        ("IFERROR(MATCH(B1 + 1, one, 0), 0)", "IFERROR(1 / IF(one = (B1 + 1), 1, 0), 0)"),
        ("MATCH(B1, 'a(b,c'!A1, 1)", "1 / IF('a(b,c'!A1 <= (B1), 1, 0)"),
        (
            "INDEX(two, MATCH(LARGE(A1, 1), A1, 0))",
            "INDEX(two, 1 / IF(A1 = (CHOOSE(1, A1)), 1, 0))",
        ),
        ("MATCH(INDEX(one, 1), one, 0)", "1 / IF(one = (CHOOSE(1, one)), 1, 0)"),
    ],
)
def test_lists_of_one_cell(before: str, after: str) -> None:
    book = Book({"S": Sheet("S", np.zeros((1, 1)), {}, [Formula(0, 5, before)])}, names=NAMES)
    assert without_single(book).sheets["S"].formulas == [Formula(0, 5, after)]
    assert book.sheets["S"].formulas[0].text == before


@pytest.fixture(scope="module")
def least(tmp_path_factory: pytest.TempPathFactory) -> Verification:
    """A workbook of one block with one neuron, and hardly any room; read once for all engines."""
    folder = tmp_path_factory.mktemp("least")
    model = make_checkpoint(folder / "model", Config(1, 1, 2, 2, SHORT_VOCABULARY, 1e-5, 1))
    build("a", model, folder / "least.xlsx", tokens=2, chars=1, rounds=1, without=[])
    return Verification(folder / "least.xlsx")


@pytest.mark.engine
@pytest.mark.parametrize("engine", ["gnumeric", "ironcalc"])
def test_a_workbook_of_one_block(least: Verification, engine: str) -> None:
    needs(engine)
    (report,) = least.reports([None], engine, quiet)
    assert report.first_bad is None


def test_a_workbook_of_one_block_in_python(least: Verification) -> None:
    (report,) = least.reports([None], PYTHON_ENGINE, quiet)
    assert report.first_bad is None
