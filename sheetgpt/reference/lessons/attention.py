"""One head of attention over three words of two numbers each."""

from __future__ import annotations

import numpy as np

from sheetgpt.reference.lessons.marks import Cells, Steps, judged, marked, numbers, text, texts

INPUTS = (
    *("attention.word", "attention.known", "attention.vector"),
    *("attention.w_query", "attention.w_key", "attention.w_value", "attention.share"),
)
#: How near an answer must be, and the first word that the exercise wants changed.
NEAR, FIRST = 0.01, "quick"


def attend(x: np.ndarray, w_query: np.ndarray, w_key: np.ndarray, w_value: np.ndarray) -> Steps:
    """One causal head on x (T, D) with weights (D, D), by name (Vaswani et al. 2017, 3.2.1)."""
    query, key, value = x @ w_query, x @ w_key, x @ w_value
    product = query[:, None, :] * key[None, :, :]  # (T, T, D)
    scores = product.sum(-1) / np.sqrt(x.shape[1])
    scores[np.triu_indices(len(x), 1)] = -np.inf
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    pattern = powers / powers.sum(axis=1, keepdims=True)
    return {
        "query": query,
        "key": key,
        "value": value,
        "product": product,
        "scores": scores,
        "power": powers,
        "pattern": pattern,
        "mixed": pattern @ value,
    }


def steps(cells: Cells) -> Steps:
    """Every stage of the head, and where it leaves the last word."""
    words = texts(cells, "attention.word")
    known = [word.casefold() for word in texts(cells, "attention.known")]
    vectors = numbers(cells, "attention.vector")
    found = [known.index(word.casefold()) if word.casefold() in known else None for word in words]
    x = np.array([np.zeros(2) if place is None else vectors[place] for place in found])
    weights = (numbers(cells, f"attention.w_{name}") for name in ("query", "key", "value"))
    stages = attend(x, *weights)
    result = x + stages["mixed"]
    stages["product"] = stages["product"].reshape(9, 2)
    stages["scores"] = np.where(np.isinf(stages["scores"]), -1e10, stages["scores"])
    pace, attended = float(result[2, 0]), float(stages["pattern"][2, 0])
    return {
        "attention.x": x,
        **{f"attention.{name}": values for name, values in stages.items()},
        "attention.result": result,
        "attention.arrow": np.array([x[2], result[2]]),
        "attention.first_word": text(words[0]),
        "attention.attended": np.array([attended]),
        "attention.pace": np.array([pace]),
        **marked(cells, "attention.share", attended, NEAR),
        **judged("attention.slower", words[0].casefold() != FIRST, pace < 0),
    }
