"""What a workbook of lessons must hold: every result of every lesson that it has."""

from __future__ import annotations

from sheetgpt.book import Book
from sheetgpt.errors import WorkbookError
from sheetgpt.reference.lessons import LESSONS
from sheetgpt.verification.contents import text, values
from sheetgpt.verification.step import Expected, fitting, whole

#: The cell that names the lessons of a workbook; no other workbook has it.
CONTENTS = "lessons"


def is_lessons(book: Book) -> bool:
    """Whether a workbook is one of lessons."""
    return CONTENTS in book.names


def lessons_in(book: Book) -> list[str]:
    """The lessons that a workbook holds; raises WorkbookError for one that is not known."""
    names = text(book, CONTENTS).split(", ")
    if unknown := [name for name in names if name not in LESSONS]:
        raise WorkbookError(
            f"The cell named {CONTENTS} holds the lesson {unknown[0]!r}, which this version of "
            "sheetgpt does not have; write the workbook again with: sheetgpt lessons"
        )
    return names


def expect_lessons(book: Book) -> list[Expected]:
    """The true values of all results for what stands in the cells to type into.

    Raises WorkbookError if such a cell is missing, InputError if it holds what it cannot take.
    """
    steps: list[Expected] = []
    for name in lessons_in(book):
        lesson = LESSONS[name]
        if missing := [cell for cell in lesson.inputs if cell not in book.names]:
            raise WorkbookError(
                f"The workbook has no cell named {missing[0]}, which this version of sheetgpt "
                "writes; write it again with: sheetgpt lessons"
            )
        cells = {cell: values(book, cell) for cell in lesson.inputs}
        with fitting():
            steps += [whole(key, found) for key, found in lesson.steps(cells).items()]
    return steps
