"""A formula's tree into a Python function of the place it stands in.

Which function works how is decided once per tree: cell by cell, on whole ranges, on references
(ROW), or lazily (IF). A normal formula that uses a range where one cell is wanted is refused,
since old and new spreadsheet programs disagree there (implicit intersection); in an array formula
and inside SUMPRODUCT and MMULT it is the ordinary thing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np

from sheetgpt.book import CellError
from sheetgpt.evaluate import library
from sheetgpt.evaluate.aggregates import (
    AGGREGATES,
    LOGICAL,
    direct,
    direct_condition,
    kth,
    rank,
)
from sheetgpt.evaluate.elementwise import ELEMENTWISE
from sheetgpt.evaluate.lookup import LOOKUPS, over_formulas
from sheetgpt.evaluate.matrices import MATRICES
from sheetgpt.evaluate.tree import Call, Constant, Node, Slot
from sheetgpt.evaluate.values import (
    NA,
    VALUE,
    Elementwise,
    Refused,
    Scalar,
    Value,
    apply,
    as_array,
    floats,
    is_numbers,
    is_numeric,
    is_one_cell,
    objects,
    tidy,
    to_bool,
    to_number,
)


class Place(Protocol):
    """Where a program runs: in one formula or in a batch of copies of it."""

    def value(self, slot: int) -> Value:
        """What the reference holds."""

    def corner(self, slot: int) -> tuple[np.ndarray, np.ndarray, int, int]:
        """The reference's first rows and first columns (batch, 1, 1), its rows and columns."""

    def here(self) -> tuple[np.ndarray, np.ndarray, int, int]:
        """The same for the cells that the formula itself fills."""


Program = Callable[[Place], Value]
Function = Callable[..., Value]

#: Functions that take ranges whole, with the positions of arguments that must be one cell.
WHOLE: dict[str, Function] = {
    **AGGREGATES,
    **LOGICAL,
    **MATRICES,
    **LOOKUPS,
    "LARGE": kth(largest=True),
    "SMALL": kth(largest=False),
    "RANK": rank,
}
ONE_CELL = {
    "INDEX": (1, 2),
    "MATCH": (0, 2),
    "LOOKUP": (0,),
    "COUNTIF": (1,),
    "LARGE": (1,),
    "SMALL": (1,),
    "RANK": (0, 2),
    "CHOOSE": (0,),
    "UNICODE": (0,),
    "UNICHAR": (0,),
}
#: Functions that compute their arguments as array formulas do, wherever they stand.
ARRAY_ARGUMENTS = ("SUMPRODUCT", "MMULT")


def compile_tree(node: Node, array: bool) -> Program:
    """The program of a tree; `array` says whether the formula is an array formula.

    Raises Refused for an unknown function; running the program raises it for uses on which
    spreadsheet programs differ.
    """
    if isinstance(node, Constant):
        constant = node.value
        return lambda place: constant
    if isinstance(node, Slot):
        slot = node.index
        return lambda place: place.value(slot)
    return _compile_call(node, array)


def _compile_call(node: Call, array: bool) -> Program:
    name = node.name
    if name in _POSITIONS:
        return _POSITIONS[name](node)
    array = array or name in ARRAY_ARGUMENTS
    if name == "TRANSPOSE" and not array:
        raise Refused("uses TRANSPOSE outside an array formula")
    arguments = [compile_tree(argument, array) for argument in node.arguments]
    for position in ONE_CELL.get(name, ()):
        if position < len(arguments):
            arguments[position] = _one_cell(arguments[position], name)
    try:
        if name in _LAZY:
            return _LAZY[name](array, *arguments)
        if name in ELEMENTWISE:
            return _elementwise(name, ELEMENTWISE[name], arguments, array)
    except TypeError as error:
        raise Refused(f"gives {name} a wrong number of arguments") from error
    if name in AGGREGATES or name in LOGICAL:
        convert = direct_condition if name in LOGICAL else direct
        arguments = [
            _counted(program, isinstance(argument, Slot), convert, name in LOGICAL)
            for program, argument in zip(arguments, node.arguments, strict=True)
        ]
    if name in WHOLE:
        return _whole(name, WHOLE[name], arguments)
    function = library.function(name)
    return _whole(name, lambda *values: over_formulas(function, values), arguments)


def _one_cell(program: Program, name: str) -> Program:
    def run(place: Place) -> Value:
        value = program(place)
        if not is_one_cell(value):
            raise Refused(f"gives {name} an array where not every program takes one")
        return value

    return run


def _counted(
    program: Program, is_reference: bool, convert: Callable[[Value], Value], booleans: bool
) -> Program:
    """An argument of an aggregate: a cell is passed over unless it counts, the rest converted."""

    def run(place: Place) -> Value:
        value = program(place)
        if not is_one_cell(value):
            return value
        if not is_reference:
            return convert(value)
        if isinstance(value, (float, CellError, np.ndarray)):
            return value
        return value if booleans and isinstance(value, bool) else None

    return run


def _whole(name: str, function: Function, arguments: list[Program]) -> Program:
    def run(place: Place) -> Value:
        values = [argument(place) for argument in arguments]
        try:
            result = function(*values)
        except TypeError as error:
            raise Refused(f"gives {name} a wrong number of arguments") from error
        return single(result)

    return run


