"""Preferences: a reward model of three weights, fitted to pairs of answers."""

from __future__ import annotations

import numpy as np

from sheetgpt.reference.lessons.marks import Cells, Steps, judged, marked, number, numbers

INPUTS = tuple(
    f"preferences.{name}" for name in ("chosen", "rejected", "answer", "rate", "decay", "winner")
)
#: Steps of learning, and the new answers at the beginning.
STEPS, ANSWERS = 60, [[2, 3, 1], [3, 9, 0], [0, 6, 2]]


def wins(margin: np.ndarray) -> np.ndarray:
    """The chance to be preferred by a margin of rewards (Bradley and Terry 1952)."""
    return np.asarray(np.exp(-np.logaddexp(0, -margin)))


def loss(weights: np.ndarray, difference: np.ndarray, decay: float) -> float:
    """Mean of -ln of the chances of what was chosen, and decay/2 times the squared weights."""
    lost = np.logaddexp(0, -(difference @ weights)).mean()
    return float(lost + decay / 2 * weights @ weights)


def gradient(weights: np.ndarray, difference: np.ndarray, decay: float) -> np.ndarray:
    """The derivatives (F,) of `loss` by the weights (F,), for differences (N, F)."""
    wrong = wins(-(difference @ weights))
    return np.asarray(decay * weights - wrong @ difference / len(difference))


def steps(cells: Cells) -> Steps:
    """Sixty steps of gradient descent, and what the weights say of new answers."""
    chosen, rejected = (numbers(cells, f"preferences.{x}") for x in ("chosen", "rejected"))
    answers = numbers(cells, "preferences.answer")
    rate, decay = number(cells, "preferences.rate"), number(cells, "preferences.decay")
    difference = chosen - rejected
    path = [np.zeros(difference.shape[1])]
    for _ in range(STEPS):
        path.append(path[-1] - rate * gradient(path[-1], difference, decay))
    reward = answers @ path[-1]
    best, sure = int(reward.argmax()) + 1, wins(difference @ path[-1])
    fooled = answers[2, 0] <= 0 and best == len(answers)
    return {
        "preferences.difference": difference,
        "preferences.weight": np.array(path),
        "preferences.margin": np.array(path) @ difference.T,
        "preferences.gradient": np.array([gradient(w, difference, decay) for w in path]),
        "preferences.doubt": np.array([np.logaddexp(0, -(difference @ w)) for w in path]),
        "preferences.loss": np.array([loss(w, difference, decay) for w in path]),
        "preferences.learned": path[-1][None, :],
        "preferences.sure": sure,
        "preferences.right": np.array([float((sure > 0.5).sum())]),
        "preferences.reward": reward,
        "preferences.beats": wins(reward[:, None] - reward),
        "preferences.best": np.array([float(best)]),
        "preferences.third_facts": answers[2, :1],
        **marked(cells, "preferences.winner", float(best)),
        **judged("preferences.fooled", answers.tolist() != ANSWERS, bool(fooled)),
    }
