"""A learner without PyTorch, to test all of training but its steps."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sheetgpt.checkpoint.model import expected_shapes
from sheetgpt.reference import softmax
from sheetgpt.training.loop import Tensors
from sheetgpt.training.recipe import Recipe
from sheetgpt.training.rows import Row


class FrequencyLearner:
    """A GPT-2 that learns only the bias of its last layer norm, so how frequent each token is.

    All other weights are 0 but the embeddings, whose product with the bias are the logits. Its
    steps are plain gradient descent with momentum.
    """

    def __init__(self, recipe: Recipe) -> None:
        shapes = expected_shapes(recipe.config)
        self._fixed = {name: np.zeros(shape, np.float32) for name, shape in shapes.items()}
        rng = np.random.default_rng(recipe.seed)
        self._wte = rng.normal(size=shapes["wte.weight"]).astype(np.float32)
        self._bias = np.zeros(recipe.n_embd, np.float32)
        self._momentum = np.zeros(recipe.n_embd, np.float32)

    def _shares(self) -> np.ndarray:
        logits = self._wte.astype(float) @ self._bias.astype(float)
        shares: np.ndarray = softmax(logits)
        return shares

    def step(self, rows: list[Row], rate: float) -> float:
        loss, _ = self.test(rows)
        wanted = np.array(rows)[:, 1:].ravel()
        seen = np.bincount(wanted, minlength=len(self._wte)) / len(wanted)
        slope = (self._wte.T @ (self._shares() - seen)).astype(np.float32)
        self._momentum = np.float32(0.9) * self._momentum + slope
        self._bias = self._bias - np.float32(5 * rate) * self._momentum
        return loss / len(wanted)

    def test(self, rows: list[Row]) -> tuple[float, int]:
        wanted, shares = np.array(rows)[:, 1:].ravel(), self._shares()
        return float(-np.log(shares[wanted]).sum()), int((wanted == shares.argmax()).sum())

    def weights(self) -> Tensors:
        own = {"wte.weight": self._wte, "ln_f.bias": self._bias}
        return {f"transformer.{name}": own.get(name, at) for name, at in self._fixed.items()}

    def state(self) -> Tensors:
        return {**self.weights(), "momentum": self._momentum}

    def restore(self, state: Tensors) -> None:
        self._wte, self._bias = state["transformer.wte.weight"], state["transformer.ln_f.bias"]
        self._momentum = state["momentum"]


def frequency_learner(recipe: Recipe) -> tuple[FrequencyLearner, str]:
    """The learner, and the name of its device."""
    return FrequencyLearner(recipe), "numpy"


class Stopped(FrequencyLearner):
    """One that calls a function instead of taking a certain step."""

    def __init__(self, recipe: Recipe, after: int, stop: Callable[[], None]) -> None:
        super().__init__(recipe)
        self._left, self._stop = after, stop

    def step(self, rows: list[Row], rate: float) -> float:
        if self._left == 0:
            self._stop()
        self._left -= 1
        return super().step(rows, rate)
