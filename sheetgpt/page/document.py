"""Everything that a page needs to know of a workbook, as JSON and one run of bytes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from sheetgpt.book import Book
from sheetgpt.page.content import content
from sheetgpt.page.guides import guides_of
from sheetgpt.page.looks import looks_of
from sheetgpt.page.numbers import Numbers
from sheetgpt.page.steps import steps_of


@dataclass(frozen=True)
class Document:
    """A workbook for the page: what goes into JSON, and its constant numbers in order."""

    data: dict[str, Any]
    numbers: list[np.ndarray]

    @property
    def count(self) -> int:
        """How many constant numbers there are."""
        return sum(array.size for array in self.numbers)

    def encode(self) -> Iterator[bytes]:
        """The bytes of the numbers; `json` is complete after the last of them."""
        writer = Numbers()
        yield from writer.encode(self.numbers)
        self.data.update(count=writer.count, odd=writer.odd)

    def json(self) -> bytes:
        """The rest of the document."""
        return orjson.dumps(self.data, option=orjson.OPT_NON_STR_KEYS)


def document(book: Book, path: Path | None = None) -> Document:
    """The document of a book; with the looks, charts, steps and guides of its file, if given.

    Raises EvaluationError for a formula that the page cannot compute, WorkbookError for a file
    that cannot be read.
    """
    held = content(book)
    stored = {"sheets": held.sheets, "groups": held.groups, "names": held.names}
    data: dict[str, Any] = {"book": stored}
    if path is not None:
        formats, looks = looks_of(path)
        data |= {"formats": formats, "looks": [looks.get(name, {}) for name in book.sheets]}
        data["steps"] = steps_of(book, looks)
        data["guides"] = guides_of(book, looks, data["steps"])
    return Document(data, held.numbers)
