"""The program of the page: built, known functions, and every cell as Python computes it."""

from __future__ import annotations

import importlib
import io
import re
import shutil
from operator import is_not
from pathlib import Path

import numpy as np
import pytest

from sheetgpt import build, verify
from sheetgpt.book import Book, Formula, Sheet
from sheetgpt.book.area import Area
from sheetgpt.engines import browser
from sheetgpt.errors import EngineMissing, EvaluationError
from sheetgpt.evaluator import Recalculation
from sheetgpt.page import bundle
from sheetgpt.page.content import content, rectangles
from sheetgpt.page.numbers import ODD, Numbers, decimals
from sheetgpt.page.tabs import tab_look
from sheetgpt.template.load import default_folder
from sheetgpt.verification.step import TOLERANCE

DOCS = Path(__file__).parent.parent / "docs"
#: Words, scripts, bytes and signs; what fits and what does not.
PROMPTS = [
    "Two plus two equals", "The capital of France is", "Café 😀 is", "日本語 is", "",
    "  two  spaces ", "it's 1234567 don't!!!", "x" * 40, "=1+1", "TRUE", "#N/A", "*?~*", "ẞ İıſ",
]  # fmt: skip
#: What is typed into the cells for it, one after the other.
SETTINGS = {
    "temperature": 2.5, "top_k": 7.0, "top_p": 0.95, "random": 0.41, "view_block": 2.0,
    "view_head": 3.0, "chosen_position": 1.0, "word_a": 320.0, "word_b": 321.0, "word_c": 340.0,
    "map_a": 8.0, "map_b": 883.0, "switch.0.mlp": 0.0,
}  # fmt: skip


USES_B = 'import { b } from "./b.js";\n'


@pytest.mark.parametrize("name", ["page.js", "recalculate.js", "page.css"])
def test_what_is_built_is_what_the_sources_say(name: str) -> None:
    stored = (bundle.BUILT / name).read_text(encoding="utf-8")
    assert stored == bundle.built()[name], "run: python -m sheetgpt.page.bundle"


def test_the_pictures_show_the_page_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(DOCS)
    pictures = importlib.import_module("page_pictures")
    stale = [
        name
        for name in pictures.PICTURES
        if pictures.mark() not in (DOCS / "images" / name).read_bytes()
    ]
    assert stale == [], "run: PYTHONPATH=tests python docs/page_pictures.py output/tiny.xlsx"


@pytest.mark.parametrize(
    ("modules", "problem"),
    [
        ({"a.js": USES_B, "b.js": 'import { a } from "./a.js";\n'}, "circle"),
        ({"a.js": 'import * as b from "./b.js";\n', "b.js": ""}, "more than names"),
        ({"a.js": USES_B + "let x;\n", "b.js": "const x = 1;\n"}, "both define x"),
    ],
    ids=["circle", "star", "name"],
)  # fmt: skip
def test_modules_that_cannot_be_joined(
    tmp_path: Path, modules: dict[str, str], problem: str
) -> None:
    for name, text in modules.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(ValueError, match=problem):
        bundle.program("a.js", tmp_path)


def test_no_text_becomes_code() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in bundle.SOURCES.glob("*.js"))
    assert not re.search(r"\beval\(|\bFunction\(|innerHTML|outerHTML|insertAdjacentHTML", text)


@pytest.mark.parametrize(
    ("number", "integer", "places"),
    [(0.0, 0, 0), (-3.0, -3, 0), (0.1234567, 1234567, 7), (-1e-9, -1, 9),
     (2147483647.0, 2**31 - 1, 0), (2147483648.0, 0, ODD), (1 / 3, 0, ODD), (1e-30, 0, ODD)],
)  # fmt: skip
def test_decimals(number: float, integer: int, places: int) -> None:
    integers, found = decimals(np.array([number]))
    assert (integers[0], found[0]) == (integer, places)


def test_numbers_across_chunks() -> None:
    arrays = [np.full((300, 300), np.float32(0.1)), np.arange(100.0), np.array([[1 / 3, np.pi]])]
    writer = Numbers()
    parts = list(writer.encode(arrays))
    assert writer.count == 90_102
    assert [len(part) for part in parts] == [5 << 16, 5 * (90_102 - (1 << 16))]
    assert writer.odd == [1 / 3, np.pi]


