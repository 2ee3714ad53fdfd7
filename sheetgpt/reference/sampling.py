"""Drawing the next token: temperature, then top-k, then top-p, then one random number.

Candidates stand in a list, the likeliest first. Top-k keeps the first k of them; top-p ("nucleus
sampling", Holtzman et al., 2020) keeps the fewest of the first ones that have that share of the
probability together. V = vocab_size, R = the number of candidates in the list.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sheetgpt.errors import InputError
from sheetgpt.reference.forward import Array, softmax


@dataclass(frozen=True)
class Sampling:
    """How the next token is drawn; the defaults draw from the model's probabilities as they are.

    Raises InputError for a setting that has no meaning.
    """

    #: Logits are divided by it: below 1 the likely tokens get likelier; at 0 the first one is sure.
    temperature: float = 1.0
    #: How many candidates are kept; 0 keeps all of them.
    top_k: int = 0
    #: The share of the probability that is kept, 0 to 1; the first candidate always stays.
    top_p: float = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.temperature < math.inf:
            raise InputError(
                f"The temperature is {self.temperature}; it must be a number from 0 (always the "
                "likeliest token) upwards."
            )
        if self.top_k < 0:
            raise InputError(
                f"top-k is {self.top_k}; it must be the number of tokens to choose among, or 0 for "
                "all of them."
            )
        if not 0 <= self.top_p <= 1:
            raise InputError(f"top-p is {self.top_p}; it must be from 0 to 1 (all tokens).")


class Pick(NamedTuple):
    """A token that was drawn, and its probability before top-k and top-p cut the others off."""

    token_id: int
    probability: float


def candidates(
    logits: Array, sampling: Sampling, random: float, count: int | None = None
) -> dict[str, Array]:
    """The `count` likeliest tokens with every step of the drawing, each (R,), as float64.

    `logits` (V,); of equal ones the lower id comes first. `random`, from 0 to 1, decides; without a
    `count` the list holds the whole vocabulary. `picked` is 1 in the row drawn.
    """
    order = np.argsort(-logits, kind="stable")[:count]  # (R,)
    rank = np.arange(1, len(order) + 1)  # (R,)
    c: dict[str, Array] = {}

    c["logit"] = logits[order]  # (R,)
    c["id"] = order.astype(np.float64)  # (R,)
    c["probability"] = tempered(logits, sampling.temperature)[order]  # (R,)
    in_top_k = (rank <= sampling.top_k) | (sampling.top_k == 0)  # (R,)
    c["in_top_k"] = in_top_k.astype(np.float64)  # (R,)
    c["share_k"] = proportions(c["in_top_k"] * c["probability"])  # (R,)
    c["before_k"] = before(c["share_k"])  # (R,)
    # A top-p of 1 keeps all, also those before which rounding has brought the sum to 1.
    near = (c["before_k"] < sampling.top_p) | (rank == 1) | (sampling.top_p == 1)  # (R,)
    in_top_p = in_top_k & near  # (R,)
    c["in_top_p"] = in_top_p.astype(np.float64)  # (R,)
    c["share"] = proportions(c["in_top_p"] * c["share_k"])  # (R,)
    c["before"] = before(c["share"])  # (R,)
    # Rounding may leave the sum of all shares a little below 1, and `random` above it.
    row = min(np.searchsorted(c["before"], random, side="right"), (c["share"] > 0).sum())
    c["picked"] = (rank == row).astype(np.float64)  # (R,)
    return c


def pick(logits: Array, sampling: Sampling, random: float) -> Pick:
    """Draw from the whole vocabulary: `candidates` of all V logits, and the row picked of them."""
    all_rows = candidates(logits, sampling, random)
    row = int(all_rows["picked"].argmax())
    return Pick(int(all_rows["id"][row]), float(all_rows["probability"][row]))


def tempered(logits: Array, temperature: float) -> Array:
    """Probabilities (V,) at a temperature; at 0 all of it is on the first of the highest logits."""
    if temperature == 0:
        return np.eye(1, len(logits), int(logits.argmax())).ravel()
    with np.errstate(over="ignore"):  # far below the highest logit, -inf is as good: EXP gives 0
        return softmax((logits - logits.max()) / temperature)


def proportions(x: Array) -> Array:
    """Each number's part of the sum: (R,)."""
    return np.asarray(x / x.sum())


def before(x: Array) -> Array:
    """The sum of the numbers before each: (R,), the first is 0."""
    return np.concatenate([[0.0], np.cumsum(x)[:-1]])
