"""Write the pages of this folder that are made from the program itself.

python docs/generate.py
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from commands_page import commands_page
from lesson_steps_page import lesson_steps_page
from steps_page import steps_page

HERE = Path(__file__).parent
#: Each generated page and what makes it; the same program gives the same bytes.
PAGES: dict[str, Callable[[], str]] = {
    "steps.md": steps_page,
    "lesson-steps.md": lesson_steps_page,
    "commands.md": commands_page,
}


def main() -> None:
    """Write all of them."""
    for name, page in PAGES.items():
        (HERE / name).write_text(page(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
