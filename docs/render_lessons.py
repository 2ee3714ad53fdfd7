"""Draw the pictures of lessons.md, and write down what they show, so that a test sees old ones.

python docs/render_lessons.py

Needs what render.py needs.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from tempfile import TemporaryDirectory

from render import IMAGES, Picture, print_all, to_png

import sheetgpt as sg
from sheetgpt.book import Book
from sheetgpt.book.area import Area
from sheetgpt.layout.bands import EDGE
from sheetgpt.xlsx.read import read

#: The tab that each picture shows, and its lesson.
PICTURES = {
    "lesson-meaning": ("meaning", "meaning"),
    "lesson-curves": ("curves", "curves"),
    "lesson-attention": ("attention", "attention"),
    "lesson-surprise": ("surprise", "surprise"),
    "lesson-maze": ("maze", "helping"),
}
SHOWN = Path(__file__).parent / "lesson-pictures.json"
#: Digits of a number that a picture shows at most.
DIGITS = 6


def main() -> None:
    """Draw all of them into docs/images/, and what they show into docs/lesson-pictures.json."""
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        workbook = folder / "lessons.xlsx"
        sg.lessons(workbook, only=[*dict.fromkeys(lesson for _, lesson in PICTURES.values())])
        book = read(workbook)
        chosen = [Picture(name, cells(book, tab)) for name, (tab, _) in PICTURES.items()]
        print_all(workbook, book, chosen, folder)
        for i, picture in enumerate(chosen):
            to_png(folder / f"{i}.pdf", IMAGES / f"{picture.name}.png")
    shown = {name: digest(book, tab) for name, (tab, _) in PICTURES.items()}
    SHOWN.write_text(json.dumps(shown, indent=1) + "\n", encoding="utf-8")


def cells(book: Book, tab: str) -> Area:
    """The top of a lesson's tab, down to its first exercise."""
    others = book.sheets[tab].others
    exercises = [row for (row, _), text in others.items() if str(text).startswith("Exercise ")]
    return Area(tab, 0, 0, min(exercises), EDGE + 1)


def digest(book: Book, tab: str) -> str:
    """SHA-256 of the words and numbers in a picture, as far as it shows their digits."""
    rows = book.get(cells(book, tab)).tolist()
    shown = [[_shown(x) for x in row] for row in rows]
    return hashlib.sha256(json.dumps(shown, ensure_ascii=False).encode()).hexdigest()


def _shown(value: object) -> object:
    """A number as far as its digits are seen; a blank cell is an empty text."""
    return round(value, DIGITS) + 0.0 if isinstance(value, float) else value or ""


if __name__ == "__main__":
    main()
