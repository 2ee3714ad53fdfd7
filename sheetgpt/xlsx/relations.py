"""Which part of an .xlsx file is what: the workbook, its sheets, its table of texts.

Parts refer to each other by id, in a file of relations beside each (ECMA-376 part 2, chapter 9.3).
"""

from __future__ import annotations

import posixpath
from typing import NamedTuple
from xml.etree import ElementTree
from zipfile import ZipFile


class MissingPart(LookupError):
    """An .xlsx file lacks a part that it cannot do without; the message ends a sentence."""


class Relation(NamedTuple):
    """A part that another refers to, and as what: `worksheet`, `sharedStrings`, ..."""

    part: str
    kind: str


class Parts(NamedTuple):
    """The parts of a workbook: its own, those of its sheets by id, the texts ("" for none)."""

    workbook: str
    sheets: dict[str, str]
    strings: str


def parts_of(archive: ZipFile) -> Parts:
    """Find the parts of a workbook; raises MissingPart, or ElementTree.ParseError."""
    main = [r.part for r in relations(archive, "").values() if r.kind == "officeDocument"]
    if not main:
        raise MissingPart("it has no workbook")
    found = relations(archive, main[0])
    strings = [r.part for r in found.values() if r.kind == "sharedStrings"]
    sheets = {key: r.part for key, r in found.items() if r.kind == "worksheet"}
    return Parts(main[0], sheets, strings[0] if strings else "")


def relations(archive: ZipFile, part: str) -> dict[str, Relation]:
    """Every relation of a part, or of the whole file (""), by its id; raises MissingPart."""
    folder, name = posixpath.split(part)
    items = read_xml(archive, posixpath.join(folder, "_rels", f"{name}.rels"))
    return {
        item.get("Id", ""): Relation(
            posixpath.normpath(posixpath.join("/", folder, item.get("Target", "")))[1:],
            item.get("Type", "").rpartition("/")[2],
        )
        for item in items
    }


def relation_id(element: ElementTree.Element) -> str:
    """The id by which an element, such as a sheet in the list of sheets, names its part."""
    return next((value for key, value in element.items() if key.endswith("}id")), "")


def read_xml(archive: ZipFile, part: str) -> ElementTree.Element:
    """A part as XML; raises MissingPart, or ElementTree.ParseError."""
    try:
        return ElementTree.fromstring(archive.read(part))
    except KeyError as error:
        raise MissingPart(f"it has no {part}") from error
