"""What a step of a workbook must hold, and how near is near enough."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from sheetgpt.errors import WorkbookError

#: Correct engines differ by rounding alone, far below this; it is the largest |a - b| / (1 + |b|).
TOLERANCE = 1e-9
#: What a workbook shows for bytes and tokens where there are none.
BLANK_ID = -1


@contextmanager
def fitting() -> Iterator[None]:
    """Compute what is expected of a workbook's own tables, which may be anything.

    Raises WorkbookError where they do not fit together.
    """
    try:
        with np.errstate(all="ignore"):  # of weights that no model has: the comparison tells
            yield
    except (ArithmeticError, LookupError, ValueError) as error:
        raise WorkbookError(
            f"The tables of the workbook do not fit together ({type(error).__name__}: {error}). "
            "Build it again."
        ) from error


@dataclass(frozen=True)
class Expected:
    """The true values of the live part of a step.

    `values` (rows, cols) belong in those rows and columns of the step's area; they are numbers
    or, for a text, an object array of str. Cells that are not `decided` (one boolean for all, or
    one for each) hang on which of two numbers is greater that are closer than rounding can tell:
    they are not compared.
    """

    name: str
    rows: Sequence[int]
    cols: Sequence[int]
    values: np.ndarray
    decided: np.ndarray | bool = True


def whole(name: str, values: np.ndarray, decided: np.ndarray | bool = True) -> Expected:
    """A step from its first cell on; a vector (N,) is a column."""
    if values.ndim == 1:
        values = values[:, None]
    if isinstance(decided, np.ndarray):
        decided = decided.reshape(values.shape)
    return Expected(name, range(values.shape[0]), range(values.shape[1]), values, decided)


def cell(name: str, value: float | str, decided: bool = True) -> Expected:
    """A step of one cell."""
    if isinstance(value, str):
        return words(name, [value], decided)
    return whole(name, np.array([float(value)]), decided)


def words(name: str, texts: Sequence[str], decided: np.ndarray | bool = True) -> Expected:
    """A column of texts."""
    return whole(name, np.array(texts, dtype=object), decided)


def column(name: str, values: Sequence[float], size: int, blank: float) -> Expected:
    """A column of the workbook: the values, then `blank` down to its capacity."""
    padded = np.full(size, float(blank))
    padded[: len(values)] = values
    return whole(name, padded)


def apart(a: np.ndarray | float, b: np.ndarray | float) -> np.ndarray:
    """Whether two numbers stay in their order when both are off by as much as is tolerated."""
    return np.asarray(np.abs(np.subtract(a, b)) > 2 * TOLERANCE * (1 + np.abs(b)))


def in_order(scores: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The places of the `count` greatest of some scores (N,), and which of them are decided."""
    falling, chosen = -scores, np.arange(len(scores))
    if count + 1 < len(scores):  # only those and the next one are looked at, and what equals it
        chosen = np.flatnonzero(~(falling > np.partition(falling, count)[count]))
    # Of equal ones the first comes first.
    order = chosen[np.argsort(falling[chosen], kind="stable")]
    clear = apart(scores[order[:-1]], scores[order[1:]])  # each from the next
    decided = np.append(True, clear) & np.append(clear, True)
    return order[:count], decided[:count]
