"""Bind the charts that templates declare to the cells of tensors."""

from __future__ import annotations

from sheetgpt.book.area import Area
from sheetgpt.book.look import Chart, Series
from sheetgpt.layout.context import Context
from sheetgpt.layout.tensor import PlacementError, locate
from sheetgpt.template.expand import fill, loop
from sheetgpt.template.formula import FormulaSyntaxError, Name, TensorRef, parse_formula
from sheetgpt.template.rows import ChartWiring

#: The height of a row in pixels, to leave room below a chart.
ROW = 20


def bind_chart(chart: ChartWiring, row: int, col: int, context: Context) -> Chart:
    """The chart with its corner in a cell; raises PlacementError for cells that do not exist."""
    series = [
        Series(
            fill(one.name, env),
            _cells(fill(one.categories, env), context),
            _cells(fill(one.values, env), context),
            one.line,
            one.wide,
            _cells(fill(one.label, env), context) if one.label else None,
            one.place,
        )
        for one in chart.series
        for _, env in loop(one.each, context.whole)
    ]
    return Chart(
        chart.kind,
        row,
        col,
        chart.width,
        chart.height,
        chart.title,
        chart.alt,
        series,
        chart.x,
        chart.y,
        chart.shares,
    )


def rows_below(chart: ChartWiring) -> int:
    """How many rows a chart covers."""
    return -(-chart.height // ROW)


def _cells(text: str, context: Context) -> Area:
    """The cells of `lens.answer.rank`, of a row's `prompt`, or a part such as `positions.xy[P,0]`.

    The name of an axis behind a tensor, `lens.answer.rank:block`, stands for its header cells.
    """
    text, _, header = text.partition(":")
    try:
        parts = parse_formula(text)
    except FormulaSyntaxError as error:
        raise PlacementError(str(error)) from None
    part = parts[0] if len(parts) == 1 else None
    if not isinstance(part, Name | TensorRef):
        raise PlacementError(f"'{text}' is not a tensor or a part of one")
    if isinstance(part, Name) and part.name in context.cells:
        return context.cells[part.name]
    tensor = context.tensor(part.name)
    if header:
        names = [axis.name for axis in tensor.axes]
        if header not in names:
            raise PlacementError(f"{part.name} has no axis {header}")
        return tensor.header(names.index(header)).area
    if isinstance(part, Name):
        return tensor.area
    if len(part.subscripts) != len(tensor.axes):
        raise PlacementError(f"{part} needs {len(tensor.axes)} subscripts")
    axes = {s.letters[0].lower(): axis for s, axis in zip(part.subscripts, tensor.axes, strict=True)
            if s.letters}  # fmt: skip
    return locate(tensor, part, axes, {}).first
