"""What may be typed into cells: data validation by XlsxWriter, which would drop long words."""

from __future__ import annotations

from typing import Any

from sheetgpt.book.area import Area
from sheetgpt.book.look import MOST_NOTE, MOST_TITLE, Entry, EntryKind
from sheetgpt.book.texts import utf16_units
from sheetgpt.errors import WorkbookError
from sheetgpt.xlsx.styles import Properties

#: The most UTF-16 units that Excel shows, by part of an entry.
MOST = {"title": MOST_TITLE, "note": MOST_NOTE, "problem": MOST_NOTE}
#: What XlsxWriter calls the kinds of an entry.
KINDS: dict[EntryKind, str] = {"text": "length", "whole": "whole", "number": "decimal"}


def add_entry(worksheet: Any, entry: Entry) -> None:
    """Limit what the cells of an entry take and help whoever selects them.

    Raises WorkbookError for an unknown kind, and for words that are longer than Excel shows.
    """
    area = Area(worksheet.get_name(), entry.row, entry.col, entry.rows, entry.cols)
    if entry.kind not in KINDS:
        raise WorkbookError(
            f"The entry in {area.full()} is of the kind '{entry.kind}'; choose one of "
            f"{', '.join(KINDS)}."
        )
    for part, most in MOST.items():
        words = getattr(entry, part)
        if (units := utf16_units(words)) > most:
            raise WorkbookError(
                f"The {part} of the entry in {area.full()} has {units} characters and Excel "
                f"shows {most}; shorten it: {words}"
            )
    words = {
        "input_title": entry.title,
        "input_message": entry.note,
        "error_title": entry.title,
        "error_message": entry.problem,
    }
    options: Properties = {
        "validate": KINDS[entry.kind],
        "error_type": "stop",
        **{key: text for key, text in words.items() if text},
    }
    if entry.kind == "text":
        options |= {"criteria": "<=", "value": _limit(entry.high)}
    else:
        options |= {"criteria": "between", "ignore_blank": False}
        options |= {"minimum": _limit(entry.low), "maximum": _limit(entry.high)}
    last_row, last_col = entry.row + entry.rows - 1, entry.col + entry.cols - 1
    worksheet.data_validation(entry.row, entry.col, last_row, last_col, options)


def _limit(limit: float | str) -> float | str:
    """A number, or a formula without the spaces that some programs take for an intersection."""
    return f"={limit.replace(' ', '')}" if isinstance(limit, str) else limit
