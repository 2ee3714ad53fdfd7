"""Tabs of a reader's own that pass themselves off as one of the workbook's."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

#: Letters of other alphabets that are drawn as Latin ones (Unicode Technical Standard 39).
_DRAWN_ALIKE = str.maketrans(
    "АВЕЅІЈКМНОРСТУХԌԚԜаеѕіјорсухһԁԛԝӏΑΒΕΖΗΙΚΜΝΟΡΤΥΧανορυικϲ",
    "abesijkmhopctyxgqwaesijopcyxhdqwlabezhikmnoptyxavopuikc",
)
#: The character that makes what follows run from right to left.
_TURNED = "\u202e"
#: Characters that take no room or turn the order of others around, by category.
_UNSEEN = {"Cf", "Cc", "Zl", "Zp", "Mn"}


def pretended(name: str, tabs: Iterable[str]) -> str | None:
    """The tab whose name looks like this one to a reader; None if there is none."""
    before, _, turned = name.partition(_TURNED)
    shapes = {_shape(name), _shape(before + turned[::-1])}
    return next((tab for tab in tabs if tab != name and _shape(tab) in shapes), None)


def _shape(name: str) -> str:
    """A name as it looks: without what cannot be seen, and in Latin letters."""
    plain = unicodedata.normalize("NFKD", name)
    seen = (char for char in plain if unicodedata.category(char) not in _UNSEEN)
    drawn = "".join(seen).translate(_DRAWN_ALIKE).casefold()
    return " ".join(drawn.split())
