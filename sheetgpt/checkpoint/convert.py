"""Where the script is that converts what sheetgpt does not open itself, and how to call it."""

from __future__ import annotations

import shlex
from importlib import resources
from pathlib import Path

_SCRIPT = "convert.py"


def script() -> Path:
    """docs/convert.py: inside an installed package, else in the checkout."""
    inside = Path(str(resources.files("sheetgpt"))) / "docs" / _SCRIPT
    return inside if inside.is_file() else Path(__file__).parents[2] / "docs" / _SCRIPT


def convert_command(source: str, *options: str) -> str:
    """The command that makes a folder `converted` of a source, as one types it."""
    return shlex.join(["python", str(script()), source, "converted", *options])
