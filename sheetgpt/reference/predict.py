"""A prompt's most likely next tokens."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sheetgpt.checkpoint import Checkpoint
from sheetgpt.reference.forward import forward, softmax


class TokenScore(NamedTuple):
    """One candidate for the next token; `text` is the printable form of the token."""

    token_id: int
    text: str
    logit: float
    probability: float


class Prediction(NamedTuple):
    """The tokens of a prompt and the candidates for the next one, the most likely first."""

    token_ids: list[int]
    top: list[TokenScore]


def predict(checkpoint: Checkpoint, prompt: str, top: int = 10) -> Prediction:
    """The `top` most likely next tokens; of equal scores the lower id comes first.

    Raises InputError for an empty prompt and CapacityError for one that is too long.
    """
    token_ids = checkpoint.vocabulary.encode(prompt)
    logits = forward(checkpoint, token_ids)["logits"][:, 0]  # (V,)
    probabilities = softmax(logits)  # (V,)
    order = np.argsort(-logits, kind="stable")[:top]
    return Prediction(
        token_ids,
        [
            TokenScore(
                int(i),
                checkpoint.vocabulary.text(int(i)),
                float(logits[i]),
                float(probabilities[i]),
            )
            for i in order
        ],
    )
