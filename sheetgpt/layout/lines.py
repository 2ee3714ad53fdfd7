"""Break texts into lines: words, formulas, and equations with what is above and below them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from textwrap import wrap

#: Characters that go into the width of one, in words and in other styles, also where the fonts of
#: a program are wider than those that are asked for.
WORDS = 1.25
OTHERS: Mapping[str, float] = {"declared": 1.05, "equation": 0.95}
#: What is below or above the line of an equation is not broken: a space in it, until that is done.
_SCRIPT, _FIXED = re.compile(r"[_^]\{[^{}]*\}"), "\N{NO-BREAK SPACE}"
#: What stands between two equations; each of them has lines of its own.
_BETWEEN = ",   "


def broken(text: str, style: str, width: float) -> Iterator[str]:
    """The lines of a text in a style on columns that are so wide together, in characters."""
    letters = int(width * OTHERS.get(style, WORDS))
    for part in text.split(_BETWEEN):
        for line in wrap(_SCRIPT.sub(lambda x: x[0].replace(" ", _FIXED), part), letters):
            yield line.replace(_FIXED, " ")
