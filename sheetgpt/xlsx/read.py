"""The .xlsx reader: a file into a Book.

Reads what sheetgpt's own files hold, also after Excel, LibreOffice or openpyxl saved them again:
values, normal, shared and legacy array formulas, and defined names. Formats, drawings and
comments are passed over. Anything that would change a value and is not understood is refused.
The parts of the file are described in ECMA-376 part 1, chapters 12.3 and 18.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Container, Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree

from sheetgpt.book import Book
from sheetgpt.book.area import Area
from sheetgpt.book.references import classify
from sheetgpt.errors import WorkbookError
from sheetgpt.xlsx.read_sheet import read_sheet
from sheetgpt.xlsx.relations import MissingPart, parts_of, read_xml, relation_id
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
        if workbook.find("{*}externalReferences") is not None:
            raise WorkbookError(
                f"{path} has links to other workbooks, which sheetgpt does not follow; "
                "replace them by values first."
            )
        strings = _shared_strings(archive, path, parts.strings)
        book = Book()
        sheets = workbook.findall("{*}sheets/{*}sheet")
        names = [sheet.get("name", "") for sheet in sheets]
        for name, sheet in zip(names, sheets, strict=True):
            if only is not None and name not in only:
                continue
            part = parts.sheets.get(relation_id(sheet), "")
            if part not in archive.namelist():
                raise WorkbookError(f"{path} lists a sheet {name!r} but does not hold it.")
            with archive.open(part) as stream:
                book.sheets[name] = read_sheet(stream, name, strings, str(path))
        for defined in workbook.iterfind("{*}definedNames/{*}definedName"):
            area = _area(defined.text or "", names)
            if area is not None and defined.get("localSheetId") is None:
                book.names[defined.get("name", "")] = area
    return book


@contextmanager
def _open(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
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
    except (zlib.error, EOFError, ElementTree.ParseError) as error:
        raise WorkbookError(f"{path} is damaged: {error}. Make it again.") from error
    except OSError as error:
        raise WorkbookError(f"{path} cannot be read: {error.strerror or error}.") from error


def _shared_strings(archive: zipfile.ZipFile, path: Path, part: str) -> list[str]:
    if part not in archive.namelist():
        return []
    table = archive.read(part)
    if (known := known_items(table)) is not None:
        return known
    strings = []
    with io.BytesIO(table) as stream:
        for _, element in ElementTree.iterparse(stream):
            if element.tag.endswith("}si"):
                strings.append(string_item(element))
                element.clear()
    return strings


def _area(text: str, sheets: Container[str]) -> Area | None:
    """The rectangle that a defined name stands for, None if it is no single rectangle."""
    place = classify(text.strip()).place
    if place is None or not place.sheet or place.sheet not in sheets or not all(place.fixed):
        return None
    return Area(place.sheet, *place.corners(0, 0))
