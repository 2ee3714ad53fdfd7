"""The wiring, `templates/model.toml`: tabs, steps and axes, read and checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from sheetgpt.template.op import Op
from sheetgpt.template.rows import read_charts, read_rows
from sheetgpt.template.tables import (
    NAMES,
    TABLE,
    TABLES,
    TEXT,
    TEXT_TABLE,
    TRUE,
    WHOLE,
    Problems,
    entries,
    one_of,
)

#: The parts of a workbook, each with a colour of its own (`sheetgpt.xlsx.styles`).
GROUPS = (
    *("start", "text", "embedding", "block", "output", "inside"),
    *("checks", "about", "constants", "data", "weights"),
)
DIRECTIONS = ("down", "right")


@dataclass(frozen=True)
class StepWiring:
    """One step of the model, as the wiring declares it (names may hold `{L}`).

    An input is the name of a tensor; `{first, then}`, of which `first` is for the first round of a
    loop; or `{each, of}`, a family: one tensor for each round. `mark` is a word for the step in
    the picture of its block, where a step of the `stream` is on the main line.
    """

    names: tuple[str, ...]
    op: str
    inputs: dict[str, str | dict[str, str]]
    number: int | None = None
    mark: str = ""
    stream: bool = False
    title: str | None = None
    summary: str | None = None
    each: str | None = None


@dataclass(frozen=True)
class TabWiring:
    """One tab of steps, or a family of tabs when `each` is given.

    `rows` are cells above the steps, as a form has them, and `charts` stand below those.
    `optional` is the name by which the tab can be left out. A tab that does the steps of another
    one `again` has them with `prefix` before their names, but for those numbers that it gives.
    """

    name: str
    title: str
    summary: str
    group: str
    steps: tuple[StepWiring, ...]
    direction: str = "down"
    each: str | None = None
    optional: str | None = None
    again: str | None = None
    prefix: str = ""
    rows: tuple[dict[str, Any], ...] = ()
    charts: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class AxisWiring:
    """A named axis: its size (integer arithmetic on constants) and the number it counts from.

    `labels` names a tensor with a word for each position, `live` a cell with the number of
    positions in use: those beyond it are greyed out.
    """

    size: str
    first: int = 0
    labels: str | None = None
    live: str | None = None


@dataclass(frozen=True)
class ScaledWiring:
    """The operation that takes another's place when the weights of its input `scale` are scaled.

    It has one input more, `scale`, which is wired to the scale of those weights.
    """

    op: str
    scale: str


class Wiring(NamedTuple):
    """All of model.toml."""

    axes: dict[str, AxisWiring]
    tabs: tuple[TabWiring, ...]
    scaled: dict[str, ScaledWiring]

    @property
    def optional(self) -> list[str]:
        """What can be left out of a workbook, in the order of its tabs."""
        return list(dict.fromkeys(tab.optional for tab in self.tabs if tab.optional))


def read_wiring(
    table: Mapping[str, Any], ops: Mapping[str, Op | None], problems: Problems
) -> Wiring:
    """Axes, tabs, variants; `ops` holds None for an operation whose file could not be read."""
    optional = {"scaled": TABLE}
    known = entries(table, "model.toml", problems, {"axes": TABLE, "tab": TABLES}, optional)
    axes = {name: _axis(name, axis, problems) for name, axis in known.get("axes", {}).items()}
    for op in filter(None, ops.values()):
        for letter, axis in op.axes.items():
            if axis not in axes:
                problems.add(op.file, f"axis {letter} = '{axis}' is not in model.toml")
    scaled = {
        key: _scaled(key, variant, ops, problems)
        for key, variant in known.get("scaled", {}).items()
    }
    tabs: list[TabWiring] = []
    for declared in known.get("tab", []):
        tab = _tab(declared, ops, problems)
        tabs.append(tab if tab.again is None else _again(tab, tabs, problems))
    return Wiring(axes, tuple(tabs), scaled)


def _again(tab: TabWiring, before: list[TabWiring], problems: Problems) -> TabWiring:
    """The tab with the steps of the one that it does again, renamed, its own in their places."""
    source = next((other for other in before if other.name == tab.again), None)
    if source is None:
        problems.add(f"model.toml, tab {tab.name}", f"there is no tab '{tab.again}' before it")
        return tab
    names = {name for step in source.steps for name in step.names}

    def renamed(source: Any) -> Any:
        if isinstance(source, dict):
            return {key: renamed(name) for key, name in source.items()}
        # What this round reads of the one before is renamed, too.
        known = isinstance(source, str) and re.sub(r"\{(\w)-1\}", r"{\1}", source) in names
        return tab.prefix + source if known else source

    own = {step.number: step for step in tab.steps}
    for number in own.keys() - {step.number for step in source.steps}:
        problems.add(f"model.toml, tab {tab.name}", f"there is no step {number} in {tab.again}")
    steps = []
    for step in source.steps:
        names_again = tuple(map(renamed, step.names))
        again = replace(step, names=names_again, inputs=renamed(step.inputs))
        steps.append(own.get(step.number, again))
    return replace(tab, steps=tuple(steps))


def _axis(name: str, axis: Any, problems: Problems) -> AxisWiring:
    where = f"model.toml, axis {name}"
    table = axis if TABLE.fits(axis) else {}
    optional = {"first": WHOLE, "labels": TEXT, "live": TEXT}
    return AxisWiring(**{"size": "1", **entries(table, where, problems, {"size": TEXT}, optional)})


def _scaled(key: str, table: Any, ops: Mapping[str, Op | None], problems: Problems) -> ScaledWiring:
    where = f"model.toml, scaled {key}"
    known = entries(
        table if TABLE.fits(table) else {}, where, problems, {"op": TEXT, "scale": TEXT}
    )
    variant = ScaledWiring(known.get("op", ""), known.get("scale", ""))
    for name in (key, variant.op):
        if name and name not in ops:
            problems.add(where, f"there is no ops/{name}.toml")
    plain, other = ops.get(key), ops.get(variant.op)
    if plain and other:
        declared = {tensor.name for tensor in plain.inputs}
        if variant.scale not in declared:
            problems.add(where, f"'{variant.scale}' is no input of {key}")
        if {tensor.name for tensor in other.inputs} != declared | {"scale"}:
            problems.add(where, f"{variant.op} must have the inputs of {key} and 'scale'")
        if [line.left.name for line in plain.lines] != [line.left.name for line in other.lines]:
            problems.add(where, f"{variant.op} must define the tensors of {key}")
    return variant


def _tab(table: Mapping[str, Any], ops: Mapping[str, Op | None], problems: Problems) -> TabWiring:
    where = f"model.toml, tab {table.get('name', '?')}"
    known = entries(
        table,
        where,
        problems,
        {"name": TEXT, "title": TEXT, "summary": TEXT, "group": one_of(*GROUPS), "step": TABLES},
        {
            "direction": one_of(*DIRECTIONS),
            "each": TEXT,
            "optional": TEXT,
            "again": TEXT,
            "prefix": TEXT,
            "row": TABLES,
            "chart": TABLES,
        },
    )
    steps = tuple(_step(step, where, ops, problems) for step in known.pop("step", []))
    known["rows"] = read_rows(known.pop("row", []), where, problems)
    known["charts"] = read_charts(known.pop("chart", []), where, problems)
    blank = {"name": "", "title": "", "summary": "", "group": ""}
    return TabWiring(**{**blank, **known}, steps=steps)


def _step(
    table: Mapping[str, Any], tab: str, ops: Mapping[str, Op | None], problems: Problems
) -> StepWiring:
    name = table.get("name", "?")
    names = (name,) if isinstance(name, str) else tuple(name) if NAMES.fits(name) else ("?",)
    where = f"{tab}, step {names[-1]}"
    known = entries(
        table,
        where,
        problems,
        {"name": NAMES, "op": TEXT},
        {
            "inputs": TABLE,
            "number": WHOLE,
            "mark": TEXT,
            "stream": TRUE,
            "title": TEXT,
            "summary": TEXT,
            "each": TEXT,
        },
    )
    known.pop("name", None)
    inputs = known.setdefault("inputs", {})
    for variable, source in inputs.items():
        if not (isinstance(source, str) or _is_choice(source)):
            problem = "must be a tensor, {first = ..., then = ...} or {each = ..., of = ...}"
            problems.add(where, f"input '{variable}' {problem}")
    key = known.setdefault("op", "")
    if key and key not in ops:
        problems.add(where, f"there is no ops/{key}.toml")
    elif op := ops.get(key):
        _check_against(op, names, inputs, where, problems)
    return StepWiring(names, **known)


def _is_choice(source: Any) -> bool:
    """A different tensor for the first round of a loop, or one tensor for each round of one."""
    keys = {"first", "then"}, {"each", "of"}
    return TEXT_TABLE.fits(source) and {*source} in keys


def _check_against(
    op: Op, names: tuple[str, ...], inputs: Mapping[str, Any], where: str, problems: Problems
) -> None:
    declared = {tensor.name for tensor in op.inputs}
    for name in sorted(declared ^ {*inputs}):
        problem = "is not wired" if name in declared else f"is no input of {op.key}"
        problems.add(where, f"input '{name}' {problem}")
    if len(names) > len(op.lines):
        problems.add(where, f"{len(names)} names for the {len(op.lines)} formulas of {op.key}")
