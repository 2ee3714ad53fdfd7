"""The rows of a sheet's XML in order, some megabytes at a time, never the sheet as a whole."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import IO
from xml.etree import ElementTree

from sheetgpt.book import MAX_ROWS
from sheetgpt.errors import WorkbookError
from sheetgpt.xlsx.container import OddPart
from sheetgpt.xlsx.limits import Meter
from sheetgpt.xlsx.relations import main_namespace, require_plain
from sheetgpt.xlsx.seen import TabSeen

#: Bytes of XML that are looked at together.
PIECE = 1 << 22

#: The tag of a row as programs write it, whose height is looked for; others are parsed as XML.
_PLAIN = re.compile(rb'<row(?: [\w:]+="[\w.:]*")* ?/?>')
_HIDDEN, _HEIGHT = re.compile(rb' hidden="(?:1|true)"'), re.compile(rb' ht="([\d.]+)"')
#: The tag of a row in the usual form, for its number; any other goes to the XML parser.
_ROW_TAG = re.compile(rb'<row(?: r="(\d{1,9})")?(?: (?!xmlns|r=)[\w:]+="[^"<>]*")* ?/?>')


class Rows:
    """The rows of one sheet; its `prefix` and namespace (`main`) are known from the first on.

    Raises OddPart where programs would read other rows, WorkbookError for what has none.
    """

    def __init__(
        self, stream: IO[bytes], name: str, meter: Meter, seen: TabSeen | None = None
    ) -> None:
        """What shows of the tab beside its cells is added to `seen`."""
        self.name, self.meter, self.seen = name, meter, seen
        self.prefix, self.main = b"", ""
        self._stream, self._root, self._row = stream, b"", -1

    def __iter__(self) -> Iterator[Iterator[tuple[int, bytes]]]:
        """Piece by piece: each row's number from 0 and its XML without the end tag.

        Empty rows are left out.
        """
        rest = b""
        started = empty = False
        while piece := self._stream.read(PIECE):
            require_plain(rest[-1:] + piece if rest else piece, self.name)
            self.meter.require("row", len(rest), f"the tab {self.name!r}")
            rest += piece
            if not started:
                if (head := re.search(rb"<(\w+:)?sheetData\s*(/?)>", rest)) is None:
                    continue
                started, empty = True, bool(head[2])
                self._begin(rest[: head.start()], head[1] or b"")
                rest = rest[head.start() if empty else head.end() :]
            if not empty:
                *rows, rest = rest.split(b"</" + self.prefix + b"row>")
                if rows:
                    yield map(self._enter, rows)
        if not started:
            path = self.meter.path
            raise WorkbookError(f"{path} is damaged: sheet {self.name!r} has no cells part.")
        self._end(rest)

    def parsed(self, rows: Sequence[bytes]) -> ElementTree.Element:
        """Rows without their end tags as the children of one element."""
        end = b"</" + self.prefix + b"row>"
        xml = b"".join(row + end for row in rows)
        return ElementTree.fromstring(self._root + xml + b"</" + self.prefix + b"worksheet>")

    def _begin(self, head: bytes, prefix: bytes) -> None:
        """Takes in what stands in front of the cells, whose part has a prefix or none."""
        data = b"<" + prefix + b"sheetData/>"
        start = re.search(rb"<(\w+:)?worksheet\b[^>]*>", head)
        self._root, self.prefix = (start[0] if start else b"<worksheet>"), prefix
        self.main = self._require_data(head[start.start() if start else 0 :] + data)
        if self.seen is not None:
            self.seen.head = head[start.start() if start else 0 :]

    def _end(self, tail: bytes) -> None:
        """Takes in what stands behind the last row: there may be no second part of cells."""
        empty = b"<" + self.prefix + b"sheetData"
        opening = b"" if tail.lstrip().startswith(empty) else empty + b">"
        self._require_data(self._root + opening + tail, b"")
        if self.seen is not None:
            self.seen.tail = opening + tail

    def _require_data(self, xml: bytes, end: bytes | None = None) -> str:
        """The namespace of a sheet with one part of cells, right below its root."""
        closing = (b"</" + self.prefix + b"worksheet>") if end is None else end
        root = ElementTree.fromstring(xml + closing)
        main = main_namespace(root, "worksheet")
        data = [child for child in root.iter() if child.tag.endswith("}sheetData")]
        if [child.tag for child in data] != [f"{main}sheetData"] or data[0] not in [*root]:
            raise OddPart(f"sheet {self.name!r} has more than one part of cells, or a hidden one")
        if any(len(row) for row in data[0]):
            raise OddPart(f"sheet {self.name!r} holds a row whose end is written oddly")
        return main

    def _enter(self, xml: bytes) -> tuple[int, bytes]:
        """The last row in the XML, which may come after empty rows."""
        at = 0
        while True:
            start = xml.index(b"<", at)
            known = _ROW_TAG.match(xml, start)
            end = known.end() if known else xml.index(b">", start) + 1
            before, tag = self._row, xml[start:end]
            number = (known[1] or b"").decode() if known else self._number(tag)
            self._row = int(number) - 1 if number else before + 1
            if not before < self._row < MAX_ROWS or xml[at:start].strip():
                tag = tag[:60]
                raise OddPart(f"the rows of sheet {self.name!r} are not in order at {tag!r}")
            if self.seen is not None and (b"hidden" in tag or b"ht=" in tag):
                self._see(tag)
            if not tag.endswith(b"/>"):
                return self._row, xml[start:]
            at = end

    def _see(self, tag: bytes) -> None:
        """Take in whether the row is hidden."""
        row = None if _PLAIN.fullmatch(tag) and not self.prefix else self._parsed_tag(tag)
        if row is not None:
            hidden, height = row.get("hidden") in ("1", "true"), row.get("ht")
        else:
            found = _HEIGHT.search(tag)
            hidden, height = bool(_HIDDEN.search(tag)), found[1].decode() if found else None
        if self.seen is not None:
            self.seen.note_row(self._row, hidden, float(height) if height else None)

    def _number(self, tag: bytes) -> str | None:
        """The number in a row's tag, if it has one."""
        return self._parsed_tag(tag).get("r")

    def _parsed_tag(self, tag: bytes) -> ElementTree.Element:
        """A row's tag as XML, in whatever form; raises OddPart unless it is one."""
        closing = b"" if tag.endswith(b"/>") else b"</" + self.prefix + b"row>"
        end = b"</" + self.prefix + b"worksheet>"
        row = ElementTree.fromstring(self._root + tag + closing + end)[0]
        if row.tag != f"{self.main}row":
            raise OddPart(f"sheet {self.name!r} holds {tag[:60]!r} where a row is due")
        return row
