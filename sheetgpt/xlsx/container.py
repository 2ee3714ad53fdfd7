"""The zip file that an .xlsx file is: opened with care, and every failure to read it a sentence.

The parts that may be in it, and how they are compressed: ECMA-376 part 2, annex B.
"""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from xml.etree import ElementTree
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from sheetgpt.errors import WorkbookError
from sheetgpt.printed import on_one_line
from sheetgpt.xlsx.limits import WHOLE, Meter, too_much

#: The first bytes of the older container that holds .xls files and encrypted .xlsx files.
OLE = b"\xd0\xcf\x11\xe0"
#: What reading a damaged part raises: LookupError for an encoding that does not exist.
DAMAGE = (
    ArithmeticError, EOFError, ElementTree.ParseError, LookupError, RuntimeError, ValueError,
    lzma.LZMAError, struct.error, zlib.error,
)  # fmt: skip
#: The record at the end of a zip file, its longest comment, and the bytes that a part takes in the
#: list of parts, with a short name.
_END, _END_SIZE, _MAX_COMMENT, _ENTRY = b"PK\5\6", 22, 0xFFFF, 62
#: The record of a file with 64-bit sizes, right in front of the one at the end.
_END_64, _END_64_SIZE = b"PK\6\7", 20


class OddPart(ValueError):
    """A part that programs read in different ways; the message ends a sentence."""


class MissingPart(LookupError):
    """An .xlsx file lacks a part that it cannot do without; the message ends a sentence."""


@contextmanager
def open_archive(path: Path, meter: Meter) -> Iterator[ZipFile]:
    """The zip file of a workbook, whose parts keep to the limits.

    Raises WorkbookError, also for what reading its parts raises in the block.
    """
    with reading(path):
        meter.require("file", path.stat().st_size)
        _require_few_parts(path, meter)
        with ZipFile(path) as archive:
            _require_single(archive, path)
            meter.require("parts", len(archive.infolist()))
            for member in archive.infolist():
                if member.flag_bits & 1:
                    raise OddPart(f"{member.filename} is encrypted")
                if member.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
                    raise OddPart(f"{member.filename} is compressed in a way that no program reads")
                meter.take("total", member.file_size)
            yield archive


@contextmanager
def reading(path: Path, part: str = "") -> Iterator[None]:
    """Turn every failure to read a file, or one part of it, into a WorkbookError."""
    where = f"{path} is damaged" + (f" in {part}" if part else "")
    try:
        yield
    except zipfile.BadZipFile as error:
        if not part and _starts_with(path, OLE):
            raise WorkbookError(
                f"{path} is an old .xls file or is protected by a password; "
                "save it as .xlsx without a password first."
            ) from error
        what = where if part else f"{path} is not an .xlsx workbook or is damaged"
        raise WorkbookError(f"{what}: {error}.") from error
    except MissingPart as error:
        raise WorkbookError(f"{path} is not an .xlsx workbook: {error}.") from error
    except OddPart as error:
        raise WorkbookError(
            f"{path} is not read alike by all programs: {error}. Save it again with one of them."
        ) from error
    except OSError as error:
        raise WorkbookError(f"{path} cannot be read: {error.strerror or error}.") from error
    except DAMAGE as error:
        raise WorkbookError(f"{where}: {_reason(error)}. Make it again.") from error


def _reason(error: BaseException) -> str:
    text = on_one_line(error)[:200].rstrip(". ")
    return text or type(error).__name__


def _require_single(archive: ZipFile, path: Path) -> None:
    """Every part once, and nothing before the first: programs differ on which one they read."""
    if not _starts_with(path, b"PK"):
        raise OddPart("it has something in front of its first part")
    counts = Counter(name.lower() for name in archive.namelist())
    if twice := [name for name in archive.namelist() if counts[name.lower()] > 1]:
        raise OddPart(f"it has two parts called {twice[0]}")


def _require_few_parts(path: Path, meter: Meter) -> None:
    """Look at the size of the list of parts before zipfile reads it into memory."""
    size = path.stat().st_size
    with path.open("rb") as stream:
        stream.seek(max(0, size - _END_SIZE - _MAX_COMMENT - _END_64_SIZE))
        tail = stream.read()
    at = len(tail) - _END_SIZE
    if tail[at : at + 4] != _END or tail[-2:] != b"\0\0":
        at = tail.rfind(_END)
    if at < 0 or at + _END_SIZE > len(tail):
        return  # no zip file, as zipfile will say
    (listed,) = struct.unpack_from("<L", tail, at + 12)
    if at >= _END_64_SIZE and tail[at - _END_64_SIZE :][:4] == _END_64:
        listed = size  # as far as can be told
    meter.require("parts", listed // _ENTRY)


def _starts_with(path: Path, mark: bytes) -> bool:
    with path.open("rb") as stream:
        return stream.read(len(mark)) == mark


def read_part(archive: ZipFile, name: str) -> bytes:
    """A part that is held whole; raises MissingPart if it is not there, else as `reading` does."""
    try:
        member = archive.getinfo(name)
    except KeyError as error:
        raise MissingPart(f"it has no {name}") from error
    path = Path(archive.filename or "")
    if member.file_size > WHOLE:
        raise too_much(f"{name} in {path}", member.file_size, "bytes, unpacked", WHOLE, None)
    with reading(path, name):
        return archive.read(member)


@contextmanager
def open_part(archive: ZipFile, name: str, meter: Meter) -> Iterator[IO[bytes]]:
    """A part that is read in pieces; raises as `reading` does, and the errors of the meter."""
    meter.require("part", archive.getinfo(name).file_size, name)
    with reading(Path(meter.path), name), archive.open(name) as stream:
        yield stream
