"""What lessons share: their cells as numbers and texts, and how an exercise is marked."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

#: The values of cells by name, (rows, columns) each.
Cells = Mapping[str, np.ndarray]
#: The values of results by name: numbers, or an object array of texts. A vector (N,) is a column.
Steps = dict[str, np.ndarray]

NOT_DONE, CORRECT, NOT_YET = "NOT DONE", "CORRECT", "NOT YET"


def number(cells: Cells, name: str) -> float:
    """The number in a cell; a blank one counts as 0."""
    value = cells[name].item()
    return 0.0 if value is None else float(value)


def numbers(cells: Cells, name: str) -> np.ndarray:
    """A table as float64 (rows, columns), or (rows,) of one column; a blank cell counts as 0."""
    values = np.where(cells[name] == None, 0.0, cells[name]).astype(np.float64)  # noqa: E711
    return values[:, 0] if values.shape[1] == 1 else values


def texts(cells: Cells, name: str) -> list[str]:
    """A column of cells as texts; blank ones are empty."""
    return ["" if value is None else str(value) for value in cells[name].ravel()]


def text(value: str) -> np.ndarray:
    """One text as the value of a result."""
    return np.array([[value]], dtype=object)


def marked(cells: Cells, name: str, answer: float | str, within: float = 0) -> Steps:
    """The mark of an exercise whose answer is typed into the cell `name`.

    A number may be off by `within`; texts are compared as formulas do, whatever their case.
    """
    typed = cells[name].item()
    if typed is None or typed == "":
        mark = NOT_DONE
    elif isinstance(typed, str) or isinstance(answer, str):
        same = isinstance(typed, str) and isinstance(answer, str)
        mark = CORRECT if same and typed.casefold() == str(answer).casefold() else NOT_YET
    else:
        mark = CORRECT if abs(typed - answer) <= within else NOT_YET
    return {f"{name}.verdict": text(mark)}


def judged(name: str, done: bool, right: bool) -> Steps:
    """The mark of an exercise that is solved by changing cells of the tab."""
    mark = NOT_DONE if not done else CORRECT if right else NOT_YET
    return {f"{name}.verdict": text(mark)}
