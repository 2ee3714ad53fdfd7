"""The lessons as they are seen: nothing beyond the screen, nothing declared that is not shown."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest

import sheetgpt as sg
from sheetgpt.book import Book
from sheetgpt.layout.bands import EDGE, ZOOM
from sheetgpt.layout.lessons import plan_lessons
from sheetgpt.layout.lines import broken
from sheetgpt.template.lessons import load_lessons
from sheetgpt.xlsx.charts import INSET

#: Pixels of a screen, and what LibreOffice has on the left and right of the cells.
SCREEN, BESIDE = 1366, 37 + 62
#: Pixels of the digits of Calibri, and of the font that LibreOffice takes where that is not there.
DIGITS = (7, 8)
#: Pixels of a column beside its digits.
PADDING = 5
DECLARED = load_lessons()
GROUP = "lesson"


@pytest.fixture(scope="module")
def book() -> Book:
    return plan_lessons(DECLARED, [lesson.name for lesson in DECLARED.lessons])


def pixels(book: Book, tab: str, col: int, digit: int) -> float:
    """Where a column begins, at full size."""
    look = book.looks[tab]
    widths = [look.widths.get(x, look.default_width) for x in range(col)]
    return sum(width * digit + PADDING for width in widths)


def lessons(book: Book) -> list[str]:
    return [tab for tab, look in book.looks.items() if look.group == GROUP]


def test_nothing_lies_beyond_a_screen(book: Book) -> None:
    assert len(lessons(book)) > len(DECLARED.lessons)
    for tab in lessons(book):
        sheet, look = book.sheets[tab], book.looks[tab]
        used = [col for _, col in sheet.others] + [x.col + x.cols - 1 for x in sheet.formulas]
        assert max([*used, sheet.numbers.shape[1] - 1]) < EDGE, tab
        assert look.zoom == ZOOM
        room = (SCREEN - BESIDE) / (ZOOM / 100)
        assert pixels(book, tab, EDGE, max(DIGITS)) <= room, tab
        for chart in look.charts:  # that grows with the columns below it
            ends = pixels(book, tab, chart.col, min(DIGITS)) + INSET + chart.width
            assert ends <= pixels(book, tab, EDGE, min(DIGITS)), (tab, chart.title)


def test_every_equation_and_explanation_is_shown(book: Book) -> None:
    for lesson in DECLARED.lessons:
        for tab in lesson.wiring.tabs:
            words = " ".join(x for x in book.sheets[tab.name].others.values() if isinstance(x, str))
            seen = "".join(words.split())
            for step in tab.steps:
                op = DECLARED.ops[step.op]
                for text in (op.explanation, *op.equation.split(",   ")):
                    assert "".join(text.split()) in seen, step.name


@pytest.mark.parametrize(
    ("text", "style", "lines"),
    [
        ("one two three", "summary", ["one two", "three"]),
        ("x_{one two} = y^{three four}", "equation", ["x_{one two} =", "y^{three four}"]),
        ("a = b,   c = d", "equation", ["a = b", "c = d"]),
        ("", "note", []),
    ],
)
def test_texts_are_broken_between_words(text: str, style: str, lines: list[str]) -> None:
    assert [*broken(text, style, 7 if style == "summary" else 16)] == lines


def test_lines_and_words_of_a_chart_hide_nothing(tmp_path: Path) -> None:
    """In the file: a wide line is seen through; words stand where told, and no axis among them."""
    path = tmp_path / "lessons.xlsx"
    sg.lessons(path, only=["curves", "meaning"])
    with ZipFile(path) as file:
        names = sorted(x for x in file.namelist() if x.startswith("xl/charts/chart"))
        charts = [ElementTree.fromstring(file.read(name)) for name in names]
    wide = [line for x in charts for line in x.iterfind(".//{*}ln") if line.get("w") == "88900"]
    assert [line.find(".//{*}alpha") is not None for line in wide] == [True, True]
    (labelled,) = (x for x in charts if x.find(".//{*}dLblPos") is not None)
    declared = next(x for x in DECLARED.lessons if x.name == "meaning")
    (chart,) = declared.wiring.tabs[0].bands[0][-1].charts
    sides = {"left": "l", "above": "t", "below": "b"}  # the right is not said
    found = [place.get("val") for place in labelled.iterfind(".//{*}dLblPos")]
    assert found == [sides[x.place] for x in chart.series if x.place in sides]
    assert [x.get("val") for x in labelled.iterfind(".//{*}crosses")] == ["min", "min"]
