"""The pictures of docs/page.md, made by a real browser.

PYTHONPATH=tests python docs/page_pictures.py output/tiny.xlsx
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from browsers import Browser, running

from sheetgpt.commands.page import page

IMAGES = Path(__file__).parent / "images"
STEP = "sheetgpt.app.data.steps.findIndex((s) => s.areas.includes('h.0.attn.pattern'))"
#: Width and height of the window, and what is done before the picture is taken.
PICTURES = {
    "page-step.png": (940, 560, f"sheetgpt.modes.stepper.show({STEP})"),
    "page-ask.png": (940, 560, "(sheetgpt.app.jump('logits'), sheetgpt.modes.ask())"),
    "page-phone.png": (390, 700, "0"),
}


def take(browser: Browser, address: str, name: str) -> None:
    """One picture."""
    width, height, action = PICTURES[name]
    browser.open(address, width, height)
    browser.wait("document.body.dataset.ready")
    browser.value(f"({action}, 0)")
    time.sleep(0.5)  # the next frames are drawn
    browser.picture(IMAGES / name)


def main(workbook: Path) -> None:
    """Make all pictures."""
    with TemporaryDirectory() as folder:
        made = page(workbook, Path(folder) / "page.html")
        with running("chromium", Path(folder)) as browser:
            for name in PICTURES:
                take(browser, made.path.as_uri(), name)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
