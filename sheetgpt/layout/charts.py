"""Bind the charts that templates declare to the cells of tensors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sheetgpt.book.area import Area
from sheetgpt.book.look import Chart, Series
from sheetgpt.layout.tensor import PlacementError, Tensor, locate
from sheetgpt.template.expand import fill, loop
from sheetgpt.template.formula import FormulaSyntaxError, Name, TensorRef, parse_formula

#: Size in pixels unless a chart says otherwise; the height of a row, to leave room below it.
WIDTH, HEIGHT, ROW = 560, 300, 20


def bind_chart(
    chart: Mapping[str, Any],
    row: int,
    col: int,
    tensors: Mapping[str, Tensor],
    whole: Mapping[str, int],
) -> Chart:
    """The chart with its corner in a cell; raises PlacementError for cells that do not exist."""
    series = [
        Series(
            fill(one["name"], env),
            *(_cells(fill(one[key], env), tensors) for key in ("categories", "values")),
        )
        for one in chart["series"]
        for _, env in loop(one.get("each"), whole)
    ]
    return Chart(
        chart["kind"],
        row,
        col,
        chart.get("width", WIDTH),
        chart.get("height", HEIGHT),
        chart["title"],
        chart["alt"],
        series,
        chart.get("x", ""),
        chart.get("y", ""),
        chart.get("shares", False),
    )


def rows_below(chart: Mapping[str, Any]) -> int:
    """How many rows a chart covers."""
    height: int = chart.get("height", HEIGHT)
    return -(-height // ROW)


def _cells(text: str, tensors: Mapping[str, Tensor]) -> Area:
    """The cells of `lens.answer.rank`, or a part such as `positions.xy[P,0]`.

    The name of an axis behind a tensor, `lens.answer.rank:block`, stands for its header cells.
    """
    text, _, header = text.partition(":")
    try:
        parts = parse_formula(text)
    except FormulaSyntaxError as error:
        raise PlacementError(f"chart: {error}") from None
    part = parts[0] if len(parts) == 1 else None
    if not isinstance(part, Name | TensorRef) or part.name not in tensors:
        raise PlacementError(f"chart: there is no tensor '{text}' here")
    tensor = tensors[part.name]
    if header:
        names = [axis.name for axis in tensor.axes]
        if header not in names:
            raise PlacementError(f"chart: {part.name} has no axis {header}")
        return tensor.header(names.index(header)).area
    if isinstance(part, Name):
        return tensor.area
    if len(part.subscripts) != len(tensor.axes):
        raise PlacementError(f"chart: {part} needs {len(tensor.axes)} subscripts")
    axes = {s.letters[0].lower(): axis for s, axis in zip(part.subscripts, tensor.axes, strict=True)
            if s.letters}  # fmt: skip
    return locate(tensor, part, axes, {}).at({})
