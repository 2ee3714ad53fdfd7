"""Draw the pictures of README.md and of this folder: LibreOffice to PDF, pdftoppm to PNG.

sheetgpt build && python docs/render.py output/tiny.xlsx

Needs LibreOffice with its Python bridge, pdftoppm and the font Carlito, as on Debian:
`apt install libreoffice-calc python3-uno poppler-utils fonts-crosextra-carlito`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from png import encode

from sheetgpt import engines
from sheetgpt.book import Book
from sheetgpt.book.area import Area
from sheetgpt.xlsx.read import read

HERE = Path(__file__).parent
IMAGES = HERE / "images"
DPI = 110
WHITE_EDGE = 12  # pixels that stay around a picture
#: The Python that has `uno`: on Debian and Ubuntu the system's.
SYSTEM_PYTHON = "/usr/bin/python3"

#: The head in which the tiny model's "moves" looks at "quick", and how many tokens to show.
PATTERN, HEAD, TOKENS = "h.0.attn.pattern", 0, 6


@dataclass(frozen=True)
class Picture:
    """Some cells of a workbook; `hidden_rows` are left out (first, count).

    `typed` holds values to type into named cells before, for this picture alone.
    """

    name: str
    cells: Area
    hidden_rows: tuple[tuple[int, int], ...] = ()
    typed: tuple[tuple[str, float], ...] = ()


def main() -> None:
    """Draw all of them into docs/images/."""
    workbook = Path(sys.argv[1])
    book = read(workbook)
    IMAGES.mkdir(exist_ok=True)
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        chosen = pictures(book)
        print_all(workbook, book, chosen, folder)
        for i, picture in enumerate(chosen):
            to_png(folder / f"{i}.pdf", IMAGES / f"{picture.name}.png")


def pictures(book: Book) -> list[Picture]:
    """Every picture, with the cells where this workbook has them."""
    names = book.names
    pattern, stream = names[PATTERN], names["h.0.resid_pre"]
    step, head = number_row(book, pattern, 7), pattern.row + HEAD * pattern.cols
    pieces, lookup = names["pieces"], names["wte_lookup"]
    viewed, drawn = names["attention.viewed"], names["sampling.picked"]
    guesses, alike = names["lens.best.token"], names["arithmetic.best.token"]
    mapped, sizes, switch = names["mapped.xy"], names["residual.pre"], names["switch.0.heads"]
    start_rows, start_columns = book.sheets["Start"].numbers.shape
    return [
        Picture("start", Area("Start", 0, 0, start_rows, start_columns + 2)),
        Picture(
            "attention",
            Area(pattern.sheet, step, 0, head + TOKENS - step, pattern.col + 10),
            # The picture of the block, and the other heads.
            hidden_rows=((step + 2, 2), (pattern.row, head - pattern.row)),
        ),
        Picture("tokens", Area("tokens", 0, 0, pieces.row + 7, pieces.col + 21)),
        Picture("embeddings", Area(lookup.sheet, 0, 0, lookup.row + TOKENS + 2, 13)),
        Picture("block", Area(stream.sheet, 0, 0, stream.row + TOKENS + 1, 19)),
        Picture("head", Area("attention", 0, 0, viewed.row + TOKENS, viewed.col + TOKENS)),
        Picture("lens", Area("lens", 0, 0, guesses.row + guesses.rows, 19)),
        Picture(
            "switches",
            Area(switch.sheet, 0, 0, switch.row + 13, 11),
            typed=(("switch.0.mlp", 0),),
        ),
        Picture(
            "sampling",
            Area("sampling", 0, 0, drawn.row + 10, 17),
            typed=(("temperature", 3), ("random", 0.8)),
        ),
        Picture("neighbours", Area("neighbours", 0, 0, alike.row + alike.rows, 12)),
        Picture(
            "positions",
            Area("positions", 0, 0, title_row(book, mapped, "Three words on a map"), 16),
        ),
        Picture("residual", Area("residual", 0, 0, sizes.row + TOKENS, 16)),
    ]


def number_row(book: Book, below: Area, number: int) -> int:
    """The row of a step's number, in the first column, above some cells."""
    sheet = book.sheets[below.sheet]
    return max(row for row in range(below.row) if sheet.value(row, 0) == number)


def title_row(book: Book, below: Area, title: str) -> int:
    """The row of a step's title, in the second column, above some cells."""
    sheet = book.sheets[below.sheet]
    return max(row for row in range(below.row) if sheet.value(row, 1) == title)


def print_all(workbook: Path, book: Book, chosen: list[Picture], folder: Path) -> None:
    """Print every picture to a PDF of its number, recalculated by LibreOffice."""
    copy = folder / "copy.xlsx"
    shutil.copyfile(workbook, copy)
    pages = [page(book, picture, folder / f"{i}.pdf") for i, picture in enumerate(chosen)]
    request = {"source": copy.as_uri(), "pages": pages}
    (folder / "request.json").write_text(json.dumps(request))
    soffice = shutil.which("soffice")
    if soffice is None:
        sys.exit("LibreOffice is missing: apt install libreoffice-calc python3-uno")
    session, helpers = HERE / "print_session.py", Path(engines.__file__).parent
    subprocess.run(
        [SYSTEM_PYTHON, session, helpers, Path(soffice).resolve(), folder],
        check=True,
        # A virtual environment's packages are not for another Python.
        env={**os.environ, "PYTHONPATH": "", "PYTHONNOUSERSITE": "1", "LC_ALL": "C.UTF-8"},
    )


def page(book: Book, picture: Picture, pdf: Path) -> dict[str, object]:
    """The picture as `print_session.py` takes it; what was typed is undone for the next one."""
    typed, undone = [], []
    for name, value in picture.typed:
        area = book.names[name]
        typed.append([area.sheet, area.a1(), value])
        undone.append([area.sheet, area.a1(), book.named(name).item()])
    return {
        "pdf": pdf.as_uri(),
        "sheet": picture.cells.sheet,
        "cells": picture.cells.a1(),
        "hidden_rows": picture.hidden_rows,
        "typed": typed,
        "undone": undone,
    }


def to_png(pdf: Path, picture: Path) -> None:
    """Draw the first page without its white margins."""
    command = ["pdftoppm", "-r", str(DPI), "-singlefile", str(pdf)]
    page = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    # A PPM file: "P6", width and height, the value of white, then three bytes for each pixel.
    _, width, height, _, _ = page.split(maxsplit=4)
    shape = int(height), int(width), 3
    pixels = np.frombuffer(page[-np.prod(shape) :], np.uint8).reshape(shape)
    ink = np.asarray((pixels < 255).any(axis=2))
    rows, cols = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    part = pixels[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]
    edge = ((WHITE_EDGE, WHITE_EDGE), (WHITE_EDGE, WHITE_EDGE), (0, 0))
    part = np.pad(part, edge, constant_values=255)
    picture.write_bytes(encode(part))


if __name__ == "__main__":
    main()