def test_rectangles() -> None:
    mask = np.array([[1, 1, 0, 1], [1, 1, 0, 0], [0, 1, 1, 0]], bool)
    assert sorted(rectangles(mask)) == [(0, 0, 2, 2), (0, 3, 1, 1), (2, 1, 1, 2)]


def test_styles_of_rows_with_and_without_names_of_cells() -> None:
    """Runs of a style, before and behind numbers without any, and rows without cells."""
    rows = (
        '<row r="1"><c r="A1" s="2"/><c s="2"/><c><v>2</v></c><c s="3"><v>1</v></c></row>'
        '<row r="2" ht="30"/><row r="4"><c r="B4" s="2"><v>1</v></c><c><v>2</v></c></row>'
        "<row><c><v>5</v></c></row>"
    )
    part = f'<worksheet xmlns="x"><sheetData>{rows}</sheetData></worksheet>'
    look = tab_look(io.BytesIO(part.encode()), "x.xlsx", {}, [])
    assert look == {"styles": [0, 0, 1, 2, 2, 0, 3, 1, 1, 3, 3, 1, 1, 1, 2], "heights": {1: 30.0}}


def test_an_unknown_function_is_refused_by_name() -> None:
    formulas = [Formula(3, 1, "A1+SUMIF(A1:A2,1)")]
    book = Book({"data": Sheet("data", np.ones((4, 2)), {}, formulas)})
    with pytest.raises(EvaluationError, match=r"data!B4 uses the function SUMIF"):
        content(book)


def every_formula_cell(book: Book) -> dict[str, Area]:
    """The rectangle of every sheet with formulas."""
    return {
        name: Area(name, 0, 0, *sheet.numbers.shape)
        for name, sheet in book.sheets.items()
        if sheet.formulas
    }


def differences(found: np.ndarray, wanted: np.ndarray) -> int:
    """How many cells differ by more than the tolerance, or in kind."""
    mine, theirs = (np.asarray(values, object).ravel() for values in (found, wanted))
    kinds = (map(type, values.tolist()) for values in (mine, theirs))
    unlike = np.fromiter(map(is_not, *kinds), bool, mine.size) | (mine != theirs)
    return sum(
        not (type(a) is type(b) is float and abs(a - b) <= TOLERANCE * (1 + abs(b)))
        for a, b in zip(mine[unlike], theirs[unlike], strict=True)
    )


