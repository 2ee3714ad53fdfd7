"""The two directions of a flat map: where they point, and to which side."""

from __future__ import annotations

import numpy as np
import pytest

from sheetgpt.layout.projections import components

#: Points along two known directions at right angles, the first three times as long.
DIRECTIONS = np.array([[0.6, -0.8, 0.0, 0.0], [0.0, 0.0, -0.28, 0.96]])


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("signs", [(1, 1), (1, -1), (-1, 1), (-1, -1)])
def test_components_are_those_of_the_points(seed: int, signs: tuple[int, int]) -> None:
    """Their largest number is positive: the same map whatever the sign of the points."""
    points = np.random.default_rng(seed).normal(size=(400, 2)) * (3, 1) * signs
    found = components(points @ DIRECTIONS + 7)
    expected = DIRECTIONS.T * (-1, 1)
    np.testing.assert_allclose(found, expected, atol=0.15)
    np.testing.assert_allclose(found.T @ found, np.eye(2), atol=1e-12)
