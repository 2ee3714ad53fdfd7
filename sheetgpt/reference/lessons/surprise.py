"""Next-token loss of six sentences by the scores of the embedded model."""

from __future__ import annotations

import numpy as np

from sheetgpt.reference.lessons.marks import (
    Cells,
    Steps,
    judged,
    marked,
    number,
    numbers,
    texts,
)

INPUTS = tuple(
    f"surprise.{name}" for name in ("text", "vocabulary", "scores", "sentence", "instead", "where")
)
SPACE = "␣"


def log_chances(scores: np.ndarray) -> np.ndarray:
    """The logarithms of the softmax of scores (V, N), column by column."""
    shifted = scores - scores.max(axis=0)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=0)))


def steps(cells: Cells) -> Steps:
    """The loss at each place of the chosen sentence, with what was typed instead and without."""
    vocabulary, scores = texts(cells, "surprise.vocabulary"), numbers(cells, "surprise.scores")
    places = {token: row for row, token in enumerate(vocabulary)}
    sentences = [[x or "" for x in row] for row in cells["surprise.text"].tolist()]
    instead, count = texts(cells, "surprise.instead"), len(sentences[0]) - 1
    chosen = int(number(cells, "surprise.sentence")) - 1
    words = sentences[chosen]
    columns = slice(chosen * count, (chosen + 1) * count)
    logs = log_chances(scores)[:, columns]
    was = [places.get(word) for word in words[1:]]
    now = [
        None if old is None else _found(places, typed) if typed else old
        for old, typed in zip(was, instead, strict=True)
    ]
    loss_was, loss = _losses(logs, was), _losses(logs, now)
    known, before = sum(x is not None for x in now), sum(x is not None for x in was)
    mean, mean_was = loss.sum() / max(known, 1), loss_was.sum() / before
    peak = scores.max(axis=0)
    worst = float(loss.argmax()) + 1
    changed = sum(map(bool, instead))
    calm = known == before and 2 * mean < mean_was
    came = [
        "" if old is None else "?" if new is None else vocabulary[new]
        for old, new in zip(was, now, strict=True)
    ]
    # A column of blank cells belongs to no place.
    best = [int(column.argmax()) if column.any() else None for column in scores.T]
    expected = ["" if token is None else vocabulary[token] for token in best]
    return {
        "surprise.listed": np.array(["".join(row) for row in sentences], dtype=object),
        "surprise.peak": peak,
        "surprise.total": np.exp(scores - peak).sum(axis=0),
        "surprise.expected": np.array(expected, dtype=object),
        "surprise.behind": np.array(words[:-1], dtype=object),
        "surprise.column": np.arange(count) + chosen * count + 1.0,
        "surprise.number_was": _rows(was),
        "surprise.number": _rows(now),
        "surprise.came": np.array(came, dtype=object),
        "surprise.expects": np.array(
            ["" if old is None else x for old, x in zip(was, expected[columns], strict=True)],
            dtype=object,
        ),
        "surprise.chance": np.array(
            [np.exp(-x) if y is not None else 0.0 for x, y in zip(loss, now, strict=True)]
        ),
        "surprise.loss_was": loss_was,
        "surprise.loss": loss,
        "surprise.unknown": np.array([float(before - known)]),
        "surprise.changed": np.array([float(changed)]),
        "surprise.most": np.array([worst]),
        "surprise.mean_was": np.array([mean_was]),
        "surprise.mean": np.array([mean]),
        "surprise.perplexity": np.array([np.exp(mean)]),
        "surprise.blind": np.array([np.log(len(vocabulary))]),
        **marked(cells, "surprise.where", worst),
        **judged("surprise.calm", changed > 0, bool(calm)),
    }


def _found(places: dict[str, int], typed: str) -> int | None:
    """The row of a token as it is typed, or else with a space in front."""
    word = SPACE + typed[1:] if typed.startswith(" ") else typed
    return places.get(word, places.get(SPACE + word))


def _losses(logs: np.ndarray, tokens: list[int | None]) -> np.ndarray:
    """Minus the logarithm of the chance of each token; 0 where there is none."""
    return np.array([0.0 if x is None else -logs[x, i] for i, x in enumerate(tokens)])


def _rows(tokens: list[int | None]) -> np.ndarray:
    """The rows of tokens in the vocabulary from 1 on; 0 where there is none."""
    return np.array([0.0 if x is None else x + 1.0 for x in tokens])
