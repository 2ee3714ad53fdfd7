"""Rows of a report on what a workbook is made of: formulas, texts, names."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One kind of content compared with what the workbook must be made of.

    `where` is the first place that differs, such as `block.0!D215`; `found` is what is there and
    `wanted` what must be, both as a reader would write them.
    """

    name: str
    compared: int
    differing: int = 0
    where: str = ""
    found: str = ""
    wanted: str = ""

    @property
    def ok(self) -> bool:
        """Nothing differs."""
        return self.differing == 0


class Comparison:
    """Counts what was compared, and keeps the first difference."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._first = ("", "", "")
        self.compared = self.differing = 0

    def agree(self, count: int = 1) -> None:
        """So many more are as they must be."""
        self.compared += count

    def differ(self, where: str, found: object, wanted: object, count: int = 1) -> None:
        """So many more differ, the first of them here."""
        if not self.differing:
            self._first = where, _words(found), _words(wanted)
        self.compared += count
        self.differing += count

    def finding(self) -> Finding:
        """The row of the report."""
        return Finding(self._name, self.compared, self.differing, *self._first)


def _words(value: object) -> str:
    if value is None:
        return "nothing"
    return f"{value:.15g}" if isinstance(value, float) else str(value)
