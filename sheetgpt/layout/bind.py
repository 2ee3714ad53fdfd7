"""Give every axis letter of a step its axis, and every tensor of the step its shape."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sheetgpt.layout.tensor import ONE, Axis, Family, PlacementError, Tensor, extent
from sheetgpt.template.expand import Step
from sheetgpt.template.formula import Subscript, TensorRef


def bind_letters(
    step: Step, tensors: Mapping[str, Tensor], axes: Mapping[str, Axis]
) -> dict[str, Axis]:
    """Axis letter -> axis, from the shapes of the inputs and the operation's own `[axes]`.

    Raises PlacementError when a letter stands for two lengths or an input does not exist.
    """
    letters = {letter: axes[name] for letter, name in step.op.axes.items()}
    for declared in step.op.inputs:
        tensor = wired(step, declared, tensors)
        source = _words(step.inputs[declared.name])
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


def wired(step: Step, declared: TensorRef, tensors: Mapping[str, Tensor]) -> Tensor | Family:
    """The tensor, or the family of tensors, that an input of a step is wired to.

    Raises PlacementError when it does not exist, or when the members differ in shape.
    """
    source = step.inputs[declared.name]
    names = (source,) if isinstance(source, str) else source
    if missing := [name for name in names if name not in tensors]:
        problem = f"there is no tensor '{missing[0]}' before it"
        raise PlacementError(f"input {declared.name}: {problem}")
    members = tuple(tensors[name] for name in names)
    if isinstance(source, str):
        return members[0]
    if not members or len({tuple(axis.size for axis in x.axes) for x in members}) > 1:
        raise PlacementError(
            f"input {declared.name}: {_words(source)} differ in shape, or are none"
        )
    return Family(Axis(declared.name, len(members)), members)


def _words(source: str | tuple[str, ...]) -> str:
    return source if isinstance(source, str) else ", ".join(source)


def left_axes(
    left: TensorRef, letters: Mapping[str, Axis], config: Mapping[str, int]
) -> tuple[Axis, ...]:
    """The axes of the tensor on the left of a formula."""
    out = []
    for subscript in left.subscripts:
        if subscript.plain:
            out.append(letters[subscript.letters[0].lower()])
        elif not subscript.letters:
            out.append(ONE)
        else:
            out.append(_composite(subscript, letters, config))
    return tuple(out)


def _composite(
    subscript: Subscript, letters: Mapping[str, Axis], config: Mapping[str, int]
) -> Axis:
    """The axis of `h*d_head + D`: if it is exactly one axis within another, it knows both."""
    size = extent(subscript, letters, config)
    own = [letter for letter in subscript.letters if letter.islower()]
    if subscript.whole and len(own) == 1:
        outer, inner = letters[own[0]], letters[subscript.whole.lower()]
        zero = {**config, own[0]: 0, subscript.whole.lower(): 0}
        step = subscript.value({**zero, own[0]: 1}) - subscript.value(zero)
        if step == inner.size and size == outer.size * inner.size:
            return Axis("column", size, outer=outer, inner=inner)
    return Axis("column", size)


def guard_rows(steps: Iterable[Step]) -> tuple[int, int]:
    """How many blank rows must lie before and after the tensors of these steps.

    A neighbour such as `word[i-1]` reads one cell past either end of its axis.
    """
    before = after = 0
    for step in steps:
        for line in step.op.lines:
            for token in line.tokens:
                if not isinstance(token, TensorRef):
                    continue
                for subscript in token.subscripts:
                    if subscript.plain or len(subscript.words) != 1 or subscript.whole:
                        continue
                    letter = subscript.words[0]
                    shift = subscript.value({letter: 0})
                    before, after = max(before, -shift), max(after, shift)
    return before, after
