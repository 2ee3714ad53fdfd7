"""What stands around the cells: every change of a file as sheetgpt wrote it is found."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest

from sheetgpt import build
from sheetgpt.book import Book
from sheetgpt.template.load import load_templates
from sheetgpt.verification.finding import Comparison, Finding
from sheetgpt.verification.frame import compare_frame
from sheetgpt.verification.pretenders import pretended
from sheetgpt.verification.replan import planned
from sheetgpt.xlsx.origin import XLSXWRITER
from sheetgpt.xlsx.read import read

START = "xl/worksheets/sheet1.xml"
VIEW = "xl/worksheets/sheet2.xml"  # with a colour scale and panes
STRINGS, STYLES, BOOK = "xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml"
CHART, DRAWING = "xl/charts/chart1.xml", "xl/drawings/drawing1.xml"


@pytest.fixture(scope="module")
def small_file(small_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("frame") / "small.xlsx"
    return build("Ice is", small_model, path, tokens=4, chars=12, rounds=4).path


@pytest.fixture(scope="module")
def book(small_file: Path) -> Book:
    return read(small_file)


@pytest.fixture(scope="module")
def plan(book: Book) -> Book:
    return planned(book, load_templates())


Framed = Callable[..., tuple[Finding, str | None]]


@pytest.fixture(scope="module")
def framed(book: Book, plan: Book) -> Framed:
    """What the comparison says of a file with the content of `book`."""

    def compare(path: Path, *own_tabs: str) -> tuple[Finding, str | None]:
        result = Comparison("looks")
        note = compare_frame(result, path, book, plan, own_tabs)
        return result.finding(), note

    return compare


def changed(path: Path, target: Path, part: str, pattern: str, replacement: str) -> Path:
    """The file with one match of a pattern in a part replaced, or with a part that is new."""
    with ZipFile(path) as old, ZipFile(target, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == part:
                data, count = re.subn(pattern.encode(), replacement.encode(), data, count=1)
                assert count == 1
            new.writestr(name, data)
        if part not in old.namelist():
            new.writestr(part, replacement)
    return target


def test_a_good_file(small_file: Path, framed: Framed) -> None:
    found, note = framed(small_file)
    assert (found.differing, note) == (0, None), found
    assert found.compared > 50


#: What somebody did, to which part, and what of it is replaced by what.
CHANGES = [
    ("white letters in a text", STRINGS, r"<si><t>(New here[^<]*)</t></si>",
     r'<si><r><rPr><color rgb="FFFFFFFF"/></rPr><t>\1</t></r></si>'),
    ("a reading above a text", STRINGS, r"<si><t>(New here[^<]*)</t></si>",
     r'<si><t>\1</t><rPh sb="0" eb="1"><t>lie</t></rPh></si>'),
    ("spaces that are not kept", STRINGS, r' xml:space="preserve"', ""),
    ("a palette", STYLES, "</styleSheet>", "<colors><indexedColors/></colors></styleSheet>"),
    ("a pale ink", STYLES, r'<color theme="1"/>', '<color theme="1" tint="0.99"/>'),
    ("a theme", "xl/theme/theme1.xml", "<a:dk1>", '<a:dk1 x="1">'),
    ("a colour scale the other way", VIEW, r'<color rgb="FF\w{6}"/>',
     '<color rgb="FF000000"/>'),
    ("the title of a chart", CHART, r"<a:t>[^<]*</a:t>", "<a:t>A lie</a:t>"),
    ("an axis", CHART, '<c:orientation val="minMax"/>', '<c:orientation val="maxMin"/>'),
    ("what a chart keeps", CHART, r'<c:pt idx="0"><c:v>[^<]*</c:v>', '<c:pt idx="0"><c:v>9</c:v>'),
    ("the place of a chart", DRAWING, r"<xdr:row>\d+</xdr:row>", "<xdr:row>99</xdr:row>"),
    ("formulas shown for values", START, "<sheetView ", '<sheetView showFormulas="1" '),
    ("zeros not shown", START, "<sheetView ", '<sheetView showZeros="0" '),
    ("far down", VIEW, r'topLeftCell="\w+"', 'topLeftCell="XA900"'),
    ("rows of no height", START, "<sheetFormatPr ", '<sheetFormatPr zeroHeight="1" '),
    ("a footer", START, r"&amp;P of &amp;N", "verified"),
    ("what an input says", START, r'prompt="[^"]*"', 'prompt="Trust me"'),
    ("the words of a link", START, r'display="New[^"]*"', 'display="Old"'),
    ("ranges to write in", START, "<pageMargins", "<protectedRanges/><pageMargins"),
    ("a height", START, r' ht="[\d.]+"', ' ht="4"'),
    ("a kind of value", START, r'<c r="B1"', '<c vm="1" r="B1"'),
    ("another order of tabs", BOOK, r"(<sheet [^>]*/>)(<sheet [^>]*/>)", r"\2\1"),
    ("a workbook that is locked", BOOK, "<bookViews>", "<workbookProtection/><bookViews>"),
    ("no tabs", BOOK, "<workbookView ", '<workbookView showSheetTabs="0" '),
    ("the name of a file", "docProps/core.xml", r"<dc:title>[^<]*", "<dc:title>GPT-2 small"),
    ("a part of its own", "xl/webextensions/taskpanes.xml", "", "<taskpanes/>"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("part", "pattern", "new"), [x[1:] for x in CHANGES], ids=[x[0] for x in CHANGES]
)
def test_a_change_is_found(
    small_file: Path, framed: Framed, tmp_path: Path, part: str, pattern: str, new: str
) -> None:
    path = changed(small_file, tmp_path / "changed.xlsx", part, pattern, new)
    found, _ = framed(path)
    assert found.differing >= 1
    assert part in found.where
    assert found.found != found.wanted


def test_with_tabs_of_ones_own(small_file: Path, framed: Framed, tmp_path: Path) -> None:
    """They change what numbers all styles or lists all tabs; the tabs themselves stay compared."""
    path = changed(small_file, tmp_path / "one.xlsx", STYLES, "</styleSheet>", "</styleSheet> ")
    assert framed(path)[0].differing == 1
    assert framed(path, "notes")[0].ok
    path = changed(path, tmp_path / "two.xlsx", START, "<sheetView ", '<sheetView showZeros="0" ')
    assert framed(path, "notes")[0].where == f"{START}, in front of its rows"


def test_another_xlsxwriter(small_file: Path, framed: Framed, tmp_path: Path) -> None:
    """What it writes otherwise is nobody's fault, so nothing is compared, which is said."""
    core = "docProps/core.xml"
    path = changed(small_file, tmp_path / "one.xlsx", core, XLSXWRITER, "XlsxWriter 3.0.1")
    path = changed(path, tmp_path / "two.xlsx", CHART, r"<a:t>[^<]*</a:t>", "<a:t>?</a:t>")
    found, note = framed(path)
    assert found.compared == 0
    assert note is not None
    assert f"XlsxWriter 3.0.1, and this is {XLSXWRITER}" in note


def test_cells_without_names(small_model: Path, tmp_path: Path) -> None:
    path = tmp_path / "no-names.xlsx"
    build("Ice", small_model, path, tokens=4, chars=8, rounds=4, cell_refs=False)
    held, result = read(path), Comparison("looks")
    assert compare_frame(result, path, held, planned(held, load_templates()), []) is None
    assert result.differing == 0, result.finding()


@pytest.mark.parametrize(
    ("name", "tab"),
    [
        ("notes", None), ("start here", None), ("Start", None), ("block.00", None),
        ("start", "Start"), ("Start ", "Start"), ("St\u200bart", "Start"),
        ("\u202etratS", "Start"), ("Ѕtаrt", "Start"), ("Ｓtart", "Start"), ("blоck.0", "block.0"),
    ],
)  # fmt: skip
def test_tabs_that_look_like_others(name: str, tab: str | None) -> None:
    assert pretended(name, ["Start", "block.0", "logits"]) == tab
