"""One area's values, as an engine delivers them, in the form that `Book.get` promises."""

from __future__ import annotations

import numpy as np

from sheetgpt.book import Book, Sheet
from sheetgpt.book.area import Area


def area_values(numbers: np.ndarray, others: dict[tuple[int, int], str | bool]) -> np.ndarray:
    """The array of one area, shape of `numbers`.

    `numbers` is float64 (rows, cols) with NaN where a cell is blank or not a number; `others`
    maps (row, column) inside the area to text, booleans and CellError.
    """
    sheet = Sheet("", numbers, others)
    return Book({"": sheet}).get(Area("", 0, 0, *numbers.shape))
