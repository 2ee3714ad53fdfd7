"""The products that one number of a block is the sum of: a score, a share, a mixed value, a number
of a linear layer.

T tokens, C = n_embd, D = d_head.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from sheetgpt.checkpoint import Checkpoint
from sheetgpt.reference.forward import Array

#: The linear layers among the steps of a block: step -> what it reads, its weights.
LINEAR = {
    4: ("ln_1", "attn.c_attn", "attn.qkv"),
    9: ("attn.z", "attn.c_proj", "attn.out"),
    13: ("ln_2", "mlp.c_fc", "mlp.pre"),
    15: ("mlp.post", "mlp.c_proj", "mlp.out"),
}
SCORE, SHARE, VALUE = 6, 7, 8


class Place(NamedTuple):
    """A number of the model: block, step of the block, row (a token), column, head of a score."""

    block: int
    step: int
    row: int
    column: int
    head: int


class Followed(NamedTuple):
    """A number and the factors (N,) of the products that add up to it; a bias comes last."""

    number: float
    left: Array
    right: Array


def follow(checkpoint: Checkpoint, values: Mapping[str, Array], place: Place) -> Followed | None:
    """The products behind a number of the forward pass `values`.

    None if there is no such number, if it is masked, or if its step is no sum of products.
    """
    if place.row >= len(values["embedded"]) or place.step not in FINDERS:
        return None
    prefix = f"h.{place.block}."
    step = {
        name.removeprefix(prefix): value
        for name, value in values.items()
        if name.startswith(prefix)
    }
    return FINDERS[place.step](checkpoint, step, place)


def _linear(checkpoint: Checkpoint, step: Mapping[str, Array], place: Place) -> Followed | None:
    source, layer, result = LINEAR[place.step]
    if place.column >= step[result].shape[1]:
        return None
    name = f"h.{place.block}.{layer}"
    weights = checkpoint.tensors[f"{name}.weight"][:, place.column].astype(np.float64)
    bias = float(checkpoint.tensors[f"{name}.bias"][place.column])
    left, right = np.append(step[source][place.row], 1.0), np.append(weights, bias)
    return Followed(float(step[result][place.row, place.column]), left, right)


def _score(checkpoint: Checkpoint, step: Mapping[str, Array], place: Place) -> Followed | None:
    if place.column > place.row:
        return None
    width = checkpoint.config.d_head
    columns = slice(place.head * width, (place.head + 1) * width)
    query, key = (step[f"attn.{x}"][:, columns] for x in "qk")  # (T, D) each
    number = step["attn.scores"][place.head, place.row, place.column]
    divisor = checkpoint.config.score_divisor(place.block)
    return Followed(float(number), query[place.row], key[place.column] / divisor)


def _share(_: Checkpoint, step: Mapping[str, Array], place: Place) -> Followed | None:
    scores = step["attn.scores"][place.head, place.row]  # (T,)
    if place.column >= len(scores):
        return None
    powers = np.exp(scores - scores.max())
    right = np.zeros(len(scores))
    right[place.column] = 1 / powers.sum()
    number = step["attn.pattern"][place.head, place.row, place.column]
    return Followed(float(number), powers, right)


def _value(checkpoint: Checkpoint, step: Mapping[str, Array], place: Place) -> Followed | None:
    if place.column >= checkpoint.config.n_embd:
        return None
    left = step["attn.pattern"][place.column // checkpoint.config.d_head, place.row]  # (T,)
    number = step["attn.z"][place.row, place.column]
    return Followed(float(number), left, step["attn.v"][:, place.column])


#: What finds the products of a number, by the step that it belongs to.
FINDERS: Mapping[int, Callable[[Checkpoint, Mapping[str, Array], Place], Followed | None]] = {
    **dict.fromkeys(LINEAR, _linear),
    SCORE: _score,
    SHARE: _share,
    VALUE: _value,
}
