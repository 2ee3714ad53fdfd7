"""What a file shows, against what was planned: whatever hides or leads astray is found."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest

from sheetgpt import build
from sheetgpt.book import Book
from sheetgpt.template.load import load_templates
from sheetgpt.verification.finding import Finding
from sheetgpt.verification.looks import compare_looks
from sheetgpt.verification.replan import planned
from sheetgpt.verification.settings import compare_settings
from sheetgpt.verification.shown import same_format
from sheetgpt.xlsx.read import read
from sheetgpt.xlsx.read_styles import CellStyle
from sheetgpt.xlsx.seen import ChartSeen, Condition, Seen, Validation


@pytest.fixture(scope="module")
def file(small_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("looks") / "small.xlsx"
    build("Ice is", small_model, path, tokens=6, chars=24, rounds=4)
    return path


@pytest.fixture(scope="module")
def good(file: Path) -> tuple[Seen, Book]:
    """What is seen of the file, and the book that it must be."""
    seen = Seen()
    return seen, planned(read(file, seen=seen), load_templates())


def test_a_good_file(good: tuple[Seen, Book]) -> None:
    seen, plan = good
    assert seen.saved_by_sheetgpt
    result, notes = compare_looks(seen, plan, own=True)
    assert (result.finding().differing, notes) == (0, []), result.finding()
    assert result.compared > 10_000
    assert compare_settings(seen, plan).finding().ok


def style(seen: Seen, name: str, place: tuple[int, int], **changes: object) -> None:
    """Give one cell a style of its own."""
    tab = seen.tabs[name]
    tab.styles = [runs := np.concatenate(tab.styles)]
    (at,) = np.flatnonzero((runs[:, :2] == place).all(axis=1))
    seen.styles = replace(
        seen.styles,
        cells=[*seen.styles.cells, replace(seen.styles.cells[runs[at, 3]], **changes)],
    )
    runs[at, 3] = len(seen.styles.cells) - 1


def on_start(**changes: object) -> Callable[[Seen, Book], None]:
    """Change the style of the cell with the answer."""

    def change(seen: Seen, plan: Book) -> None:
        del plan
        style(seen, "Start", (4, 3), **changes)

    return change


def hides(style: CellStyle) -> Callable[[Seen, Book], None]:
    return lambda seen, _: seen.tabs["Start"].conditions.append(Condition("D5", ("TRUE",), style))


#: What somebody did to the looks, where it is found, and a word of what is said.
WRONG: list[tuple[str, Callable[[Seen, Book], object], str, str]] = [
    ("a format that prints a word", on_start(number_format='General;General;General;"slowly"'),
     "Start!D5", "number format"),
    ("a format that shows nothing", on_start(number_format=";;;"), "Start!D5", "number format"),
    ("white ink", on_start(ink="FFFFFF", ground=None), "Start!D5", "ink"),
    ("tiny letters", on_start(size=1.0), "Start!D5", "letters of 1 points"),
    ("a cell to type into", on_start(locked=False), "Start!D5", "to type into"),
    ("a hidden formula", on_start(hidden=True), "Start!D5", "hidden"),
    ("a hidden row", lambda s, _: s.tabs["Start"].note_row(4, hidden=True, height=None),
     "Start!5:5", "a hidden row"),
    ("a row without height", lambda s, _: s.tabs["Start"].note_row(4, hidden=False, height=0.5),
     "Start!5:5", "a hidden row"),
    ("a hidden column", lambda s, _: s.tabs["Start"].hidden_cols.append((3, 4)),
     "Start!D", "a hidden column"),
    ("hidden rows", lambda s, _: setattr(s.tabs["Start"], "all_rows_hidden", True),
     "the tab Start", "rows that are hidden"),
    ("a shape", lambda s, _: s.tabs["Start"].drawn.append("a shape"), "the tab Start", "a shape"),
    ("a link to elsewhere", lambda s, _: s.tabs["Start"].links.__setitem__(
        next(iter(s.tabs["Start"].links)), "https://example.org/"), "Start!", "example.org"),
    ("one link less", lambda s, _: s.tabs["Start"].links.popitem(), "Start!", "nothing"),
    ("a validation", lambda s, _: s.tabs["Start"].validations.__setitem__(
        0, Validation("D4", "textLength", "lessThanOrEqual", ("3",))), "Start!D4", " 3"),
    ("cells merged", lambda s, _: s.tabs["Start"].merges.append("B18:C19"), "Start!B18", "as one"),
    ("no protection", lambda s, _: setattr(s.tabs["Start"], "locked", False),
     "the tab Start", "nothing"),
    ("a password", lambda s, _: setattr(s.tabs["Start"], "password", True),
     "the tab Start", "a password"),
    ("a chart of other cells", lambda s, _: s.tabs["Start"].charts.__setitem__(
        0, ChartSeen((), ("logits!$A$1:$A$3",))), "the tab Start", "logits!$A$1:$A$3"),
    ("a condition that hides", hides(CellStyle(number_format=";;;")), "Start!D5", "condition"),
    ("a condition that lies", hides(CellStyle(number_format='"slowly"')), "Start!D5", "slowly"),
    ("black on a condition", hides(CellStyle(number_format="", ink=None, ground="000000")),
     "Start!D5", "on a condition"),
    ("white on a condition", hides(CellStyle(number_format="", ink="FFFFFF", ground=None)),
     "Start!D5", "ink"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "where", "words"), [x[1:] for x in WRONG], ids=[x[0] for x in WRONG]
)
def test_what_differs_is_found(
    good: tuple[Seen, Book], change: Callable[[Seen, Book], object], where: str, words: str
) -> None:
    seen, plan = good
    changed = replace(seen, tabs={**seen.tabs, "Start": copy.deepcopy(seen.tabs["Start"])})
    change(changed, plan)
    found = compare_looks(changed, plan, own=True)[0].finding()
    assert not found.ok
    assert found.where.startswith(where)
    assert words in f"{found.found} {found.wanted}"


#: Formats as programs spell them, one beside the planned one; whether they show the same.
FORMATS = [
    ("0.0000", "0.00", True),
    ("0.0000", "General", True),
    (r"\+0.00;\-0.00;0.00", "+0.00;-0.00;0.00", True),
    (r"#,##0;\-#,##0;;", "#,##0;-#,##0;", True),
    ('[=0]"·";0.000', "[=0]·;0.000", True),
    ("0.0000;", "0.0000", False),
    ("0%", "0.0000", False),
    ("#,##0,", "#,##0", False),
    (";;;", "@", False),
    ("@;@;@;", "@", False),
    (r"\0.\0\0", "0.00", False),
    ('"General"', "General", False),
    ('"0.00%"', "0.00%", False),
    ('0.0" x"', r"0.0\ \x", True),
]


@pytest.mark.parametrize(("found", "wanted", "same"), FORMATS)
def test_formats(found: str, wanted: str, same: bool) -> None:
    assert same_format(found, wanted) is same


def test_what_another_program_left_out_is_said(good: tuple[Seen, Book]) -> None:
    seen, plan = good
    start = replace(seen.tabs["Start"], charts=[], validations=[])
    changed = replace(seen, tabs={**seen.tabs, "Start": start}, program="Numbers 14")
    result, notes = compare_looks(changed, plan, changed.saved_by_sheetgpt)
    assert result.finding().ok
    assert notes == [
        "Numbers 14 that saved the file has left out: 1 rules of what cells take, 1 charts."
    ]


def changed_file(file: Path, target: Path, part: str, old: str, new: str) -> None:
    """A copy in which a pattern in one part is replaced once."""
    with ZipFile(file) as source, ZipFile(target, "w") as archive:
        for member in source.namelist():
            data = source.read(member)
            if member == part:
                text, count = re.subn(old, new, data.decode(), count=1)
                assert count, old
                data = text.encode()
            archive.writestr(member, data)


@pytest.fixture(scope="module")
def bare(small_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook without the optional parts, which takes less time to read."""
    path, parts = tmp_path_factory.mktemp("bare") / "bare.xlsx", load_templates().wiring.parts
    build("Ice is", small_model, path, tokens=6, chars=24, rounds=4, without=[*parts])
    return path


