"""What tensors, cells and tabs may be called, and whether the formulas use known words."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping

from sheetgpt.evaluator.lint import PORTABLE, PREFIXED
from sheetgpt.layout.tensor import PlacementError
from sheetgpt.template.formula import Function, Name
from sheetgpt.template.load import Templates
from sheetgpt.template.op import Op
from sheetgpt.template.tables import Problems

#: Longest name of a tab, and what no program takes in one.
MAX_TAB_NAME, NOT_IN_TAB_NAMES = 31, "[]:*?/\\'"

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
#: `h0` is a cell, `R1C1` and `r` too in the other notation.
_CELL = re.compile(r"[a-z]{1,3}[0-9]+|r[0-9]*(c[0-9]*)?|c[0-9]*", re.IGNORECASE)
_CONSTANTS = {"true", "false"}


def require_new_name(name: str, taken: Iterable[str]) -> None:
    """Raise PlacementError unless every program takes `name` as a defined name and it is free."""
    if not _NAME.fullmatch(name) or _CELL.fullmatch(name) or name.lower() in _CONSTANTS:
        raise PlacementError(
            f"'{name}' cannot be a defined name: letters, digits, _ and . only, and not like a cell"
        )
    if name.lower() in {other.lower() for other in taken}:
        raise PlacementError(f"there is a second '{name}'; names must differ, whatever their case")


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
    templates: Templates, ops: Iterable[Op], names: Collection[str], problems: Problems
) -> None:
    """Functions must be portable ones, any other word a defined name or a cell of a row.

    `ops` are the operations to check, `names` the tensors that the steps define.
    """
    rows = {row["name"] for row in templates.rows if "name" in row}
    known = {name.lower() for name in {*names, *rows}} | _CONSTANTS
    functions = PORTABLE | PREFIXED
    # An operation and its variant for scaled weights share formulas.
    lines = {line.where: line for op in ops for line in op.lines}
    for where, line in lines.items():
        for token in line.tokens:
            if isinstance(token, Name) and token.name.lower() not in known:
                problems.add(where, f"there is no cell or tensor named '{token.name}'")
            elif isinstance(token, Function) and token.name.upper() not in functions:
                problem = f"{token.name} is not among the functions that all programs share"
                problems.add(where, f"{problem}: {', '.join(sorted(functions))}")
    for axis in templates.wiring.axes.values():
        for key, word in {"labels": axis.labels, "live": axis.live}.items():
            if word is not None and word.lower() not in known:
                problems.add(
                    axis.place, f"{key} = '{word}': there is no cell or tensor of this name"
                )
