"""A neuron: a weighted sum, and two ways to bend it."""

from __future__ import annotations

import numpy as np

from sheetgpt.reference.lessons.marks import Cells, Steps, marked, number, numbers

INPUTS = (
    *("neuron.input", "neuron.weight", "neuron.bias", "neuron.from", "neuron.step"),
    *("neuron.balance", "neuron.doubled"),
)
POINTS = 41
#: How near an answer must be.
NEAR = 0.005


def relu(x: np.ndarray) -> np.ndarray:
    """Negative numbers become 0 (Nair and Hinton 2010)."""
    return np.asarray(np.maximum(x, 0))


def gelu(x: np.ndarray) -> np.ndarray:
    """GELU by the formula with tanh (Hendrycks and Gimpel 2016, section 2)."""
    return np.asarray(0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))))


def steps(cells: Cells) -> Steps:
    """The neuron, and what it gives while its first input runs from left to right."""
    inputs, weights = numbers(cells, "neuron.input"), numbers(cells, "neuron.weight")  # (3,) each
    bias = number(cells, "neuron.bias")
    total = np.array([inputs @ weights + bias])
    firsts = number(cells, "neuron.from") + np.arange(POINTS) * number(cells, "neuron.step")
    others = inputs[1:] @ weights[1:] + bias
    curve = firsts * weights[0] + others
    doubled = max(0.0, float(2 * inputs @ weights + bias))
    return {
        "neuron.product": inputs * weights,
        "neuron.sum": total,
        "neuron.relu": relu(total),
        "neuron.gelu": gelu(total),
        "neuron.curve.input": firsts,
        "neuron.curve.sum": curve,
        "neuron.curve.relu": relu(curve),
        "neuron.curve.gelu": gelu(curve),
        **marked(cells, "neuron.balance", float(-(inputs @ weights)), NEAR),
        **marked(cells, "neuron.doubled", doubled, NEAR),
    }
