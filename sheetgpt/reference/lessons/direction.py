"""Distances, cosines, and sums of words (Mikolov and others 2013)."""

from __future__ import annotations

import numpy as np

from sheetgpt.reference.lessons.marks import Cells, Steps, judged, marked, numbers, text, texts

INPUTS = (
    *("direction.word", "direction.count", "direction.turned", "direction.twice"),
    *("direction.person", "direction.trait"),
    *("direction.plus", "direction.minus", "direction.and"),
)
#: How the workbook is delivered, for the exercise that asks for a change.
CHOSEN = ["king", "man", "woman"]
#: In place of the cosine of a word that does not count.
OUT = -2.0


def cosines(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The cosine of every row of a (M, C) with every row of b (N, C); 0 for a row of zeros."""
    lengths = np.linalg.norm(a, axis=1)[:, None] * np.linalg.norm(b, axis=1)  # (M, N)
    safe = np.where(lengths > 0, lengths, 1)
    return np.asarray(np.where(lengths > 0, a @ b.T / safe, 0))


def steps(cells: Cells) -> Steps:
    """Three words by their counts, then the sum of three others."""
    count = numbers(cells, "direction.count")  # (3, 2)
    alike = cosines(count, count)
    apart = np.linalg.norm(count[:, None] - count[None], axis=2)
    home, street = count[1]
    turned = count[2, 0] * street / home if home else np.nan
    ends = np.array([0.0, 1.0])
    return {
        "direction.label": np.array(texts(cells, "direction.word"), dtype=object),
        "direction.length": np.linalg.norm(count, axis=1),
        "direction.distance": apart,
        "direction.cosine": alike,
        "direction.ray": count[:, :1] * ends,
        "direction.street": count[:, 1:] * ends,
        **marked(cells, "direction.turned", float(turned), 0.05),
        **marked(cells, "direction.twice", float(alike[0, 2]), 0.0005),
        **_sums(cells),
    }


def _sums(cells: Cells) -> Steps:
    """a - b + c, and the word that it is most like."""
    trait = numbers(cells, "direction.trait")  # (8, 2)
    people = texts(cells, "direction.person")
    folded = [word.casefold() for word in people]
    keys = ("plus", "minus", "and")
    chosen = [texts(cells, f"direction.{key}")[0].casefold() for key in keys]
    rows = [folded.index(word) + 1 if word and word in folded else 0 for word in chosen]
    vectors = [trait[row - 1] if row else np.zeros(2) for row in rows]
    total = vectors[0] - vectors[1] + vectors[2]
    alike = cosines(trait, total[None])[:, 0]
    for row in filter(None, rows):
        alike[row - 1] = OUT
    nearest = people[int(alike.argmax())]
    return {
        **{f"direction.row.{k}": np.array([float(r)]) for k, r in zip(keys, rows, strict=True)},
        "direction.sum": total,
        "direction.alike": alike,
        "direction.nearest": text(nearest),
        **judged("direction.puzzle", chosen != CHOSEN, nearest.casefold() == "man"),
    }
