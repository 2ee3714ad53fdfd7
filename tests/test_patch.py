"""Another text in one cell of a copy: what changes, what does not, and what engines read."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest
import xlsxwriter
from needs import needs

from sheetgpt.book.area import Area
from sheetgpt.engines import ENGINES
from sheetgpt.engines.process import run
from sheetgpt.errors import CapacityError, InputError, SheetgptError, WorkbookError
from sheetgpt.xlsx.patch import with_text

#: Each in a cell of its own, on the row of its position in this table.
TEXTS = {
    "plain": "The quick brown fox",
    "empty": "",
    "formula": "=1+1",
    "signs": "+a -b @c",
    "apostrophe": "'quoted",
    "markup": 'say "hi" & <b> ]]> it\'s',
    "spaces around": "  two and two  ",
    "only spaces": "   ",
    "number": "012.50",
    "boolean": "TRUE",
    "error": "#N/A",
    "wildcards": "~*?",
    "tab": "a\tb",
    "line feeds": "\na\n\nb\n",
    "carriage return": "a\rb",
    "Windows lines": "a\r\nb\r\n",
    "code": "if x:\n\treturn\n",
    "indented": " \n\t a\n ",
    "emoji": "👍🏽 👨‍👩‍👧 ok",
    "accents": "é e\u0301 ß ﬁ 你好",
    "invisible": "\ufeffa\u200b\xa0b\u2028c\x85d\x7f",
    "private": "\ue000\U000f0000",
    "looks escaped": "_x0041_ _x000D_ a_x00e9_b",
    "looks half escaped": "_x41_ _X0041_ _x0041 x0041_",
    "control": "a\x01b\x1fc\x0b",
    "not XML": "a\ufffeb\uffff",
    "control behind an escape": "_x0041\x01",
}

#: What XML cannot hold and so is written as _xHHHH_, which Gnumeric and openpyxl do not decode.
CODED = {"control", "not XML", "control behind an escape"}
#: What an engine takes for another text: Gnumeric, and openpyxl, by which ExcelModel reads.
#: CellRune gives UNICODE of half a character as U+FFFD, which the formulas of `tokens` allow for.
MISREAD = {
    "gnumeric": CODED,
    "excelmodel": {"looks escaped", "control behind an escape"},
    "cellrune": {"emoji", "private"},
}

WIDTH = max(map(len, TEXTS.values()))
#: UNICODE of each character, 0 behind the end: what the formulas see.
SEEN = Area("Start", 0, 2, len(TEXTS), WIDTH)


def by_xlsxwriter(path: Path) -> None:
    """Texts in column A, their lengths in B and their code points from C on, none computed."""
    book = xlsxwriter.Workbook(path)
    book.add_worksheet("other").write_string(0, 0, "untouched")
    sheet = book.add_worksheet("Start")
    for row in range(len(TEXTS)):
        sheet.write_string(row, 0, f"old {row}", book.add_format({"bold": True}))
        sheet.write_formula(row, 1, f"=LEN(A{row + 1})", None, -1)
        for i in range(WIDTH):
            code = f"_xlfn.UNICODE(MID(A{row + 1},{i + 1},1))"
            sheet.write_formula(row, 2 + i, f"=IF({i}<B{row + 1},{code},0)", None, -1)
    book.close()


def by_openpyxl(path: Path) -> None:
    by_xlsxwriter(path)
    openpyxl.load_workbook(path).save(path)


def by_gnumeric(path: Path) -> None:
    needs("gnumeric")
    by_xlsxwriter(path)
    run("Gnumeric", ["ssconvert", str(path), str(path.with_name("saved.xlsx"))], 60, {})
    path.with_name("saved.xlsx").replace(path)


def by_libreoffice(path: Path) -> None:
    needs("libreoffice")
    by_xlsxwriter(path)
    profile, folder = (path.with_name(name) for name in ("profile", "saved"))
    options = [f"-env:UserInstallation={profile.as_uri()}", "--convert-to", "xlsx", "--outdir"]
    run("LibreOffice", ["soffice", "--headless", *options, str(folder), str(path)], 300, {})
    (folder / path.name).replace(path)


def with_prefixes(path: Path) -> None:
    """Every element as <x:name>, as some tools on Microsoft's Open XML SDK write it."""
    by_xlsxwriter(path)
    rewrite(path, [(r"<(/?)(?=[a-z])", r"<\1x:"), (r"xmlns=", "xmlns:x=")])


def without_places(path: Path) -> None:
    """Rows and cells that say no row and column, as huge workbooks save space."""
    by_xlsxwriter(path)
    rewrite(path, [(r'(<(?:row|c))\b r="\w+"', r"\1")])


