"""Which tokens were typed into the cells that take a token by its text or its number."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from sheetgpt.checkpoint import Vocabulary


def token_of(vocabulary: Vocabulary, typed: str | float | None) -> int | None:
    """The token that a cell names by its number or its text; None for an empty cell or no token.

    A text is looked for as it is, as workbooks show it, and with a space before it.
    """
    if isinstance(typed, float):
        return int(typed // 1) if 0 <= typed < len(vocabulary) else None
    if not typed:
        return None
    by_text, by_shown = _first_ids(vocabulary)
    raw = typed.encode()
    found = (by_text.get(raw), by_shown.get(typed), by_text.get(b" " + raw))
    return next((token_id for token_id in found if token_id is not None), None)


@lru_cache(maxsize=1)
def _first_ids(vocabulary: Vocabulary) -> tuple[dict[bytes, int], dict[str, int]]:
    """The first token of each text, and of each text as workbooks show it."""
    by_text: dict[bytes, int] = {}
    by_shown: dict[str, int] = {}
    for token_id in range(len(vocabulary)):
        by_text.setdefault(vocabulary.token_bytes(token_id), token_id)
        by_shown.setdefault(vocabulary.shown(token_id), token_id)
    return by_text, by_shown


def rows_of(tokens: Sequence[int | None]) -> np.ndarray:
    """Their rows in the vocabulary, counted from 1; 0 for None."""
    return np.array([0.0 if token is None else token + 1.0 for token in tokens])
