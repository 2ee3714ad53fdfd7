"""What a formula computes with, and how one kind of value becomes another.

A value is a Python scalar or an array of three axes (batch, rows, columns): the batch axis runs
over formulas that are copies of each other, so a column of a thousand one-cell formulas is
computed at once. An array is of finite numbers (float64, or as a grid of constants stores them: a
float32 stands for its shortest decimal), bool, or object; object arrays hold the scalars: float,
str, bool, CellError and None for a blank cell.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from sheetgpt.book import CellError
from sheetgpt.book.decimals import as_written

Scalar = float | str | bool | None
Value = Scalar | np.ndarray

NA = CellError("#N/A")
VALUE = CellError("#VALUE!")
DIV0 = CellError("#DIV/0!")
NUM = CellError("#NUM!")
REF = CellError("#REF!")

_NUMBER = re.compile(r"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*")


class Refused(Exception):
    """A use of a formula on which spreadsheet programs differ or that cannot be computed.

    The message is the end of a sentence; whoever catches it knows the sheet and the cell.
    """


def to_number(value: Scalar) -> float | CellError:
    """A scalar as an operand of arithmetic: blank is 0, TRUE is 1, numeric text its number."""
    if isinstance(value, float):
        return value
    if value is None:
        return 0.0
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, CellError):
        return value
    return float(value) if _NUMBER.fullmatch(value) else VALUE


def to_text(value: Scalar) -> str:
    """A scalar as text (errors stay CellError): blank is empty, numbers in General format."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return number_text(value)


def number_text(number: float) -> str:
    """A number as `&` joins it: 15 significant digits, no exponent from 1E-9 up to 1E+21."""
    if number == 0:
        return "0"
    if 1e-9 <= abs(number) < 1e21:
        places = max(0, 14 - math.floor(math.log10(abs(number))))
        text = f"{float(f'{number:.15g}'):.{places}f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    mantissa, _, exponent = f"{number:.14E}".partition("E")
    return f"{mantissa.rstrip('0').rstrip('.')}E{int(exponent):+03d}"


def to_bool(value: Scalar) -> bool | CellError:
    """A scalar as a condition: text is #VALUE! unless it says TRUE or FALSE."""
    if isinstance(value, CellError):
        return value
    if isinstance(value, str):
        return {"TRUE": True, "FALSE": False}.get(value.upper(), VALUE)
    return bool(value)


def is_numeric(value: Value) -> bool:
    """Whether every element is a finite number or a boolean."""
    if isinstance(value, np.ndarray):
        return value.dtype != object
    return isinstance(value, (float, bool))


def is_numbers(value: Value) -> bool:
    """Whether every element is a finite number, booleans not counted."""
    if isinstance(value, np.ndarray):
        return value.dtype not in (object, bool)
    return isinstance(value, float)


def is_text(value: Value) -> bool:
    """Whether every element is a text; an error value is none."""
    if isinstance(value, np.ndarray):
        return value.dtype == object and {*map(type, value.ravel().tolist())} == {str}
    return type(value) is str


def floats(value: Value) -> Any:
    """A numeric value (`is_numeric`) as float64."""
    if isinstance(value, np.ndarray):
        return as_written(value)
    return float(value)  # type: ignore[arg-type]


def as_array(value: Value) -> np.ndarray:
    """Any value as an array of three axes."""
    if isinstance(value, np.ndarray):
        return value
    if isinstance(value, bool):
        return np.full((1, 1, 1), value)
    if isinstance(value, float):
        return np.full((1, 1, 1), value, np.float64)
    return _boxed(value).reshape(1, 1, 1)


def objects(value: Value) -> np.ndarray:
    """Any value as an object array; a scalar without axes."""
    if isinstance(value, np.ndarray):
        return (as_written(value) if is_numbers(value) else value).astype(object, copy=False)
    return _boxed(value)


def _boxed(value: Scalar) -> np.ndarray:
    box = np.empty((), object)
    box[()] = value
    return box


def tidy(array: np.ndarray) -> np.ndarray:
    """An object array as float64 or bool if all its elements are numbers or booleans."""
    kinds = set(map(type, array.ravel().tolist()))
    if kinds == {float}:
        return array.astype(np.float64)
    return array.astype(bool) if kinds == {bool} else array


def single(value: Value) -> Value:
    """An array of one cell of one formula as a scalar, any other value as it is."""
    if isinstance(value, np.ndarray) and value.size == 1:
        scalar: Scalar = objects(value).item()
        return scalar
    return value


def is_one_cell(value: Value) -> bool:
    """Whether the value has one row and one column."""
    return not isinstance(value, np.ndarray) or value.shape[1:] == (1, 1)


@cache
def _over_arrays(function: Callable[..., Scalar], count: int) -> np.ufunc:
    ufunc: np.ufunc = np.frompyfunc(function, count, 1)
    return ufunc


def apply(function: Callable[..., Scalar], *values: Value) -> Value:
    """The function of scalars on each element, arrays broadcast against each other."""
    if not any(isinstance(value, np.ndarray) for value in values):
        return function(*values)
    try:
        with np.errstate(all="ignore"):
            return tidy(_over_arrays(function, len(values))(*map(objects, values)))
    except ValueError as error:
        raise mismatch(values) from error


def mismatch(values: tuple[Value, ...]) -> Refused:
    """Arrays whose sizes do not go together."""
    sizes = [f"{v.shape[1]} x {v.shape[2]}" for v in values if isinstance(v, np.ndarray)]
    return Refused(f"combines arrays of different sizes ({', '.join(sizes)})")


class Elementwise:
    """A function that works on each cell by itself.

    `scalar` has the full meaning; `fast`, if given, is the NumPy function that gives the same
    results on values that it `suits`, as `taken`, and NaN or infinity where `scalar` gives an
    error value.
    """

    def __init__(
        self,
        scalar: Callable[..., Scalar],
        fast: Callable[..., np.ndarray] | None = None,
        suits: Callable[[Value], bool] = is_numeric,
        taken: Callable[[Value], Any] = floats,
    ) -> None:
        self.scalar = scalar
        self.fast = fast
        self._suits, self._taken = suits, taken

    def __call__(self, *values: Value) -> Value:
        """The function on scalars or broadcast arrays."""
        if not any(isinstance(value, np.ndarray) for value in values):
            return self.scalar(*values)
        if self.fast is not None and all(map(self._suits, values)):
            try:
                with np.errstate(all="ignore"):
                    result = self.fast(*map(self._taken, values))
            except ValueError as error:
                raise mismatch(values) from error
            if result.dtype == bool or np.isfinite(result).all():
                return result
        return apply(self.scalar, *values)