@pytest.fixture(scope="module")
def bare_plan(bare: Path) -> Book:
    """The book that it must be."""
    return planned(read(bare), load_templates())


#: Part of the file, what is there, what comes instead, the row of the report, and where.
IN_FILES = [
    ("xl/workbook.xml", "<calcPr ", '<calcPr fullPrecision="0" ', "settings", "the workbook"),
    ("xl/workbook.xml", "<calcPr ", '<calcPr calcMode="manual" ', "settings", "the workbook"),
    ("xl/workbook.xml", "<workbookPr ", '<workbookPr date1904="1" ', "settings", "the workbook"),
    ("xl/workbook.xml", 'name="next_token" ', 'name="next_token" state="hidden" ',
     "settings", "the tab next_token"),
    ("xl/workbook.xml", '<definedName name="best.token">',
     '<definedName name="best.token" localSheetId="0">Start!$B$14</definedName>'
     '<definedName name="best.token">', "settings", "the name best.token"),
    ("xl/worksheets/sheet1.xml", '<row r="5"', '<row r="5" hidden="1"', "looks", "Start!5:5"),
    ("xl/worksheets/sheet1.xml", r'<col min="1" max="1" width="[^"]*"',
     '<col min="1" max="5" hidden="1" width="9"', "looks", "Start!"),
    ("xl/worksheets/sheet1.xml", r'location="[^"]*"', 'location="logits!A1"', "looks", "Start!"),
    ("xl/worksheets/sheet1.xml", "<sheetProtection ", '<sheetProtection password="83AF" ',
     "looks", "the tab Start"),
    ("xl/styles.xml", r'<dxf><numFmt numFmtId="(\d+)" formatCode=";;;"/>',
     r'<dxf><numFmt numFmtId="\1" formatCode="&quot;x&quot;"/>', "looks", ""),
    ("xl/worksheets/sheet1.xml", r'(<c r="[A-Z]+5") s="\d+"', r'\1 s="99999999999999999999"',
     "looks", "Start!"),
    ("xl/worksheets/sheet1.xml", r'(<c r="[A-Z]+5") s="\d+"', r'\1 s="-1"', "looks", "Start!"),
    ("xl/charts/chart1.xml", r"<c:f>[^<]*</c:f>", "<c:f>logits!$A$1:$A$10</c:f>",
     "looks", "the tab "),
]  # fmt: skip


@pytest.mark.parametrize(("part", "old", "new", "row", "where"), IN_FILES)
def test_what_differs_is_read(
    bare: Path,
    bare_plan: Book,
    tmp_path: Path,
    part: str,
    old: str,
    new: str,
    row: str,
    where: str,
) -> None:
    changed_file(bare, tmp_path / "bad.xlsx", part, old, new)
    seen = Seen()
    read(tmp_path / "bad.xlsx", seen=seen)
    found: Finding = (
        compare_looks(seen, bare_plan, own=True)[0] if row == "looks"
        else compare_settings(seen, bare_plan)
    ).finding()  # fmt: skip
    assert not found.ok
    assert found.where.startswith(where)


def test_a_colour_that_is_none(bare: Path, bare_plan: Book, tmp_path: Path) -> None:
    """Programs show their own instead."""
    changed_file(
        bare, tmp_path / "odd.xlsx", "xl/styles.xml", r'rgb="FF[0-9A-F]{6}"', 'rgb="FFinky"'
    )
    seen = Seen()
    read(tmp_path / "odd.xlsx", seen=seen)
    assert compare_looks(seen, bare_plan, own=True)[0].finding().ok
