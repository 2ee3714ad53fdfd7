"""Find where a recalculated workbook differs from what it must hold."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sheetgpt.book import Book, CellError
from sheetgpt.book.area import Area, cell_name
from sheetgpt.errors import WorkbookError
from sheetgpt.verification.model import shapes_in
from sheetgpt.verification.step import TOLERANCE, Expected

#: Digits that Excel gives a number in a text, and what has more of them behind the point.
EXCEL_DIGITS = 15
_LONG = re.compile(rf"\d+\.\d{{{EXCEL_DIGITS},}}")


@dataclass(frozen=True)
class StepResult:
    """One step compared: how many cells, the largest difference and where it is.

    `max_scaled` is the largest |a - b| / (1 + |b|); a cell that holds no number where one is
    due, or another text, counts as infinite. `worst_cell` is such as `block.0!D215`.
    """

    name: str
    cells: int
    max_abs: float
    max_scaled: float
    worst_cell: str
    found: str
    wanted: str

    @property
    def ok(self) -> bool:
        """Within the tolerance."""
        return self.max_scaled <= TOLERANCE


def compare(
    expected: Sequence[Expected], actual: Mapping[str, np.ndarray], names: Mapping[str, Area]
) -> list[StepResult]:
    """Compare every step; `actual` holds the values of each named area, as `Book.get` does."""
    return [_compare_step(step, actual[step.name], names[step.name]) for step in expected]


def require_names(expected: Sequence[Expected], names: Mapping[str, Area]) -> None:
    """Raise WorkbookError if the workbook lacks a step, or holds it in another shape."""
    for step in expected:
        if step.name not in names:
            raise WorkbookError(f"The workbook has no step named {step.name}.")
        area = names[step.name]
        if max(step.rows) >= area.rows or max(step.cols) >= area.cols:
            raise WorkbookError(
                f"Step {step.name} covers {area.a1()}, too few cells for its "
                f"{max(step.rows) + 1} rows and {max(step.cols) + 1} columns."
            )


def _compare_step(step: Expected, actual: np.ndarray, area: Area) -> StepResult:
    found = actual[np.ix_(list(step.rows), list(step.cols))]
    absolute = _differences(found, step.values)
    wanted = step.values
    decided = np.broadcast_to(step.decided, wanted.shape)
    absolute = np.where(decided, absolute, 0.0)
    size = 1.0 if wanted.dtype == object else 1 + np.abs(wanted)
    scaled = absolute / size
    r, c = divmod(int(np.argmax(scaled)), scaled.shape[1])
    return StepResult(
        step.name,
        int(decided.sum()),
        float(absolute.max()),
        float(scaled.max()),
        f"{area.sheet}!{cell_name(area.row + step.rows[r], area.col + step.cols[c])}",
        show(found[r, c]),
        show(wanted[r, c]),
    )


def compare_weights(tensors: Mapping[str, np.ndarray], book: Book) -> list[StepResult]:
    """Compare the weights in a workbook with a checkpoint's, exactly; one result per tensor.

    The checkpoint's are float32, or int8 for whole numbers; where it has float32, the file's
    numbers are cast to the same. Raises WorkbookError if one of both has more tensors.
    """
    if extra := [name for name in shapes_in(book) if name not in tensors]:
        raise WorkbookError(f"The workbook has weights {extra[0]}, which the model lacks.")
    results = []
    for name, tensor in tensors.items():
        area = book.names.get(name)
        if area is None or area.rows * area.cols != tensor.size:
            raise WorkbookError(f"The workbook has no weights {name} of shape {tensor.shape}.")
        wanted = tensor.reshape(area.rows, area.cols)
        found = _numbers(book.get(area))
        if tensor.dtype == np.float32:
            found = found.astype(np.float32)
        absolute = np.abs(found.astype(np.float64) - wanted)
        r, c = divmod(int(np.argmax(absolute)), area.cols)
        worst = float(absolute[r, c])
        results.append(
            StepResult(
                name,
                tensor.size,
                worst,
                math.inf if worst else 0.0,
                f"{area.sheet}!{cell_name(area.row + r, area.col + c)}",
                show(float(found[r, c])),
                show(float(wanted[r, c])),
            )
        )
    return results


def _numbers(values: np.ndarray) -> np.ndarray:
    """Values as `Book.get` gives them as float64, NaN for what is no number."""
    if values.dtype != object:
        return values
    flat = [value if isinstance(value, float) else np.nan for value in values.flat]
    return np.array(flat).reshape(values.shape)


def _differences(found: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """|found - wanted| cell by cell; infinite where they are not both numbers and not equal."""
    if object not in (found.dtype, wanted.dtype):
        return np.asarray(np.abs(found - wanted))
    out = np.zeros(found.shape)
    for at in np.ndindex(found.shape):
        out[at] = difference(found[at], wanted[at])
    return out


def difference(found: object, wanted: object) -> float:
    """|found - wanted| of two cells; infinite if they are not both numbers and not equal."""
    if type(found) is type(wanted) is str and found == wanted:
        return 0.0  # most texts
    mine, its = _plain(found), _plain(wanted)
    if isinstance(mine, float) and isinstance(its, float):
        return abs(mine - its)
    if type(mine) is not type(its):
        return math.inf
    return 0.0 if mine == its or _shortened(mine) == _shortened(its) else math.inf


def _shortened(value: object) -> object:
    """A text whose long numbers have 15 digits, as Excel gives them; Gnumeric writes up to 20."""
    if not isinstance(value, str) or isinstance(value, CellError):
        return value
    return _LONG.sub(lambda number: f"{float(number[0]):.{EXCEL_DIGITS}g}", value)


def _plain(value: object) -> object:
    """A cell's value without the differences between engines: a blank is an empty text."""
    if value is None:
        return ""
    if isinstance(value, int | float | np.floating):  # a boolean is 1 or 0
        return float(value)
    return value


def show(value: object) -> str:
    """A cell's value as a report says it."""
    return f"{value:.12g}" if isinstance(value, float) else repr(value)
