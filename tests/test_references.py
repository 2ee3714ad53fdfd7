"""Words of a formula's text, copies of it in other cells, and the template that copies share."""

from __future__ import annotations

import pytest

from sheetgpt.book.area import Area
from sheetgpt.book.references import (
    Splitter,
    UnknownName,
    Unsupported,
    move,
    split,
    to_area,
    words,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A1+$B$2:C3", "reference reference"),
        ("'it''s'!A1+Sheet_2!$A$1:$B$2", "reference reference"),
        ('"A1"&"say ""B2"""', "string string"),
        (
            "SUM(A1)+LOG10(2)+_xlfn.UNICODE(B1)",
            "function reference function number function reference",
        ),
        ("1E+5+2.5e-3+.5+1E5+E5", "number number number number reference"),
        ("h.0.ln_1*eps+A1B+true", "name name name boolean"),
        ("A:A+$1:$2+Sheet1!B:C", "whole whole whole"),
        ("[1]x!A1+'[b.xlsx]x'!A1+'c:\\[b.xlsx]x'!A1", "external external external"),
        ("#N/A+#DIV/0!+#NAME?", "error error error"),
        ("A1:INDEX(B1:B2,1)", "unknown reference number"),
        ("Sheet1!name", "unknown"),
    ],
)
def test_kinds_of_words(text: str, expected: str) -> None:
    assert " ".join(word.kind for word in words(text)) == expected


@pytest.mark.parametrize(
    ("text", "rows", "cols", "moved"),
    [
        ("A1*2", 1, 2, "C2*2"),
        ("$A1+A$1+$A$1", 1, 1, "$A2+B$1+$A$1"),
        ("SUM('it''s'!A1:$B$2)", 3, 0, "SUM('it''s'!A4:$B$2)"),
        ('LOG10(A1)&"A1"&h0.x&1E+5', 1, 0, 'LOG10(A2)&"A1"&h0.x&1E+5'),
        ("Z1+AZ1", 0, 1, "AA1+BA1"),
        ("A2+B2", -1, -1, "#REF!+A1"),
        ("A1048576", 1, 0, "#REF!"),
        ("#N/A/A$1+#DIV/0!/A2", 1, 1, "#N/A/B$1+#DIV/0!/B3"),
    ],
)
def test_a_copy_in_another_cell(text: str, rows: int, cols: int, moved: str) -> None:
    assert move(text, rows, cols) == moved


def test_copies_share_a_template_and_others_do_not() -> None:
    names = {"X": to_area(Area("data", 0, 0, 2, 2))}
    first = split("A1*2+$B$1+X+x", 0, 3, names)
    assert first[0] == "_0*2+_1+_2+_2"
    assert split("A5*2+$B$1+x+X", 4, 3, names) == first
    assert split("A5*2+$B$2+x+X", 4, 3, names) != first
    assert split("A5*2+$B$1+x+X", 5, 3, names) != first


@pytest.mark.parametrize(
    ("text", "error"), [("nobody+1", UnknownName), ("A:A", Unsupported), ("[1]x!A1", Unsupported)]
)
def test_what_cannot_be_followed(text: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        split(text, 0, 0, {})


COPIED = [
    "A1*2+$B$1+X1x",
    "SUM('it''s 1'!A1:$B$2)+'h.0'!C7+A0+A01",
    'LOG10(A10)&"A1"&1E+5&"05"',
    "$A1+A$1+Sheet_2!$A$1:$B$20",
    "IF(A$9:A3=0.5,A3,A9:A$3)",
]


@pytest.mark.parametrize("text", COPIED)
def test_copies_are_taken_apart_as_each_by_itself(text: str) -> None:
    names = {"X1X": to_area(Area("other", 2, 1)), "A0": to_area(Area("other", 3, 1))}
    names["A01"] = to_area(Area("other", 4, 1))
    splitter = Splitter(names)
    places = [(row, col) for col in (0, 3) for row in (0, 8, 9, 98, 99)]
    for down, (row, col) in enumerate(places):
        for copy in (move(text, row, col), move(text, down, 0), text):
            assert splitter.split(copy, row, col) == split(copy, row, col, names)
