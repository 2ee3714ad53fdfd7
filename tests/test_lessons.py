"""The lessons: every result against NumPy, whatever is typed in; exercises; changed formulas.

`tests/lessons/NAME.toml` says what is typed into a lesson, and which of its formulas are changed.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
from click.testing import CliRunner
from needs import PROGRAMS, needs

import sheetgpt as sg
from sheetgpt.book import Book, CellError, Sheet
from sheetgpt.cli import cli
from sheetgpt.commands.page import page
from sheetgpt.evaluator import Recalculation, evaluate, finish
from sheetgpt.layout.lessons import plan_lessons
from sheetgpt.reference.lessons import LESSONS
from sheetgpt.reference.lessons.bpe import learn
from sheetgpt.template.expand import expand
from sheetgpt.template.lessons import load_lessons
from sheetgpt.template.tables import Problems
from sheetgpt.verification.compare import compare
from sheetgpt.verification.lessons import expect_lessons
from sheetgpt.xlsx.read import read
from sheetgpt.xlsx.write import write

FOLDER = Path(__file__).parent / "lessons"
CASES: dict[str, dict[str, Any]] = {
    path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in FOLDER.glob("*.toml")
}
DECLARED = load_lessons()
NAMES = [lesson.name for lesson in DECLARED.lessons]
SETTINGS = 3


@cache
def planned(name: str) -> Book:
    """The Book of one lesson, not to be changed."""
    return plan_lessons(DECLARED, [name])


@cache
def parts(name: str) -> dict[str, frozenset[str]]:
    """Each tab of a lesson with the tabs that are computed with it: those that it reads, and so on.

    Computing them alone gives the same values in less time.
    """
    book = planned(name)

    def read(sheet: Sheet) -> set[str]:
        text = " ".join({formula.text for formula in sheet.formulas})
        names = {*re.findall(r"[A-Za-z_][\w.]*", text)} & book.names.keys()
        return {x for x in book.sheets if f"{x}!" in text or f"'{x}'!" in text} | {
            book.names[x].sheet for x in names
        }

    found = {x: {x} | read(sheet) for x, sheet in book.sheets.items() if x != "Start"}
    for _ in found:
        found = {x: set().union(*(found.get(y, {y}) for y in tabs)) for x, tabs in found.items()}
    return {x: frozenset().union(*(t for t in found.values() if x in t)) for x in found}


def only(book: Book, tabs: frozenset[str]) -> Book:
    """The Book without the formulas of other tabs."""
    sheets = {x: s if x in tabs else replace(s, formulas=[]) for x, s in book.sheets.items()}
    return replace(book, sheets=sheets)


@cache
def reading(name: str, tabs: frozenset[str]) -> Recalculation:
    """The formulas of these tabs of a lesson, ready to be computed for many settings."""
    return Recalculation(only(planned(name), tabs))


@cache
def untouched(name: str, tabs: frozenset[str]) -> Book:
    """These tabs as delivered, computed."""
    return reading(name, tabs).evaluate()


def filled(values: Mapping[str, Any]) -> dict[str, list[str | float]]:
    """What is typed into cells, lists in their order; an empty text is a blank cell."""
    return {
        name: [x if isinstance(x, str) else float(x) for x in np.array(value, object).ravel()]
        for name, value in values.items()
    }


def wrong(book: Book, tabs: frozenset[str]) -> list[str]:
    """The results on these tabs of a computed Book that differ, the first one first."""
    expected = [x for x in expect_lessons(book) if book.names[x.name].sheet in tabs]
    results = compare(expected, {x.name: book.named(x.name) for x in expected}, book.names)
    return [step.name for step in results if not step.ok]


def test_every_lesson_has_its_reference_and_its_cases() -> None:
    assert [*LESSONS] == NAMES
    assert {*CASES} == {*NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_every_result_is_compared(name: str) -> None:
    (lesson,) = (lesson for lesson in DECLARED.lessons if lesson.name == name)
    tabs = expand(lesson.wiring, DECLARED.ops, {}, (), (), Problems())
    results = {
        x
        for tab in tabs
        for step in tab.steps
        for x in step.names.values()
        if not x.startswith(f"{step.name}.")  # workings
    }
    results |= {f"{exercise}.verdict" for exercise in lesson.exercises}
    assert results <= {step.name for step in expect_lessons(planned(name))}


@pytest.mark.parametrize("name", NAMES)
def test_it_is_right_as_delivered_and_with_other_settings(name: str) -> None:
    settings, tabs = CASES[name]["setting"], frozenset(planned(name).sheets)
    assert len(settings) >= SETTINGS
    for setting in [{}, *settings]:
        book = reading(name, tabs).evaluate(filled(setting))
        assert wrong(book, tabs) == [], setting
        held = [x for sheet in book.sheets.values() for x in sheet.others.values()]
        assert [x for x in held if isinstance(x, CellError)] == [], setting


EXERCISES = [
    pytest.param(name, case, id=case["name"]) for name in NAMES for case in CASES[name]["exercise"]
]


@pytest.mark.parametrize(("name", "case"), EXERCISES)
def test_an_exercise_marks_itself(name: str, case: dict[str, Any]) -> None:
    """Nothing typed, the right answer, a wrong one; and the right one after a change."""
    verdict = f"{case['name']}.verdict"
    tabs = parts(name)[planned(name).names[verdict].sheet]

    def mark(values: Mapping[str, Any]) -> str:
        book = reading(name, tabs).evaluate(filled(values)) if values else untouched(name, tabs)
        assert wrong(book, tabs) == []
        return str(book.named(verdict).item())

    def answer(key: str) -> dict[str, Any]:
        return case[key] if isinstance(case[key], dict) else {case["name"]: case[key]}

    assert mark({}) == "NOT DONE"
    assert mark(answer("right")) == "CORRECT"
    assert mark(answer("wrong")) == "NOT YET"
    assert mark({**case["change"], **answer("then")}) == "CORRECT"
    if not case.get("either"):
        assert mark({**case["change"], **answer("right")}) == "NOT YET"


def test_every_exercise_is_tried() -> None:
    tried = {case["name"] for name in NAMES for case in CASES[name]["exercise"]}
    assert tried == {x for lesson in DECLARED.lessons for x in lesson.exercises}


MUTATIONS = [
    pytest.param(name, case, id=f"{case['name']} {case['old']}")
    for name in NAMES
    for case in CASES[name]["mutation"]
]


@pytest.mark.parametrize(("name", "case"), MUTATIONS)
def test_a_changed_formula_is_caught_and_blamed_on_its_lesson(
    name: str, case: dict[str, Any]
) -> None:
    area = planned(name).names[case["name"]]
    tabs = parts(name)[area.sheet]
    book = only(planned(name), tabs)
    sheet = book.sheets[area.sheet]
    formulas = [
        replace(formula, text=formula.text.replace(case["old"], case["new"]))
        if area.row <= formula.row < area.row + area.rows
        and area.col <= formula.col < area.col + area.cols
        else formula
        for formula in sheet.formulas
    ]
    assert formulas != sheet.formulas, f"nothing to change in {case['name']}"
    changed = replace(sheet, formulas=formulas)
    book = replace(book, sheets={**book.sheets, sheet.name: changed})
    first = wrong(evaluate(book, filled(case.get("typed", {}))), tabs)[:1]
    assert first == [case.get("blamed", case["name"])]


def merges(words: list[str], times: list[int], rounds: int) -> list[str]:
    """The pairs that are merged, found by replacing in texts with spaces between the pieces."""
    now, found = [" ".join(word) for word in words], []
    for _ in range(rounds):
        seen = [
            (f"{a} {b}", count)
            for word, count in zip(now, times, strict=True)
            for a, b in pairwise(word.split())
        ]
        totals = {pair: sum(n for other, n in seen if other == pair) for pair, _ in seen}
        if not totals:
            break
        best = next(pair for pair, n in totals.items() if n == max(totals.values()))
        pattern = rf"(?<!\S){re.escape(best)}(?!\S)"
        now = [re.sub(pattern, best.replace(" ", ""), word) for word in now]
        found.append(best)
    return found


def test_pieces_are_learned_as_by_another_program() -> None:
    random = np.random.default_rng(0)
    for _ in range(200):
        words = ["".join(random.choice([*"abcd"], random.integers(1, 10))) for _ in range(6)]
        times = random.integers(1, 9, 6).tolist()
        learned = learn(words, times, 10)
        assert [f"{x.left} {x.right}" for x in learned if x.most] == merges(words, times, 10)


def test_the_first_tab_counts_what_was_solved() -> None:
    name = NAMES[0]
    case = CASES[name]["exercise"][0]
    answer = case["right"] if isinstance(case["right"], dict) else {case["name"]: case["right"]}
    everything = reading(name, frozenset(planned(name).sheets))
    counts = [
        everything.evaluate(filled(values)).named("lessons.solved").sum() for values in ({}, answer)
    ]
    assert counts == [0, 1]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workbook of all lessons, not to be written to."""
    path = tmp_path_factory.mktemp("lessons") / "lessons.xlsx"
    sg.lessons(path)
    return path


