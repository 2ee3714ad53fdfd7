"""Unroll the wiring for one model: `block.{L}` becomes `block.0`, `block.1`, ..."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from sheetgpt.checkpoint.precision import SCALE
from sheetgpt.template.formula import FormulaSyntaxError, parse_subscript
from sheetgpt.template.op import Op
from sheetgpt.template.panels import Bands, Panel
from sheetgpt.template.rows import ChartWiring, Row, wanted
from sheetgpt.template.steps import Source, StepWiring
from sheetgpt.template.tables import Problems
from sheetgpt.template.wiring import MODEL, Direction, Group, Wiring


@dataclass(frozen=True)
class Step:
    """One concrete step: an operation, the tensors it reads and the names it defines.

    `names[variable]` is the defined name of each of the operation's formulas. An input is a
    tensor or a family of them.
    """

    op: Op
    names: dict[str, str]
    inputs: dict[str, str | tuple[str, ...]]
    title: str
    summary: str
    number: int | None = None
    mark: str = ""
    stream: bool = False

    @property
    def sources(self) -> list[str]:
        """The tensors that it reads, those of families one by one."""
        families = ([x] if isinstance(x, str) else x for x in self.inputs.values())
        return [name for family in families for name in family]

    @property
    def name(self) -> str:
        """The step's own name: that of its result."""
        return self.names[self.op.lines[-1].left.name]


@dataclass(frozen=True)
class Tab:
    """One concrete tab of steps."""

    name: str
    title: str
    summary: str
    group: Group
    direction: Direction
    steps: tuple[Step, ...]
    part: str | None = None
    rows: tuple[Row, ...] = ()
    charts: tuple[ChartWiring, ...] = ()
    bands: Bands = ()
    file: str = MODEL
    workings: bool = False
    front: bool = False

    @property
    def place(self) -> str:
        """Its file and name, for messages."""
        return f"{self.file}, tab {self.name}"

    @property
    def panels(self) -> tuple[Panel, ...]:
        """The panels of all bands."""
        return tuple(panel for band in self.bands for panel in band)


class FillError(ValueError):
    """A name or a loop that cannot be filled in; the caller adds file and place."""


def expand(
    wiring: Wiring,
    ops: Mapping[str, Op],
    constants: Mapping[str, int],
    scaled: Container[str],
    left_out: Container[str],
    problems: Problems,
) -> list[Tab]:
    """All tabs of the model in order; `constants` are the integers that loops and names use.

    `scaled` are the names of the tensors that have a scale, `left_out` those of the optional parts
    to do without, and the traits that the model does not have. Loops and names that cannot be
    filled in go into `problems`. Steps whose operation is not among `ops` are passed over.
    """
    tabs = []
    absent = _absent(wiring, ops, constants, left_out)
    for tab in wanted(wiring.tabs, left_out):
        for first, env in _rounds(tab.each, constants, tab.place, problems):
            steps = []
            for step in _chosen(tab.steps, ops, left_out):
                for inner_first, inner in _rounds(step.each, env, step.place, problems):
                    with problems.at(step.place, FillError):
                        exact = _step(step, ops[step.op], inner, first and inner_first, absent)
                        steps.append(_rescale(exact, scaled))
            with problems.at(tab.place, FillError):
                name, title, summary = (
                    fill(text, env) for text in (tab.name, tab.title, tab.summary)
                )
                exact_tab = Tab(
                    name,
                    title,
                    summary,
                    tab.group,
                    tab.direction,
                    tuple(steps),
                    tab.part,
                    tab.rows,
                    tab.charts,
                    tab.bands,
                    tab.file,
                    tab.workings,
                    tab.front,
                )
                tabs.append(exact_tab)
    return tabs


def _chosen(
    steps: Iterable[StepWiring], ops: Container[str], left_out: Container[str]
) -> Iterator[StepWiring]:
    """The steps of this model, each with the operation for the first of its traits that it has."""
    for step in wanted(steps, left_out):
        other = next((x for trait, x in step.instead.items() if trait not in left_out), None)
        chosen = step if other is None else replace(step, op=other.op, inputs=other.inputs)
        if chosen.op in ops:
            yield chosen


