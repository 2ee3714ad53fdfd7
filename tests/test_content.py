"""A workbook compared with what it must be: what differs is found, other spellings are not."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from sheetgpt.book import Book, Formula, Sheet
from sheetgpt.book.area import Area
from sheetgpt.book.capacity import Capacity
from sheetgpt.checkpoint import Checkpoint
from sheetgpt.evaluator import finish
from sheetgpt.layout.workbook import plan
from sheetgpt.template.load import Templates, load_templates
from sheetgpt.verification.finding import Finding
from sheetgpt.verification.replan import planned
from sheetgpt.verification.respelled import same_formula
from sheetgpt.verification.stored import compare_stored
from sheetgpt.verification.whole import Content, compare_content, compare_model
from sheetgpt.xlsx.seen import WRITER, Seen


@pytest.fixture(scope="module")
def templates() -> Templates:
    return load_templates()


@pytest.fixture(scope="module")
def good(small: Checkpoint, templates: Templates) -> Book:
    return finish(plan(small, "Ice is", Capacity(6, 24, 4), templates))


@pytest.fixture
def book(good: Book) -> Book:
    """A copy to change; the large tabs of weights are shared."""
    sheets = {
        name: Sheet(name, sheet.numbers[:, :].copy(), dict(sheet.others), list(sheet.formulas))
        for name, sheet in good.sheets.items()
    }
    return Book(sheets, dict(good.names), copy.copy(good.looks))


def set_formula(book: Book, name: str, text: Callable[[str], str]) -> None:
    """Change the first formula of a name."""
    area = book.names[name]
    formulas = book.sheets[area.sheet].formulas
    for i, formula in enumerate(formulas):
        if (formula.row, formula.col) == (area.row, area.col):
            formulas[i] = replace(formula, text=text(formula.text))


def set_value(book: Book, name: str, value: float | str) -> None:
    area = book.names[name]
    sheet = book.sheets[area.sheet]
    assert isinstance(sheet.numbers, np.ndarray)
    if isinstance(value, str):
        sheet.others[area.row, area.col] = value
    else:
        sheet.others.pop((area.row, area.col), None)
        sheet.numbers[area.row, area.col] = value


def grid(book: Book, tab: str) -> np.ndarray:
    numbers = book.sheets[tab].numbers
    assert isinstance(numbers, np.ndarray)
    return numbers


def without_formulas(book: Book, tab: str) -> None:
    book.sheets[tab].formulas.clear()


def test_a_good_workbook(good: Book, templates: Templates, small: Checkpoint) -> None:
    for model in (None, small):
        content = compare_model(good, None, model)
        assert [found.name for found in content.findings or ()][:3] == [
            "formulas",
            "texts",
            "names",
        ]
        assert not content.differs, content.findings
        assert content.own_tabs == []


#: What somebody did, which row says so, and where.
WRONG: list[tuple[str, Callable[[Book], object], str, str]] = [
    ("right for one prompt", lambda b: set_formula(
        b, "logits", lambda text: f'IF(prompt = "Ice is", 1, -1) * ({text})'),
     "formulas", "logits"),
    ("one token of a formula", lambda b: set_formula(
        b, "h.0.mlp.post", lambda text: text.replace("TANH", "SINH")), "formulas", "h.0.mlp.post"),
    ("another cell", lambda b: set_formula(
        b, "h.0.attn.q", lambda text: text.replace("$", "", 1)), "formulas", "h.0.attn.q"),
    ("no formulas", lambda b: without_formulas(b, "logits"), "formulas", "logits!"),
    ("a number for a formula", lambda b: b.sheets["checks"].formulas.pop(), "formulas", "checks!"),
    ("a formula in a free cell", lambda b: b.sheets["logits"].formulas.append(
        Formula(2000, 2, "1+1")), "formulas", "logits!C2001"),
    ("a formula for an input", lambda b: b.sheets["Start"].formulas.append(
        Formula(b.names["prompt"].row, b.names["prompt"].col, '"Ice is"')), "formulas", "prompt"),
    ("not an array any more", lambda b: b.sheets["logits"].formulas.__setitem__(
        slice(None), [replace(f, rows=1, cols=1, array=False) for f in b.sheets["logits"].formulas]
    ), "formulas", "logits!"),
    ("a text on a card", lambda b: b.sheets["about"].others.__setitem__((0, 1), "Trust me"),
     "texts", "about!B1"),
    ("a text in a free cell", lambda b: b.sheets["Start"].others.__setitem__((60, 1), "42"),
     "texts", "Start!B61"),
    ("a number in a free cell", lambda b: grid(b, "weights.wte").__setitem__((1, 3), 7.0),
     "texts", "weights.wte!D2"),
    ("eps", lambda b: set_value(b, "eps", 0.5), "texts", "model_sha256"),
    ("a weight", lambda b: set_value(b, "ln_f.weight", 3.0), "texts", "model_sha256"),
    ("whose weights they are", lambda b: set_value(b, "model_identity", "OpenAI's GPT-2 small"),
     "texts", "model_identity"),
    ("less room", lambda b: set_value(b, "max_tokens", 4.0), "texts", "max_tokens"),
    ("a token", lambda b: set_value(b, "vocabulary.raw", "?"), "texts", "vocabulary.raw"),
    ("merges", lambda b: set_value(b, "merges.key", 5.0), "texts", ""),
    ("parts left out", lambda b: set_value(b, "left_out", "sampling"), "names", "the tab sampling"),
    ("a name elsewhere", lambda b: b.names.__setitem__("h.0.mlp.out", b.names["h.0.attn.out"]),
     "names", "h.0.mlp.out"),
    ("a tab is gone", lambda b: b.sheets.pop("residual"), "texts", "the tab residual"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "row", "where"), [x[1:] for x in WRONG], ids=[x[0] for x in WRONG]
)
def test_what_differs_is_found(
    book: Book, templates: Templates, change: Callable[[Book], object], row: str, where: str
) -> None:
    change(book)
    content = compare_model(book, None, None)
    found = next(found for found in content.findings or () if found.name == row)
    assert not found.ok
    area = book.names.get(where) if row != "names" else None
    assert found.where.startswith(f"{area.sheet}!{area.a1().partition(':')[0]}" if area else where)


def test_a_trusted_model_gives_weights_and_eps(
    book: Book, templates: Templates, small: Checkpoint
) -> None:
    set_value(book, "eps", 0.5)
    texts = finding(compare_model(book, None, small), "texts")
    assert (texts.differing, texts.found, texts.wanted) == (1, "0.5", "1e-05")


def finding(content: Content, name: str) -> Finding:
    return next(found for found in content.findings or () if found.name == name)


def test_what_readers_may_do(book: Book, templates: Templates) -> None:
    """Type into the yellow cells, add tabs and names of their own; no step reads those."""
    set_value(book, "prompt", "She")
    set_value(book, "temperature", 0.123456789012345678)
    notes = Sheet("notes", np.full((3, 3), 1.0), {(4, 4): "mine"}, [Formula(0, 0, "TODAY()")])
    book.sheets["notes"] = notes
    book.names["mine"] = Area("notes", 0, 0)
    content = compare_model(book, None, None)
    assert not content.differs, content.findings
    assert content.own_tabs == ["notes"]
    assert "notes" not in content.book.sheets


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("A1 + B1", "A1+B1", True),
        ("A1 B1", "A1B1", False),
        ("SUM(A1 B1)", "SUM(A1  B1)", True),
        ("IF(TRUE, 1, 0)", "IF(TRUE(),1,0)", True),
        ("_xlfn.UNICODE(A1)", "_xlfngnumeric.UNICODE(A1)", True),
        ("VARP(A1:A9)", "_xlfn.VAR.P(A1:A9)", True),
        ("1E-05", "0.00001", True),
        ("1E-05", "0.0001", False),
        ("'s t'!A1", "'s t'!$A1", False),
        ("s!A1*'t'!B2", "'S'!A1*t!B2", True),
        ("'s'!A1", "A1", True),
        ("'t'!A1", "A1", False),
        ("Logits", "logits", True),
        ('"a b"', '"ab"', False),
        ('"A"', '"a"', False),
        ("{1,2;3,4}", "{1, 2; 3, 4}", True),
        ("{1,2;3,4}", "{1,2,3,4}", False),
        ("A1<=B1", "A1<B1", False),
        ("-A1", "A1", False),
        ("A1:B2", "A1:B3", False),
    ],
)
def test_spellings(one: str, other: str, same: bool) -> None:
    assert same_formula(one, other, "s") is same
    assert same_formula(other, one, "s") is same


@pytest.mark.parametrize(("own", "ok", "zeros"), [(True, False, 0), (False, True, 1)])
def test_a_zero_for_an_empty_text(good: Book, book: Book, own: bool, ok: bool, zeros: int) -> None:
    """Gnumeric saves it so; in a file that nobody has saved since it was built it is wrong."""
    area = book.names["token_texts"]
    row, col = area.row + area.rows - 1, area.col
    assert good.sheets[area.sheet].value(row, col) == ""
    book.sheets[area.sheet].others.pop((row, col))
    grid(book, area.sheet)[row, col] = 0
    stored = compare_stored(book, good, [area], own)
    assert (stored.result.ok, stored.zeros, stored.missing) == (ok, zeros, 0)


@pytest.mark.parametrize(
    ("saved", "ok"), [("3.1199999999999999999", True), ("3.13", False), ("3.12 ", False)]
)
def test_a_long_number_in_a_text(book: Book, saved: str, ok: bool) -> None:
    """Gnumeric writes more digits of a number in a text than Excel, which has 15."""
    area, fresh = book.names["status"], copy.deepcopy(book)
    for texts, number in ((book, saved), (fresh, "3.12")):
        texts.sheets[area.sheet].others[area.row, area.col] = f"brought {number} of 4"
    assert compare_stored(book, fresh, [area], False).result.ok is ok


@pytest.mark.parametrize("dropped", ["\x7f", "\r"])
@pytest.mark.parametrize("own", [True, False])
def test_a_character_that_a_program_drops(
    book: Book, small: Checkpoint, templates: Templates, own: bool, dropped: str
) -> None:
    """A token of one byte that no printer shows, saved as nothing: computed with as it was."""
    area = book.names["vocabulary.raw"]
    texts = book.sheets[area.sheet].others
    place = next(at for at, text in texts.items() if text == dropped and at[1] == area.col)
    texts[place] = ""
    seen = Seen(program=WRITER, editor="sheetgpt 1") if own else Seen(program="Gnumeric")
    content = compare_content(
        book, planned(book, templates, small), ["prompt"], templates.makes_tab, seen
    )
    assert finding(content, "texts").ok is not own
    if not own:
        assert content.book.sheets[area.sheet].value(*place) == dropped
        assert any("lost characters that cannot be seen" in note for note in content.notes)
