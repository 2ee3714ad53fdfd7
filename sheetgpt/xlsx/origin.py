"""Which program wrote a file last, as its document properties tell."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from sheetgpt._version import VERSION
from sheetgpt.xlsx.container import MissingPart, read_part

#: The day that every workbook of sheetgpt bears: the same input must give the same bytes.
CREATED = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
#: What other programs change when they save: their name, the day, or all of the properties.
_MARKS = {
    "docProps/app.xml": (r"<Application>Microsoft Excel</Application>",),
    "docProps/core.xml": (
        rf"<cp:keywords>[^<]*, sheetgpt {re.escape(VERSION)}</cp:keywords>",
        rf"<dcterms:modified[^>]*>{CREATED:%Y-%m-%dT%H:%M:%SZ}<",
    ),
}


def written_here(path: Path) -> bool:
    """Whether this version of sheetgpt was the last to write a file."""
    try:
        with ZipFile(path) as file:
            return all(
                re.search(mark.encode(), read_part(file, name))
                for name, marks in _MARKS.items()
                for mark in marks
            )
    except (MissingPart, BadZipFile):
        return False
