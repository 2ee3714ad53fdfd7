"""The switches of heads and MLPs: their names, and the cells that they are typed into."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from sheetgpt.book.area import Area, cell_name
from sheetgpt.book.look import Entry
from sheetgpt.errors import InputError
from sheetgpt.layout.builder import SheetBuilder
from sheetgpt.layout.context import Context
from sheetgpt.layout.tensor import Axis, Tensor

#: Values of a switch, and the names of switches: of a block, and of all together.
OFF, ON = 0, 1
SWITCH = re.compile(r"switch\.\d+\.(heads|mlp)")
ALL_SWITCHES = "switches"


def switch_names(block: int) -> tuple[str, str]:
    """The names of the switches of a block: those of its heads, and that of its MLP."""
    return f"switch.{block}.heads", f"switch.{block}.mlp"


def is_switch(name: str) -> bool:
    """Whether a defined name is that of switches."""
    return SWITCH.fullmatch(name) is not None


def switch_tensors(whole: Mapping[str, int]) -> dict[str, Tensor]:
    """The switches as tensors that steps can name before the tab that has them is laid out.

    They have no places yet: a step takes each of them whole, by its name.
    """
    head = Axis("head", whole["n_head"])
    out = {}
    for block in range(whole["n_layer"]):
        heads, mlp = switch_names(block)
        out[heads] = Tensor(heads, "", 0, 0, (head,), ((0, 1),), (None,), placed=False)
        out[mlp] = Tensor(mlp, "", 0, 0, (), (), (), placed=False)
    return out


def write_switches(
    sheet: SheetBuilder, row: int, cols: tuple[int, int], words: tuple[str, str], context: Context
) -> int:
    """A cell to turn off each head and each MLP, a row for each block; returns the row below.

    `cols` are those of the labels and of the first switch, `words` a title and a note that help.
    """
    label, first = cols
    n_head, n_layer = context.whole["n_head"], context.whole["n_layer"]
    for head in range(n_head):
        sheet.text(row, first + head, f"head {head}", "column_right")
    sheet.text(row, first + n_head, "MLP", "column_right")
    for block in range(n_layer):
        row += 1
        sheet.text(row, label, f"block {block}", "form_label")
        heads = Area(sheet.name, row, first, 1, n_head)
        mlp = Area(sheet.name, row, first + n_head)
        for name, area in zip(switch_names(block), (heads, mlp), strict=True):
            context.cells[name] = area
            count = f", {area.cols} of them" * (area.cols > 1)
            context.entries[name] = f"{OFF} or {ON}{count}"
            sheet.numbers(area.row, area.col, _setting(name, area.cols, context), "switch")
            problem = f"A switch is {ON} (on) or {OFF} (off)."
            sheet.look.entries.append(Entry(*area[1:], "whole", OFF, ON, *words, problem))
    every = Area(sheet.name, row - n_layer + 1, first, n_layer, n_head + 1)
    context.cells[ALL_SWITCHES] = every
    sheet.rule("off", every, f"{cell_name(every.row, every.col)}={OFF}")
    return row + 1


def _setting(name: str, count: int, context: Context) -> np.ndarray:
    """The setting of a row of switches, shape (1, count): all on unless chosen otherwise."""
    chosen = context.settings.get(name, ",".join([str(ON)] * count)).split(",")
    if len(chosen) != count or not {*chosen} <= {str(OFF), str(ON)}:
        raise InputError(
            f"{name} takes {count} of {OFF} and {ON} with commas between, "
            f"not {context.settings[name]!r}."
        )
    return np.array([chosen], dtype=np.float64)
