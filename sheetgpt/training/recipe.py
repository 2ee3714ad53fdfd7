"""What decides on a model that is trained: its shape, the course of its training, the limits."""

from __future__ import annotations

import math
from typing import NamedTuple

from sheetgpt.checkpoint import Config
from sheetgpt.errors import InputError

#: The 256 bytes, one merge of two of them, and the token that ends a text: a workbook needs that.
SMALLEST_VOCABULARY = 258
#: GPT-2's largest, which `build` takes apart as well: GPT-2 XL's sizes and GPT-2's vocabulary.
_LIMITS = {
    "n_layer": ("layers", 1, 48),
    "n_head": ("heads", 1, 48),
    "n_embd": ("width", 1, 1600),
    "vocab_size": ("vocab", SMALLEST_VOCABULARY, 50_257),
    "n_positions": ("tokens", 2, 1024),
    "steps": ("steps", 1, 1_000_000),
    "seed": ("seed", 0, 2**32 - 1),
    "threads": ("threads", 1, 256),
}


class Recipe(NamedTuple):
    """Everything but the text that decides the result; a batch is rows of n_positions tokens.

    The default shape makes a workbook of about 7 MB. The number of threads belongs here because
    it decides in which order a processor adds.
    """

    seed: int = 1
    threads: int = 2
    vocab_size: int = 1536
    n_layer: int = 3
    n_head: int = 4
    n_embd: int = 64
    n_positions: int = 64
    steps: int = 4000
    batch: int = 48
    learning_rate: float = 4e-3
    warm_up: int = 100
    weight_decay: float = 0.1
    dropout: float = 0.1

    @property
    def config(self) -> Config:
        """The shape under GPT-2's names."""
        return Config(
            self.n_layer,
            self.n_head,
            self.n_embd,
            self.n_positions,
            self.vocab_size,
            n_inner=4 * self.n_embd,
        )

    @property
    def every(self) -> int:
        """Steps from one report to the next, so that there are at most twenty."""
        return math.ceil(self.steps / 20)


class Report(NamedTuple):
    """How far training has come.

    `loss` is the mean cross-entropy per token, in nats, over the steps since the report before;
    `held_out` the same on the text that is held out, `right` the share of its tokens that greedy
    prediction gives, and `sample` what the model says now.
    """

    step: int
    loss: float
    held_out: float
    right: float
    sample: str


def require_possible(recipe: Recipe) -> None:
    """Raise InputError that lists everything in a recipe which cannot be."""
    problems = [
        f"{name} is {value:,}, possible is {low:,} to {high:,}"
        for field, (name, low, high) in _LIMITS.items()
        if not low <= (value := getattr(recipe, field)) <= high
    ]
    if recipe.n_head > 0 and recipe.n_embd % recipe.n_head:
        problems.append(
            f"width {recipe.n_embd} cannot be split evenly over {recipe.n_head} heads; "
            f"{_near(recipe.n_embd, recipe.n_head)} can"
        )
    if problems:
        raise InputError(f"No model can be trained like this: {'; '.join(problems)}.")


def _near(width: int, heads: int) -> int:
    """The multiple of `heads` next to a width, at least one of them."""
    return max(1, round(width / heads)) * heads


def learning_rate(width: int) -> float:
    """The peak that suits a width: 0.004 up to 48, then falling as one over the width.

    As for hidden weights under Adam in Yang and others, "Tensor Programs V" (2022).
    """
    return 4e-3 * min(1.0, 48 / width)


#: Steps unless told otherwise: about ten minutes on two cores.
USUAL_STEPS = Recipe().steps
#: More of a text than this many times has little left to say: Muennighoff and others, "Scaling
#: Data-Constrained Language Models" (2023), find next to nothing after 40 times.
_TIMES, _LEAST_STEPS = 40, 1000


def with_steps(recipe: Recipe, steps: int) -> Recipe:
    """The recipe with so many steps, the warm-up at most a tenth of them."""
    return recipe._replace(steps=steps, warm_up=max(1, min(Recipe().warm_up, steps // 10)))


def steps_for(n_tokens: int, recipe: Recipe) -> int:
    """Steps that suit a text of so many tokens: fewer than usual if it is short."""
    enough = math.ceil(_TIMES * n_tokens / (recipe.batch * recipe.n_positions))
    return min(USUAL_STEPS, max(_LEAST_STEPS, enough))
