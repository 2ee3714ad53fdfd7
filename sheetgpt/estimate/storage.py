"""How many bytes cells take, as XML and in the file, depending on how they are stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sheetgpt.estimate.tally import TabTally

#: XML of a weight's cell without its name, `<c><v>-0.110103</v></c>`: 14 bytes and the digits.
#: (All figures here: random weights of GPT-2's magnitudes and those of the embedded model.)
WEIGHT_XML = {"float32": 25.0, "float16": 21.0, "int8": 16.3}
#: The same in the file, by precision and compression: without a name, with it.
WEIGHT_PACKED = {
    "float32": {"fast": (6.05, 9.05), "small": (4.73, 7.81)},
    "float16": {"fast": (3.63, 6.65), "small": (2.75, 5.40)},
    "int8": {"fast": (1.82, 4.40), "small": (1.50, 3.90)},
}
#: A computed float64 with its style, 15 digits: XML without a name; in the file as above.
VALUE_XML = 37.0
VALUE_PACKED = {"fast": (10.0, 13.5), "small": (7.0, 10.0)}
#: A formula with the value of its own cell, a constant that is no weight: XML and in the file.
FORMULA_XML, FORMULA_PACKED = 107.0, {"fast": 17.0, "small": 13.0}
OTHER_XML, OTHER_PACKED = 41.0, {"fast": 9.2, "small": 7.0}
#: What every workbook has: styles, names, and for each tab its head and conditional formats.
TAB_PACKED, FILE_PACKED = 1_500, 20_000


@dataclass(frozen=True)
class Storage:
    """How a workbook is stored: `--precision`, `--compression`, `--cell-refs`."""

    precision: str = "float32"
    compression: str = "small"
    cell_refs: bool = True


def xml_bytes(tab: TabTally, storage: Storage) -> float:
    """The XML of a tab, the part of the file before it is compressed."""
    name = name_length(tab.rows, tab.columns) if storage.cell_refs else 0.0
    weights = tab.weights * (WEIGHT_XML[storage.precision] + name)
    values = (tab.values - tab.formulas) * (VALUE_XML + name)
    return weights + values + tab.formulas * FORMULA_XML + tab.others * OTHER_XML


def packed_bytes(tab: TabTally, storage: Storage) -> float:
    """What a tab takes in the file, its words included."""
    compression = storage.compression
    weight = WEIGHT_PACKED[storage.precision][compression][storage.cell_refs]
    value = VALUE_PACKED[compression][storage.cell_refs]
    cells = tab.weights * weight + (tab.values - tab.formulas) * value
    formulas = tab.formulas * FORMULA_PACKED[compression]
    others = tab.others * OTHER_PACKED[compression]
    return TAB_PACKED + cells + formulas + others


def file_bytes(tabs: Sequence[TabTally], storage: Storage) -> float:
    """The size of the whole file."""
    return FILE_PACKED + sum(packed_bytes(tab, storage) for tab in tabs)


def name_length(rows: int, columns: int) -> float:
    """The average length of ` r="ABC123"` over a tab."""
    return len(' r=""') + _mean_length(columns, 26, 1) + _mean_length(rows, 10, 0)


def _mean_length(count: int, base: int, shift: int) -> float:
    """The mean length of the first `count` column names (base 26, shift 1) or row numbers."""
    total, length, done = 0, 1, 0
    while done < count:
        longer = base**length if shift else base**length - base ** (length - 1)
        new = min(longer, count - done)
        total, length, done = total + new * length, length + 1, done + new
    return total / count
