"""Geometry of the embeddings: which tokens are alike, sums of words, places on a map.

`wte` (V, C) holds a row per token, `wpe` (P, C) a row per position. V = vocab_size, C = n_embd,
P = n_positions.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sheetgpt.reference.forward import Array
from sheetgpt.reference.inside import lengths

#: The cosine that stands for "not to be listed": no other is less.
EXCLUDED = -1.0


def neighbours(wte: Array, token_id: int) -> dict[str, Array]:
    """How alike the vector of a token and those of all others are.

    `chosen` (C,), its `length` (1,), `cosine` (V,), in which the token itself is EXCLUDED.
    """
    chosen = wte[token_id]  # (C,)
    return {
        "chosen": chosen,
        "length": lengths(chosen[None]),  # (1,)
        "cosine": cosines(wte, chosen, [token_id]),  # (V,)
    }


def arithmetic(wte: Array, words: Sequence[int | None]) -> dict[str, Array]:
    """Of three tokens the first without the second, but with the third (Mikolov et al., 2013).

    `vector` (C,), its `length` (1,), `cosine` (V,), in which all three tokens are EXCLUDED. None
    in the place of a token adds nothing.
    """
    first, second, third = vectors_of(wte, words)
    vector = first - second + third  # (C,)
    return {
        "vector": vector,
        "length": lengths(vector[None]),  # (1,)
        "cosine": cosines(wte, vector, [word for word in words if word is not None]),  # (V,)
    }


def vectors_of(wte: Array, token_ids: Sequence[int | None]) -> Array:
    """The row of each token, and zeros for None: (S, C)."""
    return np.stack([wte[0] * 0 if token is None else wte[token] for token in token_ids])


def cosines(rows: Array, vector: Array, without: Sequence[int]) -> Array:
    """The cosine of the angle of each row (V, C) and a vector (C,): (V,).

    It is 0 where either has no length, and EXCLUDED for the rows `without`.
    """
    scale = lengths(rows) * lengths(vector[None])  # (V,)
    cosine = np.zeros(len(rows))  # (V,)
    np.divide(rows @ vector, scale, out=cosine, where=scale > 0)
    cosine[list(without)] = EXCLUDED
    return cosine


def on_maps(
    wte: Array, wpe: Array, token_ids: Sequence[int | None], of_positions: Array, of_words: Array
) -> dict[str, Array]:
    """Positions and S tokens on maps of two dimensions; each projection is (C, 2).

    `positions` (P, 2) by the projection of positions; by that of words the tokens (S, 2) and
    `at` (S * P, 2), where each token, one after the other, is in each position. None in the place
    of a token has a vector of zeros.
    """
    vectors = vectors_of(wte, token_ids)  # (S, C)
    tokens = vectors @ of_words  # (S, 2)
    places = wpe @ of_words  # (P, 2)
    return {
        "positions": wpe @ of_positions,  # (P, 2)
        "vectors": vectors,
        "tokens": tokens,
        "at": (tokens[:, None] + places).reshape(-1, 2),  # (S, 1, 2) + (P, 2) -> (S * P, 2)
    }
