"""Another text in one cell of a copy of an .xlsx file, with every other byte of it left alone.

The parts that do not change are copied compressed, so a new prompt in a workbook of 750 MB costs
no more than copying the file. Two change at one place each: in the sheet, an XML parser finds the
cell and the new one is spliced in; the table of shared strings gets one more.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

from sheetgpt.book.area import Area, cell_name, column_index
from sheetgpt.book.texts import MAX_TEXT, utf16_units
from sheetgpt.errors import CapacityError, InputError, WorkbookError
from sheetgpt.replacing import replacing
from sheetgpt.xlsx.container import DAMAGE
from sheetgpt.xlsx.members import copy_part, new_archive
from sheetgpt.xlsx.relations import main_namespace, parts_of, read_xml, relation_id
from sheetgpt.xlsx.strings import NOT_XML, escape

#: Where a text looks like _xHHHH_ itself. Excel, LibreOffice and IronCalc would decode it and
#: Gnumeric decodes none; cut in two runs, it is read by each of them as it stands.
_LOOKS_ESCAPED = re.compile(f"(?<=_)(?=x[0-9A-Fa-f]{{4}}[_{NOT_XML}])")

#: The opening tag of an item in the table of shared strings.
_STRING_ITEM = re.compile(rb"<(?:[\w.-]+:)?si[\s/>]")

_CHUNK = 1 << 20

#: A tag of an XML part: its name, its attributes (None: it closes), its position in the bytes.
_Tag = tuple[str, dict[str, str] | None, int]


def with_text(source: Path, target: Path, area: Area, text: str) -> None:
    """Copy the workbook `source` to `target` with `text` in the cell at the corner of `area`.

    Whatever `text` holds stays text: a leading `=`, digits, spaces, line breaks. The cell must
    be in the file, blank or not, and hold no formula. Formulas keep their cached values, which
    are stale then: programs have to recalculate. `target` may be `source`.

    Two kinds of text do not reach every engine. Gnumeric reads a character that XML 1.0 cannot
    hold (controls such as U+0001, U+FFFE, U+FFFF) as `_x0001_`, and so does IronCalc in a file
    without shared strings. LibreOffice makes U+0001 of tabs, and nothing of carriage returns, in
    a text that has line feeds and, besides, such a character or what looks like `_x0001_`.

    Raises InputError for U+0000 or half a surrogate pair, CapacityError for a text longer than a
    cell takes, WorkbookError if the file is no workbook or has no such cell.
    """
    require_text(text)
    try:
        with (
            replacing(target) as unfinished,
            ZipFile(source) as old,
            new_archive(unfinished) as new,
        ):
            changed = _changed_parts(old, area, text)
            for member in old.infolist():
                if member.filename in changed:
                    new.writestr(copy.copy(member), changed[member.filename])
                else:
                    copy_part(old, member, new)
    except (BadZipFile, *DAMAGE, expat.ExpatError) as error:
        raise WorkbookError(f"{source} is not a complete .xlsx workbook: {error}.") from error


def strings_without(book: ZipFile, area: Area) -> bytes:
    """The table of shared strings without the text that `with_text` has put into a cell.

    Such a text is the last of the table, and no other cell's.
    """
    part, strings = _parts(book, area.sheet)
    table, cell = book.read(strings), _find_cell(book.read(part), area)
    items = [match.start() for match in _STRING_ITEM.finditer(table)]
    index = re.search(rb't="s"[^>]*><v>(\d+)<', cell.sheet[cell.start : cell.end])
    if index is None or int(index[1]) != len(items) - 1:
        return table
    return _counted(table[: items[-1]], len(items) - 1) + table[table.rindex(b"</") :]


def require_text(text: str) -> None:
    """Refuse what no cell can hold: InputError or, for a text that is too long, CapacityError."""
    if "\0" in text:
        raise InputError(
            f"The text has the character U+0000 at position {text.index(chr(0)) + 1}, where a "
            "text in a cell ends; remove it."
        )
    try:
        units = utf16_units(text)
    except UnicodeEncodeError as error:
        raise InputError(
            f"The text has half a surrogate pair at position {error.start + 1}, which is no "
            "character; remove it."
        ) from error
    if units > MAX_TEXT:
        raise CapacityError(
            f"The text has {units} characters (UTF-16 units) and a cell takes {MAX_TEXT}; "
            "shorten it."
        )


def _changed_parts(old: ZipFile, area: Area, text: str) -> dict[str, bytes]:
    """The members that change, by name."""
    part, strings = _parts(old, area.sheet)
    cell = _find_cell(old.read(part), area)
    if _needs_plain_string(text):
        return {part: cell.replaced("str", f'<v xml:space="preserve">{escape(text)}</v>')}
    table = old.read(strings) if strings else b""
    if b"</" not in table:
        return {part: cell.replaced("inlineStr", f"<is>{_runs(text)}</is>")}
    table, index = _with_string(table, text)
    return {strings: table, part: cell.replaced("s", f"<v>{index}</v>")}


def _needs_plain_string(text: str) -> bool:
    """Whether the cell must hold the text itself, as type "str".

    LibreOffice takes a shared or inline string of several lines through its text editor, which
    makes character 1 of tabs and nothing of carriage returns. The type "str" it takes as it is,
    but without decoding _xHHHH_.
    """
    edited = "\n" in text and ("\t" in text or "\r" in text)
    coded = re.search(f"[{NOT_XML}]", text) or _LOOKS_ESCAPED.search(text)
    return edited and not coded


def _runs(text: str) -> str:
    """The text as <t>, or as <r><t> for each of several runs."""
    runs = [f'<t xml:space="preserve">{escape(run)}</t>' for run in _LOOKS_ESCAPED.split(text)]
    return runs[0] if len(runs) == 1 else "".join(f"<r>{run}</r>" for run in runs)


def _parts(old: ZipFile, name: str) -> tuple[str, str]:
    """The members that hold the sheet of this name and the shared strings ("" if none does)."""
    parts = parts_of(old)
    workbook = read_xml(old, parts.workbook)
    main = main_namespace(workbook, "workbook")
    sheets = workbook.findall(f"{main}sheets/{main}sheet")
    for sheet in sheets:
        if sheet.attrib["name"] == name:
            return parts.sheets[relation_id(sheet)], parts.strings
    names = ", ".join(sheet.attrib["name"] for sheet in sheets)
    raise WorkbookError(f"The workbook has no sheet {name!r}; it has {names}.")


class _Cell(NamedTuple):
    """A cell's place in the bytes of its sheet."""

    sheet: bytes
    start: int
    end: int
    prefix: str  # of the sheet's namespace, with its colon; mostly there is none
    attributes: dict[str, str]

    def replaced(self, kind: str, content: str) -> bytes:
        """The sheet with a new type and content in this cell, in the style that the cell had."""
        kept = [f'{key}="{self.attributes[key]}"' for key in ("r", "s") if key in self.attributes]
        cell = f'<{" ".join(["c", *kept])} t="{kind}">{content}</c>'
        return self.sheet[: self.start] + _prefixed(cell, self.prefix) + self.sheet[self.end :]


