"""A formula as a tree: constants, references by number, and calls of functions and operators."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sheetgpt.evaluator.values import Scalar


@dataclass(frozen=True, slots=True, eq=False)
class Constant:
    """A number, text, boolean or error in the formula's text, or an array of them (1, R, C)."""

    value: Scalar | np.ndarray


@dataclass(frozen=True, slots=True)
class Slot:
    """The reference with this number in the formula's list of references."""

    index: int


@dataclass(frozen=True, slots=True)
class Call:
    """A function by its upper-case name without `_XLFN.`, or an operator by its sign.

    The signs are `+ - * / ^ & = <> < > <= >= %`, with `u-` for minus in front of an operand and
    `u+` for plus.
    """

    name: str
    arguments: tuple[Node, ...]


Node = Constant | Slot | Call
