"""In which order to compute groups of formulas, by what their references cover.

Where groups depend on themselves or on each other (a running column), the order is worked out
formula by formula.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sheetgpt.book import Sheet
from sheetgpt.errors import EvaluationError
from sheetgpt.evaluator.groups import Group


@dataclass(frozen=True, slots=True)
class Turn:
    """Formulas of one group that can be computed together: all of them or a part."""

    group: Group
    span: slice


class Graph:
    """The order of computation of a book's groups.

    Raises EvaluationError when formulas overlap or go round in a circle.
    """

    def __init__(self, sheets: Mapping[str, Sheet], groups: Sequence[Group]) -> None:
        self._groups = list(groups)
        sizes = [len(group.rows) for group in groups]
        self._group_of = np.repeat(np.arange(len(groups)), sizes)
        self._group_from_1 = np.append(len(groups), self._group_of).astype(np.int32)  # 0: of none
        # The number of the formula in each cell, from 1. Zeros take no memory until one is changed,
        # and a tab that is high in one place and wide in another is blank nearly everywhere.
        self._owner = {
            name: np.zeros(sheet.numbers.shape, np.int32)
            for name, sheet in sheets.items()
            if sheet.formulas
        }
        for group in groups:
            self._claim(group)
        self._needs = [self._needs_of(group) for group in groups]
        self._components = list(_components(self._needs))

    def _claim(self, group: Group) -> None:
        (rows, cols), top, left = group.shape, int(group.rows[0]), int(group.cols[0])
        bottom, right = int(group.rows[-1]) + rows, int(group.cols[-1]) + cols
        window = self._owner[group.sheet][top:bottom, left:right]
        if window.any():
            row, col = np.nonzero(window)
            index = int((col // cols * group.down + row // rows).min())
            raise EvaluationError(f"{group.where(index)} lies in the range of another formula.")
        count = np.arange(len(group.rows), dtype=np.int32).reshape(-1, group.down).T
        ids = group.first + 1 + count
        window[...] = ids if ids.size == 1 else ids.repeat(rows, axis=0).repeat(cols, axis=1)

    def order(self) -> Iterator[Turn]:
        """Steps such that each reads only cells that are constants or were computed before."""
        for component in self._components:
            group, alone = self._groups[component[0]], len(component) == 1
            if alone and component[0] not in self._needs[component[0]] and group.rigid:
                yield Turn(group, slice(None))
            elif alone and (indices := _running(group)) is not None:
                yield from (Turn(group, slice(index, index + 1)) for index in indices)
            else:
                yield from self._one_by_one(component)

    def make_arrays(self) -> list[Group]:
        """Compute as array formulas what directly or indirectly needs one; gives those groups."""
        behind: set[int] = set()
        for component in self._components:
            needed = {need for index in component for need in self._needs[index]}
            if any(self._groups[index].array for index in component) or needed & behind:
                behind.update(component)
        changed = [index for index in sorted(behind) if not self._groups[index].array]
        for index in changed:
            self._groups[index] = replace(self._groups[index], array=True)
        return [self._groups[index] for index in changed]

    def _needs_of(self, group: Group) -> set[int]:
        """The groups that the references of any of the group's formulas cover."""
        needed = np.zeros(len(self._groups) + 1, dtype=bool)
        ends = [(int(pick(group.rows)), int(pick(group.cols))) for pick in (np.min, np.max)]
        for reference in group.references:
            owner = self._owner.get(reference.sheet or group.sheet)
            if owner is None:
                continue
            corners = [reference.corners(row, col) for row, col in ends]
            top, left = min(c[0] for c in corners), min(c[1] for c in corners)
            bottom, right = max(c[0] + c[2] for c in corners), max(c[1] + c[3] for c in corners)
            if top < 0 or left < 0:
                raise EvaluationError(f"{group.where()} refers to a cell outside the sheet.")
            needed[self._group_from_1[owner[top:bottom, left:right]]] = True
        return {*np.flatnonzero(needed[:-1]).tolist()}

    def _one_by_one(self, component: list[int]) -> Iterator[Turn]:
        """The component's formulas one after the other, in an order that works (Kahn 1962)."""
        members = {index: self._groups[index] for index in component}
        waits: dict[int, set[int]] = {}
        for group in members.values():
            for index in range(len(group.rows)):
                waits[group.first + index] = {
                    need
                    for need in self._formula_needs(group, index)
                    if self._group_of[need] in members
                }
        users = defaultdict(list)
        for formula, needed in waits.items():
            for need in needed:
                users[need].append(formula)
        counts = {formula: len(needed) for formula, needed in waits.items()}
        ready = deque(formula for formula, left in counts.items() if left == 0)
        done = 0
        while ready:
            formula = ready.popleft()
            done += 1
            group = members[int(self._group_of[formula])]
            yield Turn(group, slice(formula - group.first, formula - group.first + 1))
            for user in users[formula]:
                counts[user] -= 1
                if counts[user] == 0:
                    ready.append(user)
        if done < len(waits):
            raise EvaluationError(self._circle(waits, counts))

    def _formula_needs(self, group: Group, index: int) -> set[int]:
        row, col = int(group.rows[index]), int(group.cols[index])
        needed: set[int] = set()
        for reference in group.references:
            owner = self._owner.get(reference.sheet or group.sheet)
            if owner is not None:
                top, left, rows, cols = reference.corners(row, col)
                inside = owner[top : top + rows, left : left + cols].ravel()
                needed.update((inside[inside > 0] - 1).tolist())
        return needed

    def _circle(self, waits: Mapping[int, set[int]], counts: Mapping[int, int]) -> str:
        """The sentence about a circle among the formulas that could not be computed."""
        path = [min(formula for formula, left in counts.items() if left)]
        while path[-1] not in path[:-1]:
            path.append(min(need for need in waits[path[-1]] if counts[need]))
        circle = path[path.index(path[-1]) :]
        cells = []
        for formula in circle:
            group = self._groups[int(self._group_of[formula])]
            cells.append(group.where(formula - group.first))
        if len(cells) > 6:
            cells = [*cells[:5], "...", cells[-1]]
        return f"Formulas go round in a circle: {' needs '.join(cells)}."


