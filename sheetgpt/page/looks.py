"""How a workbook looks, for the page: the formats of cells, and one look for each tab."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

from sheetgpt.errors import WorkbookError
from sheetgpt.page.chart_parts import charts_of
from sheetgpt.page.formats import formats_of
from sheetgpt.page.package import Package
from sheetgpt.page.tabs import tab_look


def looks_of(path: Path) -> tuple[list[dict[str, Any]], dict[str, dict[str, Any]]]:
    """The formats of cells by number, and the look of each tab by its name.

    Raises WorkbookError for a file that cannot be read.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            package = Package(path, archive)
            formats, changes = formats_of(package)
            rich = _rich_strings(package)
            looks = {}
            for name, part in package.sheets.items():
                with package.stream(part) as stream:
                    looks[name] = tab_look(stream, str(path), rich, changes)
                if charts := charts_of(package, part):
                    looks[name]["charts"] = charts
            return formats, looks
    except (zipfile.BadZipFile, OSError, KeyError) as error:
        raise WorkbookError(f"{path} cannot be read: {error}. Make it again.") from error


def _rich_strings(package: Package) -> dict[int, list[list[Any]]]:
    """The shared strings in several formats by number: text, position (sub, super), bold."""
    found: dict[int, list[list[Any]]] = {}
    for part in package.related(package.main, "sharedStrings")[:1]:
        for number, item in enumerate(package.xml(part).iterfind("{*}si")):
            runs = [
                [
                    run.findtext("{*}t", ""),
                    {"subscript": "sub", "superscript": "super"}.get(
                        "" if place is None else place.get("val", ""), ""
                    ),
                    int(run.find("{*}rPr/{*}b") is not None),
                ]
                for run in item.iterfind("{*}r")
                for place in [run.find("{*}rPr/{*}vertAlign")]
            ]
            if runs:
                found[number] = runs
    return found