def use(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """Choose a browser or node; the test is skipped where it is missing."""
    monkeypatch.setenv(browser.CHOICE, program)
    try:
        browser.available()
    except EngineMissing as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def expected(tiny_book: Book) -> list[tuple[str, str | float, dict[str, np.ndarray]]]:
    """Every prompt and setting, and what Python computes after it, by tab."""
    changes: list[tuple[str, str | float]] = [("prompt", prompt) for prompt in PROMPTS]
    changes += SETTINGS.items()
    compute, areas = Recalculation(tiny_book).evaluate, every_formula_cell(tiny_book)
    books = (compute({name: value}) for name, value in changes)
    values = ({sheet: book.get(area) for sheet, area in areas.items()} for book in books)
    return [(*change, found) for change, found in zip(changes, values, strict=True)]


@pytest.mark.engine
@pytest.mark.slow
@pytest.mark.parametrize(
    ("program", "fast"),
    [(browser.CHROMIUM[0], True), (browser.FIREFOX[0], True), ("node", False)],
    ids=["chromium", "firefox", "node"],
)
def test_every_cell_for_prompts_and_settings(
    tiny_book: Book,
    expected: list[tuple[str, str | float, dict[str, np.ndarray]]],
    monkeypatch: pytest.MonkeyPatch,
    program: str,
    fast: bool,
) -> None:
    """In WebAssembly and in plain JavaScript."""
    use(monkeypatch, program)
    areas = every_formula_cell(tiny_book)
    tasks = [{tiny_book.names[name][:3]: value} for name, value, _ in expected]
    found = browser.recalculate_each(tiny_book, tasks, areas, seconds=600, fast=fast)
    for (name, value, wanted), values in zip(expected, found, strict=True):
        counts = {sheet: differences(values[sheet], wanted[sheet]) for sheet in areas}
        wrong = {sheet: count for sheet, count in counts.items() if count}
        assert wrong == {}, (name, value)


@pytest.mark.engine
@pytest.mark.parametrize("program", [browser.CHROMIUM[0], browser.FIREFOX[0], "node"])
def test_matrix_products_in_webassembly(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """Odd sizes, along rows and along columns, of weights and of what formulas computed."""
    use(monkeypatch, program)
    rng = np.random.default_rng(7)
    a, b, c = (rng.normal(size=size) for size in ((37, 301), (301, 45), (45, 301)))
    b[::2], c[:, ::3] = np.round(b[::2], 5), np.round(c[:, ::3], 6)  # packed as decimals
    formulas = [
        Formula(0, 0, "MMULT(a,b)", 37, 45, array=True),
        Formula(40, 0, "MMULT(a,TRANSPOSE(c))", 37, 45, array=True),
        Formula(80, 0, "MMULT(TRANSPOSE(out!A1:AS37),out!A41:AS77)", 45, 45, array=True),
    ]
    sheets = {"a": a, "b": b, "c": c, "out": np.full((125, 45), np.nan)}
    book = Book(
        {name: Sheet(name, n, {}, formulas if name == "out" else []) for name, n in sheets.items()},
        {name: Area(name, 0, 0, *sheets[name].shape) for name in "abc"},
    )
    tables = {"x": (0, 37), "y": (40, 37), "z": (80, 45)}
    areas = {name: Area("out", row, 0, rows, 45) for name, (row, rows) in tables.items()}
    fast, slow = (
        browser.recalculate_each(book, [{}], areas, seconds=300, fast=way)[0]
        for way in (True, False)
    )
    wanted = {"x": a @ b, "y": a @ c.T, "z": (a @ b).T @ (a @ c.T)}
    for name, values in wanted.items():
        np.testing.assert_allclose(fast[name].astype(float), values, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(slow[name].astype(float), values, rtol=1e-9, atol=1e-9)
    assert any((fast[name] != slow[name]).any() for name in wanted)  # added up in another order


@pytest.mark.engine
@pytest.mark.parametrize("program", [browser.CHROMIUM[0], browser.FIREFOX[0], "node"])
def test_formulas_of_many_rows(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """Row by row of packed weights and of columns; with errors, and with a text among weights."""
    use(monkeypatch, program)
    rng = np.random.default_rng(8)
    weights = np.round(rng.normal(size=(2500, 31)), 4)
    weights[::7] = rng.normal(size=31)  # numbers that need all their digits
    damaged = weights.copy()
    damaged[2000, 3] = np.nan
    texts = {
        0: "MMULT(w,TRANSPOSE(v))",
        1: "SQRT(MMULT(w^2,TRANSPOSE(v^2)))",
        2: "IF(A1:A2500>0,A1:A2500/2,MMULT(w,TRANSPOSE(v))*3)",
        3: "1/(A1:A2500-$A$1300)",
        4: "MMULT(damaged,TRANSPOSE(v))",
        5: "A1:A2500-SUM(A1:A2500)",
    }
    formulas = [Formula(0, col, text, 2500, 1, array=True) for col, text in texts.items()]
    sheets = {
        "w": Sheet("w", weights, {}, []),
        "damaged": Sheet("damaged", damaged, {(2000, 3): "a text"}, []),
        "v": Sheet("v", rng.normal(size=(1, 31)), {}, []),
        "out": Sheet("out", np.full((2500, 6), np.nan), {}, formulas),
    }
    names = {name: Area(name, 0, 0, *sheets[name].numbers.shape) for name in ("w", "damaged", "v")}
    book = Book(sheets, names)
    area = Area("out", 0, 0, 2500, 6)
    wanted = Recalculation(book).evaluate({}).get(area)
    for fast in (True, False):
        (found,) = browser.recalculate_each(book, [{}], {"out": area}, seconds=300, fast=fast)
        assert differences(found["out"], wanted) == 0


@pytest.mark.engine
def test_a_damaged_template_is_noticed(small_model: Path, tmp_path: Path) -> None:
    """One that the page computes without complaint, and wrongly."""
    templates = shutil.copytree(default_folder(), tmp_path / "templates")
    softmax = templates / "ops" / "block" / "softmax.toml"
    text = softmax.read_text(encoding="utf-8")
    damaged = text.replace('"SUM(exp[h,q,K])"', '"2*SUM(exp[h,q,K])"')
    assert damaged != text
    softmax.write_text(damaged, encoding="utf-8")
    path = tmp_path / "damaged.xlsx"
    build("Ice", output=path, model=small_model, tokens=4, chars=12, templates=templates)
    wrong = verify(path, engine="browser").first_bad
    assert wrong is not None
    assert wrong.name.startswith("h.0.attn.pattern")
