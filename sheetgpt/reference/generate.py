"""A text that goes on and on: predict, draw, append, repeat."""

from __future__ import annotations

import re
from codecs import getincrementaldecoder
from collections.abc import Iterator, Sequence
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
    END_OF_TEXT = "end_of_text"  # the model drew a token that ends a text
    STOP = "stop"  # a text that was asked for as the end was said
    SENTENCE = "sentence"  # a sentence was asked for and is at its end
    POSITIONS = "positions"  # the model knows no further position


#: The end of a sentence: its mark, and what may close after it.
_SENTENCE_END = re.compile(r"""[.!?…。！？]["'”’)\]]*\s*$""")


class Stops(NamedTuple):
    """Where a text ends although the model would go on: after a token with which it holds one of
    `texts`, or is at the end of a `sentence`. The prompt does not count."""

    texts: Sequence[str] = ()
    sentence: bool = False


NOWHERE = Stops()


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
    NumPy's `default_rng(seed)` per token. `ended` says why the last iteration went no further,
    `end` which token or text that was. Tokens that end a text are the checkpoint's `end_ids`, or
    <|endoftext|> where it names none.
    Bytes that can belong to no character show as U+FFFD; those of a character that the end cuts
    short are not shown.
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        prompt: str,
        n: int,
        sampling: Sampling,
        seed: int,
        stops: Stops = NOWHERE,
    ) -> None:
        """Raise InputError for a prompt that is empty or a number that has no meaning.

        A prompt that is too long is a CapacityError. All weights are held as float64.
        """
        if n < 1:
            raise InputError(f"There must be at least 1 token to generate, not {n}.")
        if seed < 0:
            raise InputError(f"The seed is {seed}; it must be a whole number from 0 upwards.")
        if "" in stops.texts:
            raise InputError("A text to stop at is empty; give at least one character.")
        self.token_ids = checkpoint.vocabulary.encode(prompt)
        check_tokens(self.token_ids, checkpoint.config)
        self.n, self.sampling, self.seed = n, sampling, seed
        self.stops, self.ended, self.end = stops, Ended.COUNT, ""
        self._checkpoint = in_float64(checkpoint)

    def __iter__(self) -> Iterator[GeneratedToken]:
        vocabulary = self._checkpoint.vocabulary
        usual = vocabulary.ids.get(END_OF_TEXT)
        ends = self._checkpoint.end_ids or (() if usual is None else (usual,))
        decoder = getincrementaldecoder("utf-8")(errors="replace")
        rng = np.random.default_rng(self.seed)
        ids = list(self.token_ids)
        self.ended, self.end, said = Ended.COUNT, "", ""
        for _ in range(self.n):
            if len(ids) > self._checkpoint.config.n_positions:
                self.ended = Ended.POSITIONS
                return
            logits = forward(self._checkpoint, ids)["logits"][:, 0]  # (V,)
            random = float(rng.random())
            token_id, probability = pick(logits, self.sampling, random)
            if token_id in ends:
                self.ended, self.end = Ended.END_OF_TEXT, vocabulary.text(token_id)
                return
            ids.append(token_id)
            text = decoder.decode(vocabulary.token_bytes(token_id))
            yield GeneratedToken(token_id, text, probability, random)
            said += text
            if (
                stop := next((stop for stop in self.stops.texts if stop in said), None)
            ) is not None:
                self.ended, self.end = Ended.STOP, stop
                return
            if self.stops.sentence and text and _SENTENCE_END.search(said):
                self.ended, self.end = Ended.SENTENCE, said.rstrip()[-1]
                return


def in_float64(checkpoint: Checkpoint) -> Checkpoint:
    """The same model with weights that `forward` need not convert again for each token."""
    tensors = checkpoint.tensors.items()
    return replace(checkpoint, tensors={k: w.astype(np.float64, copy=False) for k, w in tensors})
