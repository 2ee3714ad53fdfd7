"""What in a Book's formulas is not portable between spreadsheet programs.

The list of functions and the traps were tested in LibreOffice 7.4, IronCalc 0.9, Gnumeric 1.12 and
`formulas` 1.3. Uses that only show when a formula is computed, such as an array where one cell is
wanted, are refused by `evaluate`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from sheetgpt.book import Book, Formula
from sheetgpt.book.area import cell_name
from sheetgpt.book.references import UnknownName, classify, words
from sheetgpt.evaluator.groups import Apart, Copies, Unreadable, take_apart
from sheetgpt.evaluator.library import parse
from sheetgpt.evaluator.tree import Call, Constant, Node, Slot
from sheetgpt.evaluator.values import Refused

#: Functions that give the same values in every program.
PORTABLE = frozenset(
    [
        *("SUM", "SUMPRODUCT", "MMULT", "TRANSPOSE", "AVERAGE", "VARP", "MAX", "MIN", "LARGE"),
        *("SQRT", "EXP", "TANH", "NORMSDIST", "LN", "SIN", "COS", "INT", "MOD"),
        *("IF", "AND", "OR", "IFERROR"),
        *("INDEX", "MATCH", "LOOKUP", "CHOOSE", "MID", "LEN", "EXACT"),
    ]
)
#: Functions of Excel 2013, which a file names with a prefix.
PREFIXED = frozenset({"UNICODE", "UNICHAR"})
#: The longest formula that Excel takes.
MAX_LENGTH = 8192

_Problem = tuple[Formula, str]
_BARE_EXPONENT = re.compile(r"[\d.]+[eE]\d+")
#: Functions that Excel 2010 gave another name, under which some programs save them.
RENAMED = {
    "VAR.P": "VARP",
    "VAR.S": "VAR",
    "STDEV.P": "STDEVP",
    "STDEV.S": "STDEV",
    "PERCENTILE.INC": "PERCENTILE",
    "RANK.EQ": "RANK",
}


def lint(book: Book) -> list[str]:
    """A sentence for each problem, naming the sheet and the first cell that has it; none if good.

    Copies of a formula are reported once per sheet.
    """
    return problems_in(take_apart(book))


def problems_in(apart: Apart) -> list[str]:
    """The same for formulas that were taken apart before."""
    problems = []
    for name, found in apart.items():
        reported: set[str] = set()
        for copies in found:
            for formula, problem in _problems(copies, apart.keys()):
                if problem not in reported:
                    reported.add(problem)
                    cell = cell_name(formula.row, formula.col)
                    problems.append(f"{name}!{cell} {problem}.")
    return problems


def _problems(copies: Copies | Unreadable, sheets: Collection[str]) -> Iterator[_Problem]:
    if isinstance(copies, Unreadable):
        yield from _too_long([copies.formula])
        if isinstance(copies.error, UnknownName):
            yield copies.formula, f"uses the unknown name {copies.error}"
        else:
            yield copies.formula, _unsupported(str(copies.error))
        return
    yield from _too_long(copies.formulas)
    first = copies.formulas[0]
    if first.array and any(word.text.upper() == "NORMSDIST(" for word in words(copies.template)):
        yield first, "uses NORMSDIST in an array formula, which IronCalc gives one value for"
    for reference in copies.references:
        if reference.sheet is not None and reference.sheet not in sheets:
            yield first, f"refers to the missing sheet {reference.sheet!r}"
    sizes = [reference.corners(first.row, first.col)[2:] for reference in copies.references]
    for problem in _template_problems(copies.template, sizes):
        yield first, problem


def _too_long(formulas: Iterable[Formula]) -> Iterator[_Problem]:
    for formula in formulas:
        if len(formula.text) > MAX_LENGTH:
            count = len(formula.text)
            yield formula, f"has {count} characters, more than the {MAX_LENGTH} that Excel takes"


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
        if isinstance(node, Call) and node.name in ("LARGE", "MATCH"):
            looked_in = node.arguments[1 if node.name == "MATCH" else 0]
            if isinstance(looked_in, Slot) and sizes[looked_in.index] == (1, 1):
                yield f"uses {node.name} on one cell, which IronCalc cannot; name the cell alone"


def _index_problems(arguments: tuple[Node, ...], sizes: list[tuple[int, int]]) -> Iterator[str]:
    if any(isinstance(a, Constant) and not a.value for a in arguments[1:]):
        yield "uses INDEX with row or column 0, a whole column or row, which is not portable"
    if isinstance(arguments[0], Slot):
        rows, cols = sizes[arguments[0].index]
        if rows == cols == 1:
            yield "uses INDEX on one cell, which Gnumeric and IronCalc cannot; name the cell alone"
        elif len(arguments) == 2 and cols > 1:
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
