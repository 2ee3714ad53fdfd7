"""The order of words: sums, position vectors, and a bend before the sum."""

from __future__ import annotations

import numpy as np

from sheetgpt.reference.lessons.marks import Cells, Steps, judged, marked, number, numbers, texts
from sheetgpt.reference.lessons.neuron import relu

INPUTS = (
    *("order.first", "order.second", "order.kind", "order.known", "order.vector"),
    *("order.learned", "order.period", "order.again"),
)
FAR, LEAST = 33, 1e-6


def waves(places: np.ndarray, periods: np.ndarray) -> np.ndarray:
    """Sines and cosines in turn (N, columns), after Vaswani and others 2017, section 3.5."""
    angles = 2 * np.pi * places[:, None] / periods
    even = np.arange(len(periods)) % 2 == 0
    return np.asarray(np.where(even, np.sin(angles), np.cos(angles)))


def steps(cells: Cells) -> Steps:
    """Both sentences, plain, with places, and after a bend."""
    vectors = numbers(cells, "order.vector")  # (words, columns)
    periods, kind = numbers(cells, "order.period"), number(cells, "order.kind")
    known = [word.casefold() for word in texts(cells, "order.known")]
    rows, words = [], []
    for name in ("order.first", "order.second"):
        sentence = [word.casefold() for word in texts(cells, name)]
        found = [known.index(x) + 1 if x and x in known else 0 for x in sentence]
        rows.append(np.array(found, dtype=float))
        words.append(np.vstack([np.zeros(vectors.shape[1]), vectors])[found])
    choices = [
        np.zeros_like(words[0]),
        waves(np.arange(len(words[0])), periods),
        numbers(cells, "order.learned"),
    ]
    position = choices[int(kind)]
    placed = [word + position for word in words]
    out: Steps = {
        "order.first_row": rows[0],
        "order.second_row": rows[1],
        "order.first_vector": words[0],
        "order.second_vector": words[1],
        "order.position": position,
        "order.first_placed": placed[0],
        "order.second_placed": placed[1],
        "order.wave": waves(np.arange(FAR), periods),
    }
    apart = 0.0
    for name, pair in (("plain", words), ("placed", placed), ("bent", [relu(x) for x in placed])):
        sums = [x.sum(axis=0) for x in pair]
        apart = float(np.linalg.norm(sums[0] - sums[1]))
        out |= {
            f"order.{name}_first": sums[0][None],
            f"order.{name}_second": sums[1][None],
            f"order.{name}": np.array([apart]),
        }
    return {
        **out,
        **judged("order.apart", kind > 0, apart > LEAST),
        **marked(cells, "order.again", float(periods[0]), 0.005),
    }
