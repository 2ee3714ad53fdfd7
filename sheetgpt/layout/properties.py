"""What the properties of a workbook's file say of it: a title, and where to start."""

from __future__ import annotations

from typing import NamedTuple

from sheetgpt.book import Book


class Properties(NamedTuple):
    """Two of the properties of a document, as programs show them beside the file."""

    title: str
    comments: str


OF_LESSONS = Properties(
    "How a model learns, in a spreadsheet", "Lessons as live formulas; begin at the tab Start."
)


def properties(book: Book) -> Properties:
    """Title and comments of a planned workbook, of a model or of lessons."""
    if "model_name" not in book.names:
        return OF_LESSONS
    comments = "Every step of the model as live formulas; start at the tab Start."
    return Properties(f"{book.named('model_name')[0, 0]}: GPT-2 in a spreadsheet", comments)
