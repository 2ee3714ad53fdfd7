"""Names of cells, columns and sheets, as formulas write them; the values in an area."""

from __future__ import annotations

import numpy as np
import pytest

from sheetgpt.book import Book, CellError, Sheet
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


@pytest.mark.parametrize("area", [(0, 0, 6, 6), (2, 1, 2, 2), (1, 2, 1, 9), (0, 0, 1, 2)])
@pytest.mark.parametrize("texts", [0, 40])
def test_the_values_in_an_area(area: tuple[int, int, int, int], texts: int) -> None:
    """With fewer other cells than blank ones, and with more."""
    numbers = np.full((5, 5), np.nan)
    numbers[0] = np.arange(5.0)
    others: dict[tuple[int, int], str | bool] = {
        (2, 2): True,
        (3, 1): CellError("#N/A"),
        (8, 1): "beyond",
    }
    others |= {(9, col): "far" for col in range(texts)}
    sheet = Sheet("s", numbers, others)
    row, col, rows, cols = area
    found = Book({"s": sheet}).get(Area("s", *area))
    assert found.tolist() == [
        [sheet.value(r, c) for c in range(col, col + cols)] for r in range(row, row + rows)
    ]
    assert (found.dtype == float) is (area == (0, 0, 1, 2))
