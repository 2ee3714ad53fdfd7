"""Functions that see more than the values of their arguments.

IF, IFERROR and CHOOSE compute only the branch that is taken, when there is one formula to decide
for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from sheetgpt.book import CellError
from sheetgpt.evaluator.values import (
    VALUE,
    Refused,
    Scalar,
    Value,
    apply,
    floats,
    is_numbers,
    is_numeric,
    is_one_cell,
    mismatch,
    objects,
    tidy,
    to_bool,
    to_number,
)


class Place(Protocol):
    """Where a program runs: in one formula or in a batch of copies of it."""

    def value(self, slot: int) -> Value:
        """What the reference holds."""


Program = Callable[[Place], Value]


def _where(mask: np.ndarray, yes: Value, no: Value) -> Value:
    """`yes` where the mask says so, else `no`."""
    try:
        if is_numbers(yes) and is_numbers(no):
            return np.asarray(np.where(mask, floats(yes), floats(no)))
        return tidy(np.where(mask, objects(yes), objects(no)))
    except ValueError as error:
        raise mismatch((mask, yes, no)) from error


def _mask(test: Callable[[Any], bool], value: Value) -> np.ndarray:
    """Which elements pass the test."""
    return np.asarray(np.frompyfunc(test, 1, 1)(objects(value)), bool)


def _is_error(item: Scalar) -> bool:
    return isinstance(item, CellError)


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
        truths = apply(to_bool, test)
        result = _where(_mask(lambda truth: truth is True, truths), yes(place), otherwise(place))
        return _where(_mask(_is_error, truths), truths, result)

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
        errors = _mask(_is_error, value)
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
        errors = _mask(_is_error, numbers)
        places = np.where(errors, 0, objects(numbers)).astype(np.int64)
        result = _where(errors, numbers, VALUE)
        for at, choice in enumerate(choices, 1):
            if (places == at).any():
                result = _where(places == at, choice(place), result)
        return result

    return run


LAZY: dict[str, Callable[..., Program]] = {"IF": _if, "IFERROR": _iferror, "CHOOSE": _choose}
