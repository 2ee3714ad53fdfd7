"""What every step of a workbook must hold for a prompt, by the reference alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from sheetgpt.book.capacity import Capacity
from sheetgpt.checkpoint import Checkpoint
from sheetgpt.reference import Tokenisation, forward, softmax, tokenise
from sheetgpt.reference.tokens import CODE_END
from sheetgpt.verification.halves import units
from sheetgpt.verification.parts import Part
from sheetgpt.verification.scene import Scene, pass_steps
from sheetgpt.verification.step import BLANK_ID, Expected, cell, column, fitting, in_order, whole

#: What a workbook leaves blank for a prompt that does not fit.
ANSWERS = ("next_token_id", "next_token")


@dataclass(frozen=True)
class Expectation:
    """A prompt's true tokens and, in the order of the workbook, the values of its steps."""

    token_ids: list[int]
    fits: bool
    steps: list[Expected]


def expect(
    checkpoint: Checkpoint,
    prompt: str,
    capacity: Capacity,
    parts: Sequence[Part] = (),
    *,
    halves: bool = False,
) -> Expectation:
    """What the workbook must hold; for a prompt that does not fit, only blank answers.

    `parts` are those of the parts that can be left out which the workbook has. Programs that count
    characters beyond U+FFFF as two `halves`, as Excel does, have less room for them. Raises
    WorkbookError for tables of a workbook that do not fit together.
    """
    with fitting():
        return _expect(checkpoint, prompt, capacity, parts, units(prompt, halves))


def _expect(
    checkpoint: Checkpoint,
    prompt: str,
    capacity: Capacity,
    parts: Sequence[Part],
    counted: Sequence[int],
) -> Expectation:
    stages = tokenise(checkpoint.vocabulary, prompt)
    if not _fits(stages, counted, capacity):
        blank = [*ANSWERS, *(name for part in parts for name in part.answers)]
        steps = [cell("fits", 0), *(cell(name, "") for name in blank)]
        return Expectation(stages.ids, False, steps)
    scene = Scene(checkpoint, capacity, stages.ids, forward(checkpoint, stages.ids))
    steps = [*_text_steps(counted, stages, scene), *_model_steps(scene)]
    for part in parts:
        steps += part.steps(scene)
    return Expectation(stages.ids, True, [*steps, cell("fits", 1)])


def _fits(stages: Tokenisation, counted: Sequence[int], capacity: Capacity) -> bool:
    """Whether a prompt fits; the last merge round must have nothing left to merge."""
    return (
        0 < len(counted) <= capacity.chars
        and len(stages.text_bytes) <= capacity.bytes
        and len(stages.rounds) - 1 < capacity.rounds
        and len(stages.ids) <= capacity.tokens
        and min(stages.ids) >= 0  # a byte that the vocabulary lacks is -1
    )


def _text_steps(counted: Sequence[int], stages: Tokenisation, scene: Scene) -> Iterator[Expected]:
    """Characters, words, bytes and merge rounds, padded to the capacity of the workbook."""
    capacity, points = scene.capacity, stages.code_points
    # With added tokens and spaces, characters take other places: one more is there for them.
    slots = capacity.chars + scene.checkpoint.vocabulary.rules.cuts_pieces
    yield column("code_units", counted, capacity.chars, 0)
    yield column("code_points", points, slots, 0)
    yield column("word_starts", stages.word_start, slots, 0)
    words = list(accumulate(stages.word_start))
    yield column("words", words, slots, words[-1])
    lengths = [len(chr(p).encode()) if p < CODE_END else 1 for p in points]
    yield column("utf8_lengths", lengths, slots, 0)
    yield column("bytes", stages.text_bytes, capacity.bytes, BLANK_ID)
    for number in range(capacity.rounds + 1):
        done = stages.rounds[min(number, len(stages.rounds) - 1)]
        numbered = [word + 1 for word in done.words]
        yield column(f"merge.{number}.word", numbered, capacity.bytes, 0)
        yield column(f"merge.{number}", done.ids, capacity.bytes, BLANK_ID)
    yield from _pieces(stages, scene)
    yield cell("n_tokens", len(stages.ids))
    yield column("token_ids", stages.ids, capacity.tokens, 0)
    yield scene.shown("token_texts", stages.ids, True)


def _pieces(stages: Tokenisation, scene: Scene) -> Iterator[Expected]:
    """The text in pieces at the beginning of each round, and which are joined in it.

    What is joined is told from the lengths of the pieces before and after.
    """
    capacity, vocabulary = scene.capacity, scene.checkpoint.vocabulary
    shape = (capacity.rounds, capacity.bytes)
    pieces, joined = np.full(shape, "", dtype=object), np.zeros(shape)
    for r, stage in enumerate(stages.rounds):
        texts = [vocabulary.token_bytes(token) for token in stage.ids]
        pieces[r, : len(texts)] = [vocabulary.shown(token) for token in stage.ids]
        after = stages.rounds[min(r + 1, len(stages.rounds) - 1)]
        ends = {*accumulate(len(vocabulary.token_bytes(token)) for token in after.ids)}
        lasts = [end in ends for end in accumulate(map(len, texts))]
        joined[r, : len(texts)] = [
            not last or (i > 0 and not lasts[i - 1]) for i, last in enumerate(lasts)
        ]
    yield whole("pieces", pieces[:, : capacity.pieces])
    yield whole("pieces.pair", joined[:, : capacity.pieces])


def _model_steps(scene: Scene) -> Iterator[Expected]:
    """The forward pass, the answer and the best tokens."""
    yield from pass_steps(scene.values, scene.capacity.tokens)
    yield from scene.chosen("next_token", *scene.answer)
    order, _ = in_order(scene.logits, scene.capacity.best)
    yield from scene.best("best", scene.logits, scene.capacity.best)
    yield whole("best.probability", softmax(scene.logits)[order])
