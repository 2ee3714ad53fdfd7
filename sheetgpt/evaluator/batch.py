"""The place that a formula runs in, or several copies of it together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

import numpy as np

from sheetgpt.book.area import Area
from sheetgpt.errors import EvaluationError
from sheetgpt.evaluator.cells import Cells
from sheetgpt.evaluator.graph import Turn
from sheetgpt.evaluator.groups import Group
from sheetgpt.evaluator.library import parse
from sheetgpt.evaluator.program import compile_tree
from sheetgpt.evaluator.special import Program
from sheetgpt.evaluator.values import Refused, Value, as_array
from sheetgpt.evaluator.work import Work

#: Numbers in the references and the largest array of one batch (16 MB of float64).
BATCH_NUMBERS = 1 << 21


def batches(turns: Iterable[Turn]) -> Iterator[Batch]:
    """All formulas in the order of their turns, as many at once as `BATCH_NUMBERS` allows.

    Raises EvaluationError with sheet and cell for a formula that has no value, whatever the cells.
    """
    for turn in turns:
        group, start = turn.group, turn.span.start or 0
        rows, cols = group.rows[turn.span], group.cols[turn.span]
        try:
            program = _program(group.template, group.array)
            for part in _parts(group, len(rows)):
                where = start + part.start
                yield Batch(program, group, rows[part], cols[part], where)
        except (Refused, RecursionError) as error:
            raise _without_value(group, start, error) from error


class Batch:
    """Some formulas of a group, those at (rows, cols), which are computed together.

    `index` is the number of the first of them in its group. What their references cover is worked
    out once; the values are read anew from the cells of each computation.
    """

    def __init__(
        self, program: Program, group: Group, rows: np.ndarray, cols: np.ndarray, index: int
    ) -> None:
        self._program, self._group, self._index = program, group, index
        self._rows, self._cols = rows, cols
        self._row, self._col, self._alone = int(rows[0]), int(cols[0]), len(rows) == 1
        #: What each reference covers from the first formula; None until it is asked for.
        self._areas: list[Area | None] = [None] * len(group.references)
        self._values: list[Value | None] = []

    def compute(self, cells: Cells) -> None:
        """Compute the formulas and write their values into their cells.

        Raises EvaluationError with sheet and cell for what has no value.
        """
        self._cells = cells
        self._values = [None] * len(self._areas)
        try:
            self._store(self._program(self))
        except (Refused, RecursionError) as error:
            raise _without_value(self._group, self._index, error) from error
        finally:
            del self._cells
            self._values = []

    def value(self, slot: int) -> Value:
        """What the reference holds, read once."""
        found = self._values[slot]
        if found is None:
            area = self._areas[slot]
            if area is None:
                area = self._areas[slot] = self._area(slot)
            found = self._values[slot] = self._read(slot, area)
        return found

    def _area(self, slot: int) -> Area:
        reference = self._group.references[slot]
        corners = reference.corners(self._row, self._col)
        return Area(reference.sheet or self._group.sheet, *corners)

    def _read(self, slot: int, area: Area) -> Value:
        sheet, row, col, height, width = area
        if not self._alone:
            reference = self._group.references[slot]
            if not reference.still:  # a rigid one, which moves with the formulas
                rows = row + (0 if reference.fixed[0] else 1) * (self._rows - self._row)
                cols = col + (0 if reference.fixed[1] else 1) * (self._cols - self._col)
                return self._cells.many(sheet, rows, cols, height, width)
        if height == width == 1:
            return self._cells.cell(sheet, row, col)
        return self._cells.area(area)[None]

    def _store(self, value: Value) -> None:
        """Writes the result into the cells: one value for all, or one for each cell.

        Raises Refused when the result has another size.
        """
        sheet, shape = self._group.sheet, self._group.shape
        if self._alone and shape == (1, 1) and not isinstance(value, np.ndarray):
            self._cells.put(sheet, self._row, self._col, value)
            return
        result = as_array(value)
        if result.shape[1:] not in ((1, 1), shape):
            wanted = "one cell" if shape == (1, 1) else f"{shape[0]} x {shape[1]} cells"
            raise Refused(f"gives {result.shape[1]} x {result.shape[2]} values for {wanted}")
        result = np.broadcast_to(result, (len(self._rows), *shape))
        self._cells.put_many(sheet, self._rows, self._cols, result)


@cache
def _program(template: str, array: bool) -> Program:
    return compile_tree(parse(template), array)


def _parts(group: Group, count: int) -> Iterator[slice]:
    """Slices of a batch that keep what its references read within `BATCH_NUMBERS`."""
    if count == 1:
        yield slice(0, 1)
        return
    row, col = int(group.rows[0]), int(group.cols[0])
    sizes = [r.corners(row, col)[2:] for r in group.references]
    moving = [r.corners(row, col)[2:] for r in group.references if not r.still]
    numbers = Work(parse(group.template), sizes).array + sum(rows * cols for rows, cols in moving)
    step = max(1, BATCH_NUMBERS // numbers)
    for start in range(0, count, step):
        yield slice(start, start + step)


def _without_value(group: Group, index: int, error: Exception) -> EvaluationError:
    what = error if isinstance(error, Refused) else "is nested too deeply"
    return EvaluationError(f"{group.where(index)} {what}.")
