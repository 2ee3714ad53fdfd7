"""Write a Book to an .xlsx file.

XlsxWriter writes tabs, styles and the table of texts; `splice` adds the cells, of which there are
millions. XlsxWriter is known here and to the modules that write what is on a tab: `tab`,
`presentation`, `entries`, `equation`, `charts` and `rules`.

Every formula cell gets its value from the Book, also inside array ranges, so that programs which
do not calculate show true numbers. The same Book gives the same bytes.
"""

from __future__ import annotations

from pathlib import Path

import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException

from sheetgpt._version import VERSION
from sheetgpt.book import Book
from sheetgpt.book.look import Look
from sheetgpt.errors import WorkbookError
from sheetgpt.replacing import beside, replacing
from sheetgpt.xlsx.charts import add_chart
from sheetgpt.xlsx.equation import EquationWriter
from sheetgpt.xlsx.origin import CREATED, WRITTEN_BY
from sheetgpt.xlsx.patch import with_text
from sheetgpt.xlsx.rules import add_formats, add_rule
from sheetgpt.xlsx.splice import Additions, require_alike, splice, take_strings
from sheetgpt.xlsx.styles import STYLES
from sheetgpt.xlsx.tab import PlainWorksheet, TabWriter

#: Of every workbook.
PROPERTIES = {
    "subject": "How GPT-2 computes the next token, in formulas",
    "author": f"sheetgpt {VERSION}",
    "keywords": f"GPT-2, transformer, spreadsheet, {WRITTEN_BY}",
    "created": CREATED,
}
#: Tabs of weights are written first and tabs of data last.
WRITTEN = {"weights": 0, "data": 2}
#: The ending of what XlsxWriter writes.
BARE = ".bare"
OPTIONS = {
    "in_memory": True,  # no temporary files, which a process that is killed would leave behind
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
    "nan_inf_to_errors": False,
    "default_date_format": "yyyy-mm-dd",
}


def write(
    book: Book,
    path: Path,
    title: str,
    comments: str,
    *,
    compression: str = "small",
    cell_refs: bool = True,
    keep: Path | None = None,
    same_room: bool = True,
) -> None:
    """Write the book to `path`, which is replaced only when the new file is complete.

    `title` and `comments` become document properties. `compression` is `fast` or `small`;
    without `cell_refs` the cells of large blocks carry no names, which some programs need.
    `keep` is a workbook of the same model and templates: its weights are copied as they are,
    compressed, and if it has the `same_room` (capacity) its data too. Raises WorkbookError when the
    folder cannot be written to or `keep` was not written by this program, CapacityError for a
    part over 4 GiB.
    """
    prompt = book.names.get("prompt")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path, (BARE,)) as unfinished:
            bare = beside(path, BARE)
            alike = keep is not None and same_room
            kept: set[str] = set()
            additions = write_bare(book, bare, title, comments, cell_refs, with_data=not alike)
            if keep is not None:
                kept = _parts_of(book, *(("weights", "data") if alike else ("weights",)))
                for part in kept:
                    del additions[part]
                require_alike(bare, keep)
                if alike:
                    take_strings(bare, keep, prompt)
            if prompt is not None:
                # XlsxWriter's way of storing odd characters is not the one every program reads.
                with_text(bare, bare, prompt, str(book.named("prompt")[0, 0] or ""))
            splice(bare, unfinished, additions, compression, None if keep is None else (keep, kept))
    except (OSError, XlsxWriterException) as error:
        raise WorkbookError(f"{path} cannot be written: {error}. Choose another file.") from error


def _parts_of(book: Book, *kinds: str) -> set[str]:
    """The parts of the file that hold the tabs of some kinds, `weights` or `data`."""
    kinds_of_tabs = [book.looks[name].group for name in book.sheets]
    return {sheet_part(i) for i, kind in enumerate(kinds_of_tabs, 1) if kind in kinds}


def sheet_part(number: int) -> str:
    """The part of a file that holds its tab of this number, from 1."""
    return f"xl/worksheets/sheet{number}.xml"


def write_bare(
    book: Book,
    path: Path,
    title: str,
    comments: str,
    cell_refs: bool = True,
    with_data: bool = True,
) -> dict[str, Additions]:
    """Write everything but formulas, numbers and texts; returns those by part of the file.

    What the tabs of weights refer to is the same in every workbook of a model, so that they can
    be copied from one to another: the numbers of formats, and the first strings of the table of
    strings. The tabs of data come last, so that they may be left out. The prompt stays blank: it
    would change the table.
    """
    blank = book.names.get("prompt")
    with xlsxwriter.Workbook(str(path), OPTIONS) as workbook:
        workbook.set_properties({**PROPERTIES, "title": title, "comments": comments})
        formats = {name: workbook.add_format(spec) for name, spec in STYLES.items()}
        # Each gets its number now, used or not; two that look the same share one.
        style_numbers = [0, *(style._get_xf_index() for style in formats.values())]
        rule_formats = add_formats(workbook)
        equations = EquationWriter(workbook)
        writers = [
            TabWriter(
                workbook.add_worksheet(sheet.name, PlainWorksheet),
                sheet,
                book.looks.get(sheet.name, Look()),
                formats,
                style_numbers,
                equations,
                blank,
                cell_refs,
            )
            for sheet in book.sheets.values()
        ]
        for writer in sorted(writers, key=lambda writer: WRITTEN.get(writer.look.group, 1)):
            if with_data or writer.look.group != "data":
                writer.write()
        for writer in writers:
            # Also on tabs that are copied: charts are parts of the file of their own.
            for chart in writer.look.charts:
                add_chart(workbook, writer.worksheet, chart, book)
            for rule in writer.look.rules:
                add_rule(writer.worksheet, rule, rule_formats)
        for name, area in book.names.items():
            workbook.define_name(name, f"={area.full()}")
    return {sheet_part(i): writer.additions for i, writer in enumerate(writers, 1)}
