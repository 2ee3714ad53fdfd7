"""The file that is written, read back by openpyxl and by sheetgpt's own reader."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from openpyxl.utils.cell import range_boundaries
from openpyxl.workbook import Workbook
from openpyxl.worksheet.formula import ArrayFormula

from sheetgpt import build
from sheetgpt.book import Book, CellError, Formula, Sheet
from sheetgpt.book.area import Area
from sheetgpt.book.look import Look
from sheetgpt.errors import WorkbookError
from sheetgpt.xlsx.read import read
from sheetgpt.xlsx.styles import STYLES
from sheetgpt.xlsx.write import write

NASTY = [
    "=1+1",
    "{=1+1}",
    "+1",
    "-1",
    "@SUM(1)",
    "012",
    "1E5",
    "TRUE",
    "#N/A",
    " two  spaces ",
    "http://example.com",
    "internal:Start!A1",
    "<b>&\"'",
    "tab\t line\n return\r",
    "\x01\x02\x1f",
    "_x0041_",
    "\ufffe",
    "🙂 日本",
    "~*?",
]
SQUARES = np.array([[1.0, 4.0], [9.0, 16.0]])


def made_up() -> Book:
    """Nasty texts, then one formula of each kind with its values in every cell."""
    numbers = np.full((len(NASTY), 6), np.nan)
    others: dict[tuple[int, int], str | bool] = {(i, 0): text for i, text in enumerate(NASTY)}
    formulas = [
        Formula(0, 2, "{1,2;3,4}^2", 2, 2, array=True),
        Formula(3, 2, 'IF({1;0}=1,"one","")', 2, 1, array=True),
        Formula(5, 2, "1/3"),
        Formula(6, 2, '"=a"&"b"'),
        Formula(7, 2, "1=1"),
    ]
    numbers[:2, 2:4] = SQUARES
    numbers[5, 2] = 1 / 3
    others |= {(3, 2): "one", (4, 2): "", (6, 2): "=ab", (7, 2): True}
    return Book({"a.0": Sheet("a.0", numbers, others, formulas)}, {"all": Area("a.0", 0, 2, 8, 2)})


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("write") / "new folder" / "made up.xlsx"
    write(made_up(), path, "A title", "Some comments")
    return path


@pytest.fixture(scope="module")
def small_file(small_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workbook of a small model, for a prompt that looks like a formula."""
    path = tmp_path_factory.mktemp("small") / "small.xlsx"
    build("=1+1", small_model, path, tokens=6, chars=8)
    return path


@pytest.fixture(scope="module")
def small_book(small_file: Path) -> Book:
    return read(small_file)


@pytest.fixture(scope="module")
def shown(small_file: Path) -> Workbook:
    """Formulas and looks, as openpyxl sees them."""
    return openpyxl.load_workbook(small_file)


def test_text_number_and_formula_look_alike_in_every_style(tmp_path: Path) -> None:
    """Some styles have several names: `plain` and `message` are the same format of a file."""
    names, cells = list(STYLES), np.full((len(STYLES), 3), np.nan)
    cells[:, 1:] = 1.5
    texts: dict[tuple[int, int], str | bool] = {(row, 0): "a" for row in range(len(names))}
    formulas = [Formula(row, 2, "1+0.5") for row in range(len(names))]
    look = Look("start", styles=[(row, 0, 1, 3, name) for row, name in enumerate(names)])
    book = Book({"a": Sheet("a", cells, texts, formulas)}, looks={"a": look})
    write(book, tmp_path / "styles.xlsx", "", "")
    rows = openpyxl.load_workbook(tmp_path / "styles.xlsx")["a"].iter_rows()
    for name, (text, number, formula) in zip(names, rows, strict=True):
        assert text.style_id == number.style_id == formula.style_id > 0, name
        assert text.font.size == STYLES[name].get("font_size", 11), name


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a" * 16_384, 16_384),
        ("a" * 32_768, 32_767),
        ("🙂" * 16_384, 16_383),
        ("a" + "🙂" * 16_384, 16_384),
    ],
    ids=["long", "too long", "too long inside a pair of units", "too long behind a pair"],
)
def test_texts_end_where_a_cell_does(tmp_path: Path, text: str, kept: int) -> None:
    book = Book({"a": Sheet("a", np.full((1, 1), np.nan), {(0, 0): text})})
    write(book, tmp_path / "long.xlsx", "", "")
    assert read(tmp_path / "long.xlsx").get(Area("a", 0, 0, 1, 1))[0, 0] == text[:kept]


def test_texts_stay_texts(file: Path) -> None:
    texts = read(file).get(Area("a.0", 0, 0, len(NASTY), 1))[:, 0].tolist()
    assert texts == NASTY
    cells = [row[0] for row in openpyxl.load_workbook(file)["a.0"].iter_rows(max_col=1)]
    assert {cell.data_type for cell in cells} == {"s"}
    assert [cell.hyperlink for cell in cells] == [None] * len(NASTY)


def test_every_formula_cell_has_its_value(file: Path) -> None:
    values = openpyxl.load_workbook(file, data_only=True)["a.0"]["C1:D8"]
    assert [[cell.value for cell in row] for row in values] == [
        *SQUARES.tolist(),
        [None, None],
        ["one", None],
        [None, None],
        [0.3333333333333, None],  # 13 digits of 1/3
        ["=ab", None],
        [True, None],
    ]
    formulas = openpyxl.load_workbook(file)["a.0"]
    array = formulas["C1"].value
    assert isinstance(array, ArrayFormula)
    assert (array.ref, array.text) == ("C1:D2", "={1,2;3,4}^2")
    assert formulas["C6"].value == "=1/3"


