"""The workbook in memory: sheets, formulas, rectangles, looks; nothing here knows a file."""

from sheetgpt.book.sheets import MAX_COLUMNS, MAX_ROWS, Book, CellError, Formula, Sheet

__all__ = ["MAX_COLUMNS", "MAX_ROWS", "Book", "CellError", "Formula", "Sheet"]
