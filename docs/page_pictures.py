"""The pictures of docs/page.md, made by a real browser.

PYTHONPATH=tests python docs/page_pictures.py output/tiny.xlsx

Each picture carries the digest of what it was made by, so that a test says when it is stale.
"""

from __future__ import annotations

import sys
import time
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from browsers import Browser, running
from png import chunk

from sheetgpt.commands.page import page
from sheetgpt.page.bundle import SOURCES

IMAGES = Path(__file__).parent / "images"
STEP = "sheetgpt.app.data.steps.findIndex((s) => s.areas.includes('h.0.attn.pattern'))"
#: Width and height of the window, and what is done before the picture is taken.
PICTURES = {
    "page-step.png": (940, 560, f"sheetgpt.modes.stepper.show({STEP})"),
    "page-ask.png": (940, 560, "(sheetgpt.app.jump('logits'), sheetgpt.modes.ask())"),
    "page-phone.png": (390, 700, "0"),
}

#: The modules of the page that decide on what is seen in them.
DRAWN_BY = (
    "page.css", "ask_panel.js", "bar.js", "cells.js", "charts.js", "format.js", "grid.js",
    "modes.js", "panel.js", "rules.js", "stepper.js", "view.js",
)  # fmt: skip


def mark() -> bytes:
    """What a picture that is up to date carries."""
    digest = sha256(Path(__file__).read_bytes())
    for name in DRAWN_BY:
        digest.update((SOURCES / name).read_bytes())
    return b"made by " + digest.hexdigest().encode()


def take(browser: Browser, address: str, name: str) -> None:
    """One picture."""
    width, height, action = PICTURES[name]
    browser.open(address, width, height)
    browser.wait("document.body.dataset.ready")
    browser.value(f"({action}, 0)")
    time.sleep(0.5)  # the next frames are drawn
    drawn = browser.picture()
    end = drawn.rindex(b"IEND") - 4
    (IMAGES / name).write_bytes(drawn[:end] + chunk(b"tEXt", b"Source\0" + mark()) + drawn[end:])


def main(workbook: Path) -> None:
    """Make all pictures."""
    with TemporaryDirectory() as folder:
        made = page(workbook, Path(folder) / "page.html")
        with running("chromium", Path(folder)) as browser:
            for name in PICTURES:
                take(browser, made.path.as_uri(), name)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