def test_document_properties(file: Path) -> None:
    properties = openpyxl.load_workbook(file).properties
    assert (properties.title, properties.description) == ("A title", "Some comments")
    assert properties.created == dt.datetime(2024, 1, 1)


def test_values_inside_array_ranges(small_file: Path, small_book: Book) -> None:
    book = openpyxl.load_workbook(small_file, read_only=True, data_only=True)
    for name in ("h.0.attn.pattern", "h.0.mlp.post", "logits", "token_texts"):
        area = small_book.names[name]
        cells = book[area.sheet][area.a1()]
        values = [[cell.value or "" for cell in row] for row in cells]
        assert values == [[x or "" for x in row] for row in small_book.named(name).tolist()]
    pattern = small_book.named("h.0.attn.pattern")
    rows_of_tokens = np.arange(pattern.shape[1]) < small_book.named("n_tokens").item()
    assert np.allclose(pattern.sum(axis=1), np.tile(rows_of_tokens, 2)), "one for each of two heads"


def test_readers_that_want_values_alone(small_file: Path, small_book: Book) -> None:
    """What pandas does: every row of every sheet, read-only, values only."""
    book = openpyxl.load_workbook(small_file, read_only=True, data_only=True)
    assert book.sheetnames == list(small_book.sheets)
    for sheet in book:
        numbers = sum(isinstance(x, int | float) for row in sheet.values for x in row)
        rows, cols = small_book.sheets[sheet.title].numbers.shape
        area = small_book.get(Area(sheet.title, 0, 0, rows, cols))
        assert numbers == sum(isinstance(x, float) for x in area.ravel().tolist())


def test_links_lead_to_tabs(shown: Workbook) -> None:
    """From Start to every tab, and back; other links lead to tabs that exist."""
    targets = {
        sheet.title: {
            cell.hyperlink.location.rpartition("!")[0].strip("'")
            for row in sheet.iter_rows(max_row=60, max_col=20)
            for cell in row
            if cell.hyperlink
        }
        for sheet in shown
    }
    assert targets.pop("Start") == {*shown.sheetnames} - {"Start"}
    assert all("Start" in linked <= {*shown.sheetnames} for linked in targets.values())


@pytest.mark.parametrize(("tab", "cell", "colour"), [
    ("Start", None, "1F4E79"),
    ("token_embeddings", "D5", "4C8C2B"),
    ("block.0", "D5", "D9822B"),
    ("logits", "D5", "7B3FA0"),
    ("lens", "D5", "C2348B"),
    ("checks", "A3", "C0392B"),
    ("vocabulary", "B4", "9AA5B1"),
    ("weights.h.0", "C4", "616E7C"),
])  # fmt: skip
def test_frozen_panes_and_colours(shown: Workbook, tab: str, cell: str | None, colour: str) -> None:
    assert shown[tab].freeze_panes == cell
    assert shown[tab].sheet_properties.tabColor.rgb == f"FF{colour}"


def test_nothing_is_hidden(shown: Workbook) -> None:
    assert {sheet.sheet_state for sheet in shown} == {"visible"}
    for sheet in shown:
        dimensions = [*sheet.column_dimensions.values(), *sheet.row_dimensions.values()]
        assert not any(dimension.hidden for dimension in dimensions)


@pytest.mark.parametrize(("name", "colours"), [("pattern", 2), ("scores", 3)])
def test_colour_scales(shown: Workbook, small_book: Book, name: str, colours: int) -> None:
    area = small_book.names[f"h.0.attn.{name}"]
    painted = np.zeros((area.row + area.rows, area.col + area.cols), dtype=bool)
    for ranges in shown["block.0"].conditional_formatting:
        scales = [rule.colorScale for rule in ranges.rules if rule.type == "colorScale"]
        if any(len(scale.color) == colours for scale in scales):
            for part in str(ranges.sqref).split():
                left, top, right, bottom = range_boundaries(part)
                painted[top - 1 : bottom, left - 1 : right] = True
    inside = painted[area.row :, area.col :]
    seen = np.tile(np.tri(area.cols, dtype=bool), (area.rows // area.cols, 1))
    assert np.array_equal(inside, seen)


def test_a_prompt_that_looks_like_a_formula(shown: Workbook, small_book: Book) -> None:
    prompt = small_book.names["prompt"]
    cell = shown[prompt.sheet][prompt.a1()]
    assert (cell.value, cell.data_type) == ("=1+1", "s")
    assert small_book.named("token_texts")[:4, 0].tolist() == ["=", "1", "+", "1"]


@pytest.mark.parametrize("name", ["file/made up.xlsx", "folder.xlsx"])
def test_what_cannot_be_written(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("not a folder")
    (tmp_path / "folder.xlsx" / "full").mkdir(parents=True)
    with pytest.raises(WorkbookError, match=r"cannot be written: .* Choose another file"):
        write(made_up(), tmp_path / name, "", "")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder.xlsx"]


def test_an_error_leaves_the_old_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "old.xlsx"
    path.write_bytes(b"old")
    book = made_up()
    book.sheets["a.0"].others[9, 2] = CellError("#DIV/0!")
    with pytest.raises(WorkbookError, match=r"a\.0!C10 holds the error #DIV/0!"):
        write(book, path, "", "")
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("old.xlsx", b"old")]
