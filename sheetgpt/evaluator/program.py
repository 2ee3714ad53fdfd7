"""A formula's tree into a Python function of the place it stands in.

Which function works how is decided once per tree: cell by cell, on whole ranges, or with the
places and branches of `special`. A normal formula that uses a range where one cell is wanted is
refused, since old and new spreadsheet programs disagree there (implicit intersection); in an array
formula it is the ordinary thing, and so are operators inside SUMPRODUCT and MMULT. Functions of
ranges, such as `SUMPRODUCT(EXP(A1:A9))`, need an array formula in some programs.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from inspect import signature

import numpy as np

from sheetgpt.book import CellError
from sheetgpt.evaluator import library
from sheetgpt.evaluator.aggregates import (
    AGGREGATES,
    LOGICAL,
    direct,
    direct_condition,
    large,
)
from sheetgpt.evaluator.elementwise import ELEMENTWISE
from sheetgpt.evaluator.lookup import LOOKUPS
from sheetgpt.evaluator.matrices import MATRICES
from sheetgpt.evaluator.special import LAZY, Place, Program
from sheetgpt.evaluator.strips import in_strips, operands
from sheetgpt.evaluator.tree import Call, Constant, Node, Slot
from sheetgpt.evaluator.values import Elementwise, Refused, Value, is_one_cell, single

Function = Callable[..., Value]

#: Functions that take ranges whole.
WHOLE: dict[str, Function] = {
    **AGGREGATES,
    **LOGICAL,
    **MATRICES,
    **LOOKUPS,
    "LARGE": large,
}
#: Positions of arguments in which not every program takes an array.
ONE_CELL = {
    "INDEX": (1, 2),
    "MATCH": (0, 2),
    "LOOKUP": (0,),
    "LARGE": (1,),
    "CHOOSE": (0,),
    "UNICODE": (0,),
    "UNICHAR": (0,),
}
#: Functions that compute operators in their arguments as array formulas do, wherever they stand.
ARRAY_ARGUMENTS = ("SUMPRODUCT", "MMULT")


def compile_tree(node: Node, array: bool, operators: bool = False) -> Program:
    """The program of a tree; `array` says whether the formula is an array formula.

    `operators` says that operators alone may take whole ranges here. Raises Refused for an unknown
    function; running the program raises it for uses on which spreadsheet programs differ.
    """
    if isinstance(node, Constant):
        constant = node.value
        return lambda place: constant
    if isinstance(node, Slot):
        slot = node.index
        return lambda place: place.value(slot)
    return _compile_call(node, array, operators)


def _compile_call(node: Call, array: bool, operators: bool) -> Program:
    name = node.name
    operators = operators or name in ARRAY_ARGUMENTS
    if name == "TRANSPOSE" and not (array or operators):
        raise Refused("uses TRANSPOSE outside an array formula")
    arguments = [compile_tree(argument, array, operators) for argument in node.arguments]
    array = array or (operators and not name.isalnum())
    for position in ONE_CELL.get(name, ()):
        if position < len(arguments):
            arguments[position] = _one_cell(arguments[position], name)
    if name in LAZY:
        _check_count(name, partial(LAZY[name], array), arguments)
        return LAZY[name](array, *arguments)
    if name in ELEMENTWISE:
        _check_count(name, ELEMENTWISE[name].scalar, arguments)
        return _elementwise(name, ELEMENTWISE[name], arguments, array)
    if name in AGGREGATES or name in LOGICAL:
        convert = direct_condition if name in LOGICAL else direct
        arguments = [
            _counted(program, isinstance(argument, Slot), convert, name in LOGICAL)
            for program, argument in zip(arguments, node.arguments, strict=True)
        ]
    function = WHOLE.get(name) or library.function(name)
    _check_count(name, function, arguments)

    def run(place: Place) -> Value:
        return single(function(*[argument(place) for argument in arguments]))

    if name == "MMULT" and (slots := operands(node.arguments[0])):
        return in_strips(function, (arguments[0], arguments[1]), slots, run)
    return run


def _check_count(name: str, function: Callable[..., object], arguments: list[Program]) -> None:
    try:
        signature(function).bind(*arguments)
    except TypeError as error:
        raise Refused(f"gives {name} a wrong number of arguments") from error


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
