"""What the steps of a forward pass tell about it: layer by layer, head by head, token by token.

All read the values that `forward` gives. T tokens, C = n_embd, H = n_head, V = vocab_size,
L = n_layer.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from sheetgpt.checkpoint import Checkpoint
from sheetgpt.reference.forward import Array, normalize


def lens(checkpoint: Checkpoint, values: Mapping[str, Array], answer: int) -> dict[str, Array]:
    """What the model would say if it ended after each block (nostalgebraist's "logit lens", 2020).

    Final layer norm and unembedding of the last token, block by block: `logits` (V, L), each
    column's `peak` and `total` (L,) of the softmax and its `probabilities` (V, L), and where the
    token `answer` stands: `answer.rank` (from 1) and `answer.probability` (L,).
    """
    config, w = checkpoint.config, checkpoint.tensors
    a: dict[str, Array] = {}
    posts = [values[f"h.{layer}.resid_post"] for layer in range(config.n_layer)]  # (T, C) each

    a["last"] = np.stack([x[-1] for x in posts])  # (L, C)
    a["normalized"] = normalize(a["last"], config.layer_norm_epsilon)  # (L, C)
    a["ln_f"] = a["normalized"] * w["ln_f.weight"] + w["ln_f.bias"]  # (L, C)
    a["logits"] = checkpoint.unembedding @ a["ln_f"].T  # (V, C) @ (C, L) -> (V, L)
    a["peak"] = a["logits"].max(axis=0)  # (L,)
    exponents = np.exp(a["logits"] - a["peak"])  # (V, L)
    a["total"] = exponents.sum(axis=0)  # (L,)
    a["probabilities"] = exponents / a["total"]  # (V, L)
    a["answer.rank"] = 1.0 + (a["logits"] > a["logits"][answer]).sum(axis=0)  # (L,)
    a["answer.probability"] = a["probabilities"][answer]  # (L,)
    return a


def most_attended(pattern: Array) -> tuple[npt.NDArray[np.intp], Array]:
    """For each row of one head's pattern (T, T) the column that it looks at most, and how much."""
    most = pattern.argmax(axis=1)  # (T,)
    return most, pattern[np.arange(len(pattern)), most]


def residual(values: Mapping[str, Array], n_layer: int) -> dict[str, Array]:
    """The Euclidean length of each token's vector before, in and after each block: (T, L) each."""
    steps = {"pre": "resid_pre", "attn": "attn.out", "mlp": "mlp.out", "post": "resid_post"}
    return {
        key: np.stack([lengths(values[f"h.{layer}.{step}"]) for layer in range(n_layer)], axis=1)
        for key, step in steps.items()
    }


def lengths(rows: Array) -> Array:
    """The Euclidean length of each row: (N, C) -> (N,)."""
    squares: Array = np.einsum("nc,nc->n", rows, rows)
    return np.sqrt(squares)
