"""A maze solved by value iteration: every field asks its neighbours what they are worth."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sheetgpt.reference.lessons.marks import Cells, Steps, judged, marked, number

INPUTS = tuple(
    f"maze.{name}" for name in ("field", "start", "discount", "cost", "slip", "shown", "count")
)
#: The sign of a wall, sweeps, steps of the way; what is as good as the best; the discount before.
WALL, SWEEPS, WALK, NEAR, DISCOUNT = "#", 16, 16, 1e-9, 0.9
#: No prize is reached.
NEVER = 99
#: Up, right, down, left: rows and columns, and their signs.
MOVES, SIGNS = ((-1, 0), (0, 1), (1, 0), (0, -1)), "↑→↓←"


class Maze(NamedTuple):
    """Walls and prizes of all fields (N,), and where the four moves lead (4, N)."""

    walls: np.ndarray
    prizes: np.ndarray
    moves: np.ndarray

    @property
    def ends(self) -> np.ndarray:
        """The fields that stay what they are, (N,)."""
        return np.asarray(self.walls | (self.prizes != 0))


def read_maze(field: np.ndarray) -> Maze:
    """The maze of a table (rows, columns) of walls, numbers and blanks."""
    walls = field == WALL
    prizes = np.where([[isinstance(x, float) for x in row] for row in field], field, 0.0)
    rows, cols = field.shape
    moves = np.empty((len(MOVES), rows, cols), dtype=int)
    for (i, (down, right)), row, col in (
        (move, row, col) for move in enumerate(MOVES) for row in range(rows) for col in range(cols)
    ):
        there = row + down, col + right
        inside = 0 <= there[0] < rows and 0 <= there[1] < cols
        at = there if inside and not walls[there] else (row, col)
        moves[i, row, col] = at[0] * cols + at[1]
    return Maze(walls.ravel(), prizes.astype(float).ravel(), moves.reshape(len(MOVES), -1))


def sweep(maze: Maze, values: np.ndarray, discount: float, slip: float, cost: float) -> np.ndarray:
    """The values (N,) after one more sweep (Bellman 1957)."""
    around = values[maze.moves]
    hoped = discount * ((1 - slip) * around.max(axis=0) + slip * around.mean(axis=0)) - cost
    return np.where(maze.ends, np.where(maze.walls, 0.0, maze.prizes), hoped)


def steps(cells: Cells) -> Steps:
    """All sweeps, the arrows after the chosen one, and the way from the start."""
    field = np.array(
        [[x if isinstance(x, str) else float(x or 0) for x in row] for row in cells["maze.field"]],
        dtype=object,
    )
    maze = read_maze(field)
    discount, slip, cost = (number(cells, f"maze.{x}") for x in ("discount", "slip", "cost"))
    values = [np.zeros(field.size)]
    for _ in range(SWEEPS):
        values.append(sweep(maze, values[-1], discount, slip, cost))
    now = values[int(number(cells, "maze.shown"))]
    around = now[maze.moves]
    good = around >= around.max(axis=0) - NEAR
    way = good.argmax(axis=0)
    fields = np.arange(field.size)
    following = np.where(maze.ends, fields, maze.moves[way, fields])
    path = [int(number(cells, "maze.start")) - 1]
    for _ in range(WALK):
        path.append(int(following[path[-1]]))
    found = maze.prizes[path]
    there = np.flatnonzero(found)
    count = float(there[0]) if len(there) else float(NEVER)
    small = min(maze.prizes[maze.prizes > 0], default=0.0)
    signs = [_sign(maze, i, int(way[i]), bool(good[:, i].all())) for i in range(field.size)]
    reached = float(found[-1])
    return {
        "maze.wall": maze.walls.reshape(field.shape).astype(float),
        "maze.prize": maze.prizes.reshape(field.shape),
        "maze.blocked": maze.walls.astype(float),
        "maze.worth": maze.prizes,
        **{
            f"maze.{name}": to + 1.0
            for name, to in zip(("up", "right", "down", "left"), maze.moves, strict=True)
        },
        "maze.value": np.array(values),
        "maze.way": way + 1.0,
        "maze.next": following + 1.0,
        "maze.sign": np.array(signs, dtype=object),
        "maze.arrow": np.array(signs, dtype=object).reshape(field.shape),
        "maze.map": now.reshape(field.shape),
        "maze.place": np.array(path) + 1.0,
        "maze.found": found,
        "maze.steps": np.array([count]),
        "maze.reached": np.array([reached]),
        "maze.small": np.array([small]),
        "maze.first": np.array(values)[:, path[0]],
        **marked(cells, "maze.count", -1.0 if count == NEVER else count),
        **judged("maze.impatient", discount != DISCOUNT, small > 0 and reached == small),
    }


def _sign(maze: Maze, field: int, way: int, alike: bool) -> str:
    """What stands on a field of the picture."""
    if maze.walls[field]:
        return WALL
    if maze.prizes[field] != 0:
        return "◎" if maze.prizes[field] > 0 else "✕"
    return "·" if alike else SIGNS[way]