def rewrite(path: Path, changes: list[tuple[str, str]]) -> None:
    with ZipFile(path) as file:
        parts = {name: file.read(name).decode() for name in file.namelist()}
    with ZipFile(path, "w") as file:
        for name, part in parts.items():
            new = part
            for pattern, replacement in changes:
                new = re.sub(pattern, replacement, new)
            file.writestr(name, new if re.search("worksheets/|sharedStrings", name) else part)


def put_all(path: Path) -> None:
    for row, text in enumerate(TEXTS.values()):
        with_text(path, path, Area("Start", row, 0), text)


@pytest.mark.parametrize(
    "make",
    [
        by_xlsxwriter,
        by_openpyxl,
        with_prefixes,
        without_places,
        pytest.param(by_libreoffice, marks=pytest.mark.engine),
        pytest.param(by_gnumeric, marks=pytest.mark.engine),
    ],
)
def test_files_of_every_program(tmp_path: Path, make: Callable[[Path], None]) -> None:
    path = tmp_path / "book.xlsx"
    make(path)
    put_all(path)
    book = openpyxl.load_workbook(path)
    cells = [cell for (cell,) in book["Start"].iter_rows(max_col=1)]
    read = dict(zip(TEXTS, (cell.value or "" for cell in cells), strict=True))
    assert {kind for kind in TEXTS if read[kind] != TEXTS[kind]} == CODED
    assert all(cell.font.bold for cell in cells)
    assert book["other"]["A1"].value == "untouched"


@pytest.mark.engine
@pytest.mark.parametrize("name", ENGINES)
def test_every_engine_sees_every_character(tmp_path: Path, name: str) -> None:
    needs(name)
    path = tmp_path / "book.xlsx"
    by_xlsxwriter(path)
    put_all(path)
    codes = ENGINES[name].recalculate(path, {"seen": SEEN})["seen"]
    seen = dict(zip(TEXTS, ("".join(chr(int(n)) for n in row if n) for row in codes), strict=True))
    assert {kind for kind in TEXTS if seen[kind] != TEXTS[kind]} == MISREAD.get(name, set())


def test_all_else_is_copied_as_compressed_bytes(tmp_path: Path) -> None:
    source, target = tmp_path / "source.xlsx", tmp_path / "target.xlsx"
    by_xlsxwriter(source)
    before = source.read_bytes()
    with_text(source, target, Area("Start", 3, 0), "new")
    assert source.read_bytes() == before
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["source.xlsx", "target.xlsx"]
    with ZipFile(source) as old, ZipFile(target) as new:
        assert old.namelist() == new.namelist()
        assert new.testzip() is None
        changed = [name for name in old.namelist() if old.read(name) != new.read(name)]
        assert changed == ["xl/worksheets/sheet2.xml", "xl/sharedStrings.xml"]
        cell = re.compile(rb'<c r="A4"[^>]*>.*?</c>')
        assert cell.sub(b"", old.read(changed[0])) == cell.sub(b"", new.read(changed[0]))
        strings = re.compile(rb'uniqueCount="\d+"|<si><t xml:space="preserve">new</t></si>')
        assert strings.sub(b"", old.read(changed[1])) == strings.sub(b"", new.read(changed[1]))


@pytest.mark.parametrize(
    ("area", "text", "error", "words"),
    [
        (Area("Start", 0, 1), "new", WorkbookError, "B1 of 'Start' holds a formula"),
        (Area("Start", 99, 0), "new", WorkbookError, "'Start' has no cell A100"),
        (Area("Begin", 0, 0), "new", WorkbookError, "no sheet 'Begin'; it has other, Start"),
        (Area("Start", 0, 0), "a\ud83d", InputError, "half a surrogate pair at position 2"),
        (Area("Start", 0, 0), "👍" * 16_384, CapacityError, "32768 characters"),
    ],
)
def test_refusals(
    tmp_path: Path, area: Area, text: str, error: type[SheetgptError], words: str
) -> None:
    source = tmp_path / "source.xlsx"
    by_xlsxwriter(source)
    with pytest.raises(error, match=re.escape(words)):
        with_text(source, tmp_path / "target.xlsx", area, text)
    assert list(tmp_path.iterdir()) == [source]


@pytest.mark.parametrize("content", [b"no zip", None])
def test_what_is_no_workbook_is_refused(tmp_path: Path, content: bytes | None) -> None:
    source = tmp_path / "source.xlsx"
    if content is None:
        with ZipFile(source, "w") as file:
            file.writestr("word/document.xml", "<document/>")
    else:
        source.write_bytes(content)
    with pytest.raises(WorkbookError, match=r"not a complete \.xlsx workbook"):
        with_text(source, tmp_path / "target.xlsx", Area("Start", 0, 0), "new")
