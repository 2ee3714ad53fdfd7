"""The formula language of the templates: ordinary formulas in which tensors carry subscripts.

    y[t,C] = (x[t,C] - mean[t]) / SQRT(var[t] + eps)

A lower-case subscript is the position of the cell, an upper-case one the whole axis. This module
only takes formulas apart; where the tensors lie is the plan's business.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property

TOKEN = re.compile(
    r"""(?P<text>"(?:[^"]|"")*")                       # "quoted text"
      | (?P<ref>[A-Za-z_][\w.]*\[[^\[\]]*\])           # tensor[subscripts]
      | (?P<call>[A-Za-z_][\w.]*(?=\s*\())             # FUNCTION(
      | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
      | (?P<word>[A-Za-z_][\w.]*)                      # a bare axis letter or a name
      | (?P<other>\s+|.)""",
    re.VERBOSE,
)
#: The whole numbers of a model and of a workbook that subscripts, loops, axes and names may use.
SIZES = (
    *("n_layer", "n_head", "n_embd", "d_head", "n_inner", "n_positions", "vocab_size"),
    *("max_tokens", "max_chars", "max_bytes", "max_rounds"),
    "n_pieces",
    *("n_best", "n_guesses", "n_candidates", "n_deciding", "n_neurons", "n_written"),
    *("n_terms", "n_columns", "n_largest"),
)
SIGNATURE = re.compile(r"\s*([A-Za-z_]\w*)\s*(?:\[([^\[\]]*)\])?\s*")


class FormulaSyntaxError(ValueError):
    """A template formula that cannot be taken apart; the caller adds file and step."""


@dataclass(frozen=True)
class Subscript:
    """Integer arithmetic on axis letters and names of the configuration: `h*d_head + D`."""

    text: str
    tree: ast.expr

    @cached_property
    def words(self) -> list[str]:
        """Every word in the subscript, letters and configuration names alike."""
        return [node.id for node in ast.walk(self.tree) if isinstance(node, ast.Name)]

    @cached_property
    def letters(self) -> list[str]:
        """The axis letters as written, upper or lower case."""
        return [word for word in self.words if len(word) == 1]

    @property
    def whole(self) -> str | None:
        """The axis letter that is taken whole (upper case), if there is one."""
        return next((letter for letter in self.letters if letter.isupper()), None)

    @property
    def plain(self) -> bool:
        """A letter alone, without arithmetic."""
        return isinstance(self.tree, ast.Name) and len(self.tree.id) == 1

    def value(self, env: Mapping[str, int]) -> int:
        """The subscript's value for given letters (lower case) and configuration values."""
        return _evaluate(self.tree, env)


@dataclass(frozen=True)
class TensorRef:
    """A tensor with subscripts, on either side of a formula. `subscripts` is () for a scalar."""

    name: str
    subscripts: tuple[Subscript, ...]

    @property
    def letters(self) -> list[str]:
        """All axis letters in order, as written."""
        return [letter for subscript in self.subscripts for letter in subscript.letters]

    @property
    def whole(self) -> bool:
        """All upper case and unshifted: the tensor itself."""
        return all(s.plain and s.letters[0].isupper() for s in self.subscripts)

    def __str__(self) -> str:
        inner = ",".join(subscript.text for subscript in self.subscripts)
        return f"{self.name}[{inner}]" if self.subscripts else self.name


@dataclass(frozen=True)
class Letter:
    """A bare axis letter: the header cell (or cells) that show the position."""

    letter: str

    def __str__(self) -> str:
        return self.letter


@dataclass(frozen=True)
class Name:
    """A bare word that stays as it is: a named constant."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Function:
    """The name of a function."""

    name: str


Token = str | TensorRef | Letter | Name | Function


@cache
def parse_reference(text: str) -> TensorRef:
    """`x[t,C]` -> TensorRef; raises FormulaSyntaxError with the reason."""
    match = SIGNATURE.fullmatch(text)
    if not match:
        raise FormulaSyntaxError(f"'{text}' is not a name with subscripts such as x[t,c]")
    name, inside = match.groups()
    return _reference(name, inside)


@cache
def parse_formula(text: str) -> tuple[Token, ...]:
    """Take a formula apart into text to keep and the tokens that must be placed."""
    if not text.strip():
        raise FormulaSyntaxError("the formula is empty")
    tokens: list[Token] = []
    for match in TOKEN.finditer(text):
        kind, piece = match.lastgroup, match.group()
        if kind == "ref":
            name, inside = piece[:-1].split("[", 1)
            tokens.append(_reference(name, inside))
        elif kind == "call":
            tokens.append(Function(piece))
        elif kind == "word":
            tokens.append(Letter(piece) if len(piece) == 1 else Name(piece))
        elif kind == "other" and piece in "[]":
            raise FormulaSyntaxError(f"a bracket without a tensor before it in '{text}'")
        elif not piece.isspace():
            tokens.append(piece)
        elif tokens and tokens[-1] != " ":
            tokens.append(" ")
    depth = 0
    for token in tokens:
        depth += (token == "(") - (token == ")")
        if depth < 0:
            break
    if depth:
        raise FormulaSyntaxError(f"unbalanced parentheses in '{text}'")
    return tuple(tokens)


def _reference(name: str, inside: str | None) -> TensorRef:
    pieces = inside.split(",") if inside and inside.strip() else []
    return TensorRef(name, tuple(parse_subscript(piece.strip()) for piece in pieces))


@cache
def parse_subscript(text: str) -> Subscript:
    """`h*d_head + D` -> Subscript; raises FormulaSyntaxError with the reason."""
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError:
        raise FormulaSyntaxError(f"'{text}' is not a subscript") from None
    for node in ast.walk(tree):
        if not isinstance(
            node,
            ast.Name | ast.Load | ast.Constant | ast.BinOp | ast.Add | ast.Sub | ast.Mult,
        ) or (isinstance(node, ast.Constant) and type(node.value) is not int):
            raise FormulaSyntaxError(
                f"subscript '{text}': only +, -, * of letters, names, integers"
            )
        if (
            isinstance(node, ast.BinOp)
            and isinstance(node.op, ast.Mult)
            and all(Subscript(text, side).letters for side in (node.left, node.right))
        ):
            # A position times a position does not move evenly from cell to cell.
            raise FormulaSyntaxError(f"subscript '{text}': a letter times a letter")
    subscript = Subscript(text, tree)
    if sum(letter.isupper() for letter in subscript.letters) > 1:
        raise FormulaSyntaxError(f"subscript '{text}': at most one upper-case letter")
    return subscript


def _evaluate(node: ast.expr, env: Mapping[str, int]) -> int:
    if isinstance(node, ast.Constant):
        return int(node.value)  # type: ignore[arg-type]  # checked when parsed
    if isinstance(node, ast.Name):
        return env[node.id.lower() if len(node.id) == 1 else node.id]
    assert isinstance(node, ast.BinOp)
    left, right = _evaluate(node.left, env), _evaluate(node.right, env)
    if isinstance(node.op, ast.Add):
        return left + right
    return left - right if isinstance(node.op, ast.Sub) else left * right
