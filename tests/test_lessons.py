"""The lessons: every result against NumPy, whatever is typed in; exercises; changed formulas.

`tests/lessons/NAME.toml` says what is typed into a lesson, and which of its formulas are changed.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

import numpy as np
import pytest
from click.testing import CliRunner
from copies import in_copy, stacked
from needs import PROGRAMS, needs
from reached import reached, recomputed

import sheetgpt as sg
from sheetgpt.book import Book, CellError, Sheet
from sheetgpt.book.capacity import Capacity
from sheetgpt.checkpoint import load
from sheetgpt.cli import cli
from sheetgpt.commands.page import page
from sheetgpt.engines import ENGINES
from sheetgpt.evaluator import Recalculation, finish
from sheetgpt.layout.lessons import plan_lessons
from sheetgpt.layout.workbook import plan
from sheetgpt.reference.lessons import LESSONS
from sheetgpt.reference.lessons.bpe import learn
from sheetgpt.template.expand import expand
from sheetgpt.template.lessons import load_lessons
from sheetgpt.template.load import load_templates
from sheetgpt.template.tables import Problems
from sheetgpt.verification.compare import compare
from sheetgpt.verification.lessons import expect_lessons
from sheetgpt.xlsx.write import write

FOLDER = Path(__file__).parent / "lessons"
CASES: dict[str, dict[str, Any]] = {
    path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in FOLDER.glob("*.toml")
}
DECLARED = load_lessons()
NAMES = [lesson.name for lesson in DECLARED.lessons]
SETTINGS = 3


@cache
def planned(*names: str) -> Book:
    """The Book of one lesson or of several, not to be changed."""
    return plan_lessons(DECLARED, names)


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


def together(name: str) -> list[frozenset[str]]:
    """The tabs of a lesson, those that are computed together as one."""
    return [*dict.fromkeys(parts(name).values())]


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
    settings, names = CASES[name]["setting"], planned(name).names
    assert len(settings) >= SETTINGS
    for tabs in together(name):
        for setting in [{}, *settings]:
            typed = {cell: x for cell, x in setting.items() if names[cell].sheet in tabs}
            compute = reading(name, tabs).evaluate
            book = compute(filled(typed)) if typed else untouched(name, tabs)
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
    turns = reading(name, tabs).turns

    def mark(book: Book, key: str = "") -> str:
        """What the exercise says once this answer stands in a computed book."""
        if key:
            answer = case[key] if isinstance(case[key], dict) else {case["name"]: case[key]}
            wanted = reached(book, turns, [book.names[cell] for cell in answer])
            book = recomputed(book, wanted, filled(answer))
        assert wrong(book, tabs) == []
        return str(book.named(verdict).item())

    assert mark(untouched(name, tabs)) == "NOT DONE"
    assert mark(untouched(name, tabs), "right") == "CORRECT"
    assert mark(untouched(name, tabs), "wrong") == "NOT YET"
    changed = reading(name, tabs).evaluate(filled(case["change"]))
    assert mark(changed, "then") == "CORRECT"
    if not case.get("either"):
        assert mark(changed, "right") == "NOT YET"


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
    book = untouched(name, tabs)
    sheet = book.sheets[area.sheet]
    changed = {
        (formula.row, formula.col): replace(
            formula, text=formula.text.replace(case["old"], case["new"])
        )
        for formula in sheet.formulas
        if area.row <= formula.row < area.row + area.rows
        and area.col <= formula.col < area.col + area.cols
        and case["old"] in formula.text
    }
    assert changed, f"nothing to change in {case['name']}"
    formulas = [changed.get((formula.row, formula.col), formula) for formula in sheet.formulas]
    mutant = replace(book, sheets={**book.sheets, area.sheet: replace(sheet, formulas=formulas)})
    typed = case.get("typed", {})
    wanted = reached(book, reading(name, tabs).turns, [area, *(book.names[x] for x in typed)])
    wanted.setdefault(area.sheet, set()).update(changed)
    first = wrong(recomputed(mutant, wanted, filled(typed)), tabs)[:1]
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
    with ZipFile(file) as parts:
        sheets = [x for x in parts.namelist() if x.startswith("xl/worksheets/sheet")]
    assert page(file, tmp_path / "lessons.html").tabs == len(sheets)


def hyperlinks(file: Path) -> Iterator[tuple[str, str]]:
    """Of all links in a workbook, the other file, if any, and the tab."""
    with ZipFile(file) as parts:
        for name in parts.namelist():
            if not name.startswith("xl/worksheets/sheet"):
                continue
            rels = f"xl/worksheets/_rels/{Path(name).name}.rels"
            known = parts.read(rels).decode() if rels in parts.namelist() else "<none/>"
            targets = {x.get("Id", ""): x.get("Target", "") for x in ElementTree.fromstring(known)}
            tail = parts.read(name).decode().partition("<hyperlinks>")[2].partition("</hyper")[0]
            for link in re.findall(r"<hyperlink [^>]*>", tail):
                told = dict(re.findall(r'([\w:]+)="([^"]*)"', link))
                yield targets.get(told.get("r:id", ""), ""), told["location"].split("!")[0]


def test_links_lead_to_tabs_of_the_model_and_to_nothing_else(file: Path) -> None:
    """Those of the page stay inside of it."""
    model = plan(load("tiny"), "x", Capacity(tokens=4, chars=16), load_templates()).sheets
    for lesson in DECLARED.lessons:
        assert {*lesson.places} <= {*model}
        assert lesson.places
    names = [lesson.name for lesson in DECLARED.lessons if not lesson.apart]
    links = [(target, tab.strip("'")) for target, tab in hyperlinks(file)]
    tabs = [tab for lesson in DECLARED.lessons if not lesson.apart for tab in lesson.places]
    assert sorted(tab for target, tab in links if target) == sorted(tabs)
    assert {target for target, _ in links} == {"", "tiny.xlsx"}
    assert {tab for target, tab in links if not target} <= {*planned(*names).sheets}


#: What is written together: the lessons of the usual workbook, and each that is apart.
WORKBOOKS = [
    tuple(lesson.name for lesson in DECLARED.lessons if not lesson.apart),
    *((lesson.name,) for lesson in DECLARED.lessons if lesson.apart),
]


@cache
def typed_books(names: tuple[str, ...]) -> list[Book]:
    """The workbook of these lessons as delivered and with other settings typed in.

    The formulas hold the values of what was delivered, of which nothing may be left.
    """
    delivered = finish(planned(*names))
    books = [delivered]
    for index in range(SETTINGS):
        settings = [CASES[name]["setting"][index] for name in names]
        typed = {cell: value for setting in settings for cell, value in setting.items()}
        books.append(recomputed(delivered, {}, filled(typed)))
    return books


@pytest.fixture(scope="module")
def stacks(tmp_path_factory: pytest.TempPathFactory) -> Callable[[tuple[str, ...]], Path]:
    """The file with all of that, by the names of the lessons."""
    folder = tmp_path_factory.mktemp("stacks")

    @cache
    def stack(names: tuple[str, ...]) -> Path:
        path = folder / f"{names[0]}.xlsx"
        write(stacked(typed_books(names)), path, "", "")
        return path

    return stack


@pytest.mark.engine
@pytest.mark.parametrize("names", WORKBOOKS, ids=lambda names: names[0])
@pytest.mark.parametrize("engine", PROGRAMS)
def test_every_engine_agrees_whatever_is_typed(
    engine: str, names: tuple[str, ...], stacks: Callable[[tuple[str, ...]], Path]
) -> None:
    needs(engine)
    wanted = [expect_lessons(book) for book in typed_books(names)]
    areas = typed_books(names)[0].names
    found = ENGINES[engine].recalculate(
        stacks(names),
        {
            f"{step.name} {number}": in_copy(areas[step.name], number)
            for number, steps in enumerate(wanted)
            for step in steps
        },
    )
    for number, steps in enumerate(wanted):
        results = compare(steps, {x.name: found[f"{x.name} {number}"] for x in steps}, areas)
        assert [step for step in results if not step.ok] == [], number
