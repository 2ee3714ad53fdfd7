r"""Equations in one line of a cell: `x_{t,c}` and `x^{2}` as subscripts and superscripts.

The braces may be left out around a single character. A backslash makes the character behind it
an ordinary one: `next\_token`.
"""

from __future__ import annotations

import re
from typing import Any

from sheetgpt.errors import WorkbookError
from sheetgpt.xlsx.styles import EQUATION

#: XlsxWriter's numbers of what is raised and lowered, by the character that says so.
SCRIPTS = {"^": 1, "_": 2}
#: Letters on the line, as the first part of a run.
ON_LINE = ""
_PART = re.compile(
    r"\\(?P<plain>[\\_^{}])"
    r"|(?P<script>[_^])(?:\{(?P<group>[^{}]+)\}|(?P<one>[^\s\\_^{}]))"
    r"|(?P<text>[^\\_^{}]+)"
)


def runs(text: str) -> list[tuple[str, str]]:
    """The pieces of an equation: (`^`, `_` or nothing, characters), no two alike side by side.

    Braces without `_` or `^` are characters like any other. Raises WorkbookError for a subscript
    or superscript that is empty or does not end.
    """
    out: list[tuple[str, str]] = []
    at = 0
    while at < len(text):
        part = _PART.match(text, at)
        if part is None and text[at] in "{}":
            kind, piece, at = ON_LINE, text[at], at + 1
        elif part is None:
            raise WorkbookError(
                f"The equation {text!r} cannot be read from {text[at:]!r} on; write x_t, "
                r"x_{t,c}, x^2, or \_ for the character itself."
            )
        else:
            kind, at = part["script"] or ON_LINE, part.end()
            piece = part["plain"] or part["text"] or part["group"] or part["one"]
        if out and out[-1][0] == kind:
            out[-1] = kind, out[-1][1] + piece
        else:
            out.append((kind, piece))
    return out


class EquationWriter:
    """Writes equations into cells of one workbook."""

    def __init__(self, workbook: Any) -> None:
        self._fonts = {
            ON_LINE: workbook.add_format(EQUATION),
            **{
                kind: workbook.add_format({**EQUATION, "font_script": number})
                for kind, number in SCRIPTS.items()
            },
        }

    def write(self, worksheet: Any, row: int, col: int, text: str, style: Any) -> None:
        """Write an equation; a plain text if nothing in it is raised or lowered."""
        pieces = runs(text)
        if len(pieces) > 1:
            fragments = [x for kind, piece in pieces for x in (self._fonts[kind], piece)]
            worksheet.write_rich_string(row, col, *fragments, style)
        else:
            worksheet.write_string(row, col, "".join(piece for _, piece in pieces), style)
