"""What formulas ask for, told before anything computes: functions, and how much work they are.

A workbook of ours uses few functions. Of each the size of its result follows from the sizes of its
arguments, so how large the arrays of a formula will be, and how many steps it takes, is known from
its tree alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from sheetgpt.book.area import cell_name
from sheetgpt.book.references import bare_function, words
from sheetgpt.errors import EvaluationError
from sheetgpt.evaluator.elementwise import ELEMENTWISE
from sheetgpt.evaluator.groups import Apart, Copies
from sheetgpt.evaluator.library import parse
from sheetgpt.evaluator.lint import PORTABLE, PREFIXED, RENAMED
from sheetgpt.evaluator.special import LAZY
from sheetgpt.evaluator.tree import Constant, Node, Slot
from sheetgpt.evaluator.values import Refused

#: Functions that a workbook may use; LibreOffice saves TRUE as a function, Gnumeric VARP as VAR.P.
USUAL = (
    PORTABLE
    | PREFIXED
    | {"TRUE", "FALSE"}
    | {name for name, older in RENAMED.items() if older in PORTABLE}
)
#: A multiplication inside of MMULT is this much less work than any other.
MATRIX = 32

_Size = tuple[int, int]


@dataclass(frozen=True)
class Most:
    """The most cells of one reference and of one array, and the most steps of all formulas."""

    area: int
    array: int
    steps: int


class Work:
    """The work of one formula: the cells of its largest `array`, and its `steps`."""

    def __init__(self, tree: Node, sizes: Sequence[_Size]) -> None:
        """`sizes` are the rows and columns of its references. Raises Refused if it is too deep."""
        self.array, self.steps = 1, 1
        try:
            self._size(tree, sizes)
        except RecursionError as error:
            raise Refused("is nested too deeply") from error

    def _size(self, node: Node, sizes: Sequence[_Size]) -> _Size:
        if isinstance(node, Constant):
            array = node.value
            return array.shape[1:] if isinstance(array, np.ndarray) else (1, 1)
        if isinstance(node, Slot):
            return sizes[node.index]
        arguments = [self._size(argument, sizes) for argument in node.arguments]
        result, steps = _result(node.name, arguments)
        self.array = max(self.array, result[0] * result[1])
        self.steps += steps
        return result


def _result(name: str, sizes: list[_Size]) -> tuple[_Size, int]:
    """Size of a function's result, and its steps, by the sizes of its arguments."""
    if name == "TRANSPOSE" and len(sizes) == 1:
        return (sizes[0][1], sizes[0][0]), 1
    if name == "MMULT" and len(sizes) == 2:
        rows, cols = sizes[0][0], sizes[1][1]
        return (rows, cols), rows * cols * (1 + sizes[0][1] // MATRIX)
    if name in ELEMENTWISE or name in LAZY:
        rows, cols = (max((size[axis] for size in sizes), default=1) for axis in (0, 1))
        return (rows, cols), rows * cols
    return (1, 1), sum(rows * cols for rows, cols in sizes)


def require_modest(apart: Apart, most: Most, sheets: Iterable[str] | None = None) -> None:
    """Raise EvaluationError for the first formula that is none of a workbook like ours.

    It names the cell and the function that is not in the list, or the range, the array or the
    steps that are more than `most` allows. Only some `sheets` are looked at, if they are named.
    """
    steps = 0
    for name in apart if sheets is None else sheets:
        for copies in apart[name]:
            if isinstance(copies, Copies):
                first = copies.formulas[0]
                try:
                    steps += _steps(copies, most) * len(copies.formulas)
                    if steps > most.steps:
                        raise Refused("and those before it take more steps than a file may")
                except Refused as error:
                    where = f"{name}!{cell_name(first.row, first.col)}"
                    raise EvaluationError(f"{where} {error}.") from error


def _steps(copies: Copies, most: Most) -> int:
    for word in words(copies.template):
        if word.kind == "function" and (function := bare_function(word.text[:-1])) not in USUAL:
            raise Refused(f"uses {function[:40]}, which no workbook of sheetgpt does")
    first, last = copies.formulas[0], copies.formulas[-1]
    sizes = []
    for reference in copies.references:
        ends = [reference.corners(f.row, f.col)[2:] for f in (first, last)]
        size = max(rows for rows, _ in ends), max(cols for _, cols in ends)
        if size[0] * size[1] > most.area:
            raise Refused(f"refers to {size[0]:,} x {size[1]:,} cells, more than a file may")
        sizes.append(size)
    work = Work(parse(copies.template), sizes)
    if work.array > most.array:
        raise Refused(f"makes an array of {work.array:,} cells, more than a file may")
    return work.steps
