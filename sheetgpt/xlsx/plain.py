"""Copies of an .xlsx file without what one does not need who only computes, or reads values."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from pathlib import Path
from zipfile import ZIP_STORED, BadZipFile, ZipFile

from sheetgpt.errors import WorkbookError
from sheetgpt.xlsx.members import copy_part, new_archive

#: Bytes of a part from which it is copied compressed: so large are only tables of weights.
LARGE = 1 << 26

_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_FORMATS = re.compile(rb"<conditionalFormatting[\s>].*?</conditionalFormatting>", re.DOTALL)
_FORMULA = re.compile(rb"<f(?:\s[^<>]*)?(?:/>|>[^<]*</f>)")
#: Space between tags; in front of the end of a text or a value it would be all that this holds.
_GAP = re.compile(rb">\s+<(?!/[tv]>)")


def without_conditional_formats(source: Path, target: Path) -> None:
    """Copy a workbook; sheets smaller than `LARGE` lose their conditional formats.

    They colour cells and change no value. What changes is stored without compression, as the copy
    is read once. Raises WorkbookError if `source` is no zip file.
    """
    _copy(source, target, lambda sheet: _FORMATS.sub(b"", sheet))


def with_values_alone(source: Path, target: Path) -> None:
    """Copy a workbook; sheets smaller than `LARGE` keep the values of formulas in place of them.

    Nor is there space between their tags, which some programs indent: the reader takes tables of
    numbers in such a form many at a time. Raises WorkbookError if `source` is no zip file.
    """
    _copy(source, target, lambda sheet: _GAP.sub(b"><", _FORMULA.sub(b"", sheet)))


def _copy(source: Path, target: Path, changed: Callable[[bytes], bytes]) -> None:
    try:
        with ZipFile(source) as old, new_archive(target) as new:
            for member in old.infolist():
                if _SHEET.fullmatch(member.filename) and member.file_size < LARGE:
                    sheet = old.read(member)
                    if (fresh := changed(sheet)) != sheet:
                        moved = copy.copy(member)
                        moved.compress_type = ZIP_STORED
                        new.writestr(moved, fresh)
                        continue
                copy_part(old, member, new)
    except BadZipFile as error:
        raise WorkbookError(f"{source} is not a complete .xlsx workbook: {error}.") from error
