"""Unroll the wiring for one model: `block.{L}` becomes `block.0`, `block.1`, ..."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sheetgpt.errors import TemplateError
from sheetgpt.template.formula import FormulaSyntaxError, parse_reference
from sheetgpt.template.load import Op, StepWiring, Templates


@dataclass(frozen=True)
class Step:
    """One concrete step: an operation, the tensors it reads and the names it defines.

    `names[variable]` is the defined name of each of the operation's formulas.
    """

    op: Op
    names: dict[str, str]
    inputs: dict[str, str]
    number: int | None
    title: str
    summary: str

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
    part: str
    direction: str
    steps: tuple[Step, ...]


def expand(templates: Templates, constants: Mapping[str, int]) -> list[Tab]:
    """All tabs of the model in order; `constants` are the integers that loops and names use."""
    tabs = []
    for wiring in templates.tabs:
        for first, env in loop(wiring.each, constants):
            steps = [
                _step(step, templates.ops[step.op], inner, first and inner_first)
                for step in wiring.steps
                for inner_first, inner in loop(step.each, env)
            ]
            tabs.append(
                Tab(
                    fill(wiring.name, env),
                    fill(wiring.title, env),
                    fill(wiring.summary, env),
                    wiring.part,
                    wiring.direction,
                    tuple(steps),
                )
            )
    return tabs


def fill(text: str, env: Mapping[str, int]) -> str:
    """Replace `{L-1}` and the like by the value of the integer arithmetic inside the braces."""
    return re.sub(r"\{([^{}]+)\}", lambda match: str(integer(match.group(1), env)), text)


def integer(text: str, env: Mapping[str, int]) -> int:
    """The value of integer arithmetic on the names in `env`."""
    lower = {(name.lower() if len(name) == 1 else name): value for name, value in env.items()}
    try:
        return parse_reference(f"x[{text}]").subscripts[0].value(lower)
    except KeyError as error:
        known = ", ".join(sorted(env))
        raise TemplateError(f"'{text}': {error} is not known here (known: {known})") from None
    except FormulaSyntaxError as error:
        raise TemplateError(f"model.toml: {error}") from None


def loop(each: str | None, env: Mapping[str, int]) -> list[tuple[bool, dict[str, int]]]:
    """(first of the loop?, environment) for every round of `r in 1..max_rounds`."""
    if each is None:
        return [(True, dict(env))]
    match = re.fullmatch(r"(\w+) in (.+)\.\.(.+)", each)
    if not match:
        raise TemplateError(f"model.toml: each = '{each}' is not of the form 'L in 0..n_layer-1'")
    letter, low, high = match.groups()
    start, stop = integer(low, env), integer(high, env)
    return [(i == start, {**env, letter: i}) for i in range(start, stop + 1)]


def _step(wiring: StepWiring, op: Op, env: Mapping[str, int], first: bool) -> Step:
    results = [fill(name, env) for name in wiring.names]
    variables = [line.left.name for line in op.lines]
    # The last formulas of the operation take the step's names; the others hang below the last.
    names = {variable: f"{results[-1]}.{variable}" for variable in variables}
    names |= dict(zip(variables[-len(results) :], results, strict=True))
    inputs = {}
    for name, source in wiring.inputs.items():
        text = source if isinstance(source, str) else source["first" if first else "then"]
        inputs[name] = fill(text, env)
    title = fill(wiring.title or op.title, env)
    summary = fill(wiring.summary or op.summary, env)
    return Step(op, names, inputs, wiring.number, title, summary)