def fill(text: str, env: Mapping[str, int]) -> str:
    """Replace `{L-1}` and the like by the value of the integer arithmetic inside the braces.

    Raises FillError.
    """
    return re.sub(r"\{([^{}]+)\}", lambda match: str(integer(match.group(1), env)), text)


def integer(text: str, env: Mapping[str, int]) -> int:
    """The value of integer arithmetic on the names in `env`; raises FillError."""
    lower = {(name.lower() if len(name) == 1 else name): value for name, value in env.items()}
    try:
        subscript = parse_subscript(text)
    except FormulaSyntaxError as error:
        raise FillError(str(error)) from None
    if unknown := {*subscript.words} - env.keys():
        known = ", ".join(sorted(env))
        raise FillError(f"'{text}': {min(unknown)} is not known here (known: {known})")
    return subscript.value(lower)


def loop(each: str | None, env: Mapping[str, int]) -> list[tuple[bool, dict[str, int]]]:
    """(first of the loop?, environment) for every round of `r in 1..max_rounds`.

    Raises FillError.
    """
    if each is None:
        return [(True, dict(env))]
    match = re.fullmatch(r"(\w+) in (.+)\.\.(.+)", each)
    if not match:
        raise FillError(f"each = '{each}' is not of the form 'L in 0..n_layer-1'")
    letter, low, high = match.groups()
    start, stop = integer(low, env), integer(high, env)
    return [(i == start, {**env, letter: i}) for i in range(start, stop + 1)]


def _rounds(
    each: str | None, env: Mapping[str, int], where: str, problems: Problems
) -> list[tuple[bool, dict[str, int]]]:
    with problems.at(where, FillError):
        return loop(each, env)
    return []


def _absent(
    wiring: Wiring, ops: Mapping[str, Op], constants: Mapping[str, int], left_out: Container[str]
) -> frozenset[str]:
    """The names that the steps of left-out parts would have; loops that cannot be filled: none."""
    ignored = Problems()
    return frozenset(
        name
        for tab in wiring.tabs
        if tab.part in left_out
        for _, env in _rounds(tab.each, constants, tab.place, ignored)
        for step in _chosen(tab.steps, ops, left_out)
        for _, inner in _rounds(step.each, env, step.place, ignored)
        for name in _names(step, ops[step.op], inner).values()
    )


def _step(
    wiring: StepWiring, op: Op, env: Mapping[str, int], first: bool, absent: Container[str]
) -> Step:
    names = _names(wiring, op, env)
    inputs = {name: _source(source, env, first, absent) for name, source in wiring.inputs.items()}
    title = fill(wiring.title or op.title, env)
    summary = fill(wiring.summary or op.summary, env)
    return Step(op, names, inputs, title, summary, wiring.number, wiring.mark, wiring.stream)


def _names(wiring: StepWiring, op: Op, env: Mapping[str, int]) -> dict[str, str]:
    """The defined name of each formula; one without a name of its own hangs below the result."""
    result = fill(wiring.name, env)
    names = {x: f"{result}.{x}" for x in (line.left.name for line in op.lines)}
    return names | {variable: fill(name, env) for variable, name in wiring.names.items()}


def _source(
    source: Source, env: Mapping[str, int], first: bool, absent: Container[str]
) -> str | tuple[str, ...]:
    """The tensor, or the family of tensors, that an input is wired to."""
    if isinstance(source, str):
        return fill(source, env)
    if "of" in source:
        rounds = [inner for _, inner in loop(source.get("each"), env)]
        family = tuple(fill(source["of"], inner) for inner in rounds)
        if "or" in source and any(name in absent for name in family):
            family = tuple(fill(source["or"], inner) for inner in rounds)
        return family if "each" in source else family[0]
    return fill(source["first" if first else "then"], env)


def _rescale(step: Step, scaled: Container[str]) -> Step:
    """The step with the operation that multiplies the scale back, if its weights have one."""
    variant = step.op.scaled
    if variant is None:
        return step
    weights = step.inputs[variant.of]
    names = (weights,) if isinstance(weights, str) else weights
    if not all(name in scaled for name in names):
        return step
    scale = weights + SCALE if isinstance(weights, str) else tuple(x + SCALE for x in weights)
    return replace(step, op=variant.op, inputs={**step.inputs, variant.scale: scale})
