"""One formula per trap, and the words of the sentence that must name it."""

from __future__ import annotations

import numpy as np
import pytest

from sheetgpt.book import Book, Formula, Sheet
from sheetgpt.book.area import Area
from sheetgpt.evaluator.lint import PORTABLE, lint


def book_of(*texts: str) -> Book:
    """The formulas in A1, A2, ... of `calc`; the names `eps` and `x` are B1 and B2:D4 there."""
    rows = [Formula(row, 0, text) for row, text in enumerate(texts)]
    names = {"eps": Area("calc", 0, 1), "h.0.x": Area("calc", 1, 1, 3, 3)}
    return Book(
        {
            "calc": Sheet("calc", np.ones((5, 5)), {}, rows),
            "other": Sheet("other", np.ones((1, 1))),
        },
        names,
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("OFFSET(B1,1,1)", "uses OFFSET"),
        ("NOW()", "uses NOW"),
        ("_xlfn.XLOOKUP(1,B1:B2,C1:C2)", "uses _XLFN.XLOOKUP"),
        ("UNICODE(B1)", "must spell _xlfn.UNICODE"),
        ("UNICHAR(65)", "must spell _xlfn.UNICHAR"),
        ("SUM(B:B)", "a whole column or row, B:B"),
        ("SUM(other!$1:$2)", "a whole column or row, other!$1:$2"),
        ("B1+epsilon", "the unknown name epsilon"),
        ("B1+missing!A1", "the missing sheet 'missing'"),
        ("[1]other!A1+1", "another workbook, [1]other!A1"),
        ("'[b.xlsx]other'!A1+1", "another workbook, '[b.xlsx]other'!A1"),
        ("B1*1E5", "holds 1E5"),
        ("B1*-2.5e10", "holds 2.5e10"),
        ("INDEX(h.0.x,B1,0)", "row or column 0"),
        ("INDEX(h.0.x,0,1)", "row or column 0"),
        ("INDEX(h.0.x,B1,)", "row or column 0"),
        ("INDEX(B1,1)", "INDEX on one cell"),
        ("MATCH(1,B1,0)", "MATCH on one cell"),
        ("LARGE(B1,1)", "LARGE on one cell"),
        ("INDEX(B1:E1,2)", "INDEX on 1 x 4 cells with one number"),
        ("SUM(B1:INDEX(B1:B4,2))", "unknown reference, B1:INDEX("),
        ("SUM((B1,B2))", "operator ','"),
        ("B1+", "cannot be parsed"),
        ("B1" + "+B1" * 2731, "8195 characters"),
    ],
)
def test_each_trap_is_named_with_its_cell(text: str, words: str) -> None:
    (problem,) = lint(book_of("B1+1", text))
    assert problem.startswith("calc!A2 ")
    assert words in problem


def test_copies_are_reported_once() -> None:
    assert len(lint(book_of("ABS(B1)", "ABS(B2)", "1+ABS(B3)"))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "MMULT(h.0.x,TRANSPOSE(h.0.x))*1E-5+-1E+10",
        'IF(AND(B1="1E5",OR(B1,eps)),"OFFSET(A:A)",IFERROR(MID("x",1,2),""))',
        "_xlfn.UNICHAR(_xlfn.UNICODE(other!A1))",
        "INDEX(h.0.x,B1,2)+INDEX(B1:B4,2)",
    ],
)
def test_portable_formulas_pass(text: str) -> None:
    assert lint(book_of(text)) == []


@pytest.mark.parametrize("name", sorted(PORTABLE))
def test_every_portable_function_passes(name: str) -> None:
    assert lint(book_of(f"{name}(B1:B4,B2:B4,B3)")) == []
