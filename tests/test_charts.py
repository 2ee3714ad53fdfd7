"""Charts in the file, read back as XML: which cells they show, and the values kept for them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

import numpy as np
import openpyxl
import pytest

from sheetgpt.book import Book, Formula, Sheet
from sheetgpt.book.area import Area
from sheetgpt.book.look import Chart, Look, Series
from sheetgpt.errors import WorkbookError
from sheetgpt.xlsx.charts import COLOURS, DASHES, MARKERS, PATTERNS
from sheetgpt.xlsx.write import write

#: Words that look like something else, as tokens may, and a character that XML cannot hold.
WORDS = ["12", "inf", " the", "fox_1", "a\x01"]
SHARES = [0.5, 0.25, 1 / 8, 1 / 3, 0.0]
DATA = "it's data"
CATEGORIES, VALUES, OTHERS = (Area(DATA, 0, col, 5) for col in range(3))


def chart(kind: Any, *values: Area, categories: Area = CATEGORIES, shares: bool = False) -> Chart:
    series = [Series(f"series {i}", categories, area) for i, area in enumerate(values)]
    return Chart(kind, 6, 1, 400, 240, "A title", "What it shows", series, "x", "", shares)


def book_of(*charts: Chart) -> Book:
    """A tab whose columns are words, results of an array formula, and numbers with a gap."""
    numbers = np.full((5, 3), np.nan)
    numbers[:, 1], numbers[:4, 2] = SHARES, [3, 1, 4, 1.5]
    words: dict[tuple[int, int], str | bool] = {(i, 0): word for i, word in enumerate(WORDS)}
    sheet = Sheet(DATA, numbers, words, [Formula(0, 1, "x", 5, 1, array=True)])
    front = Sheet("Start", np.full((1, 1), np.nan))
    looks = {"Start": Look(group="start", charts=list(charts))}
    return Book({"Start": front, DATA: sheet}, looks=looks)


def drawn(path: Path, *charts: Chart) -> list[ElementTree.Element]:
    write(book_of(*charts), path, "", "")
    with ZipFile(path) as file:
        parts = [f"xl/charts/chart{i}.xml" for i in range(1, len(charts) + 1)]
        return [ElementTree.fromstring(file.read(part)) for part in parts]


def kept(xml: ElementTree.Element, where: str) -> tuple[str | None, list[str | None]]:
    """The cells that a part of a series stands for, and their values, None where there is none."""
    (found,) = xml.iterfind(f".//{{*}}{where}")
    count = found.find(".//{*}ptCount")
    assert count is not None
    values: list[str | None] = [None] * int(count.get("val", ""))
    for point in found.iterfind(".//{*}pt"):
        values[int(point.get("idx", ""))] = point.findtext("{*}v")
    return found.findtext(".//{*}f"), values


@pytest.mark.parametrize(
    ("values", "cells", "cached"),
    [
        (VALUES, "$B$1:$B$5", ["0.5", "0.25", "0.125", "0.3333333333333", "0.0"]),
        (OTHERS, "$C$1:$C$5", ["3.0", "1.0", "4.0", "1.5", None]),
    ],
    ids=["array formula", "numbers and a gap"],
)
def test_cells_and_their_values(
    tmp_path: Path, values: Area, cells: str, cached: list[str | None]
) -> None:
    (xml,) = drawn(tmp_path / "a.xlsx", chart("column", values))
    assert kept(xml, "val") == (f"'it''s data'!{cells}", cached)
    words = ["12", "inf", " the", "fox_1", "a_x0001_"]
    assert kept(xml, "cat/{*}strRef") == ("'it''s data'!$A$1:$A$5", words)


def test_points_lie_at_numbers(tmp_path: Path) -> None:
    (xml,) = drawn(tmp_path / "a.xlsx", chart("scatter", OTHERS, categories=VALUES))
    assert kept(xml, "xVal/{*}numRef")[0] == "'it''s data'!$B$1:$B$5"
    assert kept(xml, "yVal")[1] == ["3.0", "1.0", "4.0", "1.5", None]
    assert xml.find(".//{*}ser/{*}spPr/{*}ln/{*}noFill") is not None


@pytest.mark.parametrize(("row", "word"), [(0, "12"), (2, " the"), (4, "a_x0001_")])
def test_a_series_is_named_by_a_cell(tmp_path: Path, row: int, word: str) -> None:
    series = Series("of a cell", VALUES, OTHERS, label=Area(DATA, row, 0))
    (xml,) = drawn(tmp_path / "a.xlsx", replace(chart("scatter"), series=[series]))
    assert kept(xml, "ser/{*}tx") == (f"'it''s data'!$A${row + 1}", [word])


@pytest.mark.parametrize(
    ("kind", "element", "direction"),
    [("bar", "barChart", "bar"), ("column", "barChart", "col"), ("line", "lineChart", None),
     ("scatter", "scatterChart", None)],
)  # fmt: skip
def test_kinds(tmp_path: Path, kind: str, element: str, direction: str | None) -> None:
    (xml,) = drawn(tmp_path / "a.xlsx", chart(kind, VALUES))
    found = xml.find(f".//{{*}}{element}")
    assert found is not None
    bars = found.find("{*}barDir")
    assert (None if bars is None else bars.get("val")) == direction
    titles = ["".join(title.itertext()) for title in xml.iterfind(".//{*}title")]
    assert titles == ["A title", "x"]


def test_the_first_bar_is_on_top_and_its_scale_below(tmp_path: Path) -> None:
    (xml,) = drawn(tmp_path / "a.xlsx", chart("bar", VALUES))
    assert [x.get("val") for x in xml.iterfind(".//{*}catAx//{*}orientation")] == ["maxMin"]
    assert [x.get("val") for x in xml.iterfind(".//{*}valAx/{*}crosses")] == ["max"]


def test_shares_are_percent_of_a_whole(tmp_path: Path) -> None:
    (xml,) = drawn(tmp_path / "a.xlsx", chart("bar", VALUES, shares=True))
    axis = xml.find(".//{*}valAx")
    assert axis is not None
    limits = [axis.find(f"{{*}}scaling/{{*}}{end}") for end in ("min", "max")]
    assert [None if limit is None else limit.get("val") for limit in limits] == ["0", "1"]
    assert [x.get("formatCode") for x in axis.iterfind("{*}numFmt")] == ["0%"]


@pytest.mark.parametrize(("values", "legends"), [([VALUES], 0), ([VALUES, OTHERS], 1)])
def test_a_legend_for_several_series(tmp_path: Path, values: list[Area], legends: int) -> None:
    (xml,) = drawn(tmp_path / "a.xlsx", chart("line", *values))
    assert len(xml.findall(".//{*}legend")) == legends


@pytest.mark.parametrize(
    ("kind", "where", "looks"),
    [
        ("line", "marker/{*}symbol", MARKERS),
        ("line", "spPr/{*}ln/{*}prstDash", DASHES),
        ("scatter", "marker/{*}symbol", MARKERS),
        ("column", "spPr/{*}pattFill", PATTERNS),
    ],
)
def test_series_differ_without_their_colours(
    tmp_path: Path, kind: str, where: str, looks: tuple[str | None, ...]
) -> None:
    (xml,) = drawn(tmp_path / "a.xlsx", chart(kind, *[VALUES] * len(looks), categories=VALUES))
    found = [series.find(f"{{*}}{where}") for series in xml.iterfind(".//{*}ser")]
    seen = {None if x is None else x.get("val", x.get("prst")) for x in found}
    assert len(seen) == len(looks) == len(MARKERS) < len(COLOURS)


@pytest.mark.parametrize(("points", "size"), [(2, "5"), (200, "5"), (201, "3")])
def test_many_points_are_drawn_smaller(tmp_path: Path, points: int, size: str) -> None:
    area = Area("many", 0, 0, points)
    tab = Sheet("many", np.linspace(0, 1, points)[:, None])
    look = Look(charts=[chart("scatter", area, categories=area)])
    write(Book({"many": tab}, looks={"many": look}), tmp_path / "a.xlsx", "", "")
    with ZipFile(tmp_path / "a.xlsx") as file:
        xml = ElementTree.fromstring(file.read("xl/charts/chart1.xml"))
    assert [x.get("val") for x in xml.iterfind(".//{*}marker/{*}size")] == [size]


def test_words_for_those_who_cannot_see_it(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    drawn(path, chart("bar", VALUES), chart("line", OTHERS))
    with ZipFile(path) as file:
        drawing = ElementTree.fromstring(file.read("xl/drawings/drawing1.xml"))
    described = [x.get("descr") for x in drawing.iterfind(".//{*}cNvPr")]
    assert described == ["What it shows"] * 2
    assert len(openpyxl.load_workbook(path)["Start"]._charts) == 2


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (Area(DATA, 0, 1, 2, 2), r"cannot show 'it''s data'!\$B\$1:\$C\$2: it must be one row"),
        (Area("gone", 0, 1, 5), r"cannot show gone!\$B\$1:\$B\$5"),
        (Area(DATA, 0, 1, 4), r"series 'series 0': .* have 5 and 4 cells"),
    ],
)
def test_what_no_chart_can_show(tmp_path: Path, values: Area, words: str) -> None:
    with pytest.raises(WorkbookError, match=f"Chart 'A title'.*{words}"):
        write(book_of(chart("line", values)), tmp_path / "a.xlsx", "", "")


def test_the_same_bytes_twice(tmp_path: Path) -> None:
    one, two = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    for path in (one, two):
        drawn(path, *(chart(kind, VALUES, OTHERS) for kind in ("bar", "column", "line")))
    assert one.read_bytes() == two.read_bytes()
