"""What a file from a stranger may ask for, and what is said when it asks for more."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from test_read import by_hand

from sheetgpt.errors import WorkbookError
from sheetgpt.xlsx.limits import STRANGERS, TRUSTED
from sheetgpt.xlsx.read import read


@pytest.mark.parametrize(
    ("limit", "cells", "words"),
    [
        ({"file": 100}, "", "bytes, more than the 100 that a file from strangers may. If you know"),
        ({"parts": 4}, "", "has 5 parts, more than the 4"),
        ({"total": 500}, "", "bytes in all its parts, unpacked, more than the 500"),
        ({"part": 9}, "", "xl/worksheets/sheet1.xml in "),
        ({"cells": 99}, '<row r="10"><c r="J10"><v>1</v></c></row>', "the tab 's' in "),
        ({"cells": 99}, '<row><c><f t="array" ref="A1:J10">1</f></c></row>', "100 cells"),
        ({"single": 1}, '<row r="1"><c r="A1"/><c r="B1"/></row>', "2 cells that are no plain"),
        (
            {"single": 2},
            '<row><c t="str"><v>a</v></c><c><v>1</v></c><c><v>2</v></c><c t="b"><v>1</v></c></row>',
            "3 cells that are no plain numbers side by side",
        ),
        (
            {"formulas": 1},
            "<row><c><f>1</f></c><c><f>2</f></c></row>",
            "2 formulas, more than ",
        ),
        ({"text": 3}, '<row r="1"><c r="A1"><f>1+1+1</f></c></row>', "5 characters in all"),
        ({"names": 0}, "", "1 defined names"),
        ({"area": 8}, "", "the name x in "),
    ],
)
def test_more_than_a_limit(tmp_path: Path, limit: dict[str, int], cells: str, words: str) -> None:
    name = '<definedName name="x">s!$A$1:$C$3</definedName>'
    path = by_hand(tmp_path / "a.xlsx", cells or "<row/>", names=name)
    read(path)
    with pytest.raises(WorkbookError, match="give --trust") as error:
        read(path, limits=replace(STRANGERS, **limit))
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("1+" * 4096 + "1", "has 8,193 characters, more than the 8,192 that any workbook needs"),
        ("(" * 65 + "1" + ")" * 65, "has 65 brackets inside of each other, more than the 64"),
        ("IF(1," * 3000 + "1" + ")" * 3000, "characters"),
    ],
)
def test_a_formula_that_no_program_takes(tmp_path: Path, formula: str, words: str) -> None:
    path = by_hand(tmp_path / "a.xlsx", f'<row r="7"><c r="B7"><f>{formula}</f></c></row>')
    with pytest.raises(WorkbookError, match=r"the formula in s!B7") as error:
        read(path, limits=TRUSTED)
    assert words in str(error.value)


def test_brackets_in_texts_are_no_brackets(tmp_path: Path) -> None:
    text = "&quot;" + "(" * 200 + "&quot;"
    read(by_hand(tmp_path / "a.xlsx", f'<row r="7"><c r="B7"><f>{text}</f></c></row>'))


def flagged(path: Path, at: int, value: int, count: int = 1) -> None:
    """A workbook with other bytes in the headers of its parts (APPNOTE.TXT, 4.3.7 and 4.3.12)."""
    data = bytearray(by_hand(path, "<row/>").read_bytes())
    for mark, offset in ((b"PK\3\4", 0), (b"PK\1\2", 2)):
        place = data.find(mark)
        while place >= 0:
            data[place + at + offset : place + at + offset + count] = value.to_bytes(
                count, "little"
            )
            place = data.find(mark, place + 4)
    path.write_bytes(data)


def repacked(path: Path, method: int) -> None:
    by_hand(path, "<row/>")
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(path, "w", method) as new:
        for name, data in parts.items():
            new.writestr(name, data)


def with_part(path: Path, part: str, data: bytes) -> None:
    by_hand(path, "<row/>")
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()} | {part: data}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in parts.items():
            new.writestr(name, content)


def sheet(rows: str) -> bytes:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>'.encode()


SHEET, STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: flagged(path, 6, 1), "_rels/.rels is encrypted"),
        (lambda path: flagged(path, 8, 98, 2), "compressed in a way that no program reads"),
        (lambda path: repacked(path, zipfile.ZIP_LZMA), "compressed in a way that no program"),
        (
            lambda path: with_part(path, SHEET, sheet('<row r="1"></row><row ')),
            f"damaged in {SHEET}",
        ),
        (lambda path: with_part(path, SHEET, sheet("\xff")[:-20] + b"\xff"), f"damaged in {SHEET}"),
        (lambda path: with_part(path, STRINGS, b"\xff<sst/>"), f"damaged in {STRINGS}"),
        (lambda path: with_part(path, STRINGS, b"<sst><si><si><si>"), f"damaged in {STRINGS}"),
        (lambda path: with_part(path, STRINGS, b" " * 33_000_000), "33,000,000 bytes, unpacked"),
        (lambda path: with_part(path, "xl/media/x", b" " * 501_000_000), "in all its parts"),
        (
            lambda path: with_part(path, SHEET, sheet('<row r="1048577"><c/></row>')),
            "are not in order",
        ),
    ],
)
def test_a_file_that_is_damaged(tmp_path: Path, make: Callable[[Path], Any], words: str) -> None:
    path = tmp_path / "some file.xlsx"
    make(path)
    with pytest.raises(WorkbookError, match=r"some file\.xlsx") as error:
        read(path)
    assert words in str(error.value)


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="A3" t="e"><v>#FOO!</v></c>',
        '<c r="A3" t="s"><v>-1</v></c>',
        f'<c r="A3" t="s"><v>{"9" * 5000}</v></c>',
        '<c r="A3"><v>nan</v></c>',
        '<c r="A3"><v>1e999</v></c>',
        '<c r="A3"><v>1_000</v></c>',
        '<c r="A3"><v>٣</v></c>',
        '<c r="A3" t="b"><v>7</v></c>',
    ],
)
def test_a_value_that_is_none(tmp_path: Path, cell: str) -> None:
    with pytest.raises(WorkbookError, match=r"holds the value '.*' of type '.' in s!A3") as error:
        read(by_hand(tmp_path / "a.xlsx", f'<row r="3">{cell}</row>'))
    assert len(str(error.value)) < 300


def test_halves_of_a_pair_are_one_character(tmp_path: Path) -> None:
    cells = '<c r="A1" t="str"><v>_xD83D__xDE42_</v></c><c r="B1" t="str"><v>_xD83D_</v></c>'
    book = read(by_hand(tmp_path / "a.xlsx", f'<row r="1">{cells}</row>'))
    assert book.sheets["s"].others == {(0, 0): "🙂", (0, 1): "\ud83d"}


@pytest.mark.parametrize("name", ["a&#10;::error::b", "a&#127;[2J", "a/b", "x" * 32, ""])
def test_a_name_that_no_sheet_has(tmp_path: Path, name: str) -> None:
    path = by_hand(tmp_path / "a.xlsx", "<row/>")
    with zipfile.ZipFile(path) as old:
        parts = {part: old.read(part) for part in old.namelist()}
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(
        b'name="s"', f'name="{name}"'.encode()
    )
    with zipfile.ZipFile(path, "w") as new:
        for part, data in parts.items():
            new.writestr(part, data)
    with pytest.raises(WorkbookError, match=r"a name no program takes") as error:
        read(path)
    assert "\n" not in str(error.value)
