"""Print parts of a workbook to PDF in LibreOffice; run by the Python that has `uno`.

print_session.py ENGINES SOFFICE FOLDER, where ENGINES holds sheetgpt's `uno_session.py` and
FOLDER/request.json is

    {"source": file URL, "pages": [{"pdf": file URL, "sheet": ..., "cells": "A1:F9",
     "hidden_rows": [[first, count], ...],
     "typed": [[sheet, cell, number], ...], "undone": [...]}, ...]}

Rows count from 0. `undone` is typed after the page is printed.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import uno

#: A page that holds any picture at its own size, and its edge, in hundredths of a millimetre.
PAGE, EDGE = 90_000, 1_000
MARGINS = ("TopMargin", "BottomMargin", "LeftMargin", "RightMargin")


def main(soffice: str, folder: Path) -> None:
    """Print every page of FOLDER/request.json."""
    from uno_session import libreoffice  # noqa: PLC0415  # in the folder that main adds

    request = json.loads((folder / "request.json").read_text())
    with libreoffice(soffice, folder) as desktop:
        # Not read-only: LibreOffice would then hide no row. The caller gives a copy.
        hidden = properties({"Hidden": True})
        document = desktop.loadComponentFromURL(request["source"], "_blank", 0, hidden)
        for page in request["pages"]:
            print_page(document, page)
        document.close(True)


def print_page(document: Any, page: dict[str, Any]) -> None:
    """Print some cells, with the charts above them, as a page of their own."""
    enter(document, page["typed"])
    sheet = document.Sheets.getByName(page["sheet"])
    sheet.unprotect("")
    lay_out(document, sheet)
    hide(sheet.Rows, page["hidden_rows"], True)
    options = {"Selection": sheet.getCellRangeByName(page["cells"])}
    export = {
        "FilterName": "calc_pdf_Export",
        "FilterData": uno.Any("[]com.sun.star.beans.PropertyValue", properties(options)),
    }
    document.storeToURL(page["pdf"], properties(export))
    hide(sheet.Rows, page["hidden_rows"], False)
    enter(document, page["undone"])


def enter(document: Any, values: list[tuple[str, str, float]]) -> None:
    """Type numbers into cells and recalculate."""
    for name, cell, value in values:
        sheet = document.Sheets.getByName(name)
        sheet.unprotect("")
        sheet.getCellRangeByName(cell).Value = value
    document.calculateAll()


def lay_out(document: Any, sheet: Any) -> None:
    """One large page, without the rows that repeat on every page."""
    sheet.setPrintTitleRows(False)
    sheet.setPrintTitleColumns(False)
    sheet.setPrintAreas(())
    style = document.StyleFamilies.getByName("PageStyles").getByName(sheet.PageStyle)
    style.HeaderIsOn = style.FooterIsOn = False
    style.Width = style.Height = PAGE
    style.PageScale = 100
    for margin in MARGINS:
        setattr(style, margin, EDGE)


def hide(lines: Any, parts: list[list[int]], hidden: bool) -> None:
    """Hide or show some rows."""
    for first, count in parts:
        for at in range(first, first + count):
            lines.getByIndex(at).IsVisible = not hidden


def properties(values: dict[str, Any]) -> tuple[Any, ...]:
    """UNO's form of named values."""
    out = []
    for name, value in values.items():
        prop = uno.createUnoStruct("com.sun.star.beans.PropertyValue")
        prop.Name, prop.Value = name, value
        out.append(prop)
    return tuple(out)


if __name__ == "__main__":
    sys.path.insert(0, sys.argv[1])
    main(sys.argv[2], Path(sys.argv[3]))
