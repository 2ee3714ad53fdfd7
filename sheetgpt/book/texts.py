"""How long texts are for spreadsheets, which count in UTF-16 units."""

from __future__ import annotations

#: The longest text of a cell, in UTF-16 units: Excel's limit.
MAX_TEXT = 32_767


def utf16_units(text: str) -> int:
    """The length of a text as spreadsheets count it: a character beyond 65,535 counts twice."""
    return len(text.encode("utf-16-le")) // 2


def cut_off(text: str) -> str:
    """The text, up to where a cell ends; of a character in two units both are kept or none."""
    if len(text) <= MAX_TEXT // 2:
        return text
    units = text.encode("utf-16-le", "surrogatepass")
    if len(units) <= 2 * MAX_TEXT:
        return text
    kept = units[: 2 * MAX_TEXT].decode("utf-16-le", "surrogatepass")
    return kept[:-1] if "\ud800" <= kept[-1] <= "\udbff" else kept
