"""Place tensors side by side: header cells on the left and on top, then one after the other.

Those that find no room beside the others go on below them.
"""

from __future__ import annotations

from collections.abc import Mapping

from sheetgpt.book.area import Area
from sheetgpt.layout.builder import SheetBuilder
from sheetgpt.layout.dress import Headers, dress
from sheetgpt.layout.steps import down_axes, runs_right
from sheetgpt.layout.tensor import ONE, Axis, PlacementError, Tensor, stack

#: The axes of tensors, by variable.
Shapes = Mapping[str, tuple[Axis, ...]]


def place_side_by_side(
    sheet: SheetBuilder,
    shapes: Shapes,
    names: Mapping[str, str],
    shows: Mapping[str, str],
    row: int,
    col: int,
    room: int,
    guards: tuple[int, int] = (0, 0),
) -> tuple[dict[str, Tensor], int]:
    """Give tensors their cells, left to right, with header cells; and the row below them.

    `room` is how many columns they may take; the next one that needs more begins a new line.
    """
    lines: list[dict[str, tuple[Axis, ...]]] = [{}]
    for variable, axes in shapes.items():
        if lines[-1] and _columns({**lines[-1], variable: axes}) > room:
            lines.append({})
        lines[-1][variable] = axes
    placed: dict[str, Tensor] = {}
    for i, line in enumerate(lines):
        tensors, row = _place_line(sheet, line, names, shows, row + bool(i), col, guards)
        placed |= tensors
    return placed, row


def _columns(shapes: Shapes) -> int:
    """How many columns tensors take side by side, with those of positions, words and gaps."""
    down = next((d for d in map(down_axes, shapes.values()) if d and d != (ONE,)), ())
    heads = (len(down) > 1) + bool(down) + bool(down and down[-1].labels)
    right = [runs_right(axes) for axes in shapes.values()]
    gaps = sum(right) - bool(down and right[0])
    return (
        heads
        + gaps
        + sum(
            axes[-1].size if across else 1
            for axes, across in zip(shapes.values(), right, strict=True)
        )
    )


def _place_line(
    sheet: SheetBuilder,
    shapes: Shapes,
    names: Mapping[str, str],
    shows: Mapping[str, str],
    row: int,
    col: int,
    guards: tuple[int, int],
) -> tuple[dict[str, Tensor], int]:
    """Place those that find room side by side; and the row below them."""
    down = next((d for d in map(down_axes, shapes.values()) if d and d != (ONE,)), ())
    labelled = bool(down and down[-1].labels)
    outer, position = col, col + (len(down) > 1)
    label = position + bool(down)
    at = label + labelled
    across = any(map(runs_right, shapes.values()))
    labels = any(runs_right(axes) and axes[-1].labels for axes in shapes.values())
    top = row + 1 + across + labels + guards[0]
    heads = Headers(sheet, row, side_by_side=False)
    placed: dict[str, Tensor] = {}
    for i, (variable, axes) in enumerate(shapes.items()):
        mine = down_axes(axes)
        if mine not in ((), (ONE,)) and [a.size for a in mine] != [a.size for a in down]:
            raise PlacementError(f"{variable}: its rows differ from those beside it")
        if runs_right(axes) and (i or not down):
            at += 1
        places = [None if axis == ONE else outer for axis in mine]
        if places and places[-1] is not None:
            places[-1] = position
        right = [row + 1 if runs_right(axes) else None] if len(axes) > 1 else []
        headers = (*places, *right)
        tensor = stack(names[variable], sheet.name, top, at, axes, headers, guards)
        placed[variable] = tensor
        heads.above(tensor, variable, shows[variable])
        if len(variable) > sheet.look.default_width:
            sheet.paint(Area(sheet.name, row, at), "variable_tight")
        dress(sheet, tensor, shows[variable])
        at += tensor.area.cols
    if down:
        sized = (x for x in placed.values() if down_axes(x.axes) not in ((), (ONE,)))
        heads.beside(next(sized), down, outer, label)
    tallest = max(tensor.area.rows for tensor in placed.values())
    return placed, top + tallest + guards[1]
