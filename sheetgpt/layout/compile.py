"""Turn the formulas of a placed step into spreadsheet formulas."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import repeat
from math import prod

import numpy as np

from sheetgpt.book import Formula
from sheetgpt.book.area import column_name, quote_sheet
from sheetgpt.layout.tensor import (
    Address,
    Axis,
    Family,
    PlacementError,
    Positions,
    Tensor,
    locate,
)
from sheetgpt.template.expand import Step
from sheetgpt.template.formula import (
    Function,
    Letter,
    Name,
    Subscript,
    TensorRef,
    Token,
    parse_subscript,
)
from sheetgpt.template.op import Line

#: Functions that are newer than the file format: files spell them with a prefix.
PREFIXED = {"UNICODE": "_xlfn.UNICODE", "UNICHAR": "_xlfn.UNICHAR"}


@dataclass(frozen=True)
class PlacedStep:
    """A step whose tensors have their places.

    `tensors` maps the operation's inputs and variables to where they lie, `letters` its axis
    letters to axes, `config` holds the integers that subscripts may use.
    """

    step: Step
    tensors: Mapping[str, Tensor | Family]
    letters: Mapping[str, Axis]
    config: Mapping[str, int]


def compile_step(placed: PlacedStep) -> Iterator[Formula]:
    """Every formula cell of a step; raises PlacementError for what cannot be placed."""
    for line in placed.step.op.lines:
        try:
            yield from _compile_line(placed, line)
        except PlacementError as error:
            raise PlacementError(f"formula {line.left}: {error}") from None


def spelled(tokens: Sequence[Token]) -> str:
    """A formula of names alone, such as that of a row, as a file spells it."""
    return "".join(_word(token) for token in _close_powers(tokens))


def _word(token: Token) -> str:
    """A token that means the same wherever its formula stands."""
    if isinstance(token, Function):
        return PREFIXED.get(token.name, token.name)
    return token if isinstance(token, str) else str(token)


def _compile_line(placed: PlacedStep, line: Line) -> Iterator[Formula]:
    target = placed.tensors[line.left.name]
    assert isinstance(target, Tensor)
    anchor = locate(target, line.left, placed.letters, placed.config)
    pieces = _joined(_piece(placed, line, token, anchor) for token in _close_powers(line.tokens))
    array = any(subscript.whole for subscript in line.left.subscripts)
    lower = [x for x in line.left.letters if x.islower()]
    sizes = [placed.letters[x].size for x in lower]
    # All copies at once: a small workbook has 30,000 formulas, most of whose words are still.
    count = prod(sizes)
    at = dict(zip(lower, np.indices(sizes).reshape(len(sizes), count), strict=True))
    texts = (
        piece.texts(at, count) if isinstance(piece, _Moves) else repeat(piece, count)
        for piece in pieces
    )
    rows, cols = anchor.corners(at, count)
    for row, col, *words in zip(rows.tolist(), cols.tolist(), *texts, strict=True):
        yield Formula(row, col, "".join(words), anchor.rows, anchor.cols, array)


@dataclass(frozen=True)
class _Moving:
    """A reference in a formula that is copied: its address and which tokens move with the copy."""

    address: Address
    sheet: str
    row_moves: bool
    col_moves: bool

    def texts(self, at: Positions, count: int) -> list[str]:
        """What stands there in each of the copies."""
        rows, cols = self.address.corners(at, count)
        first = self._cells(rows, cols)
        if self.address.rows == self.address.cols == 1:
            return [self.sheet + cell for cell in first]
        last = self._cells(rows + self.address.rows - 1, cols + self.address.cols - 1)
        return [f"{self.sheet}{a}:{b}" for a, b in zip(first, last, strict=True)]

    def _cells(self, rows: np.ndarray, cols: np.ndarray) -> list[str]:
        row_mark, col_mark = "" if self.row_moves else "$", "" if self.col_moves else "$"
        places = zip(rows.tolist(), cols.tolist(), strict=True)
        return [f"{col_mark}{column_name(col)}{row_mark}{row + 1}" for row, col in places]


@dataclass(frozen=True)
class _Picked:
    """A reference into a family: the position of a letter decides which member it means."""

    letter: str
    members: list[str | _Moving]

    def texts(self, at: Positions, count: int) -> list[str]:
        """What stands there in each of the copies."""
        found = [""] * count
        for number, member in enumerate(self.members):
            copies = np.flatnonzero(at[self.letter] == number)
            if isinstance(member, str):
                texts = [member] * len(copies)
            else:
                mine = {letter: positions[copies] for letter, positions in at.items()}
                texts = member.texts(mine, len(copies))
            for copy, text in zip(copies.tolist(), texts, strict=True):
                found[copy] = text
        return found


_Moves = _Moving | _Picked


def _joined(pieces: Iterable[str | _Moves]) -> list[str | _Moves]:
    """The pieces of a formula with neighbouring texts as one."""
    joined: list[str | _Moves] = []
    for piece in pieces:
        if isinstance(piece, str) and joined and isinstance(joined[-1], str):
            joined[-1] += piece
        else:
            joined.append(piece)
    return joined


def _piece(placed: PlacedStep, line: Line, token: Token, anchor: Address) -> str | _Moves:
    if isinstance(token, str | Function | Name):
        return _word(token)
    if isinstance(token, Letter):
        tensor, reference = _header(placed, line, token.letter)
    else:
        source, reference = placed.tensors[token.name], token
        if isinstance(source, Family):
            return _pick(placed, source, token, anchor)
        tensor = source
    return _refer(placed, tensor, reference, anchor)


def _pick(placed: PlacedStep, family: Family, reference: TensorRef, anchor: Address) -> _Picked:
    first, *rest = reference.subscripts
    if not (first.plain and first.text.islower()):
        raise PlacementError(f"{reference}: '{first.text}' must be a small letter, for one member")
    # Formulas that read different members are no copies of each other.
    moves = {letter: move for letter, move in anchor.moves.items() if letter != first.text}
    inner, still = TensorRef(reference.name, tuple(rest)), replace(anchor, moves=moves)
    return _Picked(first.text, [_refer(placed, x, inner, still) for x in family.members])


def _refer(
    placed: PlacedStep, tensor: Tensor, reference: TensorRef, anchor: Address
) -> str | _Moving:
    """A tensor's name when the reference takes all of it, else the address of the cells."""
    if tensor.name and _covers(reference, tensor, placed.letters):
        return tensor.name
    address = locate(tensor, reference, placed.letters, placed.config)
    sheet = "" if tensor.sheet == anchor.sheet else quote_sheet(tensor.sheet) + "!"
    return _moving(address, sheet, anchor)


