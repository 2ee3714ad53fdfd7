"""Formulas by what they say, however the program that saved them spelled it.

Programs take spaces out, quote the names of tabs or do not, write TRUE as TRUE(), numbers with
other digits and newer functions with other prefixes.
"""

from __future__ import annotations

import re
from functools import lru_cache

from sheetgpt.book.references import WORD, bare_function, classify
from sheetgpt.evaluator.lint import PREFIXED, RENAMED

_SPACE = re.compile(r"[ \t\r\n]+")

#: A formula as pieces that are alike in all spellings: what stands between words, and words.
Spelling = tuple[object, ...]


def same_formula(one: str, other: str, sheet: str) -> bool:
    """Whether two formulas of one cell on a sheet say the same."""
    return one == other or _pieces(one, sheet) == _pieces(other, sheet)


@lru_cache(1 << 12)
def _pieces(text: str, sheet: str) -> Spelling:
    """The words of a formula and the signs between them; texts and places as what they mean."""
    found: list[object] = []
    pieces = WORD.split(text)
    for index, piece in enumerate(pieces):
        if index % 2 == 0:
            found.append(_signs(piece, 0 < index < len(pieces) - 1))
        else:
            found.append(_word(piece, sheet))
    # TRUE() is TRUE: a function without arguments, and the sign that closes it.
    for index, piece in enumerate(found):
        if piece in (("function", "TRUE"), ("function", "FALSE")) and index + 1 < len(found):
            signs = found[index + 1]
            if isinstance(signs, str) and signs.startswith(")"):
                found[index : index + 2] = [("boolean", piece[1]), signs[1:]]
    return tuple(found)


def _signs(signs: str, between: bool) -> str:
    """Signs without spaces; between two words a space alone is an operator."""
    bare = _SPACE.sub("", signs)
    return bare if bare or not (between and signs) else " "


def _word(text: str, sheet: str) -> object:
    kind, word, place = classify(text)
    if place is not None:
        tab = (place.sheet or sheet).lower()
        return place._replace(sheet=tab)
    if kind == "number":
        return kind, float(word)
    if kind == "function":
        name = bare_function(word[:-1])
        # Excel knows newer functions with their prefix alone, and older ones without it alone.
        known = name in RENAMED or (name != word[:-1].upper()) == (name in PREFIXED)
        return kind if known else "unknown function", RENAMED.get(name, name)
    if kind in ("name", "boolean", "error"):
        # The upper case of a letter like ſ is S; programs take them for two.
        return kind, word.upper() if word.isascii() else word
    return kind, word
