"""The numbers that were read of a sheet, in blocks and one by one, into its grid."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from sheetgpt.book.grid import Patch, PatchGrid

#: Cells from which on a sheet without formulas is kept as blocks.
LARGE = 1 << 20
#: ... unless it has more columns of numbers than this between its other cells.
LOOSE = 100

#: Rows, columns and values of numbers, (N,) each.
Cells = tuple[np.ndarray, np.ndarray, np.ndarray]


def size_of(
    blocks: Sequence[Patch], cells: Sequence[Cells], ends: Sequence[tuple[int, int]]
) -> tuple[int, int]:
    """Rows and columns of the smallest grid that all lies in; `ends` are those of other things."""
    found = [block.end for block in blocks]
    found += [(int(rows.max()) + 1, int(cols.max()) + 1) for rows, cols, _ in cells if len(rows)]
    if ends:
        rows, cols = np.array(ends).max(axis=0).tolist()
        found.append((rows, cols))
    return max((row for row, _ in found), default=0), max((col for _, col in found), default=0)


def grid_of(
    size: tuple[int, int], blocks: list[Patch], cells: Sequence[Cells], *, formulas: bool
) -> np.ndarray | PatchGrid:
    """A grid (rows, cols), NaN where nothing was read; `blocks` are used up.

    It is a PatchGrid where the sheet is large, has no `formulas` and little beside its blocks.
    """
    rows, cols = size
    if not formulas and rows * cols >= LARGE and len(loose := _columns(cells)) <= LOOSE:
        return PatchGrid(rows, cols, [*_joined(blocks), *loose])
    numbers = PatchGrid(rows, cols, blocks).dense()
    for at_rows, at_cols, values in cells:
        numbers[at_rows, at_cols] = values
    return numbers


def _columns(cells: Sequence[Cells]) -> list[Patch]:
    """Numbers one by one as blocks, those below each other together."""
    if not cells:
        return []
    rows, cols, values = map(np.concatenate, zip(*cells, strict=True))
    order = np.lexsort((rows, cols))
    rows, cols, values = rows[order], cols[order], values[order]
    breaks = np.flatnonzero((np.diff(cols) != 0) | (np.diff(rows) != 1)) + 1
    ends = [0, *breaks.tolist(), len(values)]
    return [
        Patch(int(rows[start]), int(cols[start]), values[start:end, None])
        for start, end in pairwise(ends)
        if start < end
    ]


def _joined(blocks: list[Patch]) -> Iterator[Patch]:
    """Blocks that continue each other as one; the list is used up, to keep memory low."""
    blocks.reverse()
    while blocks:
        run = [blocks.pop()]
        while blocks and _continues(run[-1], blocks[-1]):
            run.append(blocks.pop())
        first = run[0]
        yield Patch(first.row, first.col, np.concatenate([block.values for block in run]))


def _continues(block: Patch, below: Patch) -> bool:
    return (below.row, below.col, below.end[1]) == (block.end[0], block.col, block.end[1])
