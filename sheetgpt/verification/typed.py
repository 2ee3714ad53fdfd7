"""Which tokens were typed into the cells that take a token by its text or its number."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sheetgpt.checkpoint import Vocabulary
from sheetgpt.checkpoint.shown import shown


def token_of(vocabulary: Vocabulary, typed: str | float | None) -> int | None:
    """The token that a cell names by its number or its text; None for an empty cell or no token."""
    if isinstance(typed, float):
        return int(typed // 1) if 0 <= typed < len(vocabulary) else None
    if not typed:
        return None
    texts = [vocabulary.token_bytes(i) for i in range(len(vocabulary))]
    for wanted in (typed.encode(), b" " + typed.encode()):
        if wanted in texts:
            return texts.index(wanted)
        as_shown = [shown(text) for text in texts]
        if wanted == typed.encode() and typed in as_shown:
            return as_shown.index(typed)
    return None


def rows_of(tokens: Sequence[int | None]) -> np.ndarray:
    """Their rows in the vocabulary, counted from 1; 0 for None."""
    return np.array([0.0 if token is None else token + 1.0 for token in tokens])
