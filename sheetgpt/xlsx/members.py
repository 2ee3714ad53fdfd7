"""Parts of a zip file: copied without decompressing, or compressed while they are made.

zipfile itself can do neither, and its compressor is far slower than ISA-L's.
"""

from __future__ import annotations

import copy
import struct
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Protocol, Self, cast
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import deflate
from isal import isal_zlib

from sheetgpt.errors import CapacityError
from sheetgpt.later import Later

#: Without the 64-bit extension, which not every spreadsheet program reads, a part of a zip file
#: ends here.
MAX_PART = 0xFFFF_FFFF
#: Levels (measured): isal's fast one, and of libdeflate that for an embedded model's sheets, which
#: takes 0.5 s where level 6 takes 0.3 for 1.2 % more and level 9 takes 1.7 for 1.7 % less.
ISAL_LEVEL, SMALL_LEVEL = 1, 7
#: A fixed date, as XlsxWriter's parts have: the same input must give the same bytes.
DATE = (1980, 1, 1, 0, 0, 0)
#: Pieces that may wait for the compressor, so that memory stays low when they come faster.
AHEAD = 8
#: Seconds after which a thread that computes lets the other one go on. A compressor asks for its
#: turn several times a piece, and Python's usual 5 ms are as long as it takes to compress one.
TURN = 2e-5
_CRC_AT, _WINDOW = 14, 15


class Compressor(Protocol):
    """What zlib's compressobj offers."""

    def compress(self, data: bytes, /) -> bytes: ...

    def flush(self) -> bytes: ...


class _Libdeflate:
    """libdeflate compresses a part in one piece, so the piece is collected first."""

    def __init__(self, level: int) -> None:
        self._level = level
        self._pieces = bytearray()

    def compress(self, data: bytes) -> bytes:
        self._pieces += data
        return b""

    def flush(self) -> bytes:
        return bytes(deflate.deflate_compress(self._pieces, self._level))


#: How parts are compressed, by the name that `build --compression` takes.
COMPRESSIONS: dict[str, Callable[[], Compressor]] = {
    "fast": lambda: isal_zlib.compressobj(ISAL_LEVEL, isal_zlib.DEFLATED, -_WINDOW),
    "small": lambda: _Libdeflate(SMALL_LEVEL),
}


@contextmanager
def new_archive(path: Path) -> Iterator[ZipFile]:
    """A new zip file without 64-bit records, for up to 4 GiB.

    The format needs them from 4 GiB on; zipfile writes them from 2 GiB on, and some spreadsheet
    programs would rather repair such a file than read it.
    """
    limit = zipfile.ZIP64_LIMIT
    zipfile.ZIP64_LIMIT = MAX_PART  # type: ignore[misc]  # read by zipfile as it writes
    try:
        with ZipFile(path, "w", ZIP_DEFLATED) as archive:
            yield archive
    finally:
        zipfile.ZIP64_LIMIT = limit  # type: ignore[misc]


def copy_part(source: ZipFile, member: ZipInfo, target: ZipFile) -> None:
    """Append a member of one zip file to another without decompressing it."""
    read, write = cast(IO[bytes], source.fp), cast(IO[bytes], target.fp)
    read.seek(member.header_offset)
    header = read.read(30)  # its last four bytes: the lengths of the name and the extra field
    read.seek(int.from_bytes(header[26:28], "little"), 1)
    read.seek(int.from_bytes(header[28:30], "little"), 1)
    moved = copy.copy(member)
    moved.extra = b""
    _begin(target, moved)
    left = member.compress_size
    while left:
        piece = read.read(min(left, 1 << 20))
        write.write(piece)
        left -= len(piece)
    _end(target, moved)


class PartWriter:
    """Appends parts to a zip file: a thread compresses and writes while more is rendered.

    Compressors hold no lock meanwhile. The thread takes everything in order, so that every byte is
    as without it. Used in a `with` statement, whose end waits for it.
    """

    def __init__(self, target: ZipFile) -> None:
        self._target = target
        self._later = Later(AHEAD)

    def __enter__(self) -> Self:
        self._usual_turn = sys.getswitchinterval()
        sys.setswitchinterval(TURN)
        self._later.__enter__()
        return self

    def __exit__(self, *failure: Any) -> None:
        try:
            self._later.__exit__(*failure)
        finally:
            sys.setswitchinterval(self._usual_turn)

    def copy(self, source: ZipFile, member: ZipInfo) -> None:
        """Append a member of another zip file without decompressing it."""
        self._later.wait()  # and not by the thread, as the source may be read meanwhile
        copy_part(source, member, self._target)

    def add(self, name: str, pieces: Iterable[bytes], compression: str) -> None:
        """Append a new part, made piece by piece.

        Raises CapacityError, here or at the end, when it or a part before it passes what a zip
        file holds without its 64-bit extension.
        """
        part = _NewPart(self._target, name, COMPRESSIONS[compression]())
        self._later.do(part.begin)
        for piece in pieces:
            self._later.do(part.add, piece)
        self._later.do(part.end)


class _NewPart:
    """A part that is compressed and written piece by piece at the end of a zip file."""

    def __init__(self, target: ZipFile, name: str, compressor: Compressor) -> None:
        self._target, self._compressor = target, compressor
        self._file = cast(IO[bytes], target.fp)
        self._member = ZipInfo(name, DATE)
        self._member.compress_type = ZIP_DEFLATED
        self._member.external_attr = 0o600 << 16
        self._member.CRC = self._member.compress_size = self._member.file_size = 0

    def begin(self) -> None:
        """Write the header, without sizes as yet."""
        self._start = _begin(self._target, self._member)

    def add(self, piece: bytes) -> None:
        """Compress a piece and write what the compressor does not hold back of it."""
        member = self._member
        member.CRC = isal_zlib.crc32(piece, member.CRC)
        member.file_size += len(piece)
        if member.file_size > MAX_PART:
            raise CapacityError(
                f"{member.filename} would be larger than 4 GiB, which is more than a "
                "workbook's part can be; use a smaller model, or --precision int8."
            )
        member.compress_size += self._file.write(self._compressor.compress(piece))

    def end(self) -> None:
        """Write what the compressor has held back, and the sizes into the header."""
        member = self._member
        member.compress_size += self._file.write(self._compressor.flush())
        self._file.seek(self._start + _CRC_AT)
        sizes = member.CRC, member.compress_size, member.file_size
        self._file.write(struct.pack("<LLL", *sizes))
        self._file.seek(0, 2)
        _end(self._target, member)


def _begin(target: ZipFile, member: ZipInfo) -> int:
    """Write a member's header where the next member starts; returns that place."""
    write = cast(IO[bytes], target.fp)
    write.seek(target.start_dir)
    member.header_offset = write.tell()
    member.flag_bits &= ~0x08  # the sizes stand in the header, not behind the data
    write.write(member.FileHeader(zip64=False))
    return member.header_offset


def _end(target: ZipFile, member: ZipInfo) -> None:
    """Enter a member that has been written into the directory."""
    target.start_dir = cast(IO[bytes], target.fp).tell()
    target.filelist.append(member)
    target.NameToInfo[member.filename] = member
