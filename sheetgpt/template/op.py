"""Operations: what one file below `templates/ops/` declares, read and checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal, NamedTuple, get_args

from sheetgpt.book.equation import EquationError, runs
from sheetgpt.template.formula import (
    SIZES,
    FormulaSyntaxError,
    Letter,
    TensorRef,
    Token,
    parse_formula,
    parse_reference,
)
from sheetgpt.template.tables import (
    TABLE,
    TEXT,
    TEXT_TABLE,
    TEXTS,
    Problems,
    Table,
    entries,
    one_of,
)

#: How the cells of a tensor are shown; `sheetgpt.xlsx.styles` says what each looks like.
TensorShow = Literal[
    "decimal", "integer", "count", "id", "text", "probability", "share", "scores",
    "pattern", "map", "picked", "exponent", "tally", "points", "piece",
]  # fmt: skip
SHOWS: tuple[TensorShow, ...] = get_args(TensorShow)


@dataclass(frozen=True)
class Line:
    """One formula of an operation: the tensor on the left, the parsed formula on the right.

    `where` is its file and place, for messages.
    """

    left: TensorRef
    tokens: tuple[Token, ...]
    text: str
    where: str

    def declared(self) -> str:
        """The formula as its author wrote it."""
        return f"{self.left} = {self.text}"


@dataclass(frozen=True)
class Op:
    """An operation: inputs, axes of its own (letter -> axis), formulas and how results look.

    `equation` says in the notation of mathematics what the formulas do: `x_{t,c}`, `x^{2}`.
    A cell of a tensor in `marks` is marked where the other one, of its shape, holds 1.
    `scaled` is the operation for weights that are stored as whole numbers.
    """

    key: str
    title: str
    summary: str
    equation: str
    explanation: str
    inputs: tuple[TensorRef, ...]
    axes: dict[str, str]
    lines: tuple[Line, ...]
    show: dict[str, TensorShow]
    marks: dict[str, str] = field(default_factory=dict)
    scaled: Scaled | None = None

    @property
    def file(self) -> str:
        """The file that declares it, below the templates folder."""
        return f"ops/{self.key}.toml"

    @cached_property
    def ranks(self) -> dict[str, int]:
        """How many axes each tensor that the formulas may name has."""
        tensors = [*self.inputs, *(line.left for line in self.lines)]
        return {tensor.name: len(tensor.subscripts) for tensor in tensors}

    @cached_property
    def letters(self) -> set[str]:
        """The axis letters (lower case) that inputs and `axes` bind."""
        return {letter.lower() for tensor in self.inputs for letter in tensor.letters} | {
            *self.axes
        }


class Scaled(NamedTuple):
    """An operation that multiplies scales back into weights which are whole numbers.

    `of` is the input with the weights, `scale` the input that the operation has more: their scale.
    """

    op: Op
    of: str
    scale: str


def read_op(key: str, table: Table, problems: Problems) -> Op | None:
    """The operation of one file; None if it cannot be told, and why goes into `problems`."""
    where, sound = f"ops/{key}.toml", len(problems.lines)
    known = entries(
        table,
        where,
        problems,
        {"title": TEXT, "summary": TEXT, "formulas": TEXT_TABLE},
        {
            "equation": TEXT,
            "explanation": TEXT,
            "inputs": TEXTS,
            "axes": TEXT_TABLE,
            "show": TEXT_TABLE,
            "marks": TEXT_TABLE,
            "scaled": TABLE,
        },
    )
    with problems.at(where, EquationError):
        runs(known.get("equation", ""))
    inputs = _inputs(known.get("inputs", []), where, problems)
    lines = _lines(known.get("formulas", {}), where, problems)
    if known.get("formulas") == {}:
        problems.add(where, "there is no formula")
    if len(problems.lines) > sound:
        return None  # most of what else could be said would only repeat it
    axes, show = known.get("axes", {}), known.get("show", {})
    op = Op(
        key,
        known["title"],
        known["summary"],
        known.get("equation", ""),
        known.get("explanation", ""),
        inputs,
        axes,
        lines,
        show,
        known.get("marks", {}),
    )
    _check(op, problems)
    if "scaled" in known:
        return replace(op, scaled=_scaled(op, known["scaled"], problems))
    return op


def _scaled(op: Op, table: Table, problems: Problems) -> Scaled | None:
    """What differs for whole numbers: the input with their scale, formulas, words."""
    where, sound = f"{op.file}, scaled", len(problems.lines)
    known = entries(
        table,
        where,
        problems,
        {"of": TEXT, "input": TEXT, "formulas": TEXT_TABLE},
        {"equation": TEXT, "explanation": TEXT},
    )
    with problems.at(where, EquationError):
        runs(known.get("equation", ""))
    scale = _inputs([known["input"]] if "input" in known else [], where, problems)
    changed = {str(line.left): line for line in _lines(known.get("formulas", {}), where, problems)}
    inputs = {tensor.name for tensor in op.inputs}
    if "of" in known and known["of"] not in inputs:
        problems.add(
            where, f"of = '{known['of']}' is no input (known: {', '.join(sorted(inputs))})"
        )
    lines = {str(line.left): line for line in op.lines}
    for left in sorted(changed.keys() - lines.keys()):
        problem = f"there is no such formula to change (known: {', '.join(lines)})"
        problems.add(changed[left].where, problem)
    for tensor in scale:
        if tensor.name in op.ranks:
            problems.add(where, f"input {tensor}: a second '{tensor.name}'")
    if known.get("formulas") == {}:
        problems.add(where, "there is no formula")
    if len(problems.lines) > sound:
        return None
    other = replace(
        op,
        equation=known.get("equation", op.equation),
        explanation=known.get("explanation", op.explanation),
        inputs=(*op.inputs, *scale),
        lines=tuple((lines | changed).values()),
    )
    for line in changed.values():
        _check_line(other, line, problems)
    _check_used(
        other, [x for x in other.inputs if x.name in _used(op) or x in scale], where, problems
    )
    return Scaled(other, known["of"], scale[0].name)


def _inputs(texts: list[str], where: str, problems: Problems) -> tuple[TensorRef, ...]:
    inputs = []
    for text in texts:
        try:
            reference = parse_reference(text)
        except FormulaSyntaxError as error:
            problems.add(where, f"input {error}")
            continue
        if not all(s.plain and s.text.islower() for s in reference.subscripts):
            problems.add(where, f"input {text}: its subscripts must be lower-case letters")
        inputs.append(reference)
    return tuple(inputs)


def _lines(formulas: Mapping[str, str], where: str, problems: Problems) -> tuple[Line, ...]:
    lines = []
    for left, text in formulas.items():
        place = f"{where}, formula {left}"
        with problems.at(place, FormulaSyntaxError):
            lines.append(Line(parse_reference(left), parse_formula(text), text, place))
    return tuple(lines)


def _check(op: Op, problems: Problems) -> None:
    defined = [tensor.name for tensor in op.inputs]
    for line in op.lines:
        if line.left.name in defined:
            problems.add(line.where, f"a second '{line.left.name}'")
        defined.append(line.left.name)
        _check_line(op, line, problems)
    _check_used(op, op.inputs, op.file, problems)
    results = {line.left.name: one_of(*SHOWS) for line in op.lines}
    entries(op.show, f"{op.file}, show", problems, {}, results)
    shapes = {line.left.name: [s.text.lower() for s in line.left.subscripts] for line in op.lines}
    for marked, by in op.marks.items():
        if marked not in shapes or shapes[marked] != shapes.get(by):
            problem = f"'{marked}' and '{by}' are not two results of one shape"
            problems.add(f"{op.file}, marks", problem)


def _used(op: Op) -> set[str]:
    """The tensors that the formulas name."""
    return {
        token.name for line in op.lines for token in line.tokens if isinstance(token, TensorRef)
    }


def _check_used(op: Op, inputs: Iterable[TensorRef], where: str, problems: Problems) -> None:
    used = _used(op)
    for tensor in inputs:
        if tensor.name not in used:
            problems.add(where, f"input {tensor} is never used")


def _check_line(op: Op, line: Line, problems: Problems) -> None:
    where = line.where
    own = {letter.lower() for letter in line.left.letters}
    _check_sizes(line.left, where, problems)
    for letter in sorted(own - op.letters):
        problems.add(where, f"axis {letter} is in no input and not under axes")
    for token in line.tokens:
        if isinstance(token, TensorRef):
            _check_rank(op, token, where, problems)
            _check_sizes(token, where, problems)
            _check_letters(op, line, token.letters, f"{token}: ", where, problems)
        elif isinstance(token, Letter):
            _check_letters(op, line, [token.letter], "", where, problems)


def _check_rank(op: Op, token: TensorRef, where: str, problems: Problems) -> None:
    rank = op.ranks.get(token.name)
    if rank is None:
        known = ", ".join(sorted(op.ranks))
        problems.add(where, f"unknown tensor '{token.name}' (known: {known})")
    elif len(token.subscripts) != rank:
        problems.add(where, f"{token} needs {rank} subscripts, not {len(token.subscripts)}")


def _check_sizes(token: TensorRef, where: str, problems: Problems) -> None:
    """Longer words in a subscript are whole numbers that every workbook has."""
    for subscript in token.subscripts:
        for word in sorted({x for x in subscript.words if len(x) > 1} - {*SIZES}):
            problem = f"there is no whole number {word} (known: {', '.join(sorted(SIZES))})"
            problems.add(where, f"'{subscript.text}': {problem}")


def _check_letters(
    op: Op, line: Line, letters: list[str], place: str, where: str, problems: Problems
) -> None:
    """Every letter must be an axis; a lower-case one needs its position from the left side."""
    axes = op.letters | {letter.lower() for letter in line.left.letters}
    for letter in dict.fromkeys(letters):
        if letter.lower() not in axes:
            problems.add(where, f"{place}'{letter}' is no axis here")
        elif letter.islower() and letter not in line.left.letters:
            problems.add(where, f"{place}'{letter}' has no single position, use upper case")
