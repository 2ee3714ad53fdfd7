"""What in a Book's formulas is not portable between spreadsheet programs.

The list of functions and the traps were tested in LibreOffice 7.4, IronCalc 0.9, Gnumeric 1.12 and
`formulas` 1.3. Uses that only show when a formula is computed, such as an array where one cell is
wanted, are refused by `evaluate`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sheetgpt.book import Book, Formula
from sheetgpt.book.area import cell_name
from sheetgpt.book.references import (
    Reference,
    UnknownName,
    Unsupported,
    classify,
    split,
    to_area,
    words,
)
from sheetgpt.evaluator.library import parse
from sheetgpt.evaluator.tree import Call, Constant, Node, Slot
from sheetgpt.evaluator.values import Refused

#: Functions that give the same values in every program.
PORTABLE = frozenset(
    [
        *("SUM", "SUMPRODUCT", "MMULT", "TRANSPOSE", "AVERAGE", "VARP", "MAX", "MIN", "LARGE"),
        *("SQRT", "EXP", "TANH", "INT", "MOD", "IF", "AND", "OR", "IFERROR"),
        *("INDEX", "MATCH", "LOOKUP", "CHOOSE", "MID", "LEN"),
    ]
)
#: Functions of Excel 2013, which a file names with a prefix.
PREFIXED = frozenset({"UNICODE", "UNICHAR"})
#: The longest formula that Excel takes.
MAX_LENGTH = 8192

_BARE_EXPONENT = re.compile(r"[\d.]+[eE]\d+")


def lint(book: Book) -> list[str]:
    """A sentence for each problem, naming the sheet and the first cell that has it; none if good.

    Copies of a formula are reported once per sheet.
    """
    names = {name.upper(): to_area(area) for name, area in book.names.items()}
    problems = []
    for sheet in book.sheets.values():
        reported: set[str] = set()
        seen: set[object] = set()
        for formula in sheet.formulas:
            for problem in _problems(formula, names, set(book.sheets), seen):
                if problem not in reported:
                    reported.add(problem)
                    cell = cell_name(formula.row, formula.col)
                    problems.append(f"{sheet.name}!{cell} {problem}.")
    return problems


def _problems(
    formula: Formula, names: dict[str, Reference], sheets: set[str], seen: set[object]
) -> Iterator[str]:
    if len(formula.text) > MAX_LENGTH:
        yield f"has {len(formula.text)} characters, more than the {MAX_LENGTH} that Excel takes"
    try:
        template, references = split(formula.text, formula.row, formula.col, names)
    except UnknownName as error:
        yield f"uses the unknown name {error}"
        return
    except Unsupported as error:
        yield _unsupported(str(error))
        return
    for reference in references:
        if reference.sheet is not None and reference.sheet not in sheets:
            yield f"refers to the missing sheet {reference.sheet!r}"
    if (template, references) not in seen:
        seen.add((template, references))
        sizes = [reference.corners(formula.row, formula.col)[2:] for reference in references]
        yield from _template_problems(template, sizes)


def _unsupported(word: str) -> str:
    kinds = {
        "external": "refers to another workbook",
        "whole": "refers to a whole column or row",
    }
    return f"{kinds.get(classify(word).kind, 'holds an unknown reference')}, {word}"


def _template_problems(template: str, sizes: list[tuple[int, int]]) -> Iterator[str]:
    """Problems of a template whose references cover (rows, columns) `sizes`."""
    understood = True
    for word in words(template):
        if word.kind == "function":
            yield from _function_problems(word.text[:-1])
        elif word.kind == "number" and _BARE_EXPONENT.fullmatch(word.text):
            understood = False
            yield f"holds {word.text}, which not every program reads; write the exponent's sign"
    try:
        tree = parse(template)
    except Refused as error:
        if understood:
            yield str(error)
        return
    for node in _nodes(tree):
        if isinstance(node, Call) and node.name == "INDEX":
            yield from _index_problems(node.arguments, sizes)


def _index_problems(arguments: tuple[Node, ...], sizes: list[tuple[int, int]]) -> Iterator[str]:
    if any(isinstance(a, Constant) and not a.value for a in arguments[1:]):
        yield "uses INDEX with row or column 0, a whole column or row, which is not portable"
    if len(arguments) == 2 and isinstance(arguments[0], Slot):
        rows, cols = sizes[arguments[0].index]
        if cols > 1:
            yield f"uses INDEX on {rows} x {cols} cells with one number; give a row and a column"


def _function_problems(name: str) -> Iterator[str]:
    bare = name.upper().removeprefix("_XLFN.")
    if bare in PREFIXED:
        if bare == name.upper():
            yield f"uses {bare}, which a file must spell _xlfn.{bare}"
    elif name.upper() not in PORTABLE:
        yield f"uses {name.upper()}, which is not in the list of portable functions"


def _nodes(tree: Node) -> Iterator[Node]:
    stack = [tree]
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, Call):
            stack.extend(node.arguments)
