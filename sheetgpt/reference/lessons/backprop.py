"""Back-propagation in a network of two inputs, three neurons (tanh) and one output."""

from __future__ import annotations

import numpy as np

from sheetgpt.reference.lessons.marks import Cells, Steps, judged, marked, number, numbers

WEIGHTS = ("w_1", "w_2", "b", "v")
INPUTS = (
    *(f"backprop.{name}" for name in (*WEIGHTS, "c", "x_1", "x_2", "target", "rate", "nudge")),
    *(f"xor.start_{name}" for name in WEIGHTS),
    *("xor.target", "xor.rate"),
)
#: Of the check and the exercises: how far a weight is moved, how near an answer must be.
LITTLE, NUDGE, NEAR, V_BEFORE = 1e-3, 0.01, 0.0005, 0.6
#: The four pairs of inputs (2, 4), the steps, and the tables of the last exercise.
PAIRS, STEPS, LIMIT = np.array([[0, 0, 1, 1], [0, 1, 0, 1]], dtype=np.float64), 200, 0.01
XOR, AND = [0, 1, 1, 0], [0, 0, 0, 1]


def forward(weights: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sums (3, N), neurons (3, N) and their weighted sum (N,) for weights (4, 3) and x (2, N)."""
    w_1, w_2, b, v = weights
    z = w_1[:, None] * x[0] + w_2[:, None] * x[1] + b[:, None]
    h = np.tanh(z)
    return z, h, v @ h


def backward(weights: np.ndarray, x: np.ndarray, d_output: np.ndarray) -> np.ndarray:
    """Derivatives (4, 3) of a loss whose derivative by each output is d_output (N,).

    The chain rule from the output back to the inputs (Rumelhart, Hinton and Williams 1986).
    """
    _, h, _ = forward(weights, x)
    d_z = weights[3][:, None] * (1 - h**2) * d_output
    return np.array([d_z @ x[0], d_z @ x[1], d_z.sum(axis=1), h @ d_output])


def steps(cells: Cells) -> Steps:
    """Both tabs: the derivatives of one example with their check, and 200 steps on four."""
    return {**_one_example(cells), **_learned(cells)}


def _one_example(cells: Cells) -> Steps:
    weights = np.array([numbers(cells, f"backprop.{name}") for name in WEIGHTS])
    x = np.array([[number(cells, "backprop.x_1")], [number(cells, "backprop.x_2")]])
    c, target = number(cells, "backprop.c"), number(cells, "backprop.target")

    def output(weights: np.ndarray, c: float) -> float:
        return c + float(forward(weights, x)[2][0])

    def moved(row: int, neuron: int) -> float:
        change = np.zeros_like(weights)
        change[row, neuron] = LITTLE
        up, down = (output(weights + sign * change, c) - target for sign in (1, -1))
        return (up**2 - down**2) / (2 * LITTLE)

    z, h, _ = forward(weights, x)
    d_output = 2 * (output(weights, c) - target)
    slopes = backward(weights, x, np.array([d_output]))
    check = np.array([[moved(row, neuron) for neuron in range(3)] for row in range(4)])
    sides = (output(weights, c + sign * LITTLE) - target for sign in (1, -1))
    up, down = sides
    rate = number(cells, "backprop.rate")
    new, new_c = weights - rate * slopes, c - rate * d_output
    error, blame = (d_output / 2) ** 2, float((slopes[:3, 0] ** 2).sum())
    d_h = d_output * weights[3]
    return {
        "backprop.z": z[:, 0],
        "backprop.h": h[:, 0],
        "backprop.output": np.array([output(weights, c)]),
        "backprop.loss": np.array([error]),
        "backprop.d_output": np.array([d_output]),
        "backprop.d_c": np.array([d_output]),
        "backprop.d_h": d_h,
        "backprop.d_z": d_h * (1 - h[:, 0] ** 2),
        **{f"backprop.d_{name}": row for name, row in zip(WEIGHTS, slopes, strict=True)},
        "backprop.check.c": np.array([(up**2 - down**2) / (2 * LITTLE)]),
        **{f"backprop.check.{name}": row for name, row in zip(WEIGHTS, check, strict=True)},
        **{f"backprop.new.{name}": row for name, row in zip(WEIGHTS, new, strict=True)},
        "backprop.new.c": np.array([new_c]),
        "backprop.new.h": forward(new, x)[1][:, 0],
        "backprop.new.output": np.array([output(new, new_c)]),
        "backprop.new.loss": np.array([(output(new, new_c) - target) ** 2]),
        "backprop.first_v": weights[3, :1],
        "backprop.blame": np.array([blame]),
        **marked(cells, "backprop.nudge", d_output * NUDGE, NEAR),
        **judged("backprop.blameless", weights[3, 0] != V_BEFORE, blame == 0 and error > 0),
    }


def _learned(cells: Cells) -> Steps:
    target, rate = numbers(cells, "xor.target")[0], number(cells, "xor.rate")
    path = [np.array([numbers(cells, f"xor.start_{name}") for name in WEIGHTS])]
    for _ in range(STEPS):
        off = forward(path[-1], PAIRS)[2] - target
        path.append(path[-1] - rate * backward(path[-1], PAIRS, 2 * off / 4))
    outputs = np.array([forward(weights, PAIRS)[2] for weights in path])  # (201, 4)
    errors = ((outputs - target) ** 2).mean(axis=1)
    neurons = np.array([forward(weights, PAIRS)[1] for weights in path])  # (201, 3, 4)
    solved = target.tolist() == AND and errors[-1] < LIMIT
    return {
        **{f"xor.{name}": np.array(path)[:, i].ravel() for i, name in enumerate(WEIGHTS)},
        "xor.h": neurons.reshape(-1, 4),
        "xor.difference": np.repeat(outputs - target, 3, axis=0),
        "xor.output": outputs,
        "xor.error": errors,
        "xor.last": errors[-1:],
        **judged("xor.other", target.tolist() != XOR, bool(solved)),
    }
