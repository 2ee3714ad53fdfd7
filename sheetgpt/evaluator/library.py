"""Everything that comes from the PyPI package `formulas`: its parser and its functions.

The parser turns a formula's text into tokens in the order of a stack machine; here they become a
tree. The functions are the meaning of every spreadsheet function that sheetgpt has no faster
version of, and the measure for those that it has.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, ClassVar

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
from sheetgpt.book.references import bare_function
from sheetgpt.evaluator.tree import Call, Constant, Node, Slot
from sheetgpt.evaluator.values import Refused, Scalar, Value, as_array, objects, tidy

_ERRORS = {CellError(name): error for name, error in ErrorToken.errors.items()}


class _TreeBuilder:
    """Takes the parser's tokens in stack order; the tree is what is left on the stack."""

    def __init__(self, match: object = None) -> None:
        self._stack: list[Node] = []

    def __len__(self) -> int:
        return len(self._stack)

    def append(self, token: Any) -> None:
        """One operand, or an operator or function whose operands came before it."""
        if isinstance(token, (Number, String, ErrorToken)):
            self._stack.append(Constant(scalar_from_library(token.compile())))
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
        name = bare_function(token.name)
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
    """An array in braces, or one row of it: the parser gives an array of arrays."""
    if all(isinstance(row, Constant) and isinstance(row.value, np.ndarray) for row in arguments):
        rows = [row.value for row in arguments if isinstance(row, Constant)]
        return Constant(tidy(np.concatenate([objects(row) for row in rows], axis=1)))
    row = np.empty((1, 1, len(arguments)), object)
    row[0, 0, :] = [_array_item(argument) for argument in arguments]
    return Constant(row)


def _array_item(node: Node) -> Scalar:
    if isinstance(node, Call) and node.name == "u-":
        number = _array_item(node.arguments[0])
        if isinstance(number, float):
            return -number
    if not isinstance(node, Constant) or isinstance(node.value, np.ndarray):
        raise Refused("has an array in braces that holds more than constants")
    return node.value


class _Parser(Parser):  # type: ignore[misc]
    ast_builder = _TreeBuilder
    filters: ClassVar = [kind for kind in Parser.filters if kind is not Lambda]


@cache
def parse(template: str) -> Node:
    """The tree of a template made by `references.split`.

    Raises Refused when the parser rejects the text.
    """
    try:
        _, builder = _Parser().ast("=" + template)
    except Refused:
        raise
    except Exception as error:  # the parser's own, and what Python says of numbers such as 007
        raise Refused("cannot be parsed") from error
    return builder[-1]  # type: ignore[no-any-return]


@cache
def function(name: str) -> Callable[..., Value]:
    """The library's function of that upper-case name, on values of this package.

    It is called for each formula of a batch. Raises Refused for a function that does not exist,
    changes by itself (RAND, NOW) or needs references in place of values (OFFSET, INDIRECT).
    """
    functions = get_functions()
    found = functions.get(name) or functions.get(f"_XLFN.{name}", not_implemented)
    if isinstance(found, dict):
        if found.get("extra_inputs"):
            raise Refused(f"uses {name}, which depends on more than its arguments")
        found = found["function"]
    if found is not_implemented:
        raise Refused(f"uses the function {name}, which is unknown")

    def call(*values: Value) -> Value:
        arrays = [as_array(value) for value in values]
        results = []
        for i in range(max(map(len, arrays), default=1)):
            arguments = [_to_library(array[i if len(array) > 1 else 0]) for array in arrays]
            try:
                results.append(_from_library(found(*arguments)))
            except Exception as error:
                raise Refused(f"makes {name} fail: {error}") from error
        if len({result.shape for result in results}) > 1:
            raise Refused(f"makes {name} give results of different sizes in copies of it")
        return tidy(np.stack(results))

    return call


def _to_library(values: np.ndarray) -> Any:
    """Cells (rows, columns) as the library has them: one cell as a scalar."""
    items = [_scalar_to_library(item) for item in values.ravel().tolist()]
    if len(items) == 1:
        return items[0]
    out = np.empty(len(items), object)
    out[:] = items
    return out.reshape(values.shape).view(Array)


def _scalar_to_library(value: Scalar) -> Any:
    if isinstance(value, CellError):
        return _ERRORS[value]
    return schedula.EMPTY if value is None else value


def _from_library(result: Any) -> np.ndarray:
    """A result of the library as an object array (rows, columns)."""
    array = np.atleast_2d(np.asarray(result, object))
    out = np.empty(array.size, object)
    out[:] = [scalar_from_library(item) for item in array.ravel().tolist()]
    return out.reshape(array.shape)


def scalar_from_library(value: Any) -> Scalar:
    """One value of the library as this package has it."""
    if isinstance(value, np.ndarray):
        return scalar_from_library(value.item())
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, float, np.number)):
        return float(value)
    if value is schedula.EMPTY:
        return None
    return CellError(value) if isinstance(value, XlError) else str(value)
