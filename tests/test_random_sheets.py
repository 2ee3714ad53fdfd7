"""Random sheets, written by XlsxWriter and by openpyxl, read by sheetgpt and by openpyxl."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from xml.etree import ElementTree

import numpy as np
import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetgpt.book.area import cell_name, column_index
from sheetgpt.xlsx.read import read
from sheetgpt.xlsx.read_row import plain_end

#: Cells of a sheet by (row, column): numbers, texts, booleans, formulas of them with a value.
Cells = dict[tuple[int, int], Any]
characters = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
texts = st.one_of(
    st.text(characters, min_size=1, max_size=20),
    st.sampled_from(["=1+1", "012", "TRUE", "#N/A", " two  spaces ", "<b>&\"'", "1E5", "x\ny"]),
)
#: The greatest number that Excel takes; beyond it 16 digits may round to infinity.
MOST = 9.99e307
numbers = st.one_of(
    st.floats(-MOST, MOST, allow_subnormal=False),
    st.integers(-(2**53), 2**53).map(float),
)
places = st.tuples(st.integers(0, 15), st.integers(0, 12))
sheets = st.dictionaries(places, st.one_of(numbers, texts, st.booleans(), st.none()), max_size=40)
words = st.text("abcxyzäß🙂 ", min_size=1, max_size=9)
calculated = st.dictionaries(places, st.one_of(numbers, words, st.booleans()), max_size=5)


def by_xlsxwriter(path: Path, cells: Cells, results: Cells) -> None:
    with xlsxwriter.Workbook(path) as book:
        sheet, bold = book.add_worksheet("data"), book.add_format({"bold": True})
        for (row, col), value in sorted(cells.items()):
            if value is None:
                sheet.write_blank(row, col, None, bold)
            elif isinstance(value, bool):
                sheet.write_boolean(row, col, value)
            elif isinstance(value, float):
                sheet.write_number(row, col, value)
            else:
                sheet.write_string(row, col, value)
        for (row, col), value in results.items():
            sheet.write_formula(row, col, "=A1&B$2", None, value)


def by_openpyxl(path: Path, cells: Cells, results: Cells) -> None:
    """It writes no values of formulas."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "data"
    for (row, col), value in cells.items():
        cell = sheet.cell(row + 1, col + 1)
        cell.value = value
        if isinstance(value, str):
            cell.data_type = "s"  # also where it looks like a formula
    for row, col in results:
        sheet.cell(row + 1, col + 1).value = "=A1&B$2"
    book.save(path)


@pytest.mark.parametrize("writer", [by_xlsxwriter, by_openpyxl])
@settings(max_examples=25, deadline=None)
@given(cells=sheets, results=calculated)
def test_what_openpyxl_reads(writer: Any, cells: Cells, results: Cells) -> None:
    cells = {place: value for place, value in cells.items() if place not in results}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "random.xlsx"
        writer(path, cells, results)
        found = read(path).sheets["data"]
        theirs = openpyxl.load_workbook(path, data_only=True)["data"]
        formulas = openpyxl.load_workbook(path)["data"]
    rows, cols = np.shape(found.numbers)
    for row in range(max(rows, theirs.max_row)):
        for col in range(max(cols, theirs.max_column)):
            value = found.value(row, col) if row < rows and col < cols else None
            wanted = theirs.cell(row + 1, col + 1).value
            assert same(value, wanted), (cell_name(row, col), value, wanted)
    mine = {(formula.row, formula.col): formula.text for formula in found.formulas}
    assert mine == dict.fromkeys(results, "A1&B$2")
    assert all(formulas[cell_name(*place)].value == "=A1&B$2" for place in results)
    for place, value in cells.items():
        assert same(found.value(*place) if value is not None else None, value)


def same(value: object, wanted: object) -> bool:
    """The same number, or the same text or truth."""
    if isinstance(wanted, bool) or not isinstance(wanted, int | float):
        return value == wanted and type(value) is type(wanted)
    return isinstance(value, float) and value == pytest.approx(wanted, rel=1e-15, abs=0)


#: The cells of a row: whether it has a name, how many columns are left out, its style, what it is.
row_cells = st.lists(
    st.tuples(
        st.booleans(),
        st.sampled_from([0, 0, 0, 1]),
        st.sampled_from(["", ' s="3"']),
        st.sampled_from([
            *["><v>1</v></c>", "><v>-2.5e-3</v></c>", "><v>.5</v></c>"] * 3,
            *[' t="s"><v>1</v></c>', ' t="n"><v>4</v></c>', "/>", "><f>A1</f><v>5</v></c>"],
        ]),
    ),
    min_size=1, max_size=12,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(cells=row_cells)
def test_the_numbers_at_the_end_of_a_row(cells: list[tuple[bool, int, str, str]]) -> None:
    """Cut out of the bytes as the XML parser reads them, and nothing else with them."""
    row, col = '<row r="3">', -1
    for named, gap, style, rest in cells:
        col += 1 + gap * named
        name = f' r="{cell_name(2, col)}"' if named else ""
        row += f"<c{name}{style}{rest}"
    before, found = plain_end(row.encode(), 3)
    wanted = parsed(row)
    if found is not None:
        styles = [style for count, style in found.styles for _ in range(count)]
        run = list(zip(range(found.col, col + 1), found.values.tolist(), styles, strict=True))
        assert [(at, "v", number, style) for at, number, style in run] == wanted[-len(run) :]
        assert (parsed(before.decode()) if before else []) == wanted[: -len(run)]


def parsed(row: str) -> list[tuple[int, str, float, int]]:
    """Column, tags, number and style of every cell of a row without its end tag."""
    out: list[tuple[int, str, float, int]] = []
    for cell in ElementTree.fromstring(row + "</row>"):
        name = (cell.get("r") or "").rstrip("0123456789")
        col = column_index(name) if name else (out[-1][0] if out else -1) + 1
        kind = "" if cell.get("t", "n") == "n" else "t"
        number = float(cell.findtext("v") or 0)
        tags = kind + "".join(part.tag for part in cell)
        out.append((col, tags, number, int(cell.get("s", 0))))
    return out
