"""Choosing a word: softmax with a temperature, top k, top p, and a draw."""

from __future__ import annotations

import numpy as np

from sheetgpt.reference.lessons.marks import (
    Cells,
    Steps,
    judged,
    marked,
    number,
    numbers,
    text,
    texts,
)

INPUTS = (
    *("choosing.word", "choosing.score", "choosing.temperature", "choosing.top_k"),
    *("choosing.top_p", "choosing.random", "choosing.many"),
)
#: Of the exercises: what counts as likely, the row of the word to be drawn, the number to leave.
LIKELY, WANTED, BEFORE = 0.1, 3, 0.5


def cut(probabilities: np.ndarray, top_k: float, top_p: float) -> tuple[np.ndarray, ...]:
    """Rank (from 1), sum of the better ones, and whether it stays (1 or 0), each (N,).

    Equal ones rank in their order. Top p keeps the best that reach the sum, at least one
    (Holtzman et al. 2019, section 3.1).
    """
    order = np.argsort(-probabilities, kind="stable")
    rank = np.empty(len(order))
    rank[order] = np.arange(1, len(order) + 1)
    before = np.empty(len(order))
    before[order] = np.cumsum(probabilities[order]) - probabilities[order]
    kept = (rank <= top_k) & ((rank == 1) | (before < top_p))
    return rank, before, kept.astype(float)


def steps(cells: Cells) -> Steps:
    """The chances of ten words before and after the cuts, and the word that is drawn."""
    words, scores = texts(cells, "choosing.word"), numbers(cells, "choosing.score")
    power = np.exp((scores - scores.max()) / number(cells, "choosing.temperature"))
    probability = power / power.sum()
    rank, before, kept = cut(
        probability, number(cells, "choosing.top_k"), number(cells, "choosing.top_p")
    )
    share = kept * probability / (kept @ probability)
    upto, random = np.cumsum(share), number(cells, "choosing.random")
    place = int(np.searchsorted(upto, random, side="right")) + 1
    return {
        "choosing.power": power,
        "choosing.probability": probability,
        "choosing.rank": rank,
        "choosing.before": before,
        "choosing.kept": kept,
        "choosing.share": share,
        "choosing.upto": upto,
        "choosing.place": np.array([float(place)]),
        "choosing.drawn": text(words[place - 1]),
        **marked(cells, "choosing.many", float((probability > LIKELY).sum())),
        **judged("choosing.aim", random != BEFORE, place == WANTED),
    }
