"""Names of cells, columns and sheets, as formulas write them."""

from __future__ import annotations

import pytest

from sheetgpt.book.area import Area, cell_name, column_index, column_name, quote_sheet


@pytest.mark.parametrize(
    ("col", "name"),
    [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (701, "ZZ"), (702, "AAA"), (16_383, "XFD")],
)
def test_names_of_columns(col: int, name: str) -> None:
    assert column_name(col) == name
    assert column_index(name) == column_index(name.lower()) == col
    assert cell_name(6, col, absolute=True) == f"${name}$7"


@pytest.mark.parametrize(
    ("sheet", "written"),
    [
        ("Start", "Start"),
        ("token_ids", "token_ids"),
        ("block.0", "'block.0'"),
        ("TAB1", "'TAB1'"),  # a cell in column TAB
        ("R1C1", "'R1C1'"),
        ("1st", "'1st'"),
        ("two words", "'two words'"),
        ("it's", "'it''s'"),
    ],
)
def test_names_of_sheets_in_formulas(sheet: str, written: str) -> None:
    assert quote_sheet(sheet) == written
    assert Area(sheet, 1, 1, 2, 3).full() == f"{written}!$B$2:$D$3"
