"""Functions of whole ranges that give one number per formula: SUM, AVERAGE, LARGE, AND, ...

Of a range they use the numbers only; text, booleans and blank cells are passed over, and the
first error is the result. `direct` prepares what is no range.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from sheetgpt.book import CellError
from sheetgpt.evaluator.values import (
    DIV0,
    NUM,
    VALUE,
    Scalar,
    Value,
    apply,
    as_array,
    floats,
    is_numbers,
    to_bool,
    to_number,
)

Rows = np.ndarray
"""Numbers of the arguments of each formula, (batch, count), NaN for what does not count."""


def direct(value: Value) -> Value:
    """An argument that is no reference: one cell is converted, an array is used like a range."""
    return value if is_numbers(value) else apply(to_number, value)


def direct_condition(value: Value) -> Value:
    """An argument of AND and OR that is no reference."""
    return value if isinstance(value, bool) else apply(to_bool, value)


def _flat(values: tuple[Value, ...]) -> np.ndarray:
    """All elements of all arguments, (batch, count)."""
    if not any(isinstance(value, np.ndarray) for value in values):
        plain = all(type(value) is float for value in values)
        return np.array([values], np.float64 if plain else object)
    arrays = [as_array(floats(value) if is_numbers(value) else value) for value in values]
    batch = max(map(len, arrays))
    flat = [np.broadcast_to(a, (batch, *a.shape[1:])).reshape(batch, -1) for a in arrays]
    if len(flat) == 1:
        return flat[0]
    if len({array.dtype.kind for array in flat}) > 1:
        flat = [array.astype(object) for array in flat]
    return np.concatenate(flat, axis=1)


def _number_or_nan(value: Scalar) -> float:
    return value if type(value) is float else np.nan


def numbers(values: tuple[Value, ...]) -> tuple[Rows, np.ndarray | None]:
    """The numbers among the arguments, and each formula's first error (batch,), None for none."""
    flat = _flat(values)
    if flat.dtype == bool:
        return np.full(flat.shape, np.nan), None
    if flat.dtype != object:
        return flat, None
    rows = np.frompyfunc(_number_or_nan, 1, 1)(flat).astype(np.float64)
    errors = np.array([_first_error(row) for row in flat.tolist()], object)
    return rows, errors if any(error is not None for error in errors) else None


def _first_error(items: Sequence[Scalar]) -> CellError | None:
    return next((item for item in items if type(item) is CellError), None)


def aggregate(function: Callable[[Rows], np.ndarray]) -> Callable[..., Value]:
    """A function of rows of numbers; where it gives NaN the formula's value is #DIV/0!."""

    def call(*values: Value) -> Value:
        rows, errors = numbers(values)
        with np.errstate(all="ignore"):
            result = function(rows)
        return column(result, DIV0, errors)

    return call


def column(result: np.ndarray, missing: CellError, *errors: np.ndarray | None) -> np.ndarray:
    """One number per formula as a value (batch, 1, 1).

    NaN becomes `missing`; each of `errors` (batch,) counts before those that follow it.
    """
    found = [error for error in errors if error is not None]
    if not found and np.isfinite(result).all():
        return result.reshape(-1, 1, 1)
    out = result.astype(object)
    out[np.isnan(result)] = missing
    out[np.isinf(result)] = NUM
    for error in reversed(found):
        for index, item in enumerate(np.broadcast_to(error, out.shape)):
            out[index] = out[index] if item is None else item
    return out.reshape(-1, 1, 1)


def _whole(rows: Rows) -> bool:
    return not np.isnan(rows).any()


def _sum(rows: Rows) -> np.ndarray:
    return np.asarray(rows.sum(axis=1) if _whole(rows) else np.nansum(rows, axis=1))


def _count(rows: Rows) -> np.ndarray:
    return np.asarray(np.count_nonzero(~np.isnan(rows), axis=1), np.float64)


def _average(rows: Rows) -> np.ndarray:
    return np.asarray(_sum(rows) / _count(rows))


def _varp(rows: Rows) -> np.ndarray:
    return np.asarray(_sum((rows - _average(rows)[:, None]) ** 2) / _count(rows))


def _extreme(pick: np.ufunc) -> Callable[[Rows], np.ndarray]:
    def function(rows: Rows) -> np.ndarray:
        if rows.shape[1] == 0:
            return np.zeros(len(rows))
        best = pick.reduce(rows, axis=1)
        return np.where(np.isnan(best), 0.0, best)

    return function


def large(values: Value, rank: Value) -> Value:
    """LARGE; a rank outside 1 .. count is #NUM!."""
    rows, errors = numbers((values,))
    ranks, rank_errors = numbers((direct(rank),))
    ordered, counts, places = np.sort(rows, axis=1), _count(rows), np.trunc(ranks[:, 0])
    known = (places >= 1) & (places <= counts)
    places = np.where(known, counts - places, 0)
    batch = np.arange(len(rows)) if len(rows) > 1 else 0
    wide = np.pad(ordered, ((0, 0), (0, 1)), constant_values=np.nan)  # no cell at all
    result = np.where(known, wide[batch, places.astype(np.int64)], np.nan)
    return column(result, NUM, errors, rank_errors)


def logical(reduce: Callable[..., np.ndarray], stop: bool) -> Callable[..., Value]:
    """AND or OR; `stop` is the value that decides. Nothing to decide on is #VALUE!."""

    def call(*values: Value) -> Value:
        if not any(isinstance(value, np.ndarray) for value in values):
            return decide(values)
        flat = _flat(values)
        if flat.dtype != object and flat.shape[1]:
            return reduce(flat != 0, axis=1).reshape(-1, 1, 1)
        return _column_of_scalars([decide(row) for row in flat.tolist()])

    def decide(items: Sequence[Any]) -> Scalar:
        error = _first_error(items)
        known = [bool(item) for item in items if isinstance(item, (float, bool))]
        if error is not None or not known:
            return error or VALUE
        return stop if stop in known else not stop

    return call


def _column_of_scalars(items: list[Scalar]) -> np.ndarray:
    out = np.empty((len(items), 1, 1), object)
    out[:, 0, 0] = items
    return out


AGGREGATES: dict[str, Callable[..., Value]] = {
    "SUM": aggregate(_sum),
    "AVERAGE": aggregate(_average),
    "VARP": aggregate(_varp),
    "MAX": aggregate(_extreme(np.fmax)),
    "MIN": aggregate(_extreme(np.fmin)),
}
LOGICAL: dict[str, Callable[..., Value]] = {
    "AND": logical(np.all, stop=False),
    "OR": logical(np.any, stop=True),
}
