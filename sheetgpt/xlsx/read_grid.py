"""The numbers that were read of a sheet, in blocks and one by one, into its grid."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from sheetgpt.book.decimals import as_written, shortest
from sheetgpt.book.grid import Patch, PatchGrid

#: Cells from which on a sheet without formulas is kept as blocks, weights among them as float32.
LARGE = 1 << 20
#: ... unless it has more single numbers than this between its other cells.
LOOSE = 100
#: Cells from which on a block is held in half the memory at once, before the sheet's end is known.
BULKY = 1 << 14

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

    It is a PatchGrid where the sheet is large, has no `formulas` and few numbers one by one.
    """
    rows, cols = size
    loose = sum(len(values) for *_, values in cells)
    if not formulas and rows * cols >= LARGE and loose <= LOOSE:
        singles = [
            Patch(row, col, np.array([[value]]))
            for places in cells
            for row, col, value in zip(*(part.tolist() for part in places), strict=True)
        ]
        blocks[:] = map(held, blocks)
        return PatchGrid(rows, cols, [*_joined(blocks), *singles])
    numbers = np.full(size, np.nan)
    for block in blocks:
        end_row, end_col = block.end
        numbers[block.row : end_row, block.col : end_col] = as_written(block.values)
    for at_rows, at_cols, values in cells:
        numbers[at_rows, at_cols] = values
    return numbers


def held(block: Patch, least: int = 0) -> Patch:
    """A block of `least` cells or more as float32, if those say the same (`shortest`)."""
    if block.values.size < least or block.values.dtype == np.float32:
        return block
    with np.errstate(over="ignore"):  # what is too large becomes infinite, so not exact
        small = block.values.astype(np.float32)
    return replace(block, values=small) if np.array_equal(shortest(small), block.values) else block


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
    same = block.values.dtype == below.values.dtype and block.col == below.col
    return same and (below.row, below.end[1]) == (block.end[0], block.end[1])
