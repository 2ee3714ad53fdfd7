"""The .xlsx reader: a file into a Book.

Reads what sheetgpt's own files hold, also after Excel, LibreOffice or openpyxl saved them again:
values, normal, shared and legacy array formulas, and defined names. Formats, drawings and
comments are passed over. Anything that would change a value and is not understood is refused.
The parts of the file are described in ECMA-376 part 1, chapters 12.3 and 18.
"""

from __future__ import annotations

import zipfile
import zlib
from collections import Counter
from collections.abc import Container, Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree

from sheetgpt.book import Book
from sheetgpt.book.area import Area
from sheetgpt.book.references import classify
from sheetgpt.errors import WorkbookError
from sheetgpt.xlsx.read_sheet import read_sheet
from sheetgpt.xlsx.relations import (
    MissingPart,
    OddPart,
    main_namespace,
    parts_of,
    read_xml,
    relation_id,
    require_plain,
)
from sheetgpt.xlsx.strings import known_items, string_item

#: The first bytes of the older container that holds .xls files and encrypted .xlsx files.
OLE = b"\xd0\xcf\x11\xe0"


def read(path: str | Path, only: Container[str] | None = None) -> Book:
    """The workbook in the file, with cached values in the cells of formulas.

    With `only`, other sheets are left out; all defined names are there.

    The numbers of a large sheet without formulas come as a PatchGrid, in float32 where that holds
    every number exactly (as its shortest decimal, which is how weights are written); all other
    grids are float64. Memory is little more than the Book that is returned.

    Raises WorkbookError when the file is not an .xlsx workbook, is damaged, or holds something
    that cannot be evaluated: links to other workbooks, data tables, dynamic arrays.
    """
    path = Path(path)
    with _open(path) as archive:
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
        for name, sheet in zip(names, sheets, strict=True):
            if only is not None and name not in only:
                continue
            part = parts.sheets.get(relation_id(sheet), "")
            if part not in archive.namelist():
                raise WorkbookError(f"{path} lists a sheet {name!r} but does not hold it.")
            with archive.open(part) as stream:
                book.sheets[name] = read_sheet(stream, name, strings, str(path))
        path_names = f"{main}definedNames/{main}definedName"
        defined = [x for x in workbook.iterfind(path_names) if x.get("localSheetId") is None]
        _require_different([x.get("name", "") for x in defined], path, "defined names")
        for one in defined:
            area = _area(one.text or "", names)
            if area is not None:
                book.names[one.get("name", "")] = area
    return book


def _require_different(names: list[str], path: Path, what: str) -> None:
    """Names of sheets, or of cells, differ whatever their case, or programs choose one."""
    counts = Counter(name.lower() for name in names)
    if twice := [name for name in names if counts[name.lower()] > 1]:
        raise WorkbookError(f"{path} has two {what} called {twice[0]!r}; programs differ on them.")


@contextmanager
def _open(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            _require_single(archive, path)
            yield archive
    except zipfile.BadZipFile as error:
        with path.open("rb") as stream:
            ole = stream.read(4) == OLE
        if ole:
            raise WorkbookError(
                f"{path} is an old .xls file or is protected by a password; "
                "save it as .xlsx without a password first."
            ) from error
        raise WorkbookError(f"{path} is not an .xlsx workbook or is damaged: {error}.") from error
    except MissingPart as error:
        raise WorkbookError(f"{path} is not an .xlsx workbook: {error}.") from error
    except OddPart as error:
        raise WorkbookError(
            f"{path} is not read alike by all programs: {error}. Save it again with one of them."
        ) from error
    except (zlib.error, EOFError, ElementTree.ParseError) as error:
        raise WorkbookError(f"{path} is damaged: {error}. Make it again.") from error
    except OSError as error:
        raise WorkbookError(f"{path} cannot be read: {error.strerror or error}.") from error


def _require_single(archive: zipfile.ZipFile, path: Path) -> None:
    """Every part once, and nothing before the first: programs differ on which one they read."""
    with path.open("rb") as stream:
        if stream.read(2) != b"PK":
            raise OddPart("it has something in front of its first part")
    counts = Counter(name.lower() for name in archive.namelist())
    if twice := [name for name in archive.namelist() if counts[name.lower()] > 1]:
        raise OddPart(f"it has two parts called {twice[0]}")


def _shared_strings(archive: zipfile.ZipFile, path: Path, part: str) -> list[str]:
    if part not in archive.namelist():
        return []
    table = archive.read(part)
    require_plain(table, part)
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
