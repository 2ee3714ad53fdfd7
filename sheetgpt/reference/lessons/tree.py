"""A tree of words with rewards at its leaves, and what training for them makes of the chances."""

from __future__ import annotations

import itertools

import numpy as np

from sheetgpt.reference.lessons.marks import Cells, Steps, judged, marked, number, texts

LEVELS, BRANCHES = (1, 2, 3), 2
INPUTS = (
    *(f"tree.{name}_{level}" for level in LEVELS for name in ("word", "weight")),
    *("tree.reward", "tree.pull", "tree.expected"),
)
#: How near the mean must be, the pull at the beginning, the chance that exercise 8 asks for.
NEAR, PULL, LIMIT = 0.005, 1, 0.95


def steps(cells: Cells) -> Steps:
    """Values from the leaves to the root, and every sentence before and after training.

    The chances after training are those that have the greatest mean reward less `pull` times their
    distance from the chances before (Kullback-Leibler; Ziegler et al. 2019, section 2).
    """
    pull = number(cells, "tree.pull")
    weights = [cells[f"tree.weight_{level}"].astype(float) for level in LEVELS]
    shares = [weight / weight.sum(axis=1, keepdims=True) for weight in weights]
    below = cells["tree.reward"].astype(float)
    reward, out = below.ravel(), Steps()
    learned: dict[int, np.ndarray] = {}
    for level, share in zip(reversed(LEVELS), reversed(shares), strict=True):
        top = below.max(axis=1, keepdims=True)
        value = top + pull * np.log((share * np.exp((below - top) / pull)).sum(1, keepdims=True))
        learned[level] = share * np.exp((below - value) / pull)
        out |= {
            f"tree.share_{level}": share,
            f"tree.value_{level}": value[:, 0],
            f"tree.learned_{level}": learned[level],
        }
        if level > 1:
            below = value.reshape(-1, BRANCHES)
            out[f"tree.below_{level - 1}"] = below
    words = [np.array(texts(cells, f"tree.word_{x}"), dtype=object) for x in LEVELS]
    ways = list(itertools.product(range(BRANCHES), repeat=len(LEVELS)))
    sentences, before, after = [], [], []
    for way in ways:
        # At each level, the number of the branch among all of that level.
        at = [int("".join(map(str, way[:level])), BRANCHES) for level in LEVELS]
        sentences.append(" ".join(words[i][x] for i, x in enumerate(at)))
        before.append(np.prod([shares[i].ravel()[x] for i, x in enumerate(at)]))
        after.append(np.prod([learned[i + 1].ravel()[x] for i, x in enumerate(at)]))
    mean = float(np.array(before) @ reward)
    return {
        **out,
        "tree.worth": reward,
        "tree.before": np.array(before),
        "tree.after": np.array(after),
        "tree.text": np.array(sentences, dtype=object),
        "tree.mean_before": np.array([mean]),
        "tree.mean_after": np.array([float(np.array(after) @ reward)]),
        "tree.top": np.array([max(after)]),
        **marked(cells, "tree.expected", mean, NEAR),
        **judged("tree.greedy", pull != PULL, bool(max(after) > LIMIT)),
    }
