"""Compute sampling.npz with Hugging Face transformers: `python tests/golden/make_sampling.py`.

Needs the extra `train`. Each case is a row: random logits, a temperature, a top-k (0 for none) and
a top-p, and the probabilities with which transformers' logits warpers let each token be drawn.
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

CASES, TOKENS = 40, 16


def warped(logits: np.ndarray, temperature: float, top_k: int, top_p: float) -> np.ndarray:
    """The probabilities (V,) after the warpers in the order in which transformers applies them."""
    scores = torch.tensor(logits)[None]
    no_ids = torch.zeros((1, 1), dtype=torch.long)
    scores = TemperatureLogitsWarper(temperature)(no_ids, scores)
    if top_k:
        scores = TopKLogitsWarper(top_k)(no_ids, scores)
    if top_p < 1:
        scores = TopPLogitsWarper(top_p)(no_ids, scores)
    return np.asarray(torch.softmax(scores, dim=-1)[0].numpy())


def cases(count: int, tokens: int) -> dict[str, np.ndarray]:
    """Random cases: `logits` (N, V), `settings` (N, 3) and `probabilities` (N, V)."""
    rng = np.random.default_rng(0)
    logits = rng.normal(scale=3, size=(count, tokens))
    settings = np.column_stack(
        [
            rng.uniform(0.1, 3, count),
            rng.integers(0, tokens + 4, count) * rng.integers(0, 2, count),
            np.where(rng.random(count) < 0.2, 1, rng.random(count)),
        ]
    )
    probabilities = [
        warped(row, float(t), int(k), float(p))
        for row, (t, k, p) in zip(logits, settings, strict=True)
    ]
    return {"logits": logits, "settings": settings, "probabilities": np.array(probabilities)}


if __name__ == "__main__":
    made: dict[str, Any] = {**cases(CASES, TOKENS)}
    np.savez_compressed(Path(__file__).parent / "sampling.npz", **made)
