"""How much a workbook from a stranger may ask for, told before memory or time is taken.

A file below `STRANGERS.file` bytes is read, computed and compared within `MEMORY` bytes and
`SECONDS` of processor time, or refused. The numbers leave room for every workbook of a model that
is not large; larger ones need trust.
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass, fields

from sheetgpt.errors import WorkbookError

#: What checking a workbook from a stranger may take: bytes, and seconds of processor time.
MEMORY, SECONDS = 1_500_000_000, 60.0
#: The most bytes, unpacked, of a part that is held whole, in any file: GPT-2's have a tenth.
WHOLE = 32_000_000


@dataclass(frozen=True)
class Limits:
    """The most of everything that a workbook may have."""

    file: int = 50_000_000  # bytes
    parts: int = 10_000  # parts
    total: int = 500_000_000  # bytes of all parts, unpacked
    part: int = 200_000_000  # bytes, unpacked
    row: int = 16_000_000  # bytes in a row, or in front of the rows or behind them
    cells: int = 16_000_000  # cells on all tabs, blank ones inside them included
    single: int = 1_500_000  # cells that are no plain numbers side by side
    names: int = 20_000  # defined names
    area: int = 8_000_000  # cells in the range of one name or reference
    formulas: int = 300_000  # formulas
    text: int = 16_000_000  # characters in formulas
    length: int = 8_192  # characters in one formula
    depth: int = 64  # brackets inside of brackets in one formula
    array: int = 4_000_000  # cells of an array inside of a formula
    steps: int = 4_000_000_000  # steps of all formulas
    exponent: int = sys.float_info.max_10_exp  # of ten, in a number: Gnumeric computes with more


WORDS = {
    "file": "bytes",
    "parts": "parts",
    "total": "bytes in all its parts, unpacked",
    "part": "bytes, unpacked",
    "row": "bytes in one row, or before or behind all rows",
    "cells": "cells on all tabs, blank ones inside of them counted",
    "single": "cells that are no plain numbers side by side",
    "names": "defined names",
    "area": "cells",
    "formulas": "formulas",
    "text": "characters in all formulas",
    "length": "characters",
    "depth": "brackets inside of each other",
    "array": "cells",
    "steps": "steps",
}
TRUST = "If you know where it comes from, give --trust (in Python, trust=True)."
STRANGERS = Limits()
#: For files that the user knows: no limit but what Excel itself has for a formula.
TRUSTED = Limits(
    **{field.name: sys.maxsize for field in fields(Limits) if field.name not in ("length", "depth")}
)


class Meter:
    """Counts what one file asks for; raises WorkbookError at the limit."""

    def __init__(self, limits: Limits, path: str) -> None:
        self.limits, self.path = limits, path
        self._taken: Counter[str] = Counter()

    def take(self, what: str, amount: int, where: str = "") -> None:
        """Count `amount` more of something."""
        self._taken[what] += amount
        self.require(what, self._taken[what], where)

    def require(self, what: str, amount: int, where: str = "") -> None:
        """Refuse more of something than the limit; `where` is the part, tab or cell that has it."""
        most: int = getattr(self.limits, what)
        if amount > most:
            place = f"{where} in {self.path}" if where else self.path
            always = most == getattr(TRUSTED, what)
            raise too_much(place, amount, WORDS[what], most, None if always else TRUST)


def too_much(where: str, amount: int, what: str, most: int, remedy: str | None) -> WorkbookError:
    """The sentence about more than a limit, and what lifts it, if anything does."""
    return WorkbookError(
        f"{where} has {amount:,} {what}, more than the {most:,} that "
        + ("any workbook needs." if remedy is None else f"a file from strangers may. {remedy}")
    )
