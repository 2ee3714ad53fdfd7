"""The steps of a tab: a table with one line a step, and beside it names and words of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from sheetgpt.checkpoint.traits import Trait
from sheetgpt.template.op import Op
from sheetgpt.template.tables import (
    TABLE,
    TABLES,
    TEXT,
    TEXT_TABLE,
    TRUE,
    WHOLE,
    Kind,
    Problems,
    Table,
    entries,
)

#: In a step's name: each formula of the operation, by its own name.
EACH_FORMULA = "*"
#: In place of a name that is missing.
UNKNOWN = "?"

Source = str | dict[str, str]

#: What a step says in `[tab.instead]` for a trait of the model.
INSTEAD_KEYS: Mapping[str, Kind] = {"op": TEXT, "in": TABLE}
#: What a tab says about its steps.
STEP_KEYS: Mapping[str, Kind] = {
    "steps": TABLES,
    "prefix": TEXT,
    "names": TABLE,
    "words": TABLE,
    "instead": TABLE,
}


class Instead(NamedTuple):
    """Another operation for models with a trait, and all that it reads."""

    op: str
    inputs: dict[str, Source]


@dataclass(frozen=True)
class StepWiring:
    """One step of the model, as the wiring declares it (names may hold `{L}`).

    `names` has the defined name of a formula for each that has one of its own; the operation's last
    formula, the step's result, is the last of them. An input is the name of a tensor; `{first,
    then}`, of which `first` is for the first round of a loop; or `{each, of}`, a family: one tensor
    for each round. With `or`, that is read where the part which has `of` is left out. `mark` is a
    word for the step in the picture of its block, where a step of the `stream` is on the main line.
    `part` is what it goes with: a trait of the model. `instead` has the operation of models with a
    trait, by the trait. `place` is file, tab and step, for messages.
    """

    place: str
    names: dict[str, str]
    op: str
    inputs: dict[str, Source]
    number: int | None = None
    mark: str = ""
    stream: bool = False
    title: str | None = None
    summary: str | None = None
    each: str | None = None
    part: str | None = None
    instead: Mapping[str, Instead] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The step's own name: that of its result."""
        return [*self.names.values()][-1]


def read_steps(
    known: dict[str, Any], where: str, ops: Mapping[str, Op | None], problems: Problems
) -> tuple[StepWiring, ...]:
    """Take the steps of a tab out of `known`, which has values of the right kinds.

    `ops` holds None for an operation whose file could not be read.
    """
    reader = _Reader(known.get("prefix", ""), where, ops, problems)
    names, words = (
        {key: reader.entry(what, key, table) for key, table in known.pop(what, {}).items()}
        for what in ("names", "words")
    )
    instead = known.pop("instead", {})
    tables = known.pop("steps", [])
    written = [table.get("name") for table in tables]
    for what, keys in (("names", names), ("words", words), ("instead", instead)):
        for key in keys:
            if key not in written:
                problems.add(f"{where}, {what}", f"there is no step '{key}'")
    steps = []
    for row, table in enumerate(tables, 1):
        key = str(table.get("name"))
        step = reader.step(row, table, names.get(key, {}), words.get(key, {}))
        others = reader.instead(step, instead.get(key, {}))
        steps.append(replace(step, instead=others) if others else step)
    if reader.dotted and "again" not in known:
        problems.add(where, f"'{reader.dotted[0]}' begins with a dot, but there is no 'prefix'")
    numbers = [step.number for step in steps if step.number is not None]
    for number in sorted({number for number in numbers if numbers.count(number) > 1}):
        problems.add(where, f"there is a second step {number}")
    return tuple(steps)


class _Reader:
    """Reads the steps of one tab; a name that begins with a dot has `prefix` before it.

    `dotted` are such names in a tab without a prefix.
    """

    def __init__(
        self, prefix: str, where: str, ops: Mapping[str, Op | None], problems: Problems
    ) -> None:
        self.prefix, self.where, self.ops, self.problems = prefix, where, ops, problems
        self.dotted: list[str] = []

    def entry(self, what: str, key: str, table: Any) -> dict[str, str]:
        """The names or words of one step."""
        where = f"{self.where}, {what} of {key}"
        if not TEXT_TABLE.fits(table):
            self.problems.add(where, f"must be {TEXT_TABLE.words}")
            return {}
        words = {"title": TEXT, "summary": TEXT}
        return table if what == "names" else entries(table, where, self.problems, {}, words)

    def step(
        self,
        row: int,
        table: Table,
        names: Mapping[str, str],
        words: Mapping[str, str],
    ) -> StepWiring:
        """One line of the table, with the names and words beside it."""
        name = table.get("name")
        label = (self.prefix * name.startswith(".") + name) if isinstance(name, str) else row
        where = f"{self.where}, step {label}"
        known = entries(
            table,
            where,
            self.problems,
            {"name": TEXT, "op": TEXT},
            {"in": TABLE, "n": WHOLE, "mark": TEXT, "stream": TRUE, "each": TEXT, "part": TEXT},
        )
        key, inputs = known.get("op", ""), known.get("in", {})
        op = self.ops.get(key)
        if key and key not in self.ops:
            self.problems.add(where, f"there is no ops/{key}.toml")
        if op:
            self._check_inputs(op, inputs, where)
        full = self._names(known.get("name", UNKNOWN), names, op, where)
        return StepWiring(
            where,
            {variable: self._full(text) for variable, text in full.items()},
            key,
            {
                variable: self._source(variable, source, where)
                for variable, source in inputs.items()
            },
            known.get("n"),
            known.get("mark", ""),
            known.get("stream", False),
            words.get("title"),
            words.get("summary"),
            known.get("each"),
            known.get("part"),
        )

    def instead(self, step: StepWiring, table: Any) -> dict[str, Instead]:
        """The operations of models with a trait; what a step reads is read by those, too."""
        where = f"{self.where}, instead of {step.name}"
        traits = dict.fromkeys(map(str, Trait), TABLE)
        found = {}
        for trait, other in entries(
            table if TABLE.fits(table) else {"?": table}, where, self.problems, {}, traits
        ).items():
            known = entries(other, f"{where}, {trait}", self.problems, {"op": TEXT}, INSTEAD_KEYS)
            key, op = known.get("op", step.op), self.ops.get(known.get("op", step.op))
            if key not in self.ops:
                self.problems.add(where, f"there is no ops/{key}.toml")
            own = {k: self._source(k, x, where) for k, x in known.get("in", {}).items()}
            inputs = step.inputs | own
            if op:
                declared = {tensor.name for tensor in op.inputs}
                inputs = {k: x for k, x in inputs.items() if k in declared or k in own}
                self._check_inputs(op, inputs, where)
                for variable in sorted({*step.names} - {line.left.name for line in op.lines}):
                    self.problems.add(where, f"{op.key} has no formula '{variable}'")
            found[trait] = Instead(key, inputs)
        return found

    def _names(
        self, name: str, names: Mapping[str, str], op: Op | None, where: str
    ) -> dict[str, str]:
        """The names by formula, in the order of the operation's formulas."""
        if op is None:
            return {"": name}
        formulas = [line.left.name for line in op.lines]
        for variable in sorted(names.keys() - {*formulas[:-1]}):
            others = ", ".join(formulas[:-1]) or "none"
            problem = f"{op.key} has no formula '{variable}' beside its result (known: {others})"
            self.problems.add(where, problem)
        pattern = EACH_FORMULA in name
        given = {x: name.replace(EACH_FORMULA, x) for x in (formulas if pattern else formulas[-1:])}
        given |= {x: text for x, text in names.items() if x in formulas[:-1]}
        return {x: given[x] for x in formulas if x in given}

    def _source(self, variable: str, source: Any, where: str) -> Source:
        """An input with full names; `each` of a family is no name."""
        if isinstance(source, str):
            return self._full(source)
        if _is_choice(source):
            return {k: x if k == "each" else self._full(x) for k, x in source.items()}
        problem = (
            "must be a tensor, {first = ..., then = ...}, {each = ..., of = ...} or "
            "{of = ..., or = ...}"
        )
        self.problems.add(where, f"input '{variable}' {problem}")
        return ""

    def _full(self, name: str) -> str:
        if name.startswith(".") and not self.prefix:
            self.dotted.append(name)
        return self.prefix + name if name.startswith(".") else name

    def _check_inputs(self, op: Op, inputs: Table, where: str) -> None:
        declared = {tensor.name for tensor in op.inputs}
        for name in sorted(declared ^ {*inputs}):
            problem = "is not wired" if name in declared else f"is no input of {op.key}"
            self.problems.add(where, f"input '{name}' {problem}")


def _is_choice(source: Any) -> bool:
    """Another tensor for the first round of a loop, for each round of one, or without a part."""
    keys = {"first", "then"}, {"each", "of"}, {"each", "of", "or"}, {"of", "or"}
    return TEXT_TABLE.fits(source) and {*source} in keys
