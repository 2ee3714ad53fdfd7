"""Everything that comes from the PyPI package `formulas`: its parser and its functions.

The parser turns a formula's text into tokens in the order of a stack machine; here they become a
tree. The functions are the meaning of every spreadsheet function that sheetgpt has no faster
version of, and the measure for those that it has.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
import schedula
from formulas.errors import FormulaError
from formulas.functions import Array, get_functions, not_implemented
from formulas.parser import Parser
from formulas.tokens.function import Lambda
from formulas.tokens.operand import Empty, Number, Range, String, XlError
from formulas.tokens.operand import Error as ErrorToken
from formulas.tokens.operator import Operator

from sheetgpt.book import CellError
from sheetgpt.evaluate.tree import Call, Constant, Node, Slot
from sheetgpt.evaluate.values import Refused, Scalar, tidy

_ERRORS = {CellError(name): error for name, error in ErrorToken.errors.items()}


class _TreeBuilder:
    """Takes the parser's tokens in stack order; the tree is what is left on the stack."""

    def __init__(self, match: object = None) -> None:
        self._stack: list[Node] = []

    def __len__(self) -> int:
        return len(self._stack)

    def append(self, token: Any) -> None:
        """One operand, or an operator or function whose operands came before it."""
        if hasattr(token, "compile") and isinstance(token, (Number, String, ErrorToken)):
            value = token.compile()
            value = CellError(value) if isinstance(value, XlError) else value
            self._stack.append(Constant(float(value) if type(value) is int else value))
        elif isinstance(token, Empty):
            self._stack.append(Constant(None))
        elif isinstance(token, Range):
            self._stack.append(Slot(int(token.name.removeprefix("_"))))
        else:
            self._stack.append(self._call(token))

    def _call(self, token: Any) -> Node:
        count = token.get_n_args
        if count > len(self._stack):
            raise FormulaError
        arguments = tuple(self._stack[len(self._stack) - count :])
        del self._stack[len(self._stack) - count :]
        name = token.name.upper().removeprefix("_XLFN.")
        if isinstance(token, Operator):
            if name in (" ", ",", ":", "@"):
                raise Refused(f"uses the reference operator {name!r}, which is not portable")
            if name in ("U-", "U+"):
                name = name.lower()
                if name == "u+" and "-" in token.attr["sum_minus"]:
                    return Call("u-", (Call("u-", arguments),))
        if name == "ARRAY":
            return _array(arguments)
        return Call(name, arguments)

    def __getitem__(self, index: int) -> Node:
        return self._stack[index]

    def pop(self) -> Node:
        """The last finished part of the tree."""
        return self._stack.pop()

    def finish(self) -> None:
        """Nothing is left to do when the parser ends."""


def _array(arguments: tuple[Node, ...]) -> Node:
    """An array in braces; the parser gives it as an array of arrays."""
    items = []
    for argument in arguments:
        if isinstance(argument, Call) and argument.name == "u-":
            (operand,) = argument.arguments
            if isinstance(operand, Constant) and isinstance(operand.value, float):
                items.append(-operand.value)
                continue
        if not isinstance(argument, Constant):
            raise Refused("has an array in braces that holds more than constants")
        items.append(argument.value)
    row = np.empty((1, len(items)), object)
    if all(isinstance(item, np.ndarray) for item in items):
        return Constant(tidy(np.concatenate(items, axis=1)[None, 0]))
    row[0, :] = items
    return Constant(row[None])


class _Parser(Parser):  # type: ignore[misc]
    ast_builder = _TreeBuilder
    filters = [kind for kind in Parser.filters if kind is not Lambda]


@cache
def parse(template: str) -> Node:
    """The tree of a template made by `references.split`.

    Raises Refused when the parser rejects the text.
    """
    try:
        _, builder = _Parser().ast("=" + template)
    except FormulaError as error:
        raise Refused("cannot be parsed") from error
    return builder[-1]  # type: ignore[no-any-return]


def function(name: str) -> Callable[[Sequence[Scalar | np.ndarray]], Any]:
    """The library's function of that upper-case name, on scalars and arrays (rows, columns).

    Raises Refused for a function that does not exist, changes by itself (RAND, NOW) or needs
    references in place of values (OFFSET, INDIRECT).
    """
    found = get_functions().get(name, not_implemented)
    if isinstance(found, dict):
        if found.get("extra_inputs"):
            raise Refused(f"uses {name}, which depends on more than its arguments")
        found = found["function"]
    if found is not_implemented:
        raise Refused(f"uses the function {name}, which is unknown")

    def call(arguments: Sequence[Scalar | np.ndarray]) -> Any:
        try:
            return _from_library(found(*map(_to_library, arguments)))
        except Exception as error:
            raise Refused(f"makes {name} fail: {error}") from error

    return call


def _to_library(value: Scalar | np.ndarray) -> Any:
    if isinstance(value, np.ndarray):
        out = value.astype(object)
        out.ravel()[:] = [_to_library(item) for item in value.ravel().tolist()]
        return out.view(Array)
    if isinstance(value, CellError):
        return _ERRORS[value]
    return schedula.EMPTY if value is None else value


def _from_library(value: Any) -> Any:
    if isinstance(value, (np.ndarray, list)):
        array = np.atleast_2d(np.asarray(value, object))
        if array.shape == (1, 1):
            return _from_library(array[0, 0])
        out = np.empty(array.shape, object)
        out.ravel()[:] = [_from_library(item) for item in array.ravel()]
        return tidy(out)
    if isinstance(value, XlError):
        return CellError(value)
    if value is schedula.EMPTY:
        return None
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, float, np.number)):
        return float(value)
    return str(value)
