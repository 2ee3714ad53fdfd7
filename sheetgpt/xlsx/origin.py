"""Which program wrote a file last, as its document properties tell."""

from __future__ import annotations

import datetime as dt
import re
from importlib.metadata import version
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from sheetgpt._version import VERSION
from sheetgpt.xlsx.container import MissingPart, read_part

#: The day that every workbook of sheetgpt bears: the same input must give the same bytes.
CREATED = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
#: The part that says what a file is, and what has written it.
CORE = "docProps/core.xml"
#: What writes files here. What stands around their cells depends on both versions.
XLSXWRITER = f"XlsxWriter {version('xlsxwriter')}"
WRITTEN_BY = f"sheetgpt {VERSION}, {XLSXWRITER}"
#: What other programs change when they save: their name, the day, or all of the properties.
_MARKS = {
    "docProps/app.xml": (r"<Application>Microsoft Excel</Application>",),
    CORE: (
        rf"<cp:keywords>[^<]*, {re.escape(WRITTEN_BY)}</cp:keywords>",
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
