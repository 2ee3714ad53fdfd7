"""Random sheets, written by XlsxWriter and by openpyxl, read by sheetgpt and by openpyxl."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetgpt.book.area import cell_name
from sheetgpt.xlsx.read import read

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
