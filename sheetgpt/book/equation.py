r"""Equations in one line of a cell: `x_{t,c}` and `x^{2}` as subscripts and superscripts.

The braces may be left out around a single character. A backslash makes the character behind it
an ordinary one: `next\_token`.
"""

from __future__ import annotations

import re

#: Letters on the line, as the first part of a run.
ON_LINE = ""
_PART = re.compile(
    r"\\(?P<plain>[\\_^{}])"
    r"|(?P<script>[_^])(?:\{(?P<group>[^{}]+)\}|(?P<one>[^\s\\_^{}]))"
    r"|(?P<text>[^\\_^{}]+)"
)


class EquationError(ValueError):
    """An equation that cannot be written; the caller adds file and step."""


def runs(text: str) -> list[tuple[str, str]]:
    """The pieces of an equation: (`^`, `_` or nothing, characters), no two alike side by side.

    Braces without `_` or `^` are characters like any other. Raises EquationError for a subscript
    or superscript that is empty or does not end.
    """
    out: list[tuple[str, str]] = []
    at = 0
    while at < len(text):
        part = _PART.match(text, at)
        if part is None and text[at] in "{}":
            kind, piece, at = ON_LINE, text[at], at + 1
        elif part is None:
            raise EquationError(
                f"the equation {text!r} cannot be read from {text[at:]!r} on; write x_t, "
                r"x_{t,c}, x^2, or \_ for the character itself"
            )
        else:
            kind, at = part["script"] or ON_LINE, part.end()
            piece = part["plain"] or part["text"] or part["group"] or part["one"]
        if out and out[-1][0] == kind:
            out[-1] = kind, out[-1][1] + piece
        else:
            out.append((kind, piece))
    return out
