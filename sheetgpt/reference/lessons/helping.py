"""From predicting to helping: imitation, preferences, rewards in a maze and in a tree of words."""

from __future__ import annotations

from sheetgpt.reference.lessons import imitation, maze, preferences, tree
from sheetgpt.reference.lessons.marks import Cells, Steps

INPUTS = (*imitation.INPUTS, *preferences.INPUTS, *maze.INPUTS, *tree.INPUTS)


def steps(cells: Cells) -> Steps:
    """All four tabs."""
    return {
        **imitation.steps(cells),
        **preferences.steps(cells),
        **maze.steps(cells),
        **tree.steps(cells),
    }
