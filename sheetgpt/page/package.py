"""The parts of an .xlsx file that say how it looks; `xlsx.read` reads what it holds."""

from __future__ import annotations

import posixpath
import zipfile
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

from sheetgpt.errors import WorkbookError

Element = ElementTree.Element


class Package:
    """An open .xlsx file: its sheets in tab order, and the parts that a part is related to."""

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self.path, self._archive = path, archive
        self.main = next(iter(self.related("", "officeDocument")), "xl/workbook.xml")
        self.workbook = self.xml(self.main)
        parts = self._targets(self.main)
        self.sheets = {
            sheet.get("name", ""): parts[relation_id(sheet)][1]
            for sheet in self.workbook.iterfind("{*}sheets/{*}sheet")
        }

    def xml(self, part: str) -> Element:
        """A part as a tree; WorkbookError if it is missing or damaged."""
        try:
            return ElementTree.fromstring(self._archive.read(part))
        except (KeyError, ElementTree.ParseError) as error:
            raise WorkbookError(f"{self.path} is damaged in {part}: {error}.") from error

    def stream(self, part: str) -> IO[bytes]:
        """A part as bytes, unpacked while they are read."""
        return self._archive.open(part)

    def related(self, part: str, kind: str) -> list[str]:
        """The parts of a kind (`chart`, `drawing`, `styles`) that a part points to."""
        return [target for found, target in self._targets(part).values() if found == kind]

    def target(self, part: str, relation: str) -> str:
        """The part that a relation of a part, by its id, leads to."""
        return self._targets(part)[relation][1]

    def _targets(self, part: str) -> dict[str, tuple[str, str]]:
        folder, name = posixpath.split(part)
        relations = f"{folder}/_rels/{name}.rels" if part else "_rels/.rels"
        if relations not in self._archive.NameToInfo:
            return {}
        found = {}
        for relation in self.xml(relations):
            target = relation.get("Target", "")
            whole = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
            kind = relation.get("Type", "").rpartition("/")[2]
            found[relation.get("Id", "")] = kind, posixpath.normpath(whole)
        return found


def relation_id(element: Element) -> str:
    """The relation that an element names, r:id."""
    return next((value for key, value in element.items() if key.endswith("}id")), "")
