"""Why a token has its score: the logit as a sum over the parts of the model ("direct logit
attribution", Elhage et al., "A Mathematical Framework for Transformer Circuits", 2021).

With the scale of the final layer norm held at what it was, the last token's vector is the sum of
what its token, its place, every head, every MLP and every bias wrote, and so is its score. The
points of a part are what its vector, centred, scaled and times the gain, gives to a token.
T tokens, C = n_embd, H = n_head, D = d_head, L = n_layer, I = n_inner, S tokens asked about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from sheetgpt.checkpoint import Checkpoint
from sheetgpt.reference.forward import Array, Switches, split_heads


def attribution(
    checkpoint: Checkpoint,
    values: Mapping[str, Array],
    token_ids: Sequence[int],
    switches: Switches | None = None,
) -> dict[str, Array]:
    """The points of every part of the model for each of S tokens.

    `values` are those that `forward` gives with the same `switches`. `token`, `place` and `bias`
    (that of the final layer norm) are (S,); `head` (L, H, S) and `source` (L, H, T, S), which adds
    up to it over T; `mlp` (L, S); `neuron` (L, I, S), which adds up to it with `mlp_bias` (L, S);
    `attention_bias` (L, S). An MLP that is off gives nothing, nor do its neurons. `total` (S,) is
    the sum of token, place, heads, MLPs, attention biases and bias. `active` (L, I) are the
    neurons of the last token, `scale` (1,) is what the final layer norm divides by.
    """
    config, w = checkpoint.config, checkpoint.tensors
    on = switches or Switches.on(config)
    layers = range(config.n_layer)
    stream = values[f"h.{config.n_layer - 1}.resid_post"][-1]  # (C,)
    scale = np.sqrt(stream.var() + config.layer_norm_epsilon)
    unembedding = checkpoint.unembedding[list(token_ids)].astype(np.float64)  # (S, C)
    gain = w["ln_f.weight"].astype(np.float64)  # (C,)

    def points(vectors: Array) -> Array:
        """Of vectors (..., C): (..., S)."""
        centred = vectors - vectors.mean(axis=-1, keepdims=True)
        out: Array = (centred / scale * gain) @ unembedding.T
        return out

    def weight(layer: int, name: str) -> Array:
        return w[f"h.{layer}.{name}"].astype(np.float64)

    a: dict[str, Array] = {"scale": np.array([scale])}
    a["token"] = points(values["wte_lookup"][-1])  # (S,)
    a["place"] = points(values["wpe_lookup"][-1])  # (S,)
    a["bias"] = unembedding @ w["ln_f.bias"].astype(np.float64)  # (S,)
    sources, heads, neurons = [], [], []
    for layer in layers:
        out = split_rows(weight(layer, "attn.c_proj.weight"), config.n_head)  # (H, D, C)
        v = split_heads(values[f"h.{layer}.attn.v"], config.n_head)  # (H, T, D)
        looks = values[f"h.{layer}.attn.pattern"][:, -1] * on.heads[layer][:, None]  # (H, T)
        sources.append(points(looks[:, :, None] * (v @ out)))  # (H, T, C) -> (H, T, S)
        z = split_heads(values[f"h.{layer}.attn.z"], config.n_head)[:, -1:]  # (H, 1, D)
        heads.append(points((z @ out)[:, 0]))  # (H, C) -> (H, S)
        written = values[f"h.{layer}.mlp.post"][-1][:, None] * weight(layer, "mlp.c_proj.weight")
        neurons.append(points(on.mlps[layer] * written))  # (I, C) -> (I, S)
    a["source"], a["head"], a["neuron"] = (np.stack(x) for x in (sources, heads, neurons))
    a["active"] = np.stack([values[f"h.{layer}.mlp.post"][-1] for layer in layers])  # (L, I)
    mlps = [on.mlps[layer] * values[f"h.{layer}.mlp.out"][-1] for layer in layers]
    a["mlp"] = points(np.stack(mlps))  # (L, C) -> (L, S)
    for name, module in {"attention_bias": "attn", "mlp_bias": "mlp"}.items():
        a[name] = points(np.stack([weight(layer, f"{module}.c_proj.bias") for layer in layers]))
    parts = (a["head"], a["mlp"], a["attention_bias"])
    a["total"] = a["token"] + a["place"] + a["bias"]
    a["total"] += sum(part.reshape(-1, len(token_ids)).sum(axis=0) for part in parts)
    return a


def neuron_writes(
    checkpoint: Checkpoint, a: Mapping[str, Array], neurons: npt.NDArray[np.intp]
) -> tuple[Array, Array]:
    """What some neurons, N of each block (L, N), write: vectors (L, N, C) and points (L, N, V).

    `a` is their `attribution`. The vectors are as the unembedding reads them, times the activity;
    the points are those of every token of the vocabulary.
    """
    w = checkpoint.tensors
    rows = np.stack(
        [w[f"h.{layer}.mlp.c_proj.weight"][row] for layer, row in enumerate(neurons)]
    ).astype(np.float64)  # (L, N, C)
    activity = np.take_along_axis(a["active"], neurons, axis=1)[..., None]  # (L, N, 1)
    centred = rows - rows.mean(axis=-1, keepdims=True)
    vectors = centred * w["ln_f.weight"].astype(np.float64) / a["scale"] * activity
    return vectors, vectors @ checkpoint.unembedding.T.astype(np.float64)


def split_rows(w: Array, n_head: int) -> Array:
    """The rows of a weight that belong to each head: (C, C) -> (H, D, C)."""
    return np.stack(np.split(w, n_head))
