"""GPT-2's forward pass in NumPy, float64, every intermediate kept under its name.

After "Language Models are Unsupervised Multitask Learners" (Radford et al., 2019) and OpenAI's
src/model.py. T tokens, C = n_embd, H = n_head, D = d_head = C / H, V = vocab_size, I = n_inner.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sheetgpt.checkpoint import Checkpoint, Config
from sheetgpt.checkpoint.config import EXACT_GELU, TANH_GELU
from sheetgpt.errors import CapacityError, InputError

Array = npt.NDArray[np.float64]

#: What a masked score holds, GPT-2's own number: after softmax it is exactly 0.
MASKED = -1e10


class Switches(NamedTuple):
    """What each part of a block contributes: 1 for all of it, 0 for a part that is turned off."""

    heads: Array  # (L, H), times the values that each head has collected
    mlps: Array  # (L,), times what each MLP adds

    @classmethod
    def on(cls, config: Config) -> Switches:
        """The model as it is."""
        return cls(np.ones((config.n_layer, config.n_head)), np.ones(config.n_layer))


def forward(
    checkpoint: Checkpoint, token_ids: Sequence[int], switches: Switches | None = None
) -> dict[str, Array]:
    """Every step's values for a list of token ids, from `wte_lookup` to `next_token_id`.

    Steps of block L are named `h.L. ...`; vectors per token are rows (T, C), scores and pattern
    (H, T, T), `logits` of the last token (V, 1), `next_token_id` (1, 1). With `switches`, heads
    and MLPs that are turned off add nothing to the residual stream. Raises InputError for no
    tokens or an id outside the vocabulary, CapacityError for more than n_positions tokens.
    """
    config = checkpoint.config
    on = switches or Switches.on(config)
    check_tokens(token_ids, config)
    w = checkpoint.tensors
    a: dict[str, Array] = {}

    a["wte_lookup"] = w["wte.weight"][list(token_ids)].astype(np.float64)  # (T, C)
    a["wpe_lookup"] = w["wpe.weight"][: len(token_ids)].astype(np.float64)  # (T, C)
    x = a["embedded"] = a["wte_lookup"] + a["wpe_lookup"]  # (T, C)
    for layer in range(config.n_layer):
        prefix = f"h.{layer}."
        weights = {
            name.removeprefix(prefix): tensor.astype(np.float64, copy=False)
            for name, tensor in w.items()
            if name.startswith(prefix)
        }
        steps = block(x, weights, config, layer, on.heads[layer], on.mlps[layer])
        x = steps["resid_post"]  # (T, C)
        a |= {prefix + name: value for name, value in steps.items()}
    a["ln_f.normalized"] = normalize(x, config.layer_norm_epsilon)  # (T, C)
    a["ln_f"] = a["ln_f.normalized"] * w["ln_f.weight"] + w["ln_f.bias"]  # (T, C)
    a["logits"] = checkpoint.unembedding @ a["ln_f"][-1:].T  # (V, C) @ (C, 1) -> (V, 1)
    a["next_token_id"] = a["logits"].argmax(axis=0, keepdims=True).astype(np.float64)  # (1, 1)
    return a


def block(
    x: Array, w: dict[str, Array], config: Config, layer: int, head_on: Array, mlp_on: float
) -> dict[str, Array]:
    """Transformer block `layer` on x (T, C): attention, then the MLP, each added to its input.

    `head_on` (H,) multiplies the values of each head, `mlp_on` what the MLP adds.
    """
    a: dict[str, Array] = {"resid_pre": x}

    a["ln_1.normalized"] = normalize(x, config.layer_norm_epsilon)  # (T, C)
    a["ln_1"] = a["ln_1.normalized"] * w["ln_1.weight"] + w["ln_1.bias"]  # (T, C)
    a["attn.qkv"] = a["ln_1"] @ w["attn.c_attn.weight"] + w["attn.c_attn.bias"]  # (T, 3C)
    a["attn.q"], a["attn.k"], a["attn.v"] = np.split(a["attn.qkv"], 3, axis=1)  # (T, C) each
    q, k, v = (split_heads(a[f"attn.{part}"], config.n_head) for part in "qkv")  # (H, T, D) each
    scores = q @ k.transpose(0, 2, 1)  # (H, T, T)
    if config.scale_attn_weights:
        scores = scores / math.sqrt(config.d_head)  # (H, T, T)
    if config.scale_attn_by_inverse_layer_idx:
        scores = scores / (layer + 1)  # (H, T, T)
    causal = np.tri(len(x), dtype=bool)  # (T, T): row = query, column = key, key <= query
    a["attn.scores"] = np.where(causal, scores, MASKED)  # (H, T, T)
    a["attn.pattern"] = softmax(a["attn.scores"])  # (H, T, T)
    z = a["attn.pattern"] @ v  # (H, T, T) @ (H, T, D) -> (H, T, D)
    z = z * head_on[:, None, None]  # (H, T, D)
    a["attn.z"] = np.hstack(list(z))  # (T, C): heads side by side
    a["attn.out"] = a["attn.z"] @ w["attn.c_proj.weight"] + w["attn.c_proj.bias"]  # (T, C)
    x = a["resid_mid"] = x + a["attn.out"]  # (T, C)

    a["ln_2.normalized"] = normalize(x, config.layer_norm_epsilon)  # (T, C)
    a["ln_2"] = a["ln_2.normalized"] * w["ln_2.weight"] + w["ln_2.bias"]  # (T, C)
    a["mlp.pre"] = a["ln_2"] @ w["mlp.c_fc.weight"] + w["mlp.c_fc.bias"]  # (T, I)
    a["mlp.post"] = GELU[config.activation_function](a["mlp.pre"])  # (T, I)
    a["mlp.out"] = a["mlp.post"] @ w["mlp.c_proj.weight"] + w["mlp.c_proj.bias"]  # (T, C)
    a["resid_post"] = x + mlp_on * a["mlp.out"]  # (T, C)
    return a


def normalize(x: Array, epsilon: float) -> Array:
    """Each row with mean 0 and variance 1 (population variance plus epsilon): (T, C)."""
    mean: Array = x.mean(axis=1, keepdims=True)  # (T, 1)
    variance: Array = x.var(axis=1, keepdims=True)  # (T, 1)
    return (x - mean) / np.sqrt(variance + epsilon)


def split_heads(x: Array, n_head: int) -> Array:
    """Split columns into heads: (T, C) -> (H, T, D)."""
    return np.stack(np.split(x, n_head, axis=1))


def softmax(x: Array) -> Array:
    """Positive numbers that sum to 1 along the last axis; the maximum is taken off for safety."""
    e: Array = np.exp(x - x.max(axis=-1, keepdims=True))
    total: Array = e.sum(axis=-1, keepdims=True)
    return e / total


def gelu(x: Array) -> Array:
    """GELU's tanh form (Hendrycks and Gimpel, 2016), the one that GPT-2 was trained with."""
    doubled_gate: Array = 1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))
    return 0.5 * x * doubled_gate


def exact_gelu(x: Array) -> Array:
    """GELU itself (Hendrycks and Gimpel, 2016): x times the normal distribution's share below x."""
    doubled_gate: Array = np.vectorize(math.erfc, otypes=[np.float64])(-x / math.sqrt(2))
    return 0.5 * x * doubled_gate


#: By `activation_function`.
GELU = {TANH_GELU: gelu, EXACT_GELU: exact_gelu}


def check_tokens(token_ids: Sequence[int], config: Config) -> None:
    """Raise InputError or CapacityError for tokens that the model cannot take."""
    if not len(token_ids):
        raise InputError("The prompt has no tokens; GPT-2 needs at least one character.")
    if len(token_ids) > config.n_positions:
        raise CapacityError(
            f"The prompt has {len(token_ids)} tokens; this model has {config.n_positions} "
            "positions, so shorten it."
        )
    outside = [token_id for token_id in token_ids if not 0 <= token_id < config.vocab_size]
    if outside:
        raise InputError(
            f"Token id {outside[0]} is outside the vocabulary, 0 to {config.vocab_size - 1}."
        )
