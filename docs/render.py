"""Draw the pictures of README.md from a built workbook: LibreOffice to PDF, pdftoppm to PNG.

sheetgpt build && python docs/render.py output/tiny.xlsx
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import range_boundaries

IMAGES = Path(__file__).with_name("images")
DPI = 120
WHITE_EDGE = 12  # pixels that stay around a picture
PAPER_A3 = 8

#: The head in which the tiny model's "moves" looks at "quick", and how much of it to show.
PATTERN, STEP, HEAD, SHOWN_ROWS, SHOWN_COLUMNS = "h.0.attn.pattern", 7, 0, 6, 10


def main() -> None:
    """Draw both pictures into docs/images/."""
    workbook = Path(sys.argv[1])
    IMAGES.mkdir(exist_ok=True)
    draw(workbook, "Start", "A1:L25", range(0), range(0), IMAGES / "start.png")
    draw(workbook, *_attention(workbook), IMAGES / "attention.png")


def _attention(workbook: Path) -> tuple[str, str, range, range]:
    """Where one head's pattern is: sheet, cells, and the rows and columns to leave out."""
    book = openpyxl.load_workbook(workbook, read_only=True)
    sheet, _, area = book.defined_names[PATTERN].attr_text.rpartition("!")
    sheet = sheet.strip("'")
    left, top, right, _ = range_boundaries(area.replace("$", ""))
    first = top + HEAD * (right - left + 1)
    numbers = (cells[0].value for cells in book[sheet].iter_rows(max_col=1, max_row=top))
    card = list(numbers).index(STEP) + 1
    corner = f"{get_column_letter(left + SHOWN_COLUMNS - 1)}{first + SHOWN_ROWS - 1}"
    return (
        sheet,
        f"A{card}:{corner}",
        range(top, first),
        range(4, left),  # behind the positions and words of the rows, before the pattern
    )


def draw(
    workbook: Path,
    sheet: str,
    cells: str,
    hidden_rows: range,
    hidden_columns: range,
    picture: Path,
) -> None:
    """Write a PNG of some cells of a sheet, recalculated by LibreOffice; rows count from 1."""
    book = openpyxl.load_workbook(workbook)
    for other in book.worksheets:
        other.sheet_state = "visible" if other.title == sheet else "hidden"
    page = book[sheet]
    book.active = page
    page.print_area = cells
    page.page_setup.paperSize = PAPER_A3
    page.page_setup.fitToHeight = 1
    for row in hidden_rows:
        page.row_dimensions[row].hidden = True
    _hide_columns(page, hidden_columns)
    with TemporaryDirectory() as folder:
        copy = Path(folder) / "page.xlsx"
        book.save(copy)
        profile = f"-env:UserInstallation={(Path(folder) / 'profile').as_uri()}"
        subprocess.run(
            ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", folder, copy],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        _to_png(copy.with_suffix(".pdf"), picture)


def _hide_columns(page: openpyxl.worksheet.worksheet.Worksheet, columns: range) -> None:
    """Hide some columns; openpyxl keeps columns of one width as a single entry, split here."""
    if not columns:
        return
    first = page.column_dimensions[get_column_letter(columns.start)]
    rest = page.column_dimensions[get_column_letter(columns.stop)]
    rest.width, rest.min, rest.max = first.width, columns.stop, first.max
    first.max, first.hidden = columns.stop - 1, True


def _to_png(pdf: Path, picture: Path) -> None:
    """Draw the first page without its white margins."""
    command = ["pdftoppm", "-r", str(DPI), "-singlefile"]
    page = subprocess.run([*command, "-gray", pdf], check=True, stdout=subprocess.PIPE).stdout
    # A PGM file: "P5", width and height, the value of white, then a byte for each pixel.
    _, width, height, _, _ = page.split(maxsplit=4)
    size = int(height), int(width)
    pixels = np.frombuffer(page[-size[0] * size[1] :], np.uint8).reshape(size)
    rows, cols = (np.flatnonzero((pixels < 255).any(axis=axis)) for axis in (1, 0))
    left, top = max(cols[0] - WHITE_EDGE, 0), max(rows[0] - WHITE_EDGE, 0)
    box = [
        "-x",
        left,
        "-y",
        top,
        "-W",
        cols[-1] + WHITE_EDGE - left,
        "-H",
        rows[-1] + WHITE_EDGE - top,
    ]
    subprocess.run([*command, "-png", *map(str, box), pdf, picture.with_suffix("")], check=True)


if __name__ == "__main__":
    main()
