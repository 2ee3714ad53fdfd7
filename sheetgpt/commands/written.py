"""The file that a verb leaves behind: where it may go and what it says."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sheetgpt.book import Book
from sheetgpt.errors import InputError, WorkbookError


@dataclass(frozen=True)
class Built:
    """A workbook that was written, what it says for its prompt, and what to know about it."""

    path: Path
    size: int
    tabs: int
    formulas: int
    n_tokens: int
    status: str
    next_token_id: int | None
    next_token: str | None
    probability: float | None
    notes: tuple[str, ...]


def require_writable(path: Path, force: bool) -> None:
    """Raise an InputError unless a workbook may be written to the path."""
    if path.suffix.lower() != ".xlsx":
        raise InputError(f"{path} does not end in .xlsx; choose a name that does.")
    if path.is_dir() or (path.exists() and not force):
        raise WorkbookError(f"{path} exists already; give --force to replace it, or another name.")
    # Said now and not after minutes of work: the nearest folder that exists must take a new one.
    folder = next(parent for parent in path.resolve().parents if parent.exists())
    if not (folder.is_dir() and os.access(folder, os.W_OK)):
        raise WorkbookError(f"{path} cannot be written: {folder} takes no new files.")


def describe(book: Book, path: Path, notes: Sequence[str]) -> Built:
    """What there is to say of a workbook that has just been written."""
    answer = book.named("next_token_id")[0, 0]
    fits = isinstance(answer, float | np.floating)
    return Built(
        path,
        path.stat().st_size,
        len(book.sheets),
        sum(len(sheet.formulas) for sheet in book.sheets.values()),
        int(book.named("n_tokens")[0, 0]),
        str(book.named("status")[0, 0]),
        int(answer) if fits else None,
        str(book.named("next_token")[0, 0]) if fits else None,
        float(book.named("best.probability")[0, 0]) if fits else None,
        tuple(notes),
    )