def test_the_command_writes_verifies_and_says_what(tmp_path: Path) -> None:
    path = tmp_path / "some.xlsx"
    run = CliRunner()
    built = run.invoke(cli, ["lessons", "--only", NAMES[-1], "-o", str(path), "--json"])
    assert built.exit_code == 0
    document = json.loads(built.stdout)
    assert document["lessons"] == [NAMES[-1]]
    assert document["bytes"] == path.stat().st_size
    again = run.invoke(cli, ["lessons", "-o", str(path)])
    assert again.exit_code == 2
    assert "exists already; give --force" in again.stderr
    checked = run.invoke(cli, ["verify", str(path), "--json"])
    assert checked.exit_code == 0
    assert json.loads(checked.stdout)["lessons"] == [NAMES[-1]]
    said = run.invoke(cli, ["verify", str(path)]).stdout
    assert "of 1 lesson agree" in " ".join(said.split())


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["lessons", "--only", "numerology"], "There is no lesson 'numerology'; choose some of"),
        (["verify", "FILE", "--prompt", "x"], "holds lessons, which have no prompt and no model"),
        (["verify", "FILE", "--model", "tiny"], "holds lessons, which have no prompt and no model"),
        (["prompt", "FILE", "x"], "is not a workbook of sheetgpt"),
    ],
)
def test_what_does_not_go_is_said(
    file: Path, tmp_path: Path, command: list[str], words: str
) -> None:
    output = ["-o", str(tmp_path / "x.xlsx")] if command[0] != "verify" else []
    done = [str(file) if word == "FILE" else word for word in command] + output
    result = CliRunner().invoke(cli, done)
    assert (result.exit_code, words in result.stderr) == (2, True), result.stderr


