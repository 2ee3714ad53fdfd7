"""Place tensors side by side: header cells on the left and on top, then one after the other."""

from __future__ import annotations

from collections.abc import Mapping

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
    guards: tuple[int, int] = (0, 0),
) -> tuple[dict[str, Tensor], int]:
    """Give tensors their cells, left to right, with header cells; and the row below them."""
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
        dress(sheet, tensor, shows[variable])
        at += tensor.area.cols
    if down:
        sized = (x for x in placed.values() if down_axes(x.axes) not in ((), (ONE,)))
        heads.beside(next(sized), down, outer, label)
    tallest = max(tensor.area.rows for tensor in placed.values())
    return placed, top + tallest + guards[1]
