"""What every step of a workbook must hold for a prompt, by the reference alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from sheetgpt.checkpoint import Checkpoint
from sheetgpt.reference import Tokenisation, forward, softmax, tokenise


@dataclass(frozen=True)
class Room:
    """What a workbook has room for, as its constants tab says."""

    tokens: int
    chars: int
    bytes: int
    rounds: int
    best: int
    no_id: int


@dataclass(frozen=True)
class Expected:
    """The true values of the live part of a step.

    `values` (rows, cols) belong in those rows and columns of the step's area; they are numbers
    or, for a text, an object array of str.
    """

    name: str
    rows: Sequence[int]
    cols: Sequence[int]
    values: np.ndarray


@dataclass(frozen=True)
class Expectation:
    """A prompt's true tokens and, in the order of the workbook, the values of its steps."""

    token_ids: list[int]
    fits: bool
    steps: list[Expected]


def expect(checkpoint: Checkpoint, prompt: str, room: Room) -> Expectation:
    """What the workbook must hold; for a prompt that does not fit, only a blank answer."""
    stages = tokenise(checkpoint.vocabulary, prompt)
    fits = _fits(stages, prompt, room)
    if not fits:
        blank = np.array([[""]], dtype=object)
        steps = [_cell("fits", 0.0), *(Expected(n, [0], [0], blank) for n in _ANSWERS)]
        return Expectation(stages.ids, False, steps)
    values = forward(checkpoint, stages.ids)
    steps = [*_text_steps(stages, room), *_model_steps(values, len(stages.ids), room)]
    answer = checkpoint.vocabulary.token_bytes(int(values["next_token_id"][0, 0]))
    text = answer.decode("utf-8", errors="replace")
    if "\ufffd" not in text:
        steps.append(Expected("next_token", [0], [0], np.array([[text]], dtype=object)))
    return Expectation(stages.ids, True, [*steps, _cell("fits", 1.0)])


_ANSWERS = ("next_token_id", "next_token")


def _fits(stages: Tokenisation, prompt: str, room: Room) -> bool:
    """Whether a prompt fits; the last merge round must have nothing left to merge."""
    return (
        0 < len(prompt) <= room.chars
        and len(stages.text_bytes) <= room.bytes
        and len(stages.rounds) - 1 < room.rounds
        and len(stages.ids) <= room.tokens
    )


def _text_steps(stages: Tokenisation, room: Room) -> Iterator[Expected]:
    """Characters, words, bytes and merge rounds, padded to the capacity of the workbook."""
    points = stages.code_points
    yield _column("code_units", points, room.chars, 0)
    yield _column("code_points", points, room.chars, 0)
    yield _column("word_starts", stages.word_start, room.chars, 0)
    words = list(accumulate(stages.word_start))
    yield _column("words", words, room.chars, words[-1])
    yield _column("utf8_lengths", [len(chr(p).encode()) for p in points], room.chars, 0)
    yield _column("bytes", stages.text_bytes, room.bytes, room.no_id)
    for number in range(room.rounds + 1):
        done = stages.rounds[min(number, len(stages.rounds) - 1)]
        numbered = [word + 1 for word in done.words]
        yield _column(f"merge.{number}.word", numbered, room.bytes, 0)
        yield _column(f"merge.{number}", done.ids, room.bytes, room.no_id)
    yield _cell("n_tokens", len(stages.ids))
    yield _column("token_ids", stages.ids, room.tokens, 0)


def _model_steps(values: dict[str, np.ndarray], n_tokens: int, room: Room) -> Iterator[Expected]:
    """The reference's steps in its own order: the rows (and columns) of live tokens."""
    live = range(n_tokens)
    for name, value in values.items():
        if name == "logits":
            yield _whole("last_vector", values["ln_f"][-1:].T)
        if value.ndim == 3:  # heads stacked: (H, T, T)
            rows = [head * room.tokens + row for head in range(len(value)) for row in live]
            yield Expected(name, rows, live, value.reshape(-1, n_tokens))
        else:
            yield _whole(name, value)
        if name == "logits":
            chances = softmax(value[:, 0])[:, None]
            yield _whole("probabilities", chances)
            best = np.argsort(-value[:, 0], kind="stable")[: room.best]
            yield _whole("best.score", value[best])
            yield _whole("best.id", best[:, None].astype(float))
            yield _whole("best.probability", chances[best])


def _whole(name: str, values: np.ndarray) -> Expected:
    return Expected(name, range(values.shape[0]), range(values.shape[1]), values)


def _cell(name: str, value: float) -> Expected:
    return _whole(name, np.array([[float(value)]]))


def _column(name: str, values: Sequence[float], size: int, blank: float) -> Expected:
    """A column of the workbook: the values, then `blank` down to its capacity."""
    column = np.full((size, 1), float(blank))
    column[: len(values), 0] = values
    return _whole(name, column)
