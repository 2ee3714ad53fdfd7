"""Copies of a file for programs that only compute, and for a reader of values."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

import pytest
import xlsxwriter

from sheetgpt.errors import WorkbookError
from sheetgpt.xlsx.plain import with_values_alone, without_conditional_formats
from sheetgpt.xlsx.read import read

#: What a cell holds; of a formula, the value as well.
CELLS = [
    1.5,
    "two  words",
    " \n ",
    "<f>x</f>",
    True,
    ("=A1*2", 3.0),
    ('="a"&"b"', "ab"),
    ("=1/0", "#DIV/0!"),
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A sheet with a conditional format, and space between its tags."""
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("s")
        for row, cell in enumerate(CELLS):
            if isinstance(cell, tuple):
                sheet.write_formula(row, 0, cell[0], None, cell[1])
            else:
                sheet.write(row, 0, cell)
        sheet.write_array_formula(0, 1, 1, 2, "{=A1*{1,2;3,4}}", None, 1.5)
        sheet.conditional_format(0, 0, 9, 0, {"type": "2_color_scale"})
    indented = tmp_path / "indented.xlsx"
    with ZipFile(path) as old, ZipFile(indented, "w") as new:
        for member in old.namelist():
            data = old.read(member)
            if "worksheets" in member:
                data = data.replace(b"><", b">\n      <")
            new.writestr(member, data)
    return indented


def test_values_alone(file: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.xlsx"
    with_values_alone(file, copy)
    before, after = (read(path).sheets["s"] for path in (file, copy))
    assert (len(before.formulas), after.formulas) == (4, [])
    assert before.others == after.others
    assert before.others[2, 0] == " \n "
    assert repr(before.numbers[:, :].tolist()) == repr(after.numbers[:, :].tolist())
    with ZipFile(copy) as parts:
        assert b"\n      <" not in parts.read("xl/worksheets/sheet1.xml")


def test_without_conditional_formats(file: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.xlsx"
    without_conditional_formats(file, copy)
    before, after = (read(path).sheets["s"] for path in (file, copy))
    assert before.formulas == after.formulas
    for path, count in [(file, 1), (copy, 0)]:
        with ZipFile(path) as parts:
            sheet = parts.read("xl/worksheets/sheet1.xml")
        assert sheet.count(b"<conditionalFormatting") == count


@pytest.mark.parametrize("copy", [with_values_alone, without_conditional_formats])
def test_what_is_no_workbook(tmp_path: Path, copy: object) -> None:
    (tmp_path / "a.xlsx").write_text("no zip")
    assert callable(copy)
    with pytest.raises(WorkbookError, match=r"a\.xlsx is not a complete \.xlsx workbook"):
        copy(tmp_path / "a.xlsx", tmp_path / "b.xlsx")
