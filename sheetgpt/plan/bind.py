"""Give every axis letter of a step its axis, and every tensor of the step its shape."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sheetgpt.plan.tensor import ONE, Axis, PlacementError, Tensor, extent
from sheetgpt.template.expand import Step
from sheetgpt.template.formula import Reference


def bind_letters(
    step: Step, tensors: Mapping[str, Tensor], axes: Mapping[str, Axis]
) -> dict[str, Axis]:
    """Axis letter -> axis, from the shapes of the inputs and the operation's own `[axes]`.

    Raises PlacementError when a letter stands for two lengths or an input does not exist.
    """
    letters = {letter: axes[name] for letter, name in step.op.axes.items()}
    for declared in step.op.inputs:
        source = step.inputs[declared.name]
        if source not in tensors:
            raise PlacementError(f"input {declared.name}: there is no tensor '{source}' before it")
        tensor = tensors[source]
        if len(tensor.axes) != len(declared.subscripts):
            sizes = " x ".join(str(axis.size) for axis in tensor.axes)
            raise PlacementError(f"input {declared} is wired to {source}, which is {sizes}")
        for subscript, axis in zip(declared.subscripts, tensor.axes, strict=True):
            if not subscript.plain:
                continue
            letter = subscript.letters[0].lower()
            old = letters.setdefault(letter, axis)
            if old.size != axis.size:
                raise PlacementError(
                    f"axis {letter} is {old.size} long, but {axis.size} in {declared} = {source}"
                )
    return letters


def left_axes(
    left: Reference, letters: Mapping[str, Axis], config: Mapping[str, int]
) -> tuple[Axis, ...]:
    """The axes of the tensor on the left of a formula."""
    out = []
    for subscript in left.subscripts:
        if subscript.plain:
            out.append(letters[subscript.letters[0].lower()])
        elif not subscript.letters:
            out.append(ONE)
        else:
            out.append(Axis("column", extent(subscript, letters, config)))
    return tuple(out)


def guard_rows(steps: Iterable[Step]) -> tuple[int, int]:
    """How many blank rows must lie before and after the tensors of these steps.

    A neighbour such as `word[i-1]` reads one cell past either end of its axis.
    """
    before = after = 0
    for step in steps:
        for line in step.op.lines:
            for part in line.parts:
                if not isinstance(part, Reference):
                    continue
                for subscript in part.subscripts:
                    if subscript.plain or len(subscript.words) != 1 or subscript.whole:
                        continue
                    letter = subscript.words[0]
                    shift = subscript.value({letter: 0})
                    before, after = max(before, -shift), max(after, shift)
    return before, after
