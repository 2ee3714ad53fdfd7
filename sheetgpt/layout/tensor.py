"""Where a tensor lies: axes, and how far one step along each moves on the sheet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sheetgpt.book.area import Area
from sheetgpt.template.formula import Subscript, TensorRef

Positions = Mapping[str, np.ndarray]
"""Positions along the axes of a formula's letters, int (N,) each, for N copies of it."""


class PlacementError(ValueError):
    """A reference that no rectangle of cells can stand for; the caller adds file and step."""


class Consequence(PlacementError):
    """It fails only because something before it has failed, which has been reported."""


@dataclass(frozen=True)
class Axis:
    """One axis of a tensor; its header cells count from `first`.

    `labels` names the tensor with a word for each position, `live` the cell that counts the
    positions in use. An axis that is made of two, such as the columns of every head side by side,
    has these as its `outer` and `inner` one.
    """

    name: str
    size: int
    first: int = 0
    labels: str | None = None
    live: str | None = None
    outer: Axis | None = None
    inner: Axis | None = None

    @property
    def repeated(self) -> Axis:
        """What its header cells count: its inner axis again and again, or itself."""
        return self.inner or self


ONE = Axis("one", 1)


@dataclass(frozen=True)
class Tensor:
    """A tensor on a sheet.

    `strides[i]` is (rows, columns) that one step along axis i moves. `headers[i]` is the column
    (for an axis that runs down) or the row (for one that runs right) of its header cells, None
    if it has none. `guards` blank rows lie before and after it. A tensor that is not `placed` yet
    can be named, and nothing can say where it lies.
    """

    name: str | None
    sheet: str
    row: int
    col: int
    axes: tuple[Axis, ...]
    strides: tuple[tuple[int, int], ...]
    headers: tuple[int | None, ...]
    guards: tuple[int, int] = (0, 0)
    placed: bool = True

    @property
    def area(self) -> Area:
        """The rectangle of all its cells; raises PlacementError while it has no place."""
        self.require_place(self.name or "it")
        ends = [(axis.size - 1, s) for axis, s in zip(self.axes, self.strides, strict=True)]
        rows = 1 + sum(steps * down for steps, (down, _) in ends)
        cols = 1 + sum(steps * right for steps, (_, right) in ends)
        return Area(self.sheet, self.row, self.col, rows, cols)

    def require_place(self, reference: str) -> None:
        """Raise PlacementError if the tensor that `reference` names has no place yet."""
        if not self.placed:
            raise PlacementError(
                f"{reference}: the cells of {self.name} are laid out later; "
                "a formula can name it as a whole, and no part of it"
            )

    def runs_down(self, i: int) -> bool:
        """Whether axis i runs down the sheet (else it runs right)."""
        return self.strides[i][0] > 0

    def header(self, i: int) -> Tensor:
        """The header cells of axis i as a tensor of their own, over the axes that place them."""
        at = self.headers[i]
        if at is None:
            raise PlacementError(f"axis {self.axes[i].name} of {self.name} has no header cells")
        if self.runs_down(i):
            # With several axes stacked, the header column repeats for each outer position.
            keep = [j for j in range(len(self.axes)) if self.runs_down(j)]
            row, col = self.row, at
        else:
            keep, row, col = [i], at, self.col
        axes = tuple(self.axes[j] for j in keep)
        strides = tuple(self.strides[j] for j in keep)
        return Tensor(None, self.sheet, row, col, axes, strides, (None,) * len(keep))


@dataclass(frozen=True)
class Family:
    """Tensors of one shape, such as one per block, as a tensor with one axis more.

    Its first axis picks the member, so a formula can name one position of it, never the whole.
    """

    axis: Axis
    members: tuple[Tensor, ...]

    @property
    def axes(self) -> tuple[Axis, ...]:
        """The axis of the members, then those that each of them has."""
        return (self.axis, *self.members[0].axes)


