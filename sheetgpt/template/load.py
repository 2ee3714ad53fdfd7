"""Read `templates/`: the operations (`ops/`), the wiring of the model and the forms.

Everything that is wrong is reported at once, each problem with file and place.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from sheetgpt.errors import TemplateError
from sheetgpt.template.formula import (
    FormulaSyntaxError,
    Letter,
    Part,
    Reference,
    Subscript,
    parse_formula,
    parse_reference,
)

#: How the cells of a tensor are shown; `sheetgpt.workbook.styles` says what each looks like.
SHOWS = (
    "decimal", "integer", "count", "id", "text", "probability", "scores", "pattern", "exponent",
)  # fmt: skip
DIRECTIONS = ("down", "right")


@dataclass(frozen=True)
class Line:
    """One formula of an operation: the tensor on the left, the parsed formula on the right."""

    left: Reference
    parts: tuple[Part, ...]
    text: str

    def declared(self) -> str:
        """The formula as its author wrote it."""
        return f"{self.left} = {self.text}"


@dataclass(frozen=True)
class Op:
    """An operation: what one file below `templates/ops/` declares."""

    key: str
    title: str
    summary: str
    explanation: str
    inputs: tuple[Reference, ...]
    axes: dict[str, str]
    lines: tuple[Line, ...]
    show: dict[str, str]


@dataclass(frozen=True)
class StepWiring:
    """One step of the model, as the wiring declares it (names may hold `{L}`)."""

    names: tuple[str, ...]
    op: str
    inputs: dict[str, Any]
    number: int | None = None
    title: str | None = None
    summary: str | None = None
    each: str | None = None


@dataclass(frozen=True)
class TabWiring:
    """One tab of steps, or a family of tabs when `each` is given."""

    name: str
    title: str
    summary: str
    part: str
    steps: tuple[StepWiring, ...]
    direction: str = "down"
    each: str | None = None


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
class Templates:
    """Everything below a templates folder."""

    ops: dict[str, Op]
    axes: dict[str, AxisWiring]
    tabs: tuple[TabWiring, ...]
    forms: dict[str, dict[str, Any]]
    folder: str


@dataclass
class Problems:
    """Collects everything that is wrong, to say it all at once."""

    lines: list[str] = field(default_factory=list)

    def add(self, where: str, what: str) -> None:
        self.lines.append(f"{where}: {what}")

    def raise_any(self, folder: str) -> None:
        if self.lines:
            count = len(self.lines)
            head = f"The templates in {folder} have {count} problem{'s' if count > 1 else ''}:"
            raise TemplateError("\n  ".join([head, *self.lines]))


def default_folder() -> Path:
    """The templates that came with sheetgpt: inside an installed package, else the checkout's."""
    inside = Path(str(resources.files("sheetgpt"))) / "templates"
    return inside if inside.is_dir() else Path(__file__).parents[2] / "templates"


def load_templates(folder: Path | None = None) -> Templates:
    """Read and check a templates folder; raises TemplateError with every problem found."""
    folder = folder or default_folder()
    if not (folder / "model.toml").is_file():
        raise TemplateError(f"There is no model.toml in {folder}; give a copy of the templates.")
    problems = Problems()
    ops = {}
    for path in sorted((folder / "ops").rglob("*.toml")):
        key = path.relative_to(folder / "ops").with_suffix("").as_posix()
        if table := _toml(path, problems):
            ops[key] = _op(key, table, problems)
    wiring = _toml(folder / "model.toml", problems)
    _keys(wiring, "model.toml", problems, required=["axes", "tab"])
    axes = {}
    for name, table in wiring.get("axes", {}).items():
        _keys(table, f"model.toml, axis {name}", problems, ["size"], ["first", "labels", "live"])
        axes[name] = AxisWiring(**{"size": "1", **_known(table, AxisWiring)})
    tabs = tuple(_tab(table, ops, problems) for table in wiring.get("tab", []))
    for op in ops.values():
        for letter, axis in op.axes.items():
            if axis not in axes:
                problems.add(f"ops/{op.key}.toml", f"axis {letter} = '{axis}' is not in model.toml")
    forms = {p.stem: _toml(p, problems) for p in sorted((folder / "forms").glob("*.toml"))}
    problems.raise_any(str(folder))
    return Templates(ops, axes, tabs, forms, str(folder))


def _toml(path: Path, problems: Problems) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        problems.add(path.name, f"not readable as TOML: {error}")
        return {}


def _keys(
    table: dict[str, Any],
    where: str,
    problems: Problems,
    required: Iterable[str] = (),
    optional: Iterable[str] = (),
) -> None:
    known = {*required, *optional}
    for key in table.keys() - known:
        problems.add(where, f"unknown key '{key}' (known: {', '.join(sorted(known))})")
    for key in required:
        if key not in table:
            problems.add(where, f"'{key}' is missing")


def _known(table: dict[str, Any], cls: type) -> dict[str, Any]:
    return {key: value for key, value in table.items() if key in cls.__dataclass_fields__}  # type: ignore[attr-defined]


