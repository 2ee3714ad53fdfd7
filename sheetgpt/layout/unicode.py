"""What GPT-2's tokeniser knows of Unicode: classes of characters, UTF-8, contractions."""

from __future__ import annotations

from functools import cache

import numpy as np
from tokenizers import NormalizedString, Regex

from sheetgpt.checkpoint.shown import SURROGATES

#: GPT-2's classes, in the words of its pattern: letters, numbers, white space, anything else.
LETTER, NUMBER, SPACE, OTHER = 1, 2, 3, 4
CLASS_PATTERNS = {LETTER: r"\p{L}", NUMBER: r"\p{N}", SPACE: r"\s"}

#: First code point, bytes, and what is added to the first byte: RFC 3629, section 3.
UTF8_LENGTHS = np.array([[0, 1, 0], [0x80, 2, 0xC0], [0x800, 3, 0xE0], [0x10000, 4, 0xF0]])

#: Two code points as one number, `first * CODE_BASE + second`: Unicode ends at U+10FFFF.
CODE_BASE = 1 << 21
#: The first number after the last code point.
CODE_END = 0x110000
#: The endings in GPT-2's pattern `'s|'t|'re|'ve|'m|'ll|'d`: text, key, length with apostrophe.
CONTRACTIONS = [
    (f"'{e}", ord(e[0]) * CODE_BASE + (ord(e[1]) if e[1:] else 0), 1 + len(e))
    for e in ("s", "t", "re", "ve", "m", "ll", "d")
]

#: Letters, numbers and spaces live in the planes below this code; the planes above hold none.
SCANNED = 0x40000


@cache
def class_ranges() -> tuple[np.ndarray, np.ndarray]:
    """(first code point of each range, its class), ascending, for all of Unicode.

    The classes are read off the `tokenizers` library, whose Unicode version decides which
    characters are letters.
    """
    codes = np.delete(np.arange(SCANNED, dtype="<u4"), SURROGATES)
    text = NormalizedString(codes.tobytes().decode("utf-32-le"))
    runs = text.split(Regex("|".join(f"{each}+" for each in CLASS_PATTERNS.values())), "isolated")
    texts = [run.original for run in runs]  # all of a run are in one class, so its first tells it
    classes = np.full(SCANNED + 1, OTHER)
    classes[codes] = np.repeat(_classes("".join(x[0] for x in texts)), [*map(len, texts)])
    changes = np.flatnonzero(np.diff(classes, prepend=-1))
    return changes, classes[changes]


def _classes(text: str) -> np.ndarray:
    """The class of each character, (N,); the first is in none."""
    whole = NormalizedString(text)
    classes = np.full(len(text), OTHER)
    for number, pattern in CLASS_PATTERNS.items():
        pieces = whole.split(Regex(f"{pattern}+"), "isolated")
        found = np.arange(len(pieces)) % 2 == 1
        classes[np.repeat(found, [len(piece.original) for piece in pieces])] = number
    return classes