def _find_cell(sheet: bytes, area: Area) -> _Cell:
    """Where the cell at the corner of the area stands; rows and cells may go without their `r`."""
    place = cell_name(area.row, area.col)
    row = col = -1
    opened: tuple[int, dict[str, str]] | None = None
    for name, attributes, at in _tags(sheet):
        prefix, colon, local = name.rpartition(":")
        if opened and local == "f":
            raise WorkbookError(f"Cell {place} of {area.sheet!r} holds a formula, not text.")
        if opened and local == "c":
            return _Cell(sheet, opened[0], _behind(sheet, name, at), prefix + colon, opened[1])
        if attributes is None:
            continue
        if local == "row":
            row, col = int(attributes.get("r", row + 2)) - 1, -1  # r counts from 1
        elif local == "c":
            letters = attributes.get("r", "").rstrip("0123456789")
            col = column_index(letters) if letters else col + 1
            if (row, col) == (area.row, area.col):
                opened = at, attributes
    raise WorkbookError(f"Sheet {area.sheet!r} has no cell {place} to put text in.")


def _with_string(table: bytes, text: str) -> tuple[bytes, int]:
    """The table of shared strings with one more, and the number of that one."""
    count = len(_STRING_ITEM.findall(table))
    closing = re.search(rb"</([\w.-]+:)?sst\s*>\s*\Z", table)
    prefix = (closing[1] or b"").decode() if closing else ""
    item = _prefixed(f"<si>{_runs(text)}</si>", prefix)
    end = table.rindex(b"</")
    return _counted(table[:end], count + 1) + item + table[end:], count


def _counted(table: bytes, count: int) -> bytes:
    """The table of shared strings saying how many there are."""
    return re.sub(rb'(?<=\buniqueCount=")\d+', b"%d" % count, table, count=1)


def _prefixed(xml: str, prefix: str) -> bytes:
    """The tags of some XML in a namespace that goes by a prefix."""
    return re.sub("(</?)", rf"\1{prefix}", xml).encode()


def _behind(part: bytes, name: str, at: int) -> int:
    """Where an element ends whose closing tag was told to be at `at`."""
    closing = re.compile(rf"</{name}\s*>".encode()).match(part, at)
    return closing.end() if closing else at


def _tags(part: bytes) -> Iterator[_Tag]:
    """Every tag of an XML part; an empty element, `<c/>`, gives two, the second behind it."""
    parser = expat.ParserCreate()
    tags: list[_Tag] = []
    parser.StartElementHandler = lambda name, attributes: tags.append(
        (name, attributes, parser.CurrentByteIndex)
    )
    parser.EndElementHandler = lambda name: tags.append((name, None, parser.CurrentByteIndex))
    for at in range(0, len(part), _CHUNK):
        parser.Parse(part[at : at + _CHUNK], at + _CHUNK >= len(part))
        yield from tags
        tags.clear()
