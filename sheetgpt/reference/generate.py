"""A text that goes on and on: predict, draw, append, repeat."""

from __future__ import annotations

from codecs import getincrementaldecoder
from collections.abc import Iterator
from dataclasses import replace
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from sheetgpt.checkpoint import Checkpoint
from sheetgpt.errors import InputError
from sheetgpt.reference.forward import check_tokens, forward
from sheetgpt.reference.sampling import Sampling, pick

#: The token between two texts in the training data of GPT-2.
END_OF_TEXT = "<|endoftext|>"


class Ended(StrEnum):
    """Why a text went no further."""

    COUNT = "count"  # as many tokens as were asked for
    END_OF_TEXT = "end_of_text"  # the model drew <|endoftext|>
    POSITIONS = "positions"  # the model knows no further position


class GeneratedToken(NamedTuple):
    """One token of a continuation.

    `text` is what it adds to the text: whole characters alone, so it is empty while the bytes of
    a character are still incomplete. `probability` is that before top-k and top-p, `random` the
    number that decided.
    """

    token_id: int
    text: str
    probability: float
    random: float


class Generation:
    """The continuation of a prompt, one token for each step of an iteration.

    Each iteration starts anew and gives the same tokens: the random numbers are one `random()` of
    NumPy's `default_rng(seed)` per token. `ended` says why the last iteration went no further.
    Bytes that can belong to no character show as U+FFFD; those of a character that the end cuts
    short are not shown.
    """

    def __init__(
        self, checkpoint: Checkpoint, prompt: str, n: int, sampling: Sampling, seed: int
    ) -> None:
        """Raise InputError for a prompt that is empty or a number that has no meaning.

        A prompt that is too long is a CapacityError. All weights are held as float64.
        """
        if n < 1:
            raise InputError(f"There must be at least 1 token to generate, not {n}.")
        if seed < 0:
            raise InputError(f"The seed is {seed}; it must be a whole number from 0 upwards.")
        self.token_ids = checkpoint.vocabulary.encode(prompt)
        check_tokens(self.token_ids, checkpoint.config)
        self.n, self.sampling, self.seed = n, sampling, seed
        self.ended = Ended.COUNT
        self._checkpoint = in_float64(checkpoint)

    def __iter__(self) -> Iterator[GeneratedToken]:
        vocabulary = self._checkpoint.vocabulary
        end = vocabulary.ids.get(END_OF_TEXT)
        decoder = getincrementaldecoder("utf-8")(errors="replace")
        rng = np.random.default_rng(self.seed)
        ids = list(self.token_ids)
        self.ended = Ended.COUNT
        for _ in range(self.n):
            if len(ids) > self._checkpoint.config.n_positions:
                self.ended = Ended.POSITIONS
                return
            logits = forward(self._checkpoint, ids)["logits"][:, 0]  # (V,)
            random = float(rng.random())
            token_id, probability = pick(logits, self.sampling, random)
            if token_id == end:
                self.ended = Ended.END_OF_TEXT
                return
            ids.append(token_id)
            text = decoder.decode(vocabulary.token_bytes(token_id))
            yield GeneratedToken(token_id, text, probability, random)


def in_float64(checkpoint: Checkpoint) -> Checkpoint:
    """The same model with weights that `forward` need not convert again for each token."""
    tensors = checkpoint.tensors.items()
    return replace(checkpoint, tensors={k: w.astype(np.float64, copy=False) for k, w in tensors})
