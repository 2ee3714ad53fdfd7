"""What the lessons must show, in NumPy: a module for each, which never reads the templates.

A module has `INPUTS`, the names of the cells that it reads, and `steps`, which gives the values of
every result by its name. `CELLS` of a workbook come as they are: float64, or an object array of
float, str and None (blank).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sheetgpt.reference.lessons import (
    attention,
    backprop,
    bpe,
    choosing,
    curves,
    direction,
    downhill,
    helping,
    meaning,
    neuron,
    order,
    pieces,
    surprise,
    tokens,
)
from sheetgpt.reference.lessons.marks import Cells, Steps


class Lesson(NamedTuple):
    """What a lesson reads, and what it makes of that."""

    inputs: tuple[str, ...]
    steps: Callable[[Cells], Steps]


#: By name, in the order of the lessons.
LESSONS = {
    "pieces": Lesson(pieces.INPUTS, pieces.steps),
    "bpe": Lesson(bpe.INPUTS, bpe.steps),
    "tokens": Lesson(tokens.INPUTS, tokens.steps),
    "meaning": Lesson(meaning.INPUTS, meaning.steps),
    "direction": Lesson(direction.INPUTS, direction.steps),
    "order": Lesson(order.INPUTS, order.steps),
    "neuron": Lesson(neuron.INPUTS, neuron.steps),
    "curves": Lesson(curves.INPUTS, curves.steps),
    "downhill": Lesson(downhill.INPUTS, downhill.steps),
    "backprop": Lesson(backprop.INPUTS, backprop.steps),
    "attention": Lesson(attention.INPUTS, attention.steps),
    "choosing": Lesson(choosing.INPUTS, choosing.steps),
    "surprise": Lesson(surprise.INPUTS, surprise.steps),
    "helping": Lesson(helping.INPUTS, helping.steps),
}
