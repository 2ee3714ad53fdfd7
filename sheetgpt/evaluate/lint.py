"""What in a Book's formulas is not portable between spreadsheet programs.

The list of functions and the traps were tested in LibreOffice 7.4, IronCalc 0.9, Gnumeric 1.12 and
`formulas` 1.3. Uses that only show when a formula is computed, such as an array where one cell is
wanted, are refused by `evaluate`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sheetgpt.book import Book, Formula, cell_name
from sheetgpt.evaluate.library import parse
from sheetgpt.evaluate.tree import Call, Constant, Node
from sheetgpt.evaluate.values import Refused
from sheetgpt.references import Reference, UnknownName, Unsupported, classify, split, to_area, words

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
        templates: set[str] = set()
        for formula in sheet.formulas:
            for problem in _problems(formula, names, set(book.sheets), templates):
                if problem not in reported:
                    reported.add(problem)
                    cell = cell_name(formula.row, formula.col)
                    problems.append(f"{sheet.name}!{cell} {problem}.")
    return problems


def _problems(
    formula: Formula, names: dict[str, Reference], sheets: set[str], templates: set[str]
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
    if template not in templates:
        templates.add(template)
        yield from _template_problems(template)


def _unsupported(word: str) -> str:
    kinds = {
        "external": "refers to another workbook",
        "whole": "refers to a whole column or row",
    }
    return f"{kinds.get(classify(word).kind, 'holds an unknown reference')}, {word}"


def _template_problems(template: str) -> Iterator[str]:
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
    if any(map(_whole_index, _nodes(tree))):
        yield "uses INDEX with row or column 0, a whole column or row, which is not portable"


def _function_problems(name: str) -> Iterator[str]:
    bare = name.upper().removeprefix("_XLFN.")
    if bare in PREFIXED:
        if bare == name.upper():
            yield f"uses {bare}, which a file must spell _xlfn.{bare}"
    elif name.upper() not in PORTABLE:
        yield f"uses {name.upper()}, which is not in the list of portable functions"


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    if isinstance(node, Call):
        for argument in node.arguments:
            yield from _nodes(argument)


def _whole_index(node: Node) -> bool:
    return (
        isinstance(node, Call)
        and node.name == "INDEX"
        and any(isinstance(a, Constant) and not a.value for a in node.arguments[1:])
    )