def single(value: Value) -> Value:
    """An array of one cell of one formula as a scalar."""
    if isinstance(value, np.ndarray) and value.size == 1:
        return value.tolist()[0][0][0]  # type: ignore[no-any-return]
    return value


def _elementwise(
    name: str, function: Elementwise, arguments: list[Program], array: bool
) -> Program:
    scalar = function.scalar

    def check(*values: Value) -> Value:
        if not array and not all(map(is_one_cell, values)):
            raise Refused(f"uses a range where {name!r} wants one cell")
        return function(*values)

    def run(place: Place) -> Value:
        return check(*[argument(place) for argument in arguments])

    if len(arguments) != 2:
        return run
    first, second = arguments

    def run_two(place: Place) -> Value:
        left, right = first(place), second(place)
        if isinstance(left, np.ndarray) or isinstance(right, np.ndarray):
            return check(left, right)
        return scalar(left, right)

    return run_two


def _where(mask: np.ndarray, yes: Value, no: Value) -> Value:
    """`yes` where the mask says so, else `no`."""
    if is_numbers(yes) and is_numbers(no):
        return np.where(mask, floats(yes), floats(no))
    return tidy(np.where(mask, objects(yes), objects(no)))


def _if(array: bool, condition: Program, yes: Program, no: Program | None = None) -> Program:
    otherwise = no or (lambda place: False)

    def run(place: Place) -> Value:
        test = condition(place)
        if not isinstance(test, np.ndarray):
            truth = to_bool(test)
            if isinstance(truth, CellError):
                return truth
            return yes(place) if truth else otherwise(place)
        if not array and not is_one_cell(test):
            raise Refused("uses a range where 'IF' wants one cell")
        if is_numeric(test):
            return _where(test != 0, yes(place), otherwise(place))
        truths = as_array(apply(to_bool, test)).astype(object)
        result = _where(truths == np.True_, yes(place), otherwise(place))
        errors = np.frompyfunc(lambda truth: isinstance(truth, CellError), 1, 1)(truths)
        return _where(errors.astype(bool), truths, result)

    return run


def _iferror(array: bool, program: Program, instead: Program) -> Program:
    def run(place: Place) -> Value:
        value = program(place)
        if not isinstance(value, np.ndarray):
            return instead(place) if isinstance(value, CellError) else value
        if not array and not is_one_cell(value):
            raise Refused("uses a range where 'IFERROR' wants one cell")
        if value.dtype != object:
            return value
        errors = np.frompyfunc(lambda item: isinstance(item, CellError), 1, 1)(value).astype(bool)
        return _where(errors, instead(place), value) if errors.any() else value

    return run


def _choose(array: bool, number: Program, *choices: Program) -> Program:
    def run(place: Place) -> Value:
        chosen = number(place)
        if not isinstance(chosen, np.ndarray):
            at = to_number(chosen)
            if isinstance(at, CellError):
                return at
            return choices[int(at) - 1](place) if 1 <= at < len(choices) + 1 else VALUE
        numbers = apply(to_number, chosen)
        places = np.frompyfunc(lambda at: 0 if isinstance(at, CellError) else int(at), 1, 1)
        at_all = places(as_array(numbers)).astype(np.int64)
        result: Value = _where(at_all == 0, numbers, VALUE)
        for at, choice in enumerate(choices, 1):
            if (at_all == at).any():
                result = _where(at_all == at, choice(place), result)
        return result

    return run


_LAZY: dict[str, Callable[..., Program]] = {"IF": _if, "IFERROR": _iferror, "CHOOSE": _choose}


def _position(of_row: bool) -> Callable[[Call], Program]:
    """ROW or COLUMN, of a reference or of the formula itself."""

    def compile_position(node: Call) -> Program:
        slot = _reference_argument(node)

        def run(place: Place) -> Value:
            rows, cols, height, width = place.here() if slot is None else place.corner(slot)
            if of_row:
                return single(rows + 1.0 + np.arange(height, dtype=np.float64)[None, :, None])
            return single(cols + 1.0 + np.arange(width, dtype=np.float64)[None, None, :])

        return run

    return compile_position


def _extent(of_rows: bool) -> Callable[[Call], Program]:
    """ROWS or COLUMNS of a reference."""

    def compile_extent(node: Call) -> Program:
        slot = _reference_argument(node)
        if slot is None:
            raise Refused(f"gives {node.name} no range")
        return lambda place: float(place.corner(slot)[2 if of_rows else 3])

    return compile_extent


def _reference_argument(node: Call) -> int | None:
    if not node.arguments:
        return None
    argument = node.arguments[0]
    if len(node.arguments) > 1 or not isinstance(argument, Slot):
        raise Refused(f"gives {node.name} something other than one reference")
    return argument.index


def _constant(value: Scalar) -> Callable[[Call], Program]:
    return lambda node: lambda place: value


_POSITIONS: dict[str, Callable[[Call], Program]] = {
    "ROW": _position(of_row=True),
    "COLUMN": _position(of_row=False),
    "ROWS": _extent(of_rows=True),
    "COLUMNS": _extent(of_rows=False),
    "TRUE": _constant(True),
    "FALSE": _constant(False),
    "NA": _constant(NA),
}
