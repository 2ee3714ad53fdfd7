"""Equations in a cell: what is raised or lowered is a run of characters in a font of its own."""

from __future__ import annotations

from typing import Any

from sheetgpt.book.equation import ON_LINE, runs
from sheetgpt.xlsx.styles import EQUATION

#: XlsxWriter's numbers of what is raised and lowered, by the character that says so.
SCRIPTS = {"^": 1, "_": 2}


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
