"""Whole books: order, recursion, batches, changes, and the errors that stop an evaluation."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import pytest
import xlsxwriter

from sheetgpt.book import Book, CellError, Formula, Sheet
from sheetgpt.book.area import Area, cell_name
from sheetgpt.book.grid import Patch, PatchGrid
from sheetgpt.errors import EvaluationError, InputError, TemplateError
from sheetgpt.evaluator import Recalculation, evaluate, finish
from sheetgpt.evaluator import batch as batch_module
from sheetgpt.xlsx.read import read


def book_of(cells: dict[str, float | str], **names: str) -> Book:
    """One sheet `s`: numbers, text, `=formulas` and `{=array formulas}` keyed `A1` or `A1:B2`."""
    numbers = np.full((8, 8), np.nan)
    sheet = Sheet("s", numbers)
    for place, content in cells.items():
        area = area_of(place)
        if isinstance(content, str) and content.lstrip("{").startswith("="):
            array, text = content.startswith("{"), content.strip("{=}")
            sheet.formulas.append(Formula(area.row, area.col, text, area.rows, area.cols, array))
        elif isinstance(content, str):
            sheet.others[area.row, area.col] = content
        else:
            numbers[area.row, area.col] = content
    return Book({"s": sheet}, {name: area_of(place) for name, place in names.items()})


def area_of(place: str) -> Area:
    first, _, last = place.partition(":")
    corners = [(int(end[1:]) - 1, ord(end[0]) - 65) for end in (first, last or first)]
    (top, left), (bottom, right) = corners
    return Area("s", top, left, bottom - top + 1, right - left + 1)


def copies(place: str, text: str, first: int, last: int) -> dict[str, float | str]:
    """Copies of a formula in the rows `first` to `last`."""
    return {
        place.format(r=r): text.format(r=r, above=r - 1, below=r + 1)
        for r in range(first, last + 1)
    }


def values(book: Book, place: str) -> list[list[object]]:
    found: list[list[object]] = evaluate(book).get(area_of(place)).tolist()
    return found


def test_a_file_gives_the_values_that_numpy_gives(tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(4, 3))
    w = np.random.default_rng(1).normal(size=(3, 5))
    with xlsxwriter.Workbook(tmp_path / "book.xlsx") as workbook:
        data, calc = workbook.add_worksheet("the data"), workbook.add_worksheet("calc")
        for r in range(4):
            data.write_row(r, 0, x[r])
            calc.write_formula(r, 0, f"=AVERAGE('the data'!A{r + 1}:C{r + 1})", None, 99)
            calc.write_array_formula(r, 2, r, 4, f"{{='the data'!A{r + 1}:C{r + 1}-$A{r + 1}}}")
        for r in range(3):
            data.write_row(r, 5, w[r])
        calc.write_array_formula(5, 0, 8, 4, "{=MMULT(centred,weight)+1}")
        workbook.define_name("weight", "='the data'!$F$1:$J$3")
        workbook.define_name("centred", "=calc!$C$1:$E$4")
    book = evaluate(read(tmp_path / "book.xlsx"))
    expected = (x - x.mean(axis=1, keepdims=True)) @ w + 1
    np.testing.assert_allclose(book.get(Area("calc", 5, 0, 4, 5)), expected, rtol=1e-13)


@pytest.mark.parametrize(
    ("cells", "place", "expected"),
    [
        # a column that reads the row above, and its blank guard cell
        (copies("A{r}", "=A{above}*2+1", 2, 6), "A6", 31.0),
        # from the bottom up
        (copies("A{r}", "=A{below}+1", 1, 6), "A1", 6.0),
        # running totals beside what they add up, and of the rows further above
        (copies("B{r}", "=$B{above}+$A{r}", 2, 6) | copies("A{r}", "={r}*1", 2, 6), "B6", 20.0),
        (copies("B{r}", "=SUM($B{above}:B$1)+1", 2, 6) | {"B1": 1.0}, "B6", 32.0),
        # two columns that read each other
        (copies("A{r}", "=B{above}+1", 2, 5) | copies("B{r}", "=A{r}*2", 2, 5), "B5", 30.0),
        # growing ranges
        (copies("B{r}", "=SUM(A$1:A{r})", 1, 3) | {"A1": 1.0, "A2": 2.0, "A3": 4.0}, "B3", 7.0),
        (copies("A{r}", "=SUM(A$1:A{above})", 2, 6) | {"A1": 1.0}, "A6", 16.0),
        # copies side by side that need each other
        ({"A1": 1.0, "B1": "=A1*3", "C1": "=B1*3", "D1": "=C1*3"}, "D1", 27.0),
        # an array formula that feeds the next copy of itself
        ({"A1": 1.0, "A2": 2.0, "A3:A4": "{=A1:A2*10}", "A5:A6": "{=A3:A4*10}"}, "A6", 200.0),
        # written before what it needs
        ({"A1": "=B1+1", "B1": "=C1+1", "C1": 5.0}, "A1", 7.0),
        # one value fills a range
        ({"A1:B2": "{=SUM(C1:C2)}", "C1": 3.0}, "B2", 3.0),
        # error values travel and stop at IFERROR
        ({"A1": "=1/0", "A2": "=A1+1", "A3": "=SUM(A1:A2)"}, "A3", CellError("#DIV/0!")),
        ({"A1": "=1/0", "A2": "=IFERROR(A1+1,8)"}, "A2", 8.0),
        # a blank result shows as 0, empty text stays text
        ({"A1": "=B1"}, "A1", 0.0),
        ({"A1": '=""', "A2": "=LEN(A1)"}, "A2", 0.0),
        ({"A1": '=""'}, "A1", ""),
        # a text that is too long for a cell
        ({"A1": "x" * 20_000, "A2": '=A1&A1&""'}, "A2", CellError("#VALUE!")),
        # names are found in any case
        ({"A1": 3.0, "B1": "=Twice*TWICE"}, "B1", 9.0),
    ],
)
def test_values(cells: dict[str, float | str], place: str, expected: object) -> None:
    assert values(book_of(cells, twice="A1"), place) == [[expected]]


def test_another_text_in_a_copy_gives_another_value() -> None:
    column = {f"B{r}": f"=A{r}*2" for r in range(1, 6)} | {f"A{r}": float(r) for r in range(1, 6)}
    assert values(book_of(column), "B1:B5") == [[2.0], [4.0], [6.0], [8.0], [10.0]]
    assert values(book_of(column | {"B3": "=A3*3"}), "B1:B5") == [
        [2.0],
        [4.0],
        [9.0],
        [8.0],
        [10.0],
    ]


def test_cached_values_do_not_matter_and_stay_in_the_given_book() -> None:
    book = book_of({"A1": 1.0, "B1": "=A1+1", "B2": "=A2"})
    numbers = book.sheets["s"].numbers
    assert isinstance(numbers, np.ndarray)
    numbers[0, 1] = 99.0
    book.sheets["s"].others[1, 1] = "stale"
    assert evaluate(book).get(area_of("B1:B2")).tolist() == [[2.0], [0.0]]
    assert book.get(area_of("B1:B2")).tolist() == [[99.0], ["stale"]]


def test_grids_without_formulas_are_shared_and_a_formula_may_lie_outside_the_grid() -> None:
    book = book_of({"A1": 2.0})
    book.sheets["far"] = Sheet("far", np.zeros((0, 0)), {}, [Formula(9, 9, "s!A1*2")])
    result = evaluate(book)
    assert result.sheets["s"] is book.sheets["s"]
    assert result.sheets["far"].value(9, 9) == 4.0


def test_changes_put_values_into_named_cells() -> None:
    book = book_of({"A1": "old", "A2": 1.0, "B1": '=A1&"!"', "B2": "=A2+1"}, prompt="A1", n="A2")
    result = evaluate(book, {"prompt": "=1+1", "n": 5})
    assert result.get(area_of("B1:B2")).tolist() == [["=1+1!"], [6.0]]
    assert evaluate(book).get(area_of("B1:B2")).tolist() == [["old!"], [2.0]]


def test_changes_put_lists_into_named_areas() -> None:
    book = book_of({"A1": 1.0, "A2": "old", "B1": "=SUM(A1:A2)", "B2": "=A2&1"}, two="A1:A2")
    result = evaluate(book, {"two": [2, ""]})
    assert result.get(area_of("B1:B2")).tolist() == [[2.0], ["1"]]
    with pytest.raises(InputError, match="has 2 cells"):
        evaluate(book, {"two": [1.0]})


def test_a_recalculation_forgets_what_was_asked_before() -> None:
    """Inputs on a sheet with formulas, and on one without, whose ranges are kept."""
    data = Sheet("data", np.array([[1.0], [2.0]]))
    calc = Sheet("calc", np.array([[10.0, np.nan]]), {}, [Formula(0, 1, "SUM(data!$A$1:$A$2)*x")])
    places = {"x": Area("calc", 0, 0, 1, 1), "d": Area("data", 0, 0, 1, 1)}
    recalculation = Recalculation(Book({"data": data, "calc": calc}, places))
    asked: list[dict[str, float]] = [{}, {"x": 2}, {"d": 5}, {"d": 0, "x": 1}, {}]
    results = [recalculation.evaluate(changes) for changes in asked]
    assert [book.sheets["calc"].value(0, 1) for book in results] == [30, 6, 70, 2, 30]


@pytest.mark.parametrize("name", ["nobody", "formula", "two"])
def test_only_named_input_cells_can_change(name: str) -> None:
    book = book_of({"A1": 1.0, "B1": "=A1"}, formula="B1", two="A1:A2")
    with pytest.raises(InputError, match=repr(name)):
        evaluate(book, {name: 2.0})


def test_what_needs_an_array_formula_becomes_one() -> None:
    book = book_of(
        {"A1": 1.0, "B1": "=A1+1", "C1": "{=A1:A1+B1}", "D1": "=C1*2", "E1": "=D1+1", "F1": "=B1"}
    )
    before = copy.deepcopy(book)
    finished = finish(book)
    arrays = {cell_name(f.row, f.col): f.array for f in finished.sheets["s"].formulas}
    assert arrays == {"B1": False, "C1": True, "D1": True, "E1": True, "F1": False}
    assert finished.get(area_of("B1:F1")).tolist() == [[2.0, 3.0, 6.0, 7.0, 2.0]]
    assert book.sheets["s"].formulas == before.sheets["s"].formulas
    np.testing.assert_array_equal(book.sheets["s"].numbers, before.sheets["s"].numbers)


def test_nothing_that_is_not_portable_is_finished() -> None:
    book = book_of({"A1": 1.0, "B1": "=ABS(A1)", "B2": "=nobody", "B3": "=ROW()"})
    with pytest.raises(TemplateError) as error:
        finish(book)
    for words in ("s!B1 uses ABS", "s!B2 uses the unknown name nobody", "s!B3 uses ROW"):
        assert words in str(error.value)


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ({"B2": "=NOSUCH(A1)"}, "s!B2 uses the function NOSUCH, which is unknown."),
        ({"B2": "=OFFSET(A1,1,1)"}, "s!B2 uses the function OFFSET, which is unknown."),
        ({"B2": "=RAND()"}, "s!B2 uses RAND, which depends on more than its arguments."),
        ({"B2": "=A1+nobody"}, "s!B2 uses the unknown name nobody."),
        ({"B2": "=A0"}, "s!B2 uses the unknown name A0."),
        ({"B2": "=A1+gone!A1"}, "s!B2 refers to a missing sheet, 'gone'."),
        ({"B2": "=SUM(A:A)"}, "s!B2 uses the unsupported reference A:A."),
        ({"B2": "=SUM((A1,A2))"}, "s!B2 uses the reference operator ',', which is not portable."),
        ({"B2": "=A1*1E5"}, "s!B2 cannot be parsed."),
        ({"B2": "=SQRT()"}, "s!B2 gives SQRT a wrong number of arguments."),
        # one cell is wanted
        ({"B2": "=A1:A3*2"}, "s!B2 uses a range where '*' wants one cell."),
        ({"B2": "=IF(A1:A3,1,2)"}, "s!B2 uses a range where 'IF' wants one cell."),
        ({"B2": "=SUM(SQRT(A1:A3))"}, "s!B2 uses a range where 'SQRT' wants one cell."),
        ({"B2": "=SUM(TRANSPOSE(A1:A2))"}, "s!B2 uses TRANSPOSE outside an array formula."),
        ({"B2": "=SUMPRODUCT(EXP(A1:A3))"}, "s!B2 uses a range where 'EXP' wants one cell."),
        ({"B2": "=A1:A3"}, "s!B2 gives 3 x 1 values for one cell."),
        (
            {"A1": 1.0, "A2": 1.0, "C1": 1.0, "D1": 1.0, "B2": "=MMULT(A1:A2,C1:D1)"},
            "s!B2 gives 2 x 2 values for one cell.",
        ),
        # arrays that do not fit
        ({"B2:B4": "{=A1:A2*2}"}, "s!B2 gives 2 x 1 values for 3 x 1 cells."),
        ({"B2:C3": "{=A1:A2+A1:A3}"}, "s!B2 combines arrays of different sizes (2 x 1, 3 x 1)."),
        (
            {"B2:C3": "{=IF(A1:A2,A1:A3,1)}"},
            "s!B2 combines arrays of different sizes (2 x 1, 3 x 1).",
        ),
        (
            {"B2:B3": "{=INDEX(A1:A4,C1:C2)}"},
            "s!B2 gives INDEX an array where not every program takes one.",
        ),
        (
            {"B2:B3": "{=MATCH(C1:C2,A1:A4,0)}"},
            "s!B2 gives MATCH an array where not every program takes one.",
        ),
        # lookups
        (
            {"B2": "=INDEX(C1:D3,1)"},
            "s!B2 uses INDEX without a column number on a range of several columns.",
        ),
        (
            {"A1": 2.0, "A2": 1.0, "B2": "=MATCH(1,A1:A2,1)"},
            "s!B2 searches a range that is not in ascending order.",
        ),
        # places
        ({"A1:B2": "{=C1}", "B2": "=1"}, "s!B2 lies in the range of another formula."),
        ({"B2": "=B2+1"}, "Formulas go round in a circle: s!B2 needs s!B2."),
        ({"A1:A2": "{=A2:A3}"}, "Formulas go round in a circle: s!A1 needs s!A1."),
        (
            {"B2": "=C3", "C3": "=D4*2", "D4": "=B2"},
            "Formulas go round in a circle: s!B2 needs s!C3 needs s!D4 needs s!B2.",
        ),
        (
            {"A1": "=A6"} | copies("A{r}", "=A{above}", 2, 6),
            "Formulas go round in a circle: "
            "s!A1 needs s!A6 needs s!A5 needs s!A4 needs s!A3 needs ... needs s!A1.",
        ),
    ],
)
def test_errors_name_the_cell(cells: dict[str, float | str], sentence: str) -> None:
    with pytest.raises(EvaluationError) as error:
        evaluate(book_of(cells))
    assert str(error.value) == sentence


def test_a_grid_of_copies_is_one_batch_with_the_same_values_as_one_by_one() -> None:
    x = np.random.default_rng(0).normal(size=(6, 4))
    numbers = np.full((6, 8), np.nan)
    numbers[:, :4] = x
    texts = [
        (r, c, f"({cell_name(r, c)}-AVERAGE($A{r + 1}:$D{r + 1}))*SUM({'ABCD'[c]}$1:{'ABCD'[c]}$6)")
        for r in range(6)
        for c in range(4)
    ]
    copies = [Formula(r, c + 4, text) for r, c, text in texts]
    expected = (x - x.mean(axis=1, keepdims=True)) * x.sum(axis=0)
    batch = evaluate(Book({"s": Sheet("s", numbers, {}, copies)})).sheets["s"].numbers[:, 4:]
    np.testing.assert_allclose(batch, expected, rtol=1e-13)
    for index, (r, c, _) in enumerate(texts):
        alone = evaluate(Book({"s": Sheet("s", numbers, {}, [copies[index]])}))
        assert alone.sheets["s"].numbers[r, c + 4] == pytest.approx(batch[r, c], rel=1e-13)


def test_a_batch_in_parts_gives_the_same_values(monkeypatch: pytest.MonkeyPatch) -> None:
    cells = copies("B{r}", "=SUM(A{r}:A{below})*A1", 1, 7) | {f"A{r}": r * 1.5 for r in range(1, 8)}
    whole = values(book_of(cells), "B1:B7")
    monkeypatch.setattr(batch_module, "BATCH_NUMBERS", 6)
    assert values(book_of(cells), "B1:B7") == whole


def test_float32_weights_are_computed_with_as_the_decimals_in_the_file() -> None:
    weight = np.random.default_rng(0).normal(size=(300, 7)).astype(np.float32)
    grid = PatchGrid(301, 8, [Patch(1, 1, weight)])
    rows = [
        Formula(0, 0, "MMULT(w!$B$2:$H$301,TRANSPOSE(w!$B$4:$H$4))", 300, 1, array=True),
        Formula(0, 1, "MMULT(w!$B$4:$H$4,TRANSPOSE(w!$B$2:$H$301))", 1, 300, array=True),
        Formula(1, 1, "SUM(w!B2:H301)+SUM(w!A1:H301)"),
        *(Formula(r, 2, f"INDEX(w!$B$2:$H$301,{r},2)+w!B{r}*2") for r in range(2, 9)),
    ]
    sheets = {"w": Sheet("w", grid), "s": Sheet("s", np.zeros((0, 0)), {}, rows)}
    book, exact = evaluate(Book(sheets)), np.array([[float(str(x)) for x in row] for row in weight])
    column, row = book.get(Area("s", 0, 0, 300, 1)), book.get(Area("s", 0, 1, 1, 300))
    np.testing.assert_allclose(column, exact @ exact[2:3].T, rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(row, column.T, rtol=1e-13, atol=1e-14)
    assert book.sheets["s"].value(1, 1) == pytest.approx(2 * exact.sum(), rel=1e-13)
    expected = exact[1:8, 1] + 2 * exact[0:7, 0]
    np.testing.assert_allclose(book.get(Area("s", 2, 2, 7)).ravel(), expected, rtol=1e-15)
    assert book.sheets["w"].numbers is grid