def _covers(reference: TensorRef, tensor: Tensor, letters: Mapping[str, Axis]) -> bool:
    """Whether a reference takes the whole tensor, so that its defined name can stand for it."""
    return reference.whole and all(
        letters[subscript.letters[0].lower()].size == axis.size
        for subscript, axis in zip(reference.subscripts, tensor.axes, strict=True)
    )


def _close_powers(tokens: Sequence[Token]) -> list[Token]:
    """Drop the blanks around `^`: Gnumeric does not read a power with them."""
    last = len(tokens) - 1
    return [
        token
        for i, token in enumerate(tokens)
        if token != " " or "^" not in (tokens[max(i - 1, 0)], tokens[min(i + 1, last)])
    ]


def _moving(address: Address, sheet: str, anchor: Address) -> _Moving:
    """A coordinate is relative when it moves exactly as the formula's own cell does."""
    letters = anchor.moves.keys() | address.moves.keys()
    still = (0, 0)

    def follows(i: int) -> bool:
        moves = [(address.moves.get(x, still)[i], anchor.moves.get(x, still)[i]) for x in letters]
        return any(mine for mine, _ in moves) and all(mine == its for mine, its in moves)

    return _Moving(address, sheet, follows(0), follows(1))


def _header(placed: PlacedStep, line: Line, letter: str) -> tuple[Tensor, TensorRef]:
    """The header cells that a bare letter stands for, and the reference into them.

    They are the formula's own when the letter is an axis of its left side, else those of the
    first input that has the axis.
    """
    for declared in (line.left, *placed.step.op.inputs):
        tensor, reference = placed.tensors[declared.name], declared
        if isinstance(tensor, Family):
            tensor, reference = tensor.members[0], TensorRef(declared.name, declared.subscripts[1:])
        for i, subscript in enumerate(reference.subscripts):
            if not (subscript.plain and subscript.letters[0].lower() == letter.lower()):
                continue
            if tensor.headers[i] is None:
                continue
            header = tensor.header(i)
            if not tensor.runs_down(i):
                return header, TensorRef(letter, (parse_subscript(letter),))
            down = [s for j, s in enumerate(reference.subscripts) if tensor.runs_down(j)]
            return header, TensorRef(letter, tuple(_recase(s, subscript, letter) for s in down))
    raise PlacementError(f"'{letter}' has no header cells here")


def _recase(subscript: Subscript, own: Subscript, letter: str) -> Subscript:
    return parse_subscript(letter) if subscript is own else subscript
