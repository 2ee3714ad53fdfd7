"""Parts of a zip file: copied without decompressing, or compressed while they are made.

zipfile itself can do neither, and its compressor is far slower than ISA-L's.
"""

from __future__ import annotations

import copy
import struct
import zipfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol, cast
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import deflate
from isal import isal_zlib

from sheetgpt.errors import CapacityError

#: Without the 64-bit extension, which not every spreadsheet program reads, a part of a zip file
#: ends here.
MAX_PART = 0xFFFF_FFFF
#: Levels (measured): isal's fast one; libdeflate's with the best size per second, and the one
#: above it. An embedded model's sheets: level 6 takes 0.3 s, level 7 takes 0.5 s for 1.2 % less,
#: level 9 1.7 s for another 1.7 %.
ISAL_LEVEL, NORMAL_LEVEL, SMALL_LEVEL = 1, 6, 7
#: A fixed date, as XlsxWriter's parts have: the same input must give the same bytes.
DATE = (1980, 1, 1, 0, 0, 0)
#: Pieces that may wait for the compressor, so that memory stays low when they come faster.
AHEAD = 2
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


#: How parts are compressed, by the name that `build --compression` takes; `normal` is for the
#: small parts of a file that is written fast.
COMPRESSIONS: dict[str, Callable[[], Compressor]] = {
    "fast": lambda: isal_zlib.compressobj(ISAL_LEVEL, isal_zlib.DEFLATED, -_WINDOW),
    "normal": lambda: _Libdeflate(NORMAL_LEVEL),
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


def add_part(target: ZipFile, name: str, pieces: Iterable[bytes], compression: str) -> None:
    """Append a new member, made piece by piece.

    Raises CapacityError when it passes what a zip file holds without its 64-bit extension.
    """
    member = ZipInfo(name, DATE)
    member.compress_type = ZIP_DEFLATED
    member.external_attr = 0o600 << 16
    member.CRC = member.compress_size = member.file_size = 0  # until they are known
    write = cast(IO[bytes], target.fp)
    start = _begin(target, member)
    packing = _Packing(COMPRESSIONS[compression]())
    packed = 0
    for piece in packing.pieces(pieces):
        if packing.size > MAX_PART:
            raise CapacityError(
                f"{name} would be larger than 4 GiB, which is more than a workbook's part can be; "
                "use a smaller model, or --precision int8."
            )
        packed += write.write(piece)
    crc, size = packing.crc, packing.size
    member.CRC, member.file_size, member.compress_size = crc, size, packed
    write.seek(start + _CRC_AT)
    write.write(struct.pack("<LLL", crc, packed, size))
    write.seek(0, 2)
    _end(target, member)


class _Packing:
    """The compressed pieces of a part, and the checksum and size of what they were made of.

    Pieces are compressed by a thread while the next ones are rendered: ISA-L holds no lock
    meanwhile. The order, and so every byte, is as without the thread.
    """

    def __init__(self, compressor: Compressor) -> None:
        self._compressor = compressor
        self.crc = self.size = 0

    def pieces(self, plain: Iterable[bytes]) -> Iterator[bytes]:
        """Each piece compressed, and what the compressor holds back at the end."""
        with ThreadPoolExecutor(1) as thread:
            waiting: deque[Future[bytes]] = deque()
            for piece in plain:
                waiting.append(thread.submit(self._pack, piece))
                if len(waiting) > AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        yield self._compressor.flush()

    def _pack(self, piece: bytes) -> bytes:
        self.crc = isal_zlib.crc32(piece, self.crc)
        self.size += len(piece)
        return self._compressor.compress(piece)


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
