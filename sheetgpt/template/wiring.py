"""The wiring: `templates/model.toml` and the optional parts, `templates/parts/`, read and checked.

Both declare axes and tabs of steps. The workbook has the tabs of the model first, then those of its
parts in the order in which model.toml lists them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple, get_args

from sheetgpt.template.op import Op
from sheetgpt.template.panels import Bands, Panel, read_bands
from sheetgpt.template.rows import ChartWiring, Row, read_charts, read_rows
from sheetgpt.template.steps import (
    STEP_KEYS,
    UNKNOWN,
    Instead,
    Source,
    StepWiring,
    read_steps,
)
from sheetgpt.template.tables import (
    TABLE,
    TABLES,
    TEXT,
    TEXTS,
    TRUE,
    WHOLE,
    Problems,
    Table,
    entries,
    one_of,
)

#: The groups of tabs, each with a colour of its own (`sheetgpt.xlsx.styles`).
Group = Literal[
    "start", "text", "embedding", "block", "output", "inside",
    "checks", "about", "constants", "data", "weights", "lesson",
]  # fmt: skip
GROUPS: tuple[Group, ...] = get_args(Group)
#: Steps lie one below the other, or side by side.
Direction = Literal["down", "right"]
DIRECTIONS: tuple[Direction, ...] = get_args(Direction)
MODEL = "model.toml"
#: What `--without` takes for no part.
NO_PART = ("none", "nothing")


def part_file(part: str | None) -> str:
    """The file of an optional part, or that of the model."""
    return MODEL if part is None else f"parts/{part}.toml"


@dataclass(frozen=True)
class TabWiring:
    """One tab of steps, or a family of tabs when `each` is given.

    `rows` are cells above the steps, as a form has them, and `charts` stand below those. A tab of
    `bands` has panels instead, and its steps in some of these. `file` declares it; `part` is the
    optional part that the tab belongs to. `prefix` stands before all names of its steps that
    begin with a dot. A tab that does the steps of another one `again` has them with its own prefix,
    but for those numbers that it gives. Tabs of `workings` stand behind the others of their group.
    A tab in `front` stands right behind Start.
    """

    name: str
    title: str
    summary: str
    group: Group
    steps: tuple[StepWiring, ...]
    direction: Direction = "down"
    each: str | None = None
    part: str | None = None
    again: str | None = None
    workings: bool = False
    prefix: str = ""
    rows: tuple[Row, ...] = ()
    charts: tuple[ChartWiring, ...] = ()
    bands: Bands = ()
    file: str = MODEL
    front: bool = False

    @property
    def place(self) -> str:
        """Its file and name, for messages."""
        return f"{self.file}, tab {self.name}"

    @property
    def panels(self) -> tuple[Panel, ...]:
        """The panels of all bands."""
        return tuple(panel for band in self.bands for panel in band)


@dataclass(frozen=True)
class AxisWiring:
    """A named axis: its size (integer arithmetic on constants) and the number it counts from.

    `labels` names a tensor with a word for each position, `live` a cell with the number of
    positions in use: those beyond it are greyed out. `place` is its file and name, for messages,
    `part` the optional part that it belongs to.
    """

    size: str
    place: str
    part: str | None = None
    first: int = 0
    labels: str | None = None
    live: str | None = None


class Wiring(NamedTuple):
    """All of model.toml and of the parts; `parts` names these in the order of their tabs."""

    axes: dict[str, AxisWiring]
    tabs: tuple[TabWiring, ...]
    parts: tuple[str, ...]


def read_wiring(
    model: Table | None,
    parts: Mapping[str, Table | None],
    ops: Mapping[str, Op | None],
    problems: Problems,
) -> Wiring:
    """Axes and tabs of the model and of its parts; None is what could not be read from its file."""
    sound = len(problems.lines)
    known: dict[str, Any] = {}
    if model is not None:
        known = entries(model, MODEL, problems, {"axes": TABLE, "tab": TABLES}, {"parts": TEXTS})
    if "parts" in known or (model is not None and "parts" not in model):
        _check_parts(known.get("parts", []), parts, problems)
    # The mistakes in parts that are not listed are said, too.
    order = dict.fromkeys([part for part in known.get("parts", []) if part in parts] + [*parts])
    files: list[tuple[str | None, Table]] = [(None, known)]
    for part in order:
        table, where = parts[part] or {}, part_file(part)
        if parts[part] is not None:
            table = entries(table, where, problems, {"tab": TABLES}, {"axes": TABLE})
        files.append((part, table))
    # Without all files, what is not there may only be what could not be read.
    complete = len(problems.lines) == sound and None not in (model, *parts.values())
    axes: dict[str, AxisWiring] = {}
    tabs: list[TabWiring] = []
    for part, content in files:
        for name, axis in content.get("axes", {}).items():
            read = read_axis(part_file(part), name, axis, problems, part)
            if name in axes:
                problems.add(read.place, f"a second '{name}', after {axes[name].place}")
            axes.setdefault(name, read)
        for declared in content.get("tab", []):
            tab = read_tab(declared, part_file(part), ops, problems, part)
            if tab.name.lower() in (other.name.lower() for other in tabs):
                problems.add(tab.place, "there is a second tab of this name")
            again = tab.again is not None and complete
            tabs.append(_again(tab, tabs, problems) if again else tab)
    if complete:
        _check_axes(ops.values(), axes, problems)
    return Wiring(axes, tuple(tabs), tuple(order))


def _check_parts(listed: list[str], parts: Iterable[str], problems: Problems) -> None:
    """Every part that is listed has a file, every file is listed, and once."""
    where = f"{MODEL}, parts"
    for part in dict.fromkeys(listed):
        if part not in parts:
            problems.add(where, f"there is no {part_file(part)}")
        if listed.count(part) > 1:
            problems.add(where, f"a second '{part}'")
        if not re.fullmatch(r"[A-Za-z]\w*", part) or part in NO_PART:
            problem = f"'{part}' cannot be the name of a part: --without takes a word"
            problems.add(where, f"{problem}, and {' or '.join(NO_PART)} for no part")
    for part in parts:
        if part not in listed:
            problems.add(part_file(part), f"'{part}' is not among the parts of {MODEL}")


def _check_axes(
    ops: Iterable[Op | None], axes: Mapping[str, AxisWiring], problems: Problems
) -> None:
    for op in filter(None, ops):
        for letter, axis in op.axes.items():
            if axis not in axes:
                known = ", ".join(sorted(axes))
                problems.add(op.file, f"axis {letter}: there is no axis '{axis}' (known: {known})")


def read_axis(
    file: str, name: str, axis: Any, problems: Problems, part: str | None = None
) -> AxisWiring:
    """An axis that a file declares; what is wrong with it goes into `problems`."""
    table, place = axis if TABLE.fits(axis) else {}, f"{file}, axis {name}"
    optional = {"first": WHOLE, "labels": TEXT, "live": TEXT}
    known = entries(table, place, problems, {"size": TEXT}, optional)
    return AxisWiring(**{"size": "1", "place": place, "part": part, **known})


def read_tab(
    table: Table,
    file: str,
    ops: Mapping[str, Op | None],
    problems: Problems,
    part: str | None = None,
) -> TabWiring:
    """A tab of steps that a file declares; what is wrong with it goes into `problems`."""
    where = f"{file}, tab {table.get('name', '?')}"
    known = entries(
        table,
        where,
        problems,
        {
            **dict.fromkeys(("name", "title", "summary"), TEXT),
            "group": one_of(*GROUPS),
            "steps": STEP_KEYS["steps"],
        },
        {
            **STEP_KEYS,
            **dict.fromkeys(("each", "again"), TEXT),
            **dict.fromkeys(("row", "chart", "band"), TABLES),
            "direction": one_of(*DIRECTIONS),
            "workings": TRUE,
            "front": TRUE,
        },
    )
    steps = read_steps(known, where, ops, problems)
    known["rows"] = read_rows(known.pop("row", []), where, problems)
    known["charts"] = read_charts(known.pop("chart", []), where, problems)
    known["bands"] = read_bands(known.pop("band", []), where, problems)
    blank = {"name": "", "title": "", "summary": "", "group": "data"}
    return TabWiring(**{**blank, **known}, steps=steps, part=part, file=file)


def _again(tab: TabWiring, before: list[TabWiring], problems: Problems) -> TabWiring:
    """The tab with the steps of the one that it does again, renamed, its own in their places."""
    source = next((other for other in before if other.name == tab.again), None)
    if source is None:
        problems.add(tab.place, f"there is no tab '{tab.again}' before it")
        return tab
    if not tab.prefix or not source.prefix or tab.prefix == source.prefix:
        problems.add(tab.place, f"'prefix' is missing, here or in {source.name}, or the same")
        return tab
    names = {name for step in source.steps for name in step.names.values()}
    for name in sorted(
        name for name in names - {UNKNOWN} if not name.startswith(source.prefix + ".")
    ):
        problems.add(tab.place, f"'{name}' of {source.name} does not begin with a dot")
    own = {step.number: step for step in tab.steps}
    for step in tab.steps:
        if step.number is None:
            problems.add(
                tab.place, f"step {step.name} needs the number 'n' of that which it replaces"
            )
        elif step.number not in {other.number for other in source.steps}:
            problems.add(tab.place, f"there is no step {step.number} in {tab.again}")
    steps = tuple(
        own[step.number]
        if step.number in own
        else replace(
            step,
            names={x: _renamed(name, names, source, tab) for x, name in step.names.items()},
            inputs=_renamed_inputs(step.inputs, names, source, tab),
            instead={
                trait: Instead(op, _renamed_inputs(inputs, names, source, tab))
                for trait, (op, inputs) in step.instead.items()
            },
        )
        for step in source.steps
    )
    return replace(tab, steps=steps)


def _renamed_inputs(
    inputs: Mapping[str, Source], names: set[str], old: TabWiring, new: TabWiring
) -> dict[str, Source]:
    return {x: _renamed_source(source, names, old, new) for x, source in inputs.items()}


def _renamed_source(source: Source, names: set[str], old: TabWiring, new: TabWiring) -> Source:
    if isinstance(source, str):
        return _renamed(source, names, old, new)
    return {key: _renamed(name, names, old, new) for key, name in source.items()}


def _renamed(name: str, names: set[str], old: TabWiring, new: TabWiring) -> str:
    """A name among those of the old tab as that of the new one: `h.{L-1}.x` of `h.{L}.x`, too."""
    if name in names:
        return new.prefix + name.removeprefix(old.prefix)
    this_round = re.sub(r"\{(\w)-1\}", r"{\1}", name)
    if this_round not in names:
        return name
    return re.sub(r"\{(\w)\}", r"{\1-1}", new.prefix) + this_round.removeprefix(old.prefix)
