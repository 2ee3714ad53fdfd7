"""A parabola as a sum of neurons: two set by hand, and 2, 8 and 200 set by a rule."""

from __future__ import annotations

import numpy as np

from sheetgpt.reference.lessons.marks import Cells, Steps, judged, marked, number, numbers

INPUTS = ("curves.knot", "curves.slope", "curves.a", "curves.b", "curves.ratio")
FROM, TO, POINTS = -1.0, 1.0, 41
COUNTS = {"two": 2, "eight": 8, "many": 200}
#: The error to beat, how near the other answer must be, and the cells before the first exercise.
BEAT, NEAR = 0.004, 1
KNOTS, SLOPES = (-0.5, 0.5), (1.0, 1.0)


def interpolate(a: float, b: float, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Knots (count,), slopes and bends of the broken line that meets the parabola at its knots."""
    ends = np.linspace(FROM, TO, count + 1)
    heights = a * ends**2 + b * ends
    slopes = np.diff(heights) / np.diff(ends)
    return ends[:-1], slopes, np.diff(slopes, prepend=0)


def steps(cells: Cells) -> Steps:
    """The target, the sum of the two neurons by hand, and the three sums by the rule."""
    a, b = number(cells, "curves.a"), number(cells, "curves.b")
    x = np.linspace(FROM, TO, POINTS)
    target = a * x**2 + b * x
    knots, slopes = numbers(cells, "curves.knot"), numbers(cells, "curves.slope")
    left = slopes[0] * np.maximum(0, knots[0] - x)
    right = slopes[1] * np.maximum(0, x - knots[1])
    error = float(np.mean((left + right - target) ** 2))
    found: Steps = {
        "curves.x": x,
        "curves.target": target,
        "curves.left_piece": left,
        "curves.right_piece": right,
        "curves.sum": left + right,
        "curves.error": np.array([error]),
    }
    errors = {}
    for name, count in COUNTS.items():
        ends, slope, bend = interpolate(a, b, count)
        total = target[0] + np.maximum(0, x[:, None] - ends) @ bend
        errors[name] = float(np.mean((total - target) ** 2))
        found[f"curves.{name}.knot"] = ends
        found[f"curves.{name}.slope"] = slope
        found[f"curves.{name}.bend"] = bend
        found[f"curves.{name}.sum"] = total
        found[f"curves.{name}.error"] = np.array([errors[name]])
    changed = (*knots, *slopes) != (*KNOTS, *SLOPES)
    ratio = errors["two"] / errors["eight"] if errors["eight"] else float("nan")
    return {
        **found,
        **judged("curves.fit", changed, error < BEAT),
        **marked(cells, "curves.ratio", ratio, NEAR),
    }
