"""Text as the XML of an .xlsx file holds it."""

from __future__ import annotations

import re
from xml.etree import ElementTree

_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")


def string_item(element: ElementTree.Element) -> str:
    """The text of a string item, plain or in runs of formats; phonetic hints left out."""
    runs = [*element.findall("{*}t"), *element.findall("{*}r/{*}t")]
    return unescape("".join(run.text or "" for run in runs))


def unescape(text: str) -> str:
    """`_x000D_` and the like back into the character that XML cannot hold (ECMA-376 22.9.2.19)."""
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text