def _op(key: str, table: dict[str, Any], problems: Problems) -> Op:
    where = f"ops/{key}.toml"
    _keys(
        table,
        where,
        problems,
        ["title", "summary", "formulas"],
        ["explanation", "inputs", "axes", "show"],
    )
    inputs = []
    for text in table.get("inputs", []):
        try:
            inputs.append(parse_reference(text))
        except FormulaSyntaxError as error:
            problems.add(where, f"input {error}")
    lines = []
    for left, text in table.get("formulas", {}).items():
        try:
            lines.append(Line(parse_reference(left), tuple(parse_formula(text)), text))
        except FormulaSyntaxError as error:
            problems.add(f"{where}, formula {left}", str(error))
    op = Op(
        key,
        table.get("title", ""),
        table.get("summary", ""),
        table.get("explanation", ""),
        tuple(inputs),
        table.get("axes", {}),
        tuple(lines),
        table.get("show", {}),
    )
    _check_op(op, where, problems)
    return op


def _check_op(op: Op, where: str, problems: Problems) -> None:
    ranks = {tensor.name: tensor.subscripts for tensor in op.inputs}
    ranks |= {line.left.name: line.left.subscripts for line in op.lines}
    bound = {letter.lower() for tensor in op.inputs for letter in tensor.letters} | set(op.axes)
    for line in op.lines:
        place = f"{where}, formula {line.left}"
        own = {x.lower() for x in line.left.letters}
        for letter in sorted(own - bound):
            problems.add(place, f"axis {letter} is in no input and not under axes")
        for part in line.parts:
            if isinstance(part, Letter) and part.letter.lower() not in bound | own:
                problems.add(place, f"'{part.letter}' is no axis here")
            elif isinstance(part, Reference):
                _check_reference(part, line, ranks, bound | own, problems, place)
    used = {part.name for line in op.lines for part in line.parts if isinstance(part, Reference)}
    for tensor in op.inputs:
        if tensor.name not in used:
            problems.add(where, f"input {tensor} is never used")
    for name, show in op.show.items():
        if name not in ranks or show not in SHOWS:
            problems.add(where, f"show {name} = '{show}': a formula's name and one of {SHOWS}")


def _check_reference(
    part: Reference,
    line: Line,
    ranks: dict[str, tuple[Subscript, ...]],
    letters: set[str],
    problems: Problems,
    place: str,
) -> None:
    if part.name not in ranks:
        problems.add(place, f"unknown tensor '{part.name}' (known: {', '.join(sorted(ranks))})")
    elif len(part.subscripts) != len(ranks[part.name]):
        problems.add(place, f"{part} has {len(part.subscripts)} axes, not {len(ranks[part.name])}")
    for letter in sorted({x.lower() for x in part.letters} - letters):
        problems.add(place, f"'{letter}' in {part} is no axis here")
    whole = {x.lower() for x in line.left.letters if x.isupper()}
    for letter in sorted(whole & {x for x in part.letters if x.islower()}):
        problems.add(place, f"{part}: '{letter}' has no single position, use upper case")


def _tab(table: dict[str, Any], ops: dict[str, Op], problems: Problems) -> TabWiring:
    where = f"model.toml, tab {table.get('name', '?')}"
    _keys(
        table,
        where,
        problems,
        ["name", "title", "summary", "part", "step"],
        ["direction", "each"],
    )
    if table.get("direction", "down") not in DIRECTIONS:
        problems.add(where, f"direction must be one of {DIRECTIONS}")
    steps = tuple(_step(step, where, ops, problems) for step in table.get("step", []))
    blank = {"name": "", "title": "", "summary": "", "part": ""}
    return TabWiring(**{**blank, **_known(table, TabWiring)}, steps=steps)


def _step(table: dict[str, Any], where: str, ops: dict[str, Op], problems: Problems) -> StepWiring:
    names = table.get("name", "?")
    names = tuple([names] if isinstance(names, str) else names)
    where = f"{where}, step {names[-1]}"
    _keys(
        table,
        where,
        problems,
        ["name", "op"],
        ["inputs", "number", "title", "summary", "each"],
    )
    inputs = table.get("inputs", {})
    op = ops.get(table.get("op", ""))
    if op is None:
        problems.add(where, f"there is no ops/{table.get('op')}.toml")
    else:
        declared = {tensor.name for tensor in op.inputs}
        for name in sorted(declared ^ set(inputs)):
            problem = "is not wired" if name in declared else f"is no input of {op.key}"
            problems.add(where, f"input '{name}' {problem}")
        if len(names) > len(op.lines):
            problems.add(where, f"{len(names)} names for the {len(op.lines)} formulas of {op.key}")
    for name, source in inputs.items():
        if not isinstance(source, str) and set(source) != {"first", "then"}:
            problems.add(where, f"input '{name}' must be a tensor or {{first = ..., then = ...}}")
    return StepWiring(
        **{**_known(table, StepWiring), "op": table.get("op", ""), "inputs": inputs}, names=names
    )
