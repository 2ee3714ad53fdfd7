"""MMULT of a large expression, such as `MMULT(wte.weight^2, ones)`, some rows at a time.

The squares of a weight matrix, and what is needed on the way to them, would take several times
the memory of the matrix; each row of the product needs one row of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sheetgpt.evaluator.elementwise import ELEMENTWISE
from sheetgpt.evaluator.special import Place, Program
from sheetgpt.evaluator.tree import Constant, Node, Slot
from sheetgpt.evaluator.values import Value

#: Cells that are computed at a time.
STRIP = 1 << 22


@dataclass(frozen=True)
class _Strip:
    """A place in which every reference of the full height shows some of its rows only."""

    place: Place
    height: int
    rows: slice

    def value(self, slot: int) -> Value:
        value = self.place.value(slot)
        if isinstance(value, np.ndarray) and value.shape[1] == self.height:
            return value[:, self.rows]
        return value


def operands(node: Node) -> list[int]:
    """The references of an expression that is computed cell by cell; none if it is not one."""
    if isinstance(node, Slot | Constant):
        return []
    slots: list[int] = []
    stack = [node]
    while stack:
        call = stack.pop()
        if call.name not in ELEMENTWISE:
            return []
        for argument in call.arguments:
            if isinstance(argument, Slot):
                slots.append(argument.index)
            elif isinstance(argument, Constant):
                if isinstance(argument.value, np.ndarray):
                    return []  # an array in the formula's text has rows of its own
            else:
                stack.append(argument)
    return slots


def in_strips(
    mmult: Callable[..., Value], factors: tuple[Program, Program], slots: list[int], whole: Program
) -> Program:
    """The product of two programs, whose left one is computed cell by cell from some references.

    `whole` computes it at once: what is small, or holds more than numbers.
    """
    left, right = factors

    def run(place: Place) -> Value:
        shapes = [v.shape for v in map(place.value, slots) if isinstance(v, np.ndarray)]
        batch, height, width = map(max, zip((1, 1, 1), *shapes, strict=True))
        if batch > 1 or height * width <= STRIP:
            return whole(place)
        step = max(1, STRIP // width)
        factor = right(place)
        strips = [slice(top, top + step) for top in range(0, height, step)]
        parts = [mmult(left(_Strip(place, height, rows)), factor) for rows in strips]
        arrays = [part for part in parts if isinstance(part, np.ndarray) and part.dtype != object]
        # An error in one cell is one in every cell of the product.
        return np.concatenate(arrays, axis=1) if len(arrays) == len(parts) else whole(place)

    return run
