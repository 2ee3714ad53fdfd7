"""The .xlsx reader: a file into a Book.

Reads what sheetgpt's own files hold, also after Excel, LibreOffice or openpyxl saved them again:
values, normal, shared and legacy array formulas, and defined names. Formats, drawings and
comments are passed over. Anything that would change a value and is not understood is refused.
The parts of the file are described in ECMA-376 part 1, chapters 12.3 and 18.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container
from pathlib import Path
from xml.etree import ElementTree
from zipfile import ZipFile

from sheetgpt.book import Book
from sheetgpt.book.area import Area
from sheetgpt.book.references import classify
from sheetgpt.errors import WorkbookError
from sheetgpt.xlsx.container import OddPart, open_archive, open_part, read_part, reading
from sheetgpt.xlsx.limits import STRANGERS, Limits, Meter
from sheetgpt.xlsx.read_looks import read_looks
from sheetgpt.xlsx.read_sheet import read_sheet
from sheetgpt.xlsx.relations import (
    main_namespace,
    parts_of,
    read_xml,
    relation_id,
    require_plain,
)
from sheetgpt.xlsx.seen import Seen, TabSeen
from sheetgpt.xlsx.strings import known_items, string_item

#: What a sheet's name may not hold in any program, and how long it may be.
_NO_NAME = re.compile(r"[\x00-\x1f\x7f\[\]:*?/\\]|^'|'$")
_LONGEST_NAME = 31


def read(
    path: str | Path,
    only: Container[str] | None = None,
    limits: Limits = STRANGERS,
    seen: Seen | None = None,
) -> Book:
    """The workbook in the file, with cached values in the cells of formulas.

    With `only`, other sheets are left out; all defined names are there. What shows beside the
    values goes into `seen`, where that is given.

    All numbers are float64; those of a large sheet without formulas come as a PatchGrid. Memory is
    little more than the Book that is returned.

    Raises WorkbookError when the file is not an .xlsx workbook, is damaged, or holds something
    that cannot be evaluated: links to other workbooks, data tables, dynamic arrays. So it does, in
    a sentence with the part, the sheet or the cell, for more of anything than the `limits` allow.
    """
    path = Path(path)
    meter = Meter(limits, str(path))
    with open_archive(path, meter) as archive:
        parts = parts_of(archive)
        if not parts.workbook.endswith(".xml"):
            raise WorkbookError(f"{path} is not an .xlsx workbook; save it as .xlsx first.")
        workbook = read_xml(archive, parts.workbook)
        main = main_namespace(workbook, "workbook")
        if workbook.find(f"{main}externalReferences") is not None:
            raise WorkbookError(
                f"{path} has links to other workbooks, which sheetgpt does not follow; "
                "replace them by values first."
            )
        strings = _shared_strings(archive, path, parts.strings)
        book = Book()
        sheets = workbook.findall(f"{main}sheets/{main}sheet")
        names = [sheet.get("name", "") for sheet in sheets]
        _require_different(names, path, "sheets")
        _require_usual(names, path)
        for name, sheet in zip(names, sheets, strict=True):
            if only is not None and name not in only:
                continue
            part = parts.sheets.get(relation_id(sheet), "")
            if part not in archive.namelist():
                raise WorkbookError(f"{path} lists a sheet {name!r} but does not hold it.")
            tab = None if seen is None else seen.tabs.setdefault(name, TabSeen())
            with open_part(archive, part, meter) as stream:
                book.sheets[name] = read_sheet(stream, name, strings, meter, tab)
        path_names = f"{main}definedNames/{main}definedName"
        defined = [x for x in workbook.iterfind(path_names) if x.get("localSheetId") is None]
        _require_different([x.get("name", "") for x in defined], path, "defined names")
        meter.take("names", len(defined))
        for one in defined:
            if len(one):
                raise OddPart(f"the name {one.get('name', '')} holds tags")
            area = _area(one.text or "", names)
            if area is not None:
                meter.require("area", area.rows * area.cols, f"the name {one.get('name', '')}")
                book.names[one.get("name", "")] = area
        if seen is not None:
            seen.path = path
            read_looks(archive, workbook, parts.workbook, seen)
    return book


def _require_different(names: list[str], path: Path, what: str) -> None:
    """Names of sheets, or of cells, differ whatever their case, or programs choose one."""
    counts = Counter(name.upper().lower() for name in names)  # ſ, too, is taken for an s
    if twice := [name for name in names if counts[name.upper().lower()] > 1]:
        raise WorkbookError(f"{path} has two {what} called {twice[0]!r}; programs differ on them.")


def _require_usual(names: list[str], path: Path) -> None:
    for name in names:
        if not 0 < len(name) <= _LONGEST_NAME or _NO_NAME.search(name):
            raise WorkbookError(f"{path} has a sheet called {name!r:.60}, a name no program takes.")


def _shared_strings(archive: ZipFile, path: Path, part: str) -> list[str]:
    if part not in archive.namelist():
        return []
    table = read_part(archive, part)
    require_plain(table, part)
    with reading(path, part):
        return _strings(table)


def _strings(table: bytes) -> list[str]:
    if (known := known_items(table)) is not None:
        return known
    root = ElementTree.fromstring(table)
    return [string_item(item) for item in root.findall(f"{main_namespace(root, 'sst')}si")]


def _area(text: str, sheets: Container[str]) -> Area | None:
    """The rectangle that a defined name stands for, None if it is no single rectangle."""
    place = classify(text.strip()).place
    if place is None or not place.sheet or place.sheet not in sheets or not all(place.fixed):
        return None
    return Area(place.sheet, *place.corners(0, 0))
