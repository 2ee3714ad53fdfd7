"""How long a workbook takes to build and to open, and how much memory; measured, so approximate.

The seconds are processor time on a small, busy virtual server; a laptop is seldom slower.
"""

from __future__ import annotations

from collections.abc import Sequence

from sheetgpt.checkpoint import Shape
from sheetgpt.engines import libreoffice
from sheetgpt.estimate.storage import Storage, packed_bytes, xml_bytes
from sheetgpt.estimate.tally import TabTally

#: Building: to start and read the templates; for each formula (plan, evaluate, write), cell that
#: formulas fill, token of the vocabulary.
START_SECONDS, FORMULA_SECONDS, VALUE_SECONDS, TOKEN_SECONDS = 1.5, 95e-6, 1e-6, 80e-6
#: Building, for each weight: evaluate, render and compress; without names, with them.
WEIGHT_SECONDS = {"fast": (0.17e-6, 0.20e-6), "small": (0.7e-6, 1.4e-6)}
#: Memory of a build in bytes: Python and its libraries; for each token of the vocabulary, cell
#: that formulas fill, and weight of the largest tab, of which float64 are mapped.
START_MEMORY, TOKEN_MEMORY, VALUE_MEMORY, MAPPED_MEMORY = 0.13e9, 2000, 140, 9
#: More for every cell, blank or not, between the first and the last of a tab with formulas: all of
#: them lie in one grid, so a tab that is high in one place and wide in another takes much.
GRID_MEMORY = 12
#: More for every weight: what rounding it takes, and measuring what the rounding does.
ROUNDING_MEMORY = {"float32": 0, "float16": 11, "int8": 13}
#: The small compression takes the XML of a tab as one piece, in a buffer that grows.
BUFFER = 1.13
#: LibreOffice 7.4: a start, for each cell to load, multiplications and additions in a second.
OFFICE_START, OFFICE_CELL, OFFICE_SPEED = 5.0, 0.9e-6, 25e6
#: Its memory without a workbook, in bytes.
OFFICE_MEMORY = 0.2e9


def build_seconds(tabs: Sequence[TabTally], shape: Shape, storage: Storage) -> float:
    """Processor time of `sheetgpt build`."""
    weight = WEIGHT_SECONDS[storage.compression][storage.cell_refs]
    cells = sum(
        tab.formulas * FORMULA_SECONDS + tab.values * VALUE_SECONDS + tab.weights * weight
        for tab in tabs
    )
    return START_SECONDS + shape.config.vocab_size * TOKEN_SECONDS + cells


def build_memory(tabs: Sequence[TabTally], shape: Shape, storage: Storage) -> float:
    """The most memory that `sheetgpt build` takes, in bytes."""
    out = START_MEMORY + shape.config.vocab_size * TOKEN_MEMORY
    out += sum(tab.values for tab in tabs) * VALUE_MEMORY
    out += max(tab.weights for tab in tabs) * MAPPED_MEMORY
    out += sum(tab.rows * tab.columns for tab in tabs if tab.formulas) * GRID_MEMORY
    out += shape.n_weights * ROUNDING_MEMORY[storage.precision]
    if storage.compression == "small":
        out += max(BUFFER * xml_bytes(tab, storage) + packed_bytes(tab, storage) for tab in tabs)
    return out


def office_seconds(cells: int, products: int) -> float:
    """Processor time in which LibreOffice loads the workbook and recalculates it once.

    `products` are the multiplications in its matrix products.
    """
    return OFFICE_START + cells * OFFICE_CELL + products / OFFICE_SPEED


def office_memory(cells: int) -> float:
    """The memory that LibreOffice takes, in bytes."""
    return OFFICE_MEMORY + cells * libreoffice.PROGRAM.cell_memory