def stack(
    name: str | None,
    sheet: str,
    row: int,
    col: int,
    axes: tuple[Axis, ...],
    headers: tuple[int | None, ...],
    guards: tuple[int, int] = (0, 0),
) -> Tensor:
    """A tensor laid out the usual way: the last of several axes runs right, the others down.

    A tensor with one axis is a column.
    """
    strides: list[tuple[int, int]] = []
    down = 1
    for i in reversed(range(len(axes))):
        if i == len(axes) - 1 and len(axes) > 1:
            strides.insert(0, (0, 1))
        else:
            strides.insert(0, (down, 0))
            down *= axes[i].size
    return Tensor(name, sheet, row, col, axes, tuple(strides), headers, guards)


@dataclass(frozen=True)
class Address:
    """A rectangle whose corner moves with the lower-case letters of a formula.

    The corner is (row, col) plus, for each letter, its position times `moves[letter]`.
    """

    sheet: str
    row: int
    col: int
    rows: int
    cols: int
    moves: dict[str, tuple[int, int]]

    @property
    def first(self) -> Area:
        """The rectangle where every letter is at its first position."""
        return Area(self.sheet, self.row, self.col, self.rows, self.cols)

    def corners(self, positions: Positions, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Its first rows and columns, int (count,) each, for so many positions of the letters."""
        rows, cols = np.full(count, self.row), np.full(count, self.col)
        for letter, (down, right) in self.moves.items():
            if letter in positions:
                rows += positions[letter] * down
                cols += positions[letter] * right
        return rows, cols


def locate(
    tensor: Tensor, reference: TensorRef, axes: Mapping[str, Axis], config: Mapping[str, int]
) -> Address:
    """The cells that a reference stands for.

    Raises PlacementError when it leaves the tensor and its guard rows, is no rectangle, or the
    tensor has no place yet.
    """
    tensor.require_place(str(reference))
    row, col, rows, cols, count = tensor.row, tensor.col, 1, 1, 1
    moves: dict[str, tuple[int, int]] = {}
    for i, subscript in enumerate(reference.subscripts):
        down, right = tensor.strides[i]
        low, high, size = _span(subscript, axes, config)
        before, after = tensor.guards if tensor.runs_down(i) else (0, 0)
        if low < -before or high > tensor.axes[i].size - 1 + after:
            raise PlacementError(
                f"{reference}: '{subscript.text}' runs from {low} to {high}, "
                f"{tensor.name or reference.name} has 0 to {tensor.axes[i].size - 1}"
            )
        zero = dict.fromkeys(axes, 0)
        base = subscript.value({**config, **zero})
        row, col = row + base * down, col + base * right
        rows, cols = rows + (size - 1) * down, cols + (size - 1) * right
        count *= size
        for letter in subscript.letters:
            if letter.islower():
                factor = subscript.value({**config, **zero, letter: 1}) - base
                old = moves.get(letter, (0, 0))
                moves[letter] = (old[0] + factor * down, old[1] + factor * right)
    if rows * cols != count:
        raise PlacementError(f"{reference} is not one rectangle of cells")
    return Address(tensor.sheet, row, col, rows, cols, moves)


def extent(subscript: Subscript, axes: Mapping[str, Axis], config: Mapping[str, int]) -> int:
    """How many positions a subscript on the left of a formula spans."""
    return _span(subscript, axes, config)[1] + 1


def _span(
    subscript: Subscript, axes: Mapping[str, Axis], config: Mapping[str, int]
) -> tuple[int, int, int]:
    """(lowest, highest, size of the whole axis in it) of a subscript over all letters."""
    letters = {letter.lower() for letter in subscript.letters}
    zero = {**config, **dict.fromkeys(letters, 0)}
    if unknown := {word for word in subscript.words if len(word) > 1} - config.keys():
        known = ", ".join(sorted(config))
        problem = f"'{subscript.text}': there is no whole number {min(unknown)}"
        raise PlacementError(f"{problem} (known: {known})")
    base = subscript.value(zero)
    low = high = base
    for letter in letters:
        reach = (subscript.value({**zero, letter: 1}) - base) * (axes[letter].size - 1)
        low, high = low + min(reach, 0), high + max(reach, 0)
    whole = subscript.whole
    return low, high, axes[whole.lower()].size if whole else 1
