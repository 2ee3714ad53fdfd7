"""Gradient descent on two neurons: one that works to the left of its knot, one to the right."""

from __future__ import annotations

import numpy as np

from sheetgpt.reference.lessons.marks import Cells, Steps, judged, marked, number, numbers

#: The weights in their order.
WEIGHTS = ("slope_1", "knot_1", "slope_2", "knot_2")
INPUTS = (
    *("downhill.rate", "downhill.target", "downhill.x", "downhill.many"),
    *(f"downhill.start_{name}" for name in WEIGHTS),
)
STEPS, LIMIT = 40, 0.1
HILL = -1 + 0.1 * np.arange(41)
BEFORE = (0.5, 0.5, 0.2, -0.5)


def output(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """The sum of both neurons at x (P,), with weights w (4,)."""
    return np.asarray(w[0] * np.maximum(0, w[1] - x) + w[2] * np.maximum(0, x - w[3]))


def error(x: np.ndarray, target: np.ndarray, w: np.ndarray) -> float:
    """The mean squared error."""
    return float(np.mean((output(x, w) - target) ** 2))


def gradient(x: np.ndarray, target: np.ndarray, w: np.ndarray) -> np.ndarray:
    """How the error changes with each of the four weights (4,), by the chain rule."""
    left, right = x < w[1], x > w[3]
    slopes = np.array([left * (w[1] - x), left * w[0], right * (x - w[3]), -w[2] * right])
    return np.asarray(2 * slopes @ (output(x, w) - target) / len(x))


def steps(cells: Cells) -> Steps:
    """All steps of learning, the same for one weight alone, and the hill that it goes down."""
    x, target = numbers(cells, "downhill.x")[0], numbers(cells, "downhill.target")[0]
    rate = number(cells, "downhill.rate")
    start = np.array([number(cells, f"downhill.start_{name}") for name in WEIGHTS])
    path, alone = [start], [start]
    for _ in range(STEPS):
        path.append(path[-1] - rate * gradient(x, target, path[-1]))
        alone.append(alone[-1] - rate * gradient(x, target, alone[-1]) * [0, 0, 1, 0])
    slopes = [gradient(x, target, w) for w in path]
    errors = np.array([error(x, target, w) for w in path])
    hill = [np.where([False, False, True, False], slope, start) for slope in HILL]
    above = float((errors > LIMIT).sum())
    stuck = rate > 0 and errors[0] > 0 and errors[-1] == errors[0]
    return {
        **{f"downhill.{name}": np.array(path)[:, i] for i, name in enumerate(WEIGHTS)},
        **{f"downhill.d_{name}": np.array(slopes)[:, i] for i, name in enumerate(WEIGHTS)},
        "downhill.error": errors,
        "downhill.difference": np.array([output(x, w) - target for w in path]),
        "downhill.fit": np.array([output(x, path[0]), output(x, path[-1])]),
        "downhill.walk.slope": np.array(alone)[:, 2],
        "downhill.walk.gradient": np.array([gradient(x, target, w)[2] for w in alone]),
        "downhill.walk.error": np.array([error(x, target, w) for w in alone]),
        "downhill.hill.slope": HILL,
        "downhill.hill.error": np.array([error(x, target, w) for w in hill]),
        "downhill.first": errors[:1],
        "downhill.last": errors[-1:],
        "downhill.above": np.array([above]),
        **marked(cells, "downhill.many", above),
        **judged("downhill.stuck", tuple(start.tolist()) != BEFORE, bool(stuck)),
    }
