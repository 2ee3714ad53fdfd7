"""Cells rendered in bulk and spliced into the sheets of XlsxWriter, parsed back."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

import numpy as np
import openpyxl
import pytest

from sheetgpt.book import Book, Formula, Sheet
from sheetgpt.book.area import Area, cell_name
from sheetgpt.book.decimals import shortest
from sheetgpt.book.grid import Patch, PatchGrid
from sheetgpt.book.look import Look
from sheetgpt.xlsx.bulk import (
    Bulk,
    Segment,
    has_unnamed_cells,
    render_array,
    render_cell,
    render_numbers,
)
from sheetgpt.xlsx.read import read
from sheetgpt.xlsx.splice import Additions, merge_sheet
from sheetgpt.xlsx.write import write

WEIGHTS = np.random.default_rng(0).normal(0, 0.13, (7, 30)).astype(np.float32)
#: Numbers of every type and size, and those that the file must hold.
NUMBERS: dict[str, tuple[np.ndarray, list[float]]] = {
    "float32": (np.array([[0.1, -2.5, 3e-8]], dtype=np.float32), [0.1, -2.5, 3e-8]),
    "float64": (np.array([[1 / 3, 0.1, -0.5]]), [1 / 3, 0.1, -0.5]),
    "whole float64": (np.array([[1.0, -50257.0, 0.0]]), [1, -50257, 0]),
    "int8": (np.array([[-127, 0, 127]], dtype=np.int8), [-127, 0, 127]),
    "too large for int64": (np.array([[1e300, -1e19, 2.0]]), [1e300, -1e19, 2.0]),
}
#: Texts as values of formulas.
TEXTS = ["plain", " two  spaces ", "a & b", "<b>", 'say "hi"', "\n", "\r", "\x01", "\ufffe",
         "🙂", "=1+1", "", "]]>"]  # fmt: skip


def cells(rows: list[Segment]) -> dict[str, ElementTree.Element]:
    """Rendered segments as XML elements, by the place where each belongs."""
    out = {}
    for row, first, xml in rows:
        for i, cell in enumerate(ElementTree.fromstring(b"<row>%s</row>" % xml)):
            place = cell_name(row, first + i)
            assert cell.get("r", place) == place
            out[place] = cell
    return out


def content(cell: ElementTree.Element) -> str:
    return cell.findtext("v") or ""


@pytest.mark.parametrize("cell_refs", [True, False], ids=["cell_refs", "no cell_refs"])
@pytest.mark.parametrize(("numbers", "wanted"), NUMBERS.values(), ids=NUMBERS)
def test_numbers(numbers: np.ndarray, wanted: list[float], cell_refs: bool) -> None:
    found = cells(list(render_numbers(Bulk(4, 25, numbers, style=3), cell_refs)))
    texts = {place: content(cell) for place, cell in found.items()}
    assert {place: float(text) for place, text in texts.items()} == dict(
        zip(("Z5", "AA5", "AB5"), wanted, strict=True)
    )
    assert any("." in text for text in texts.values()) == any(isinstance(x, float) for x in wanted)
    assert {cell.get("s") for cell in found.values()} == {"3"}
    assert ["r" in cell.attrib for cell in found.values()] == [True, cell_refs, cell_refs]


@pytest.mark.parametrize("cell_refs", [True, False], ids=["cell_refs", "no cell_refs"])
def test_many_rows(cell_refs: bool) -> None:
    found = cells(list(render_numbers(Bulk(2, 1, WEIGHTS), cell_refs)))
    assert found.keys() == {cell_name(2 + r, 1 + c) for r in range(7) for c in range(30)}
    assert [float(content(cell)) for cell in found.values()] == shortest(WEIGHTS).ravel().tolist()
    assert not any("s" in cell.attrib for cell in found.values())


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_is_read_back(text: str, tmp_path: Path) -> None:
    formula = Formula(0, 0, '"a"&"<"')
    (cell,) = cells([render_cell(0, 0, text, 0, formula.text)]).values()
    assert (cell.get("t"), cell.findtext("f")) == ("str", '"a"&"<"')
    sheet = Sheet("a", np.full((1, 1), np.nan), {(0, 0): text}, [formula])
    write(Book({"a": sheet}), tmp_path / "a.xlsx", "", "")
    assert read(tmp_path / "a.xlsx").sheets["a"].value(0, 0) == text


MIXED = np.array([["a", 1.0, None], [True, 0.5, "b"]], dtype=object)


@pytest.mark.parametrize(
    ("values", "found"),
    [
        (MIXED, {"B2": "a", "C2": "1", "D2": "", "B3": "1", "C3": "0.5", "D3": "b"}),
        (np.array([[1.0, 2.0]]), {"B2": "1", "C2": "2"}),
        (np.array([[0.5], [1.0]]), {"B2": "0.5", "B3": "1.0"}),
    ],
    ids=["mixed", "a row", "a column"],
)
def test_values_inside_an_array_formula(values: np.ndarray, found: dict[str, str]) -> None:
    formula = Formula(1, 1, "x", values.shape[0], values.shape[1], array=True)
    rendered = cells(list(render_array(formula, values, 2, cell_refs=True)))
    assert {place: content(cell) for place, cell in rendered.items()} == found
    head = rendered["B2"].find("f")
    assert head is not None
    assert (head.get("t"), head.get("ref")) == ("array", f"B2:{[*found][-1]}")
    assert sum(cell.find("f") is not None for cell in rendered.values()) == 1


SHEET = b'<worksheet><dimension ref="A1"/><cols><col min="1"/></cols>%s<pageMargins/></worksheet>'
OWN = b"""<sheetData><row r="2" spans="1:3" ht="20"><c r="A2" s="1" t="s"><v>0</v></c>\
<c r="C2" s="1"/></row><row r="5" hidden="0"/></sheetData>"""


@pytest.mark.parametrize(
    ("own", "added", "rows"),
    [
        (OWN, [(1, 1, b'<c r="B2"/>'), (1, 3, b'<c r="D2"/>'), (0, 0, b'<c r="A1"/>')],
         {"1": "A1", "2": "A2 B2 C2 D2", "5": ""}),
        (OWN, [(6, 2, b'<c r="C7"/>'), (2, 0, b'<c r="A3"/>')],
         {"2": "A2 C2", "3": "A3", "5": "", "7": "C7"}),
        (OWN, [(1, 1, b'<c r="B2"/><c r="C2"/><c r="D2"/>'), (1, 0, b'<c r="A2"/>')],
         {"2": "A2 B2 C2 D2", "5": ""}),
        (OWN, [(1, 1, b'<c r="B2"/><c><v>1</v></c>')], {"2": "A2 B2 ", "5": ""}),
        (OWN, [(1, 1, b'<c r="B2"/>'), (1, 3, b'<c r="D2"/><c s="1"/>')],
         {"2": "A2 B2 C2 D2 ", "5": ""}),
        (b"<sheetData/>", [(0, 0, b'<c r="A1"/>')], {"1": "A1"}),
        (b"<sheetData/>", [], {}),
    ],
    ids=["between", "around", "instead", "unnamed instead", "unnamed",
         "into nothing", "nothing"],
)  # fmt: skip
def test_merged_rows(own: bytes, added: list[Segment], rows: dict[str, str]) -> None:
    xml = b"".join(merge_sheet(SHEET % own, Additions(Area("a", 0, 0, 7, 4), added, [], True)))
    sheet = ElementTree.fromstring(xml)
    assert [element.tag for element in sheet] == ["dimension", "cols", "sheetData", "pageMargins"]
    assert sheet[0].get("ref") == "A1:D7"
    found = {row.get("r"): " ".join(cell.get("r", "") for cell in row) for row in sheet[2]}
    assert found == rows
    assert list(found) == list(rows)
    heights = {row.get("r"): row.get("ht") for row in sheet[2] if row.get("ht")}
    assert heights == ({"2": "20"} if own == OWN else {})


def made_up() -> Book:
    """A tab of weights with words around them, a tab of formulas, an empty tab."""
    words: dict[tuple[int, int], str | bool] = {(0, 0): "weights", (3, 1): "row 1", (9, 40): "end"}
    grid = PatchGrid(10, 41, [Patch(3, 2, WEIGHTS)])
    numbers = np.full((3, 3), np.nan)
    numbers[1, :2] = [0.5, 2.0]
    return Book(
        {
            "weights": Sheet("weights", grid, words),
            "formulas": Sheet("formulas", numbers, {}, [Formula(1, 0, "{0.5,2}", 1, 2, True)]),
            "empty": Sheet("empty", np.full((0, 0), np.nan)),
        },
        {"w": Area("weights", 3, 2, 7, 30)},
        {"weights": Look(group="weights")},
    )


WAYS: list[dict[str, Any]] = [
    {"compression": compression, "cell_refs": cell_refs}
    for compression in ("fast", "small")
    for cell_refs in (True, False)
]


@pytest.mark.parametrize("way", WAYS, ids=[f"{w['compression']}-{w['cell_refs']}" for w in WAYS])
def test_a_whole_file(way: dict[str, Any], tmp_path: Path) -> None:
    path, again = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    write(made_up(), path, "", "", **way)
    write(made_up(), again, "", "", **way)
    assert path.read_bytes() == again.read_bytes()
    assert has_unnamed_cells(path) == (not way["cell_refs"])
    assert np.array_equal(read(path).named("w"), shortest(WEIGHTS))
    theirs = openpyxl.load_workbook(path)
    assert [sheet.dimensions for sheet in theirs] == ["A1:AO10", "A2:B2", "A1:A1"]
    values = [[cell.value for cell in row] for row in theirs["weights"]["C4:AF10"]]
    assert values == shortest(WEIGHTS).tolist()
    assert [theirs["weights"][place].value for place in ("A1", "B4", "AO10")] == [
        *("weights", "row 1", "end")
    ]
    with ZipFile(path) as file:
        heads = [file.read(f"xl/worksheets/sheet{i}.xml")[:600] for i in (1, 2, 3)]
    wanted = [b'"A1:AO10"', b'"A1:C3"', b'"A1"']
    assert all(b"<dimension ref=%s/>" % w in h for w, h in zip(wanted, heads, strict=True))
