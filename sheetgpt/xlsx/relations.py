"""Which part of an .xlsx file is what: the workbook, its sheets, its table of texts.

Parts refer to each other by id, in a file of relations beside each (ECMA-376 part 2, chapter 9.3).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree
from zipfile import ZipFile

from sheetgpt.xlsx.container import MissingPart, OddPart, read_part, reading

#: The namespaces of spreadsheets, and of references between parts: the usual and the strict ones.
MAIN = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)
OFFICE = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "http://purl.oclc.org/ooxml/officeDocument/relationships",
)
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_BOTH = tuple(space.encode() for space in reversed(MAIN))
_DECLARATION = re.compile(rb"(?:\xef\xbb\xbf)?\s*<\?xml([^>]*)\?>")
_ODD_MARKS = {b"<!": "a comment, a CDATA section or a DOCTYPE", b"<?": "an instruction"}
_ENCODING = re.compile(rb"""encoding\s*=\s*["']([^"']*)["']""")


class Relation(NamedTuple):
    """A part that another refers to, and as what: `worksheet`, `sharedStrings`, ...

    `part` is "" for what lies outside the file; `target` is what the file says.
    """

    part: str
    kind: str
    target: str


class Parts(NamedTuple):
    """The parts of a workbook: its own, those of its sheets by id, the texts ("" for none)."""

    workbook: str
    sheets: dict[str, str]
    strings: str


def parts_of(archive: ZipFile) -> Parts:
    """Find the parts of a workbook; raises as `read_xml` does."""
    main = _only(relations(archive, ""), "officeDocument")
    if not main:
        raise MissingPart("it has no workbook")
    found = relations(archive, main)
    sheets = {key: r.part for key, r in found.items() if r.kind == "worksheet"}
    return Parts(main, sheets, _only(found, "sharedStrings"))


def _only(found: Mapping[str, Relation], kind: str) -> str:
    """The one part of a kind, "" if there is none; raises OddPart."""
    parts = [relation.part for relation in found.values() if relation.kind == kind]
    if len(parts) > 1:
        raise OddPart(f"it has {len(parts)} parts of the kind {kind}")
    return parts[0] if parts else ""


def relations(archive: ZipFile, part: str) -> dict[str, Relation]:
    """Every relation of a part, or of the whole file (""), by its id; raises MissingPart.

    What lies outside the file, or is of a kind that is not the office's, has no part.
    """
    folder, name = posixpath.split(part)
    items = [*read_xml(archive, posixpath.join(folder, "_rels", f"{name}.rels"))]
    found = {item.get("Id", ""): _relation(folder, item) for item in items}
    if len(found) < len(items):
        raise OddPart(f"{part or 'it'} has two relations of one id")
    if any("%" in relation.part for relation in found.values()):
        raise OddPart(f"{part or 'it'} has a relation to a part with % in its name")
    return found


def _relation(folder: str, item: ElementTree.Element) -> Relation:
    target, (space, _, kind) = item.get("Target", ""), item.get("Type", "").rpartition("/")
    known = item.tag == f"{{{PACKAGE}}}Relationship" and space in OFFICE
    if not known or item.get("TargetMode") == "External":
        return Relation("", kind if known else "", target)
    return Relation(posixpath.normpath(posixpath.join("/", folder, target))[1:], kind, target)


def relation_id(element: ElementTree.Element, key: str = "id") -> str:
    """The id by which an element, such as a sheet in the list of sheets, names its part."""
    ids = (element.get(f"{{{space}}}{key}") for space in OFFICE)
    return next((found for found in ids if found is not None), "")


def main_namespace(element: ElementTree.Element, tag: str) -> str:
    """The namespace of a part's root, `{http://...}`; raises OddPart unless it is a `tag`."""
    space, _, name = element.tag.rpartition("}")
    if space[1:] not in MAIN or name != tag:
        raise OddPart(f"its root is {element.tag}, not the {tag} of a spreadsheet")
    return f"{space}}}"


def read_xml(archive: ZipFile, part: str) -> ElementTree.Element:
    """A part as XML; raises MissingPart and OddPart, and WorkbookError for a damaged one."""
    xml = read_part(archive, part)
    require_plain(xml, part)
    with reading(Path(archive.filename or ""), part):
        return ElementTree.fromstring(xml)


def require_plain(xml: bytes, part: str) -> None:
    """Raise OddPart for XML that is not UTF-8, or has comments, CDATA, DOCTYPE or instructions.

    No spreadsheet program writes them, and what reads a part without a full parser, as this
    program does where parts are large, could be shown another content by them.
    """
    declaration = _DECLARATION.match(xml)
    encoding = _ENCODING.search(declaration[1]) if declaration else None
    if encoding is not None and encoding[1].lower() not in (b"utf-8", b"us-ascii"):
        raise OddPart(f"{part} is in the encoding {encoding[1].decode('ascii', 'replace')}")
    if all(space in xml for space in _BOTH):  # the rare one first: it is looked for in every piece
        raise OddPart(f"{part} is in two namespaces of spreadsheets")
    if xml.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in xml[:4]:
        raise OddPart(f"{part} is in UTF-16")
    start = declaration.end() if declaration else 0
    for mark, what in (
        (b"<!", "a comment, a CDATA section or a DOCTYPE"),
        (b"<?", "an instruction"),
    ):
        # One byte is looked for first: of two together it takes sixty times as long.
        if mark[1:] in xml and xml.find(mark, start) >= 0:
            raise OddPart(f"{part} holds {what}, which no spreadsheet program writes")
