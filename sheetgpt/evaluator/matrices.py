"""MMULT, TRANSPOSE and SUMPRODUCT, careful with memory: a weight matrix is never cast whole."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

import numpy as np

from sheetgpt.book import CellError
from sheetgpt.evaluator.values import NUM, VALUE, Value, as_array, floats, is_numbers, objects, tidy

#: Elements of a float32 matrix that are cast to float64 at a time.
CAST = 1 << 22


def transpose(value: Value) -> Value:
    """TRANSPOSE, as a view."""
    return value.swapaxes(1, 2) if isinstance(value, np.ndarray) else value


def by_formula(function: Callable[..., Value]) -> Callable[..., Value]:
    """Splits the batch when an argument is not all numbers: an error stays in its own formula."""

    @wraps(function)
    def call(*values: Value) -> Value:
        arrays = [as_array(value) for value in values]
        batch = max(map(len, arrays), default=1)
        if batch == 1 or all(map(is_numbers, arrays)):
            return function(*arrays)
        wide = [np.broadcast_to(array, (batch, *array.shape[1:])) for array in arrays]
        parts = [
            as_array(function(*(tidy(objects(array[i : i + 1])) for array in wide)))
            for i in range(batch)
        ]
        shape = np.broadcast_shapes(*(part.shape for part in parts))
        return tidy(np.concatenate([np.broadcast_to(p.astype(object), shape) for p in parts]))

    return call


def _finite(result: np.ndarray) -> Value:
    """The result, with #NUM! where it is too large for a number."""
    finite = np.isfinite(result)
    if finite.all():
        return result
    out = result.astype(object)
    out[~finite] = NUM
    return out


@by_formula
def mmult(a: np.ndarray, b: np.ndarray) -> Value:
    """MMULT in float64; #VALUE! if the sizes do not fit.

    A cell that is not a number makes every cell of the result an error.
    """
    if a.shape[2] != b.shape[1]:
        return VALUE
    for array in (a, b):
        if not is_numbers(array):
            errors = np.empty((1, a.shape[1], b.shape[2]), dtype=object)
            errors.fill(_error(array) or VALUE)
            return errors
    with np.errstate(all="ignore"):
        if len(b) > 1:
            return _finite(np.matmul(floats(a), floats(b)))
        batch, rows, inner = a.shape
        return _finite(_product(a.reshape(batch * rows, inner), b[0]).reshape(batch, rows, -1))


def _product(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The matrix product (rows, inner) x (inner, cols) in float64, shape (rows, cols)."""
    if a.dtype == b.dtype == np.float64:
        return np.asarray(a @ b)
    if b.size < a.size:
        return _product(b.T, a.T).T
    step = max(1, CAST // max(1, b.shape[0]))
    narrow = floats(a)
    out = np.empty((a.shape[0], b.shape[1]))
    for start in range(0, b.shape[1], step):
        out[:, start : start + step] = narrow @ floats(b[:, start : start + step])
    return out


@by_formula
def sumproduct(*arrays: np.ndarray) -> Value:
    """SUMPRODUCT: what is not a number counts as 0; different sizes give #VALUE!."""
    if len({array.shape[1:] for array in arrays}) > 1:
        return VALUE
    factors = []
    for array in arrays:
        if (error := _error(array)) is not None:
            return error
        factors.append(_factor(array))
    with np.errstate(all="ignore"):
        products = np.einsum(",".join(["brc"] * len(factors)) + "->b", *factors)
    return _finite(products.reshape(-1, 1, 1))


def _error(array: np.ndarray) -> CellError | None:
    if array.dtype != object:
        return None
    return next((item for item in array.ravel() if isinstance(item, CellError)), None)


def _factor(array: np.ndarray) -> np.ndarray:
    if array.dtype == object:
        return np.asarray(np.frompyfunc(_number_or_zero, 1, 1)(array), np.float64)
    return np.zeros(array.shape) if array.dtype == bool else np.asarray(floats(array))


def _number_or_zero(value: object) -> float:
    return value if type(value) is float else 0.0


MATRICES: dict[str, Callable[..., Value]] = {
    "MMULT": mmult,
    "TRANSPOSE": transpose,
    "SUMPRODUCT": sumproduct,
}
