"""Tabs that explain themselves: entries, protection, merged cells, links, equations, print-outs."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from sheetgpt._version import VERSION
from sheetgpt.book import Book, Formula, Sheet
from sheetgpt.book.area import Area
from sheetgpt.book.equation import EquationError, runs
from sheetgpt.book.look import Entry, Look, Rule
from sheetgpt.errors import WorkbookError
from sheetgpt.xlsx.patch import with_text
from sheetgpt.xlsx.read import read
from sheetgpt.xlsx.write import write

#: Characters of a column: 21 of these fill a page of A4, half as large.
WIDE = 13.5


def entry(kind: Any, low: float | str, high: float | str, **words: str) -> Entry:
    texts = {"title": "Title", "note": "A note", "problem": "A problem"} | words
    return Entry(4, 1, 1, 3, kind, low, high, **texts)


def book_of(look: Look, rows: int = 10, cols: int = 8) -> Book:
    """Text in A1, a number in B2, a formula in B3, an array formula in E5:F5."""
    numbers = np.full((rows, cols), np.nan)
    numbers[1, 1], numbers[2, 1], numbers[4, 4:6] = 7, 0.5, [1, 2]
    formulas = [Formula(2, 1, "1/2"), Formula(4, 4, "{1,2}", 1, 2, array=True)]
    sheet = Sheet("tab.0", numbers, {(0, 0): "x_{t,c} = y_t^2"}, formulas)
    return Book({"tab.0": sheet}, {"n_layer": Area("tab.0", 1, 1)}, {"tab.0": look})


def written(path: Path, look: Look, **size: int) -> Worksheet:
    """The tab as openpyxl sees it."""
    write(book_of(look, **size), path, "A title", "")
    return openpyxl.load_workbook(path, rich_text=True)["tab.0"]


def validation(path: Path, an_entry: Entry) -> DataValidation:
    (found,) = written(path, Look(entries=[an_entry])).data_validations.dataValidation
    return found


@pytest.mark.parametrize(
    ("given", "kind", "operator", "limits"),
    [
        (("whole", 0, "n_layer - 1"), "whole", "between", ("0", "n_layer-1")),
        (("number", 0, 2.5), "decimal", "between", ("0", "2.5")),
        (("text", 0, 128), "textLength", "lessThanOrEqual", ("128", None)),
        (("text", 0, "n_layer"), "textLength", "lessThanOrEqual", ("n_layer", None)),
    ],
)
def test_what_may_be_typed(
    tmp_path: Path,
    given: tuple[str, float | str, float | str],
    kind: str,
    operator: str,
    limits: tuple[str, str | None],
) -> None:
    found = validation(tmp_path / "a.xlsx", entry(*given))
    assert (found.type, found.operator or "between") == (kind, operator)
    assert (found.formula1, found.formula2) == limits
    assert (str(found.sqref), found.errorStyle or "stop") == ("B5:D5", "stop")
    assert (found.showInputMessage, found.showErrorMessage) == (True, True)


def test_words_that_help(tmp_path: Path) -> None:
    longest = {"title": "T" * 32, "note": "🙂" + "n" * 253, "problem": "p" * 255}
    found = validation(tmp_path / "a.xlsx", entry("whole", 0, 1, **longest))
    assert (found.promptTitle, found.prompt) == (longest["title"], longest["note"])
    assert (found.errorTitle, found.error) == (longest["title"], longest["problem"])


@pytest.mark.parametrize(
    ("kind", "words", "message"),
    [
        ("whole", {"title": "T" * 33}, r"The title of .*\$B\$5:\$D\$5 has 33 .* shows 32"),
        (
            "whole",
            {"note": "🙂" + "n" * 254},
            "The note of .* has 256 .* shows 255; shorten it: 🙂",
        ),
        ("whole", {"problem": "p" * 256}, "The problem of .* has 256 characters"),
        ("date", {}, "of the kind 'date'; choose one of text, whole, number"),
    ],
)
def test_entries_that_would_be_dropped(
    tmp_path: Path, kind: str, words: dict[str, str], message: str
) -> None:
    with pytest.raises(WorkbookError, match=message):
        written(tmp_path / "a.xlsx", Look(entries=[entry(kind, 0, 1, **words)]))


def test_only_inputs_are_not_locked(tmp_path: Path) -> None:
    look = Look(
        styles=[(4, 1, 1, 3, "entry"), (1, 1, 1, 1, "output")], entries=[entry("whole", 0, 1)]
    )
    tab = written(tmp_path / "a.xlsx", look)
    unlocked = [cell.coordinate for row in tab for cell in row if not cell.protection.locked]
    assert unlocked == ["B5", "C5", "D5"]


def test_every_tab_is_protected_without_a_password(tmp_path: Path) -> None:
    protection = written(tmp_path / "a.xlsx", Look()).protection
    assert (protection.sheet, protection.password) == (True, None)
    # True: it is forbidden.
    forbidden = {name: getattr(protection, name) for name in (
        "selectLockedCells", "selectUnlockedCells", "objects", "formatColumns", "formatRows",
        "formatCells", "insertRows", "deleteColumns")}  # fmt: skip
    assert forbidden == dict.fromkeys(forbidden, False) | dict.fromkeys(
        ("formatCells", "insertRows", "deleteColumns"), True
    )


@pytest.mark.parametrize(
    ("first", "value"), [((0, 0), "x_{t,c} = y_t^2"), ((1, 1), 7), ((2, 1), "=1/2"), ((7, 1), None)]
)
def test_cells_shown_as_one(tmp_path: Path, first: tuple[int, int], value: Any) -> None:
    area = Area("tab.0", *first, 1, 3)
    look = Look(styles=[(*area[1:], "output")], merges=[(*area[1:],), (9, 0, 1, 1)])
    tab = written(tmp_path / "a.xlsx", look)
    assert [str(merged) for merged in tab.merged_cells.ranges] == [area.a1()]
    (cells,) = tab[area.a1()]
    assert [cell.value for cell in cells] == [value, None, None]
    # openpyxl gives merged cells the border of the first: look at the file.
    with ZipFile(tmp_path / "a.xlsx") as file:
        xml = file.read("xl/worksheets/sheet1.xml").decode()
    rows = xml.split("<row ")
    (row,) = [row for row in rows if row.startswith(f'r="{area.row + 1}"')]
    styles = [part.partition('"')[0] for part in row.split(' s="')[1:]]
    assert len(styles) == 3
    assert len({*styles}) == 1


@pytest.mark.parametrize(
    ("merge", "words"),
    [
        ((0, 1, 2, 1), r"'tab.0'!\$B\$1:\$B\$2 cannot be shown as one: .* but see B2"),
        ((2, 0, 1, 2), "but see B3"),
        ((4, 4, 2, 1), "not a part of an array formula, but see E5"),
        ((3, 5, 2, 1), "but see F5, E5"),
    ],
    ids=["number", "formula", "array formula", "its last cell"],
)
def test_cells_that_cannot_be_one(
    tmp_path: Path, merge: tuple[int, int, int, int], words: str
) -> None:
    with pytest.raises(WorkbookError, match=words):
        written(tmp_path / "a.xlsx", Look(merges=[merge]))


def test_links_of_all_that_a_cell_can_hold(tmp_path: Path) -> None:
    places = {(0, 0): "A1", (1, 1): "B2", (2, 1): "B3", (4, 5): "F5"}
    look = Look(links=dict.fromkeys(places, "'tab.0'!A9"))
    tab = written(tmp_path / "a.xlsx", look)
    linked = {cell.coordinate: cell.hyperlink for row in tab for cell in row if cell.hyperlink}
    assert [*linked] == [*places.values()]
    assert {link.location for link in linked.values()} == {"'tab.0'!A9"}
    assert [tab[place].value for place in places.values()] == ["x_{t,c} = y_t^2", 7, "=1/2", 2]
    assert read(tmp_path / "a.xlsx").sheets["tab.0"].numbers[2, 1] == 0.5


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("x", [("", "x")]),
        ("x_t", [("", "x"), ("_", "t")]),
        ("x_{t,c}y^2 z", [("", "x"), ("_", "t,c"), ("", "y"), ("^", "2"), ("", " z")]),
        ("x_a_b", [("", "x"), ("_", "ab")]),
        (r"next\_token_t", [("", "next_token"), ("_", "t")]),
        (r"\^ \{\}\\", [("", r"^ {}" + "\\")]),
        ("{v : v > 0}", [("", "{v : v > 0}")]),
        ("", []),
    ],
)
def test_the_notation_of_equations(text: str, pieces: list[tuple[str, str]]) -> None:
    assert runs(text) == pieces


@pytest.mark.parametrize("text", ["x_", "x_{t", "x^ 2", "x_{}", "a\\b", "x__t"])
def test_equations_that_cannot_be_read(text: str) -> None:
    with pytest.raises(EquationError, match="cannot be read from"):
        runs(text)


def test_equations_have_subscripts_and_superscripts(tmp_path: Path) -> None:
    tab = written(tmp_path / "a.xlsx", Look(styles=[(0, 0, 1, 1, "equation")]))
    rich = tab["A1"].value
    assert isinstance(rich, CellRichText)
    assert [(run.font.vertAlign, run.text) for run in rich if isinstance(run, TextBlock)] == [
        (None, "x"),
        ("subscript", "t,c"),
        (None, " = y"),
        ("subscript", "t"),
        ("superscript", "2"),
    ]
    assert openpyxl.load_workbook(tmp_path / "a.xlsx")["tab.0"]["A1"].value == "xt,c = yt2"
    assert read(tmp_path / "a.xlsx").sheets["tab.0"].value(0, 0) == "xt,c = yt2"


def test_another_text_in_a_file_with_all_of_it(tmp_path: Path) -> None:
    look = Look(
        styles=[(0, 0, 1, 1, "equation"), (4, 1, 1, 3, "input")],
        merges=[(4, 1, 1, 3)],
        entries=[entry("text", 0, 9)],
        links={(2, 1): "'tab.0'!A1"},
    )
    written(tmp_path / "a.xlsx", look)
    with_text(tmp_path / "a.xlsx", tmp_path / "b.xlsx", Area("tab.0", 4, 1), "new")
    before, after = (read(tmp_path / name).sheets["tab.0"] for name in ("a.xlsx", "b.xlsx"))
    assert after.others == before.others | {(4, 1): "new"}
    kept, found = (np.asarray(sheet.numbers[:, :]) for sheet in (before, after))
    assert np.array_equal(kept, found, equal_nan=True)


@pytest.mark.parametrize(
    ("cols", "freeze", "pages"),
    [(8, (0, 0), 1), (8, (4, 3), 1), (21, (4, 3), 1), (22, (4, 3), 2), (60, (4, 3), 3)],
    ids=["small", "frozen", "a full page", "two pages", "more pages"],
)
def test_print(tmp_path: Path, cols: int, freeze: tuple[int, int], pages: int) -> None:
    tab = written(tmp_path / "a.xlsx", Look(freeze=freeze, default_width=WIDE), cols=cols)
    setup, footer = tab.page_setup, tab.oddFooter
    assert (setup.orientation, int(setup.paperSize)) == ("landscape", 9)
    assert (setup.fitToWidth or 1, setup.fitToHeight) == (pages, 0)
    assert (tab.print_title_rows, tab.print_title_cols) == (None, None)  # slow in LibreOffice
    assert (footer.left.text, footer.right.text) == ("&A", "Page &P of &N")


@pytest.mark.parametrize(
    ("kind", "limits"),
    [
        ("signed", "-MAX(LARGE($B$5:$C$6,MAX(1,INT(0.02*4))),"
                   "-LARGE($B$5:$C$6,5-MAX(1,INT(0.02*4)))) 0 "
                   "MAX(LARGE($B$5:$C$6,MAX(1,INT(0.02*4))),"
                   "-LARGE($B$5:$C$6,5-MAX(1,INT(0.02*4))))"),
        ("diverging", "-8 0 8"),
        ("heat", "0 1"),
        ("bars", "0 1"),
    ],
)  # fmt: skip
def test_colours_and_bars(tmp_path: Path, kind: Any, limits: str) -> None:
    tab = written(tmp_path / "a.xlsx", Look(rules=[Rule(kind, 4, 1, 2, 2)]))
    ((area, (rule,)),) = tab.conditional_formatting._cf_rules.items()
    scale = rule.colorScale or rule.dataBar
    assert str(area.sqref) == "B5:C6"
    assert " ".join(str(limit.val).removesuffix(".0") for limit in scale.cfvo) == limits


@pytest.mark.parametrize("kind", ["hide", "good", "bad", "off", "chip"])
def test_rules_with_a_formula(tmp_path: Path, kind: Any) -> None:
    tab = written(tmp_path / "a.xlsx", Look(rules=[Rule(kind, 4, 1, 2, 2, "B5>n_layer")]))
    ((_, (rule,)),) = tab.conditional_formatting._cf_rules.items()
    assert (rule.formula, bool(rule.stopIfTrue)) == (["B5>n_layer"], kind == "hide")


def test_an_unknown_rule(tmp_path: Path) -> None:
    unknown: Any = "glow"
    with pytest.raises(WorkbookError, match="no conditional format 'glow' for B5:C6"):
        written(tmp_path / "a.xlsx", Look(rules=[Rule(unknown, 4, 1, 2, 2)]))


def test_who_made_it(tmp_path: Path) -> None:
    written(tmp_path / "a.xlsx", Look())
    properties = openpyxl.load_workbook(tmp_path / "a.xlsx").properties
    assert properties.creator == f"sheetgpt {VERSION}"
    assert f"sheetgpt {VERSION}" in properties.keywords
    assert "GPT-2" in properties.subject
