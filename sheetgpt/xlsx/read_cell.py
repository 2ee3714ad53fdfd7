"""The value of one cell from its text, and the shape of one formula."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate
from math import isfinite, isinf

from sheetgpt.book import CellError
from sheetgpt.xlsx.strings import unescape

#: The error values that all programs know (ECMA-376 part 1, 18.18.11), and those of newer ones.
ERRORS = frozenset(
    {"#N/A", "#VALUE!", "#DIV/0!", "#NUM!", "#REF!", "#NAME?", "#NULL!", "#GETTING_DATA"}
)
_NUMBER = re.compile(r"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*", re.ASCII)
_INDEX = re.compile(r"\d{1,9}", re.ASCII)
_TEXT = re.compile('"[^"]*"')
_OTHERS = re.compile(r"[^()]+")


def cell_value(
    kind: str, text: str, strings: Sequence[str], overflow: CellError | None = None
) -> float | str | bool | None:
    """The value that a cell of this type holds; None for what is none.

    `strings` are the workbook's shared strings, `overflow` is the value of a number that is larger
    than every double. The types: ECMA-376 part 1, 18.18.11.
    """
    if kind == "n":
        number = float(text) if _NUMBER.fullmatch(text) else float("nan")
        return number if isfinite(number) else overflow if isinf(number) else None
    if kind == "s":
        index = int(text) if _INDEX.fullmatch(text) else len(strings)
        return strings[index] if index < len(strings) else None
    if kind == "str":
        return unescape(text)
    if kind == "b":
        return {"1": True, "true": True, "0": False, "false": False}.get(text.strip())
    return CellError(text) if kind == "e" and text in ERRORS else None


def brackets(formula: str) -> int:
    """How many round brackets are open at once in a formula, texts in it left out."""
    marks = _OTHERS.sub("", _TEXT.sub("", formula))
    return max(accumulate((1 if mark == "(" else -1 for mark in marks), initial=0))
