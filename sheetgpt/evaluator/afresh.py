"""Formulas behind array formulas, made so that LibreOffice computes them when it opens the file.

LibreOffice takes the stored values of ordinary formulas from a file and leaves its array formulas
uncomputed until somebody looks at them. Until then a change does not pass through them: an ordinary
formula behind one keeps its stored value, whatever is typed into the prompt. An array formula of
one cell gives the same value and is computed with the others.
"""

from __future__ import annotations

from sheetgpt.book import Book
from sheetgpt.evaluator.graph import Graph, find_groups


def as_array_formulas(book: Book) -> None:
    """Turn every ordinary formula of the book that an array formula comes before into one.

    Raises EvaluationError for formulas that cannot be put in order.
    """
    at = {
        (sheet.name, formula.row, formula.col): formula
        for sheet in book.sheets.values()
        for formula in sheet.formulas
    }
    for group in Graph(book.sheets, find_groups(book)).behind_arrays():
        for row, col in zip(group.rows.tolist(), group.cols.tolist(), strict=True):
            at[group.sheet, row, col].array = True
