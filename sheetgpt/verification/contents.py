"""What the named cells of a workbook hold, read with a sentence for what cannot be right."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from sheetgpt.book import Book, CellError
from sheetgpt.book.area import Area
from sheetgpt.errors import InputError, WorkbookError
from sheetgpt.evaluator.values import to_text

#: The largest number that describes a workbook.
MOST = 1 << 31
#: Names that every workbook of sheetgpt has; without them a file is something else.
SIGNATURE = ("prompt", "status", "n_tokens", "token_ids", "logits", "n_layer", "wte.weight")


def require_file(path: Path) -> None:
    """Raise WorkbookError if there is no such file, or if it is a folder."""
    if path.is_dir():
        held = sorted(file.name for file in path.iterdir() if file.suffix.lower() == ".xlsx")
        one = f", such as {path / held[0]}" if held else "; there is none in it"
        raise WorkbookError(f"{path} is a folder; give a workbook{one}.")
    if not path.is_file():
        raise WorkbookError(f"There is no file {path}; build one with: sheetgpt build -o {path}")


def require_sheetgpt(book: Book, path: str) -> None:
    """Raise WorkbookError unless the workbook is one that sheetgpt built."""
    missing = [name for name in SIGNATURE if name not in book.names]
    if missing:
        raise WorkbookError(
            f"{path} is not a workbook of sheetgpt: it has no defined name {missing[0]}. "
            "Build one with: sheetgpt build"
        )


def number(book: Book, name: str, low: int = 0, high: int = MOST) -> int:
    """The whole number in a named cell that describes the workbook, such as n_layer."""
    value = _cell(book, name)
    if not (isinstance(value, float) and low <= value <= high and value % 1 == 0):
        raise WorkbookError(
            f"The cell named {name} holds {_held(value)}, not a whole number from {low:,} to "
            f"{high:,}. Build the workbook again."
        )
    return int(value)


def real(book: Book, name: str, low: float, high: float = math.inf) -> float:
    """The number in a named cell that a reader may change, from `low` to `high`."""
    return _within(_cell(book, name), name, "number", low, high)


def whole(book: Book, name: str, low: int, high: float = math.inf) -> int:
    """The whole number in a named cell that a reader may change, from `low` to `high`."""
    return int(_within(_cell(book, name), name, "whole number", low, high))


def switches(book: Book, name: str) -> np.ndarray:
    """The switches in a named row of cells, each 1 (on) or 0 (off)."""
    cells = values(book, name).ravel()
    return np.array([_within(cell, name, "whole number", 0, 1) for cell in cells])


def _within(value: object, name: str, kind: str, low: float, high: float) -> float:
    """The value if it is a number of that kind and in its range, else an InputError."""
    if isinstance(value, float) and low <= value <= high and (kind == "number" or value % 1 == 0):
        return float(value)
    span = f"from {low:g} to {high:g}" if high < math.inf else f"from {low:g} upwards"
    raise InputError(f"The cell named {name} holds {_held(value)}; it must be a {kind} {span}.")


def _held(value: object) -> str:
    """What a cell holds, for a message."""
    if value is None:
        return "nothing"
    return f"{value:.15g}" if isinstance(value, float) else repr(value)[:60]


def text(book: Book, name: str) -> str:
    """A named cell as text; a number typed into the prompt cell is text to the formulas too.

    Raises InputError for an error value, which is no text to them.
    """
    value = _cell(book, name)
    if isinstance(value, CellError):
        raise InputError(f"The cell named {name} holds the error {value}; type a text into it.")
    return as_text(value)


def value(book: Book, name: str) -> str | float | None:
    """What is in a named cell that takes a text or a number; None if it is empty."""
    held = _cell(book, name)
    return held if isinstance(held, float) else as_text(held) or None


def as_text(value: object) -> str:
    """The value of a cell as formulas join it to a text."""
    if isinstance(value, float | str | bool | None):
        return to_text(value)
    return str(value)


def _cell(book: Book, name: str) -> object:
    return values(book, name)[0, 0]


def area(book: Book, name: str) -> Area:
    """The cells of a name, whose tab need not have been read; raises WorkbookError without them."""
    found = book.names.get(name)
    if found is None:
        raise _missing(name)
    return found


def values(book: Book, name: str) -> np.ndarray:
    """The values of a name, as `Book.get` gives them; raises WorkbookError without them."""
    found = area(book, name)
    if found.sheet not in book.sheets:
        raise _missing(name)
    return book.get(found)


def _missing(name: str) -> WorkbookError:
    return WorkbookError(
        f"The workbook has no cell named {name}, which this version of sheetgpt writes; "
        "build it again."
    )
