"""What each function and operator means: a row is a formula and the value that Excel documents.

Every row is computed alone, in a batch of copies and as an array formula, and then by the library
`formulas` and by LibreOffice on the same cells. That is what allows a faster version of a function
to stand in for the library's; where a program is known to differ, the row names it.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import formulas
import numpy as np
import pytest
import schedula
import xlsxwriter
from formulas.ranges import Ranges
from formulas.tokens.operand import Error, XlError
from needs import PROGRAMS, needs

from sheetgpt.book import Book, CellError, Formula, Sheet
from sheetgpt.book.area import Area
from sheetgpt.book.references import classify, move, words
from sheetgpt.engines import ENGINES
from sheetgpt.evaluator import evaluate
from sheetgpt.evaluator.elementwise import ELEMENTWISE
from sheetgpt.evaluator.values import apply
from sheetgpt.page.functions import KNOWN

NA, VALUE, DIV0, NUM, REF = map(CellError, ("#N/A", "#VALUE!", "#DIV/0!", "#NUM!", "#REF!"))

#: The cells A1, B1, ... that the formulas below read; None is blank.
CELLS = {
    **{"A": 1.0, "B": 2.0, "C": 3.0, "D": -4.0, "E": 0.5},
    **{"F": "text", "G": True, "H": None, "I": "5", "J": NA, "K": "Abc", "L": "abc", "M": 0.0},
    **{"N": "", "O": "a👍b", "P": 10.0, "Q": 20.0, "R": 20.0, "S": 30.0, "T": 40.0},
}

#: Formula, Excel's value, programs that give another one.
ROWS: list[tuple[str, object, str]] = [
    # arithmetic
    ("A1+B1", 3.0, ""),
    ("-B1^2", 4.0, ""),
    ("2^3^2", 64.0, "gnumeric"),
    ("2^-1", 0.5, ""),
    ("10*-50%", -5.0, ""),
    ("B1--B1", 4.0, ""),
    ("--G1", 1.0, "formulas"),
    ("--I1", 5.0, "formulas"),
    ("+F1", "text", ""),
    ("G1+1", 2.0, ""),
    ("H1+1", 1.0, ""),
    ("I1+1", 6.0, ""),
    ("F1+1", VALUE, ""),
    ("N1+1", VALUE, ""),
    ("J1+1", NA, ""),
    ("A1/M1", DIV0, ""),
    ("M1^M1", NUM, "formulas libreoffice"),
    ("M1^-1", DIV0, "formulas libreoffice gnumeric"),
    ("D1^E1", NUM, "formulas"),
    ("1E+300*1E+300", NUM, ""),
    # text
    ("A1&E1", "10.5", ""),
    ("G1&H1", "TRUE", "libreoffice"),
    ('1/3&""', "0.333333333333333", "formulas ironcalc gnumeric"),
    ('1E+21&""', "1E+21", "formulas libreoffice ironcalc gnumeric"),
    ('0.1+0.2&""', "0.3", "formulas ironcalc"),
    ('123456789012345678&""', "123456789012346000", "formulas libreoffice gnumeric cellrune"),
    ('MID("hello",2,3)', "ell", ""),
    ("MID(12345,2,2)", "23", ""),
    ("MID(F1,9,1)", "", ""),
    ("MID(F1,0,1)", VALUE, ""),
    ("MID(J1,1,1)", NA, ""),
    ("EXACT(K1,L1)", False, ""),
    ("EXACT(F1,F1)", True, ""),
    ('EXACT("*",F1)', False, ""),
    ('EXACT(I1,"5")', True, ""),
    ('EXACT(N1,"")', True, ""),
    ("EXACT(J1,F1)", NA, ""),
    ("LEN(F1)", 4.0, ""),
    ("LEN(H1)", 0.0, ""),
    ("LEN(E1)", 3.0, ""),
    ("_xlfn.UNICODE(O1)", 97.0, ""),
    ("_xlfn.UNICODE(MID(O1,2,2))", 128077.0, ""),
    ("_xlfn.UNICODE(N1)", VALUE, ""),
    ("_xlfn.UNICHAR(128077)", "👍", ""),
    ("_xlfn.UNICHAR(0)", VALUE, "libreoffice gnumeric"),
    ("_xlfn.UNICHAR(1114111)", "\U0010ffff", ""),
    ("_xlfn.UNICHAR(1114112)", VALUE, ""),
    ("_xlfn.UNICHAR(55296)", NA, "formulas libreoffice ironcalc gnumeric cellrune"),
    ("CONCATENATE(A1,F1,G1)", "1textTRUE", "libreoffice"),
    # comparison
    ("K1=L1", True, ""),
    ("F1>1000", True, ""),
    ("G1>F1", True, "libreoffice"),
    ("H1=0", True, ""),
    ('H1=""', True, ""),
    ("N1=0", False, ""),
    ("I1=5", False, ""),
    ("B1<=C1", True, ""),
    ("C1<>C1", False, ""),
    ("J1=1", NA, ""),
    # conditions
    ('IF(A1,"y","n")', "y", ""),
    ("IF(F1,1,2)", VALUE, "gnumeric"),
    ("IF(H1,1,2)", 2.0, ""),
    ("IF(M1,1)", False, ""),
    ("IF(A1,,1)", 0.0, ""),
    ("IF(J1,1,2)", NA, ""),
    ("IF(A1>0,1,J1)", 1.0, ""),
    ("IFERROR(J1,7)", 7.0, ""),
    ('IFERROR(A1/M1,"none")', "none", ""),
    ("IFERROR(F1,7)", "text", ""),
    ("AND(A1:E1)", True, ""),
    ("AND(A1:E1,M1)", False, ""),
    ("AND(F1:G1)", True, ""),
    ("AND(F1)", VALUE, ""),
    ("OR(M1,A1>5)", False, ""),
    ("OR(A1,J1)", NA, "ironcalc"),
    ("NOT(A1)", False, ""),
    ("CHOOSE(2,A1,B1)", 2.0, ""),
    ('CHOOSE(2.9,"a","b")', "b", ""),
    ("CHOOSE(3,A1,B1)", VALUE, ""),
    ("CHOOSE(1,A1,J1)", 1.0, ""),
    ("CHOOSE(B1,A1,C1)", 3.0, ""),
    ("CHOOSE(E1,A1,C1)", VALUE, ""),
    ("CHOOSE(J1,A1,C1)", NA, "gnumeric"),
    # whole ranges
    ("SUM(A1:E1)", 2.5, ""),
    ("SUM(A1:I1)", 2.5, "formulas libreoffice"),
    ("SUM(G1,I1)", 0.0, "formulas libreoffice"),
    ('SUM(TRUE,"5")', 6.0, "libreoffice gnumeric"),
    ('SUM("x")', VALUE, "gnumeric"),
    ("SUM(A1:J1)", NA, ""),
    ("AVERAGE(A1:I1)", 0.5, "formulas libreoffice"),
    ("AVERAGE(F1:H1)", DIV0, "libreoffice"),
    ("VARP(A1:E1)", 5.8, ""),
    ("VARP(A1)", 0.0, ""),
    ("MAX(A1:I1)", 3.0, "formulas"),
    ("MAX(D1,-9)", -4.0, ""),
    ("MIN(A1:E1)", -4.0, ""),
    ("MIN(F1:H1)", 0.0, "libreoffice"),
    ("COUNTIF(P1:T1,20)", 2.0, ""),
    ('COUNTIF(A1:T1,">20")', 2.0, ""),
    ("LARGE(A1:I1,2)", 2.0, ""),
    ("LARGE(A1:I1,6)", NUM, "libreoffice"),
    ("LARGE(A1:E1,0)", NUM, "libreoffice"),
    ("SMALL(A1:E1,1)", -4.0, ""),
    ("RANK(B1,A1:E1)", 2.0, ""),
    ("RANK(B1,A1:E1,1)", 4.0, ""),
    ("RANK(9,A1:E1)", NA, "libreoffice gnumeric"),
    # matrices
    ("SUMPRODUCT(A1:C1,P1:R1)", 110.0, ""),
    ("SUMPRODUCT((A1:E1>0)*A1:E1)", 6.5, ""),
    ("SUMPRODUCT(A1:E1>0)", 0.0, "libreoffice"),
    ("SUMPRODUCT(A1:C1,F1:H1)", 0.0, "libreoffice"),
    ("SUMPRODUCT(A1:C1,P1:Q1)", VALUE, ""),
    ("SUMPRODUCT(1*(J1:K1))", NA, ""),
    ("MMULT(A1:C1,TRANSPOSE(P1:R1))", 110.0, ""),
    ("SUM(MMULT(TRANSPOSE(A1:B1),P1:Q1))", 90.0, ""),
    ("MMULT(A1:B1,P1:Q1)", VALUE, ""),
    ("MMULT(F1,A1)", VALUE, "gnumeric"),
    ("MMULT(H1,A1)", VALUE, "ironcalc gnumeric"),
    # numbers
    ("SQRT(P1*P1)", 10.0, ""),
    ("SQRT(D1)", NUM, "libreoffice"),
    ("EXP(A1)", math.e, ""),
    ("EXP(1000)", NUM, ""),
    ("EXP(-1E+10)", 0.0, ""),
    ("TANH(E1)", math.tanh(0.5), ""),
    ("NORMSDIST(E1)", 0.5 * math.erfc(-0.5 / math.sqrt(2)), ""),
    ("NORMSDIST(-A1)", 0.5 * math.erfc(1 / math.sqrt(2)), "ironcalc"),
    ("NORMSDIST(50)+NORMSDIST(-50)", 1.0, ""),
    ("SIN(B1)", math.sin(2), ""),
    ("COS(A1+P1)", math.cos(11), ""),
    ("LN(E1)", math.log(0.5), ""),
    ("LN(M1)", NUM, "libreoffice"),
    ("ABS(D1)", 4.0, ""),
    ("INT(-E1)", -1.0, ""),
    ("MOD(D1,C1)", 2.0, ""),
    ("MOD(C1,D1)", -1.0, ""),
    ("MOD(A1,M1)", DIV0, ""),
    ("ROUND(2.5,0)", 3.0, ""),
    ("ROUND(-2.5,0)", -3.0, ""),
    ("ROUND(1250,-2)", 1300.0, ""),
    # lookup
    ("INDEX(A1:E1,1,3)", 3.0, ""),
    ("INDEX(A1:E1,2.9)", 2.0, "gnumeric"),
    ("INDEX(A1:K1,11)", "Abc", "gnumeric"),
    ("INDEX(A1:H1,8)+1", 1.0, "gnumeric"),
    ("INDEX(A1:E1,6)", REF, "libreoffice"),
    ("INDEX(A1:E1,2,1)", REF, "libreoffice"),
    ("INDEX(A1:E1,J1)", NA, ""),
    ("MATCH(C1,A1:E1,0)", 3.0, ""),
    ("MATCH(9,A1:E1,0)", NA, ""),
    ("MATCH(5,F1:I1,0)", NA, ""),
    ("MATCH(TRUE,F1:I1,0)", 2.0, ""),
    ('MATCH("ABC",K1:L1,0)', 1.0, ""),
    ('MATCH("a*c",F1:L1,0)', 6.0, ""),
    ('MATCH("~*",F1:L1,0)', NA, ""),
    ("MATCH(20,P1:T1,1)", 3.0, "formulas cellrune"),
    ("MATCH(25,P1:T1)", 3.0, ""),
    ("MATCH(5,P1:T1,1)", NA, ""),
    ("MATCH(99,P1:T1,1)", 5.0, ""),
    ("MATCH(J1,A1:E1,0)", NA, ""),
    ("LOOKUP(25,P1:T1,A1:E1)", 3.0, ""),
    ("LOOKUP(40,P1:T1)", 40.0, ""),
    ("LOOKUP(5,P1:T1,A1:E1)", NA, ""),
    # kinds of values
    ("N(F1)", 0.0, ""),
    ("ISTEXT(I1)", True, ""),
    ("ISBLANK(H1)", True, ""),
    ("ISERROR(J1)", True, ""),
    ("ISNA(A1/M1)", False, ""),
    ("TRUE()", True, ""),
    ("NA()", NA, ""),
    ("H1", 0.0, "formulas"),
    # the library's own
    ("SUMSQ(A1:C1)", 14.0, ""),
    ('SUMIF(A1:E1,">1")', 5.0, ""),
    ("EXACT(K1,L1)", False, ""),
    ('HEX2DEC("FF")', 255.0, ""),
    ("DEVSQ(A1:C1)", 2.0, ""),
]


def same(value: object, expected: object, booleans: bool = True) -> bool:
    """Equal in kind and value; numbers to the last digits, booleans as numbers if asked."""
    if not booleans and isinstance(expected, bool):
        return value == float(expected)
    if isinstance(value, float) and isinstance(expected, float):
        return value == pytest.approx(expected, rel=1e-14, abs=1e-300)
    return type(value) is type(expected) and value == expected


def book_of(formulas_: list[Formula], rows: int = 1) -> Book:
    """The cells above, in each of `rows` rows, with formulas from column V on."""
    numbers = np.full((rows, len(CELLS)), np.nan)
    others: dict[tuple[int, int], Any] = {}
    for row in range(rows):
        for col, value in enumerate(CELLS.values()):
            if isinstance(value, float):
                numbers[row, col] = value
            elif value is not None:
                others[row, col] = value
    return Book({"data": Sheet("data", numbers, others, formulas_)})


@pytest.mark.parametrize(("text", "expected"), [row[:2] for row in ROWS])
def test_alone_in_a_batch_and_as_an_array(text: str, expected: object) -> None:
    copies = [Formula(0, 30, text), Formula(1, 30, move(text, 1, 0))]
    books = [
        book_of(copies[:1]),
        book_of(copies, rows=2),
        book_of([Formula(0, 30, text, array=True)]),
    ]
    alone, batch, array = (evaluate(book).sheets["data"] for book in books)
    values = [alone.value(0, 30), batch.value(0, 30), batch.value(1, 30), array.value(0, 30)]
    assert all(same(value, expected) for value in values), values


#: Formulas whose copies meet a number, text, an error, a blank, a boolean and numbers out of range.
MIXED = [
    *("A1+1", "-A1", "A1&B1", "A1=B1", "A1>B1", 'MID("hello",A1,2)', "LEN(A1)", "SQRT(A1)"),
    *("IF(A1,B1,C1)", "IF(A1>1,A1,B1)", "IFERROR(A1,B1)", "CHOOSE(A1,B1,C1)", "AND(A1,B1)"),
    *("OR(A1:B1)", "SUM(A1:C1)", "SUM(A1,1)", "AVERAGE(A1:C1)", "VARP(A1:C1)", "MAX(A1,B1)"),
    *("COUNT(A1:C1)", "COUNTIF(A1:C1,A1)", "LARGE(A1:C1,2)", "LARGE($D$1:$D$4,A1)"),
    *("SMALL(A1:C1,B1)", "RANK(A1,A1:C1)", "RANK(A1,$D$1:$D$4)", "SUMPRODUCT(A1:B1,B1:C1)"),
    *("MMULT(A1:B1,$D$1:$D$2)", "INDEX($D$1:$D$4,A1)", "INDEX(A1:C1,1,B1)", "MATCH(A1,A1:C1,0)"),
    *("MATCH(A1,$D$1:$D$4,0)", "MATCH(A1,$D$1:$D$4,1)", "LOOKUP(A1,$D$1:$D$4)", "SUMSQ(A1:B1)"),
]


@pytest.mark.parametrize("text", MIXED)
def test_what_happens_in_one_copy_stays_in_it(text: str) -> None:
    column = [1.0, "x", NA, None, True, 2.0, -1.0, 99.0, "2", 2.5]
    numbers = np.full((len(column), 6), np.nan)
    numbers[:4, 3] = [-1.0, 2.0, 2.0, 7.0]
    numbers[:, 1:3] = [2.0, 3.0]
    numbers[:, 0] = [value if isinstance(value, float) else np.nan for value in column]
    others = {(r, 0): value for r, value in enumerate(column) if isinstance(value, (str, bool))}
    copies = [Formula(r, 5, move(text, r, 0)) for r in range(len(column))]
    together = evaluate(Book({"s": Sheet("s", numbers, others, copies)})).sheets["s"]
    for r, copy in enumerate(copies):
        alone = evaluate(Book({"s": Sheet("s", numbers, others, [copy])})).sheets["s"]
        assert same(together.value(r, 5), alone.value(r, 5)), (column[r], together.value(r, 5))


def library_value(text: str) -> object:
    """What `formulas` gives for the formula on the same cells."""
    function = formulas.Parser().ast("=" + text)[1].compile()
    cells = CELLS | {"H": schedula.EMPTY, "J": Error.errors["#N/A"]}
    letters = list(cells)
    inputs = []
    for name in function.inputs:
        first, _, last = name.replace("1", "").partition(":")
        span = letters[letters.index(first) : letters.index(last or first) + 1]
        values = np.array([[cells[letter] for letter in span]], object)
        inputs.append(Ranges().push(name, values))
    value = np.asarray(function(*inputs), object).ravel()[0]
    if isinstance(value, np.ndarray):
        value = value.item()
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, float, np.number)):
        return float(value)
    return CellError(value) if isinstance(value, XlError) else value


@pytest.mark.parametrize(("text", "expected", "differ"), ROWS)
def test_the_library_agrees(text: str, expected: object, differ: str) -> None:
    assert same(library_value(text), expected) == ("formulas" not in differ)


#: Array formulas on A1:D3 and A5:D7, random numbers.
ARRAYS = [
    ("A1:D3*2+A5:D7/A1:D3-A5", (3, 4)),
    ("A1:D1*A5:A7", (3, 4)),
    ("(A1:D3*A1:D3)^3%", (3, 4)),
    ("EXP(A1:D3)+TANH(A5:D7)-SQRT(A1:D3*A1:D3+1)", (3, 4)),
    ("NORMSDIST(A1:D3/4)", (3, 4)),
    ("IF(A1:D3>A5:D7,A1:D3,-A5:D7)", (3, 4)),
    ("INT(A1:D3*10)+MOD(A1:D3*100,7)+ROUND(A1:D3,3)+ABS(A1:D3)", (3, 4)),
    ("(A1:D1-AVERAGE(A1:D1))/SQRT(VARP(A1:D1)+1E-5)", (1, 4)),
    ("MMULT(A1:D3,TRANSPOSE(A5:D7))", (3, 3)),
    ("MMULT(A1:C3,A5:D7)+A1:D1", (3, 4)),
    ("TRANSPOSE(A1:D3)", (4, 3)),
    ("SUMPRODUCT(A1:D3,A5:D7)+SUM(A1:D3)+MAX(A1:D3)*MIN(A5:D7)+COUNT(A1:D3)", (1, 1)),
    ("MAX(IF(A1:D3<0.5,A1:D3,0))+LARGE(A1:D3,4)+SMALL(A1:D3,4)+RANK(B2,A1:D3)", (1, 1)),
    ("MATCH(B2,A2:D2,0)+INDEX(A1:D3,3,2)", (1, 1)),
]


@pytest.mark.parametrize(("text", "shape"), ARRAYS)
def test_fast_arrays_equal_the_library(text: str, shape: tuple[int, int]) -> None:
    numbers = np.full((9, 10), np.nan)
    numbers[0:3, 0:4], numbers[4:7, 0:4] = np.random.default_rng(0).normal(size=(2, 3, 4))
    book = Book({"data": Sheet("data", numbers, {}, [Formula(0, 5, text, *shape, array=True)])})
    function = formulas.Parser().ast("=" + text)[1].compile()
    places = [classify(name).place for name in function.inputs]
    inputs = [book.get(Area("data", *place.corners(0, 0))) for place in places if place]
    expected = np.array(function(*inputs), float).reshape(shape)
    np.testing.assert_allclose(evaluate(book).get(Area("data", 0, 5, *shape)), expected, rtol=1e-13)


FAST = {
    **dict.fromkeys(["%", "u-", "SQRT", "EXP", "TANH", "NORMSDIST", "INT"], 1),
    **dict.fromkeys(["+", "-", "*", "/", "^", "MOD", "=", "<>", "<", ">", "<=", ">="], 2),
    "EXACT": 2,
}


def test_every_fast_function_is_compared() -> None:
    assert set(FAST) == {name for name, function in ELEMENTWISE.items() if function.fast}


@pytest.mark.parametrize(("name", "arguments"), FAST.items())
def test_fast_functions_equal_their_scalar_meaning(name: str, arguments: int) -> None:
    items = np.array([0.0, 1.0, -1.0, 0.5, -2.5, 3.0, 710.0, 1e-320, 1e10, -1e308, 1e308])
    if name == "EXACT":
        items = np.array(["", "a", "A", "ä", " a", "a*", "1", "TRUE", "#N/A"], object)
    values = [grid[None] for grid in np.meshgrid(items, items)[:arguments]]
    fast, slow = ELEMENTWISE[name](*values), apply(ELEMENTWISE[name].scalar, *values)
    assert all(map(same, np.asarray(fast).ravel().tolist(), np.asarray(slow).ravel().tolist()))
    for each in zip(*(value.ravel().tolist() for value in values), strict=True):
        one = ELEMENTWISE[name](*(np.full((1, 1, 1), item, items.dtype) for item in each))
        assert same(np.asarray(one).ravel().tolist()[0], ELEMENTWISE[name].scalar(*each))


@pytest.mark.parametrize("kind", [0, 1])
def test_a_search_of_many_keys_finds_what_a_walk_finds(kind: int) -> None:
    rng = np.random.default_rng(0)
    keys, searched = (
        rng.integers(0, 400, 60).astype(float),
        np.sort(rng.integers(5, 300, 200) * 1.0),
    )
    numbers = np.full((200, 3), np.nan)
    numbers[:60, 0], numbers[:, 1] = keys, searched
    copies = [Formula(i, 2, f"IFERROR(MATCH(A{i + 1},$B$1:$B$200,{kind}),0)") for i in range(60)]
    found = evaluate(Book({"data": Sheet("data", numbers, {}, copies)})).get(Area("data", 0, 2, 60))
    walk = [
        next((i + 1 for i in range(200) if searched[i] == key), 0)
        if kind == 0
        else sum(1 for value in searched if value <= key)
        for key in keys
    ]
    assert found.ravel().tolist() == walk


def rows_for(engine: str) -> list[tuple[str, object, str]]:
    """The rows that a program computes: the page refuses a file with functions unknown to it."""
    if engine != "browser":
        return ROWS
    known = {f"{name}(" for name in KNOWN}

    def used(text: str) -> set[str]:
        return {w.text.removeprefix("_xlfn.") for w in words(text) if w.kind == "function"}

    return [row for row in ROWS if used(row[0]) <= known]


def write_rows(path: Path, rows: list[tuple[str, object, str]]) -> None:
    """The cells in row 1 and every formula below, in column A."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("data")
        for col, value in enumerate(CELLS.values()):
            if isinstance(value, CellError):
                sheet.write_formula(0, col, "NA()", None, value)
            elif value == "":
                sheet.write_formula(0, col, '""', None, "")
            elif isinstance(value, str):
                sheet.write_string(0, col, value)
            elif value is not None:
                sheet.write(0, col, value)
        for row, (text, *_) in enumerate(rows, 1):
            sheet.write_formula(row, 0, str(text))


@pytest.mark.engine
@pytest.mark.parametrize("engine", PROGRAMS)
def test_the_engines_agree(engine: str, tmp_path: Path) -> None:
    needs(engine)
    rows = rows_for(engine)
    write_rows(tmp_path / "rows.xlsx", rows)
    areas = {str(i): Area("data", i, 0) for i in range(1, len(rows) + 1)}
    values = ENGINES[engine].recalculate(tmp_path / "rows.xlsx", areas)
    disagree = {
        text
        for i, (text, expected, _) in enumerate(rows, 1)
        if not same(values[str(i)].tolist()[0][0], expected, booleans=engine != "libreoffice")
    }
    assert disagree == {text for text, _, differ in rows if engine in differ}
