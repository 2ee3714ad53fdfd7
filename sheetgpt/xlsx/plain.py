"""A copy of an .xlsx file without its conditional formats, for programs that only compute."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from zipfile import ZIP_STORED, BadZipFile, ZipFile

from sheetgpt.errors import WorkbookError
from sheetgpt.xlsx.members import copy_part, new_archive

#: Bytes of a part from which it is copied compressed: so large are only tables of weights.
LARGE = 1 << 26

_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_FORMATS = re.compile(rb"<conditionalFormatting[\s>].*?</conditionalFormatting>", re.DOTALL)


def without_conditional_formats(source: Path, target: Path) -> None:
    """Copy a workbook; sheets smaller than `LARGE` lose their conditional formats.

    They colour cells and change no value. What changes is stored without compression, as the copy
    is read once. Raises WorkbookError if `source` is no zip file.
    """
    try:
        with ZipFile(source) as old, new_archive(target) as new:
            for member in old.infolist():
                if _SHEET.fullmatch(member.filename) and member.file_size < LARGE:
                    sheet = old.read(member)
                    if b"<conditionalFormatting" in sheet:
                        moved = copy.copy(member)
                        moved.compress_type = ZIP_STORED
                        new.writestr(moved, _FORMATS.sub(b"", sheet))
                        continue
                copy_part(old, member, new)
    except BadZipFile as error:
        raise WorkbookError(f"{source} is not a complete .xlsx workbook: {error}.") from error