def _running(group: Group) -> range | None:
    """The order of a column whose formulas read only those above them in it, or only those below.

    A running total is such a column. None for any other group.
    """
    above = below = group.shape == (1, 1) and group.cols[0] == group.cols[-1]
    first, last, col = int(group.rows[0]), int(group.rows[-1]), int(group.cols[0])
    for reference in group.references:
        top, left, _, cols = reference.corners(first, col)
        bottom = sum(reference.corners(last, col)[::2])
        across = left <= col < left + cols and top <= last and bottom > first
        if across and reference.sheet in (None, group.sheet):
            moves = not (reference.fixed[0] or reference.fixed[2])
            above &= moves and max(reference.row, reference.last_row) < 0
            below &= moves and min(reference.row, reference.last_row) > 0
    order = range(len(group.rows))
    return order if above else order[::-1] if below else None


def _components(needs: Sequence[set[int]]) -> Iterator[list[int]]:
    """Strongly connected components, each after those that it needs (Tarjan 1972, no recursion)."""
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    on_stack: set[int] = set()
    stack: list[int] = []
    for root in range(len(needs)):
        if root in index:
            continue
        work = [(root, iter(needs[root]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, rest = work[-1]
            for need in rest:
                if need not in index:
                    index[need] = low[need] = len(index)
                    stack.append(need)
                    on_stack.add(need)
                    work.append((need, iter(needs[need])))
                    break
                if need in on_stack:
                    low[node] = min(low[node], index[need])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    component: list[int] = []
                    while not component or component[-1] != node:
                        component.append(stack.pop())
                        on_stack.discard(component[-1])
                    yield component
