"""Text that can be printed anywhere, whatever files, sheets and prompts are called.

A name with a line break could forge a line of a report, one with an escape sequence could repaint a
terminal, and half a surrogate pair is in no encoding. They are shown as Python writes them in a
string.
"""

from __future__ import annotations

import re

#: Control characters, marks of direction, ends of lines and paragraphs, halves of surrogate pairs;
#: line feeds are left out.
_ODD = "\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff"
_ODD_TEXT, _ODD_LINE = re.compile(f"[{_ODD}]"), re.compile(f"[\n{_ODD}]")


def printable(text: object) -> str:
    """The text with everything escaped that is not safe to print, but for its line feeds."""
    return _ODD_TEXT.sub(_escaped, str(text))


def on_one_line(text: object) -> str:
    """The same with its line feeds escaped, too."""
    return _ODD_LINE.sub(_escaped, str(text))


def in_json(document: str) -> str:
    """JSON with what is not safe to print as `\\uXXXX`, which means the same."""
    return _ODD_TEXT.sub(lambda found: f"\\u{ord(found[0]):04x}", document)


def _escaped(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode()
