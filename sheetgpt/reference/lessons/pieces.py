"""A sentence cut into letters, into words, and into the longest pieces of a list."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

import numpy as np

from sheetgpt.reference.lessons.marks import Cells, Steps, judged, marked, texts

INPUTS = ("pieces.sentence", "pieces.word", "pieces.piece", "pieces.twice")
#: How the workbook is delivered, for the exercise that asks for a change.
SENTENCE = "the unhappy cat was reading"
PLACES, LONGEST, WORDS, LISTED = 40, 8, 12, 16
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def cut(sentence: str, pieces: Collection[str]) -> list[tuple[int, str]]:
    """Where each piece begins, and what it is: always the longest of the list, else a letter."""
    found, at = [], 0
    while at < len(sentence):
        if sentence[at] == " ":
            at += 1
            continue
        lengths = range(min(LONGEST, len(sentence) - at), 0, -1)
        candidates = (sentence[at : at + length] for length in lengths)
        piece = next((x for x in candidates if x.casefold() in pieces), sentence[at])
        found.append((at, piece))
        at += len(piece)
    return found


def steps(cells: Cells) -> Steps:
    """All three ways, place by place and in numbers."""
    (sentence,) = texts(cells, "pieces.sentence")
    words = [word for word in texts(cells, "pieces.word") if word]
    parts = [piece for piece in texts(cells, "pieces.piece") if piece]
    known_words, known = ({x.casefold() for x in many} for many in (words, parts))
    letter_known = [letter in LETTERS + " " for letter in sentence]
    spans = [match.span() for match in re.finditer("[^ ]+", sentence)]
    starts = _flags([start for start, _ in spans])
    found = cut(sentence, known)
    begins = _flags([at for at, _ in found])
    reach = np.zeros((PLACES, LONGEST))
    for at in range(len(sentence)):
        for length in range(1, min(LONGEST, len(sentence) - at) + 1):
            reach[at, length - 1] = length * (sentence[at : at + length].casefold() in known)
    ends, last = {at: at + len(piece) for at, piece in found}, 0
    lasts = [last := ends.get(at, last) for at in range(PLACES)]
    odd = [at for at, x in found if x.casefold() not in known and x not in LETTERS]
    word_texts = [sentence[a:b] for a, b in spans]
    right = [word.casefold() in known_words for word in word_texts]
    shown = [word if ok else "?" for word, ok in zip(word_texts, right, strict=True)]
    unknown = [len(sentence) - sum(letter_known), len(right) - sum(right[:WORDS]), len(odd)]
    listed = [len(LETTERS) + 1, len(words), len(LETTERS) + len(parts)]
    return {
        "pieces.letter": _texts([*sentence], PLACES),
        "pieces.code": _numbers([ord(letter) for letter in sentence], PLACES),
        "pieces.letter_known": _numbers(letter_known, PLACES),
        "pieces.word_starts": starts,
        "pieces.word_number": np.cumsum(starts),
        "pieces.word_from": _numbers([a + 1 for a, _ in spans], WORDS),
        "pieces.word_letters": _numbers([b - a for a, b in spans], WORDS),
        "pieces.word_text": _texts(word_texts, WORDS),
        "pieces.word_known": _numbers(right, WORDS),
        "pieces.word_shown": _texts(shown, WORDS),
        "pieces.reach": reach,
        "pieces.best": np.maximum(reach.max(axis=1), 1),
        "pieces.begins": begins,
        "pieces.last": _numbers(lasts, PLACES),
        "pieces.odd": _flags(odd),
        "pieces.piece_number": np.cumsum(begins),
        "pieces.piece_from": _numbers([at + 1 for at, _ in found], LISTED),
        "pieces.piece_text": _texts([piece for _, piece in found], LISTED),
        "pieces.way": _texts(["letters", "words", "pieces"], 3),
        "pieces.symbols": _numbers([len(sentence), len(spans), len(found)], 3),
        "pieces.vocabulary": _numbers(listed, 3),
        "pieces.unknown": _numbers(unknown, 3),
        **judged("pieces.lost", sentence.casefold() != SENTENCE, unknown[1:] == [2, 0]),
        **marked(cells, "pieces.twice", 2.0 * len(sentence) + 1),
    }


def _flags(places: list[int]) -> np.ndarray:
    """1 at these places, else 0."""
    out = np.zeros(PLACES)
    out[places] = 1
    return out


def _numbers(values: Sequence[float], size: int) -> np.ndarray:
    """The first of some numbers, with 0 after them."""
    out = np.zeros(size)
    out[: len(values)] = values[:size]
    return out


def _texts(values: Sequence[str], size: int) -> np.ndarray:
    """The first of some texts, with empty ones after them."""
    return np.array([*values[:size], *[""] * (size - len(values))], dtype=object)