def test_the_whole_workbook_is_small_and_right(file: Path) -> None:
    assert file.stat().st_size < 3e6
    report = sg.verify(file)
    assert report.first_bad is None
    assert [*report.lessons] == [lesson.name for lesson in DECLARED.lessons if not lesson.apart]


def test_it_becomes_a_page(file: Path, tmp_path: Path) -> None:
    assert page(file, tmp_path / "lessons.html").tabs == len(read(file).sheets)


def test_links_lead_to_tabs_of_the_model_and_to_nothing_else(file: Path, tiny_book: Book) -> None:
    """Those of the page stay inside of it."""
    for lesson in DECLARED.lessons:
        assert {*lesson.places} <= {*tiny_book.sheets}
        assert lesson.places
    cells = [c for sheet in openpyxl.load_workbook(file) for row in sheet for c in row]
    links = [c.hyperlink for c in cells if c.hyperlink]
    led = [(x.target, x.location.rpartition("!")[0].strip("'")) for x in links]
    tabs = [tab for lesson in DECLARED.lessons if not lesson.apart for tab in lesson.places]
    assert sorted(tab for target, tab in led if target) == sorted(tabs)
    assert {target for target, _ in led} == {None, "tiny.xlsx"}
    assert {tab for target, tab in led if not target} <= {*read(file).sheets}


#: What is written together: the lessons of the usual workbook, and each that is apart.
WORKBOOKS = [
    [lesson.name for lesson in DECLARED.lessons if not lesson.apart],
    *([lesson.name] for lesson in DECLARED.lessons if lesson.apart),
]


@pytest.mark.engine
@pytest.mark.parametrize("names", WORKBOOKS, ids=lambda names: names[0])
@pytest.mark.parametrize("engine", PROGRAMS)
def test_every_engine_agrees_whatever_is_typed(
    engine: str, names: list[str], tmp_path: Path
) -> None:
    needs(engine)
    book = Recalculation(finish(plan_lessons(DECLARED, names)))
    for index in range(-1, SETTINGS):
        path = tmp_path / f"{index}.xlsx"
        settings = [CASES[name]["setting"][index] for name in names if index >= 0]
        typed = {cell: value for setting in settings for cell, value in setting.items()}
        write(book.evaluate(filled(typed)), path, "", "")
        assert sg.verify(path, engine=engine).first_bad is None
