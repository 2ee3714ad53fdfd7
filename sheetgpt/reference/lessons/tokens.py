"""GPT-2's own tokenizer on several texts, laid end to end as in the lesson."""

from __future__ import annotations

import numpy as np

from sheetgpt.checkpoint.gpt2_tokenizer import gpt2_vocabulary
from sheetgpt.errors import InputError
from sheetgpt.reference.lessons.marks import (
    Cells,
    Steps,
    judged,
    marked,
    number,
    text,
    texts,
)
from sheetgpt.reference.tokens import Round, Tokenisation, tokenise

COUNT = 14
TEXTS = tuple(f"tokens.text_{line}" for line in range(1, COUNT + 1))
INPUTS = (*TEXTS, "tokens.chosen", "tokens.one")
#: Places for each text, for the bytes of all; rounds; what marks a place without a token.
ROOM, BYTES, ROUNDS, BLANK = 24, 256, 16, -1
#: Of the exercises: the first and the last spelling, a long word, the last text at the beginning.
SPELLINGS, LONG, BEFORE = slice(2, 8), 10, "supercalifragilistic"


def steps(cells: Cells) -> Steps:
    """All rounds of all texts. Raises InputError for texts that the lesson has no room for."""
    vocabulary = gpt2_vocabulary()
    typed = ["".join(texts(cells, name)) for name in TEXTS]
    done = [tokenise(vocabulary, line) for line in typed]
    size = sum(len(x.text_bytes) for x in done)
    if size > BYTES or any(len(x.rounds) > ROUNDS for x in done):
        raise InputError(
            f"The texts of the lesson have {size} bytes, and need up to "
            f"{max(len(x.rounds) for x in done)} rounds; it has room for {BYTES} bytes and for "
            f"{ROUNDS} rounds. Type shorter ones."
        )
    tokens = [[vocabulary.shown(i) for i in x.ids] for x in done]
    pieces = ["|".join(line) for line in tokens]
    numbers = [" ".join(map(str, x.ids)) for x in done]
    counts = np.array([float(len(x.ids)) for x in done])
    letters = np.array([float(len(x.code_points)) for x in done])
    code, words, lengths = (np.zeros(COUNT * ROOM) for _ in range(3))
    for line, x in enumerate(done):
        at = slice(line * ROOM, line * ROOM + len(x.code_points))
        code[at], words[at] = x.code_points, x.word_start
        lengths[at] = [len(chr(point).encode()) for point in x.code_points]
    place = int(number(cells, "tokens.chosen")) - 1
    chosen = done[place]
    stages = [_at(chosen.rounds, i) for i in range(ROUNDS + 1)]
    mine = _mine(done, place)
    single = float((counts[SPELLINGS] == 1).sum())
    lines = [float(line) for line, x in enumerate(done, 1) for _ in x.ids]
    running = [" ".join(map(str, x.ids[: i + 1])) for x in done for i in range(len(x.ids))]
    spelled = ["|".join(line[: i + 1]) for line in tokens for i in range(len(line))]
    out: Steps = {
        "tokens.text": np.array(typed, dtype=object),
        "tokens.units": np.array([float(np.flatnonzero(code)[-1] + 1) if code.any() else 0.0]),
        "tokens.code": code,
        "tokens.words": np.cumsum(words),
        "tokens.lengths": lengths,
        "tokens.begins": np.cumsum(lengths) - lengths,
        "tokens.places": np.cumsum(lengths) - lengths - (code == 0) / 2,
        "n_bytes": np.array([float(size)]),
    }
    for i in range(ROUNDS + 1):
        ids = [float(token) for x in done for token in _at(x.rounds, i).ids]
        out[f"tokens.merge.{i}"] = np.array(ids + [float(BLANK)] * (BYTES - len(ids)))
    blank = BYTES - len(lines)
    return {
        **out,
        "tokens.mine": mine,
        "tokens.so_far": _in_a_row(mine),
        "tokens.unfinished": np.array([0.0]),
        "tokens.line": np.array(lines + [0.0] * blank),
        "tokens.numbers_of": np.array(running + [""] * blank, dtype=object),
        "tokens.pieces_of": np.array(spelled + [""] * blank, dtype=object),
        "tokens.characters": letters,
        "tokens.count": counts,
        "tokens.numbers": np.array(numbers, dtype=object),
        "tokens.pieces": np.array(pieces, dtype=object),
        "tokens.stage": np.array(
            ["|".join(vocabulary.shown(i) for i in x.ids) for x in stages],
            dtype=object,
        ),
        "tokens.fits": text("All texts fit."),
        "tokens.single": np.array([single]),
        "tokens.last_count": counts[-1:],
        "tokens.last_length": letters[-1:],
        **marked(cells, "tokens.one", single),
        **judged(
            "tokens.long_one",
            typed[-1].casefold() != BEFORE,
            bool(counts[-1] == 1 and letters[-1] >= LONG),
        ),
    }


def _at(rounds: list[Round], number: int) -> Round:
    """A round, or the last one if there are not as many."""
    return rounds[min(number, len(rounds) - 1)]


def _mine(done: list[Tokenisation], place: int) -> np.ndarray:
    """The tokens of one text after each round, where they stand among all, (bytes, rounds + 1)."""
    vocabulary, out = gpt2_vocabulary(), np.full((BYTES, ROUNDS + 1), "", dtype=object)
    for i in range(ROUNDS + 1):
        first = sum(len(_at(x.rounds, i).ids) for x in done[:place])
        ids = _at(done[place].rounds, i).ids
        out[first : first + len(ids), i] = [vocabulary.shown(x) for x in ids]
    return out


def _in_a_row(mine: np.ndarray) -> np.ndarray:
    """Each column's texts up to each row, joined."""
    rows = [["|".join(filter(None, column[: i + 1])) for column in mine.T] for i in range(BYTES)]
    return np.array(rows, dtype=object)
