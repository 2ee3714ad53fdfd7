"""What tensors, cells and tabs may be called, and whether the formulas use known words."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from sheetgpt.evaluator.lint import PORTABLE, PREFIXED
from sheetgpt.layout.tensor import PlacementError
from sheetgpt.template.formula import Function, Name, Token
from sheetgpt.template.op import Op
from sheetgpt.template.tables import Problems
from sheetgpt.template.wiring import AxisWiring

#: Longest name of a tab, and what no program takes in one.
MAX_TAB_NAME, NOT_IN_TAB_NAMES = 31, "[]:*?/\\'"

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
#: `h0` is a cell, `R1C1` and `r` too in the other notation.
_CELL = re.compile(r"[a-z]{1,3}[0-9]+|r[0-9]*(c[0-9]*)?|c[0-9]*", re.IGNORECASE)
_CONSTANTS = {"true", "false"}


class Names:
    """The defined names of a workbook in the making; programs do not tell cases apart."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = {name.lower() for name in taken}

    def claim(self, name: str) -> None:
        """Take a name; raises PlacementError unless every program takes it and it is free."""
        if not _NAME.fullmatch(name) or _CELL.fullmatch(name) or name.lower() in _CONSTANTS:
            raise PlacementError(
                f"'{name}' cannot be a defined name: letters, digits, _ and . only, "
                "and not like a cell"
            )
        if name.lower() in self._taken:
            problem = f"there is a second '{name}'; names must differ, whatever their case"
            raise PlacementError(problem)
        self._taken.add(name.lower())


def check_tabs(names: Iterable[str], places: Mapping[str, str], problems: Problems) -> None:
    """Every tab needs a name of its own that every program takes; `places` tells where it is."""
    seen: set[str] = set()
    for name in names:
        if not 1 <= len(name) <= MAX_TAB_NAME or not {*name}.isdisjoint(NOT_IN_TAB_NAMES):
            problems.add(
                places.get(name, f"tab {name}"),
                f"the name of a tab has 1 to {MAX_TAB_NAME} characters and none of "
                f"{' '.join(NOT_IN_TAB_NAMES)}",
            )
        if name.lower() in seen:
            problems.add(places.get(name, f"tab {name}"), "there is a second tab of this name")
        seen.add(name.lower())


def check_words(
    axes: Iterable[AxisWiring],
    ops: Iterable[Op],
    names: Collection[str],
    row_formulas: Mapping[str, Sequence[Sequence[Token]]],
    problems: Problems,
) -> None:
    """Functions must be portable ones, any other word one of the defined names.

    `ops` are the operations to check, `names` all tensors and cells. `row_formulas` are those of
    rows by their place; of a row that repeats, the first wrong formula is enough.
    """
    known = {name.lower() for name in names} | _CONSTANTS
    # An operation and its variant for scaled weights share formulas.
    for where, line in {line.where: line for op in ops for line in op.lines}.items():
        for problem in _wrong_words(line.tokens, known):
            problems.add(where, problem)
    for where, formulas in row_formulas.items():
        for problem in next(filter(None, (_wrong_words(x, known) for x in formulas)), []):
            problems.add(where, problem)
    for axis in axes:
        for key, word in {"labels": axis.labels, "live": axis.live}.items():
            if word is not None and word.lower() not in known:
                problem = f"{key} = '{word}': there is no cell or tensor of this name"
                problems.add(axis.place, problem)


def _wrong_words(tokens: Sequence[Token], known: Collection[str]) -> list[str]:
    """What is wrong with the words of a formula; `known` are names in lower case."""
    functions = PORTABLE | PREFIXED
    wrong = []
    for token in tokens:
        if isinstance(token, Name) and token.name.lower() not in known:
            wrong.append(f"there is no cell or tensor named '{token.name}'")
        elif isinstance(token, Function) and token.name.upper() not in functions:
            problem = f"{token.name} is not among the functions that all programs share"
            wrong.append(f"{problem}: {', '.join(sorted(functions))}")
    return wrong
