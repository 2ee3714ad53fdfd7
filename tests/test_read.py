"""What the reader makes of files, written by XlsxWriter, by other programs and by hand."""

from __future__ import annotations

import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import orjson
import pytest
import xlsxwriter
from needs import needs

from sheetgpt.book import Book, CellError, Formula
from sheetgpt.book.area import Area, column_name
from sheetgpt.book.decimals import shortest
from sheetgpt.book.grid import PatchGrid
from sheetgpt.errors import WorkbookError
from sheetgpt.evaluator import evaluate
from sheetgpt.xlsx import rows as sheet_rows
from sheetgpt.xlsx.read import read
from sheetgpt.xlsx.read_row import plain_end

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def by_hand(
    path: Path, cells: str, strings: str = "", names: str = "", prefix: str = "", more: str = ""
) -> Path:
    """A minimal workbook with one sheet `s` whose rows are the given XML."""
    p, xmlns = prefix, f'xmlns{":" + prefix[:-1] if prefix else ""}="{MAIN}"'
    relations = "".join(
        f'<Relationship Id="r{i}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for i, (kind, target) in enumerate(
            [("worksheet", "worksheets/sheet1.xml"), ("sharedStrings", "sharedStrings.xml")]
        )
    )
    parts = {
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r" '
        f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="s" '
        f'sheetId="1" r:id="r0"/></sheets><definedNames>{names}</definedNames>{more}</workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">{relations}'
        "</Relationships>",
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{strings}</sst>',
        "xl/worksheets/sheet1.xml": f"<{p}worksheet {xmlns}><{p}sheetData>{cells}</{p}sheetData>"
        f"</{p}worksheet>",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, xml in parts.items():
            archive.writestr(name, xml)
    return path


def content(book: Book) -> tuple[list[list[object]], list[tuple[int, int, str]]]:
    """Values and formulas of the first sheet, without blank rows and columns at the end."""
    sheet = next(iter(book.sheets.values()))
    values = book.get(Area(sheet.name, 0, 0, *sheet.numbers.shape))
    return values.tolist(), sorted((f.row, f.col, f.text) for f in sheet.formulas)


@pytest.mark.parametrize(
    ("rows", "values"),
    [
        # numbers with and without places, in plain rows and in rows with other cells
        (
            '<row r="2"><c r="B2"><v>1.5</v></c><c r="C2"><v>-2E-3</v></c></row>',
            [[None, None, None], [None, 1.5, -0.002]],
        ),
        (
            "<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>",
            [[1.0, 2.0], [3.0, None]],
        ),
        ('<row><c t="b"><v>1</v></c><c><v>2</v></c></row>', [[True, 2.0]]),
        (
            '<row r="1"><c r="A1" t="n" s="3"><v>1</v></c><c r="C1" t="n"><v>2</v></c></row>',
            [[1.0, None, 2.0]],
        ),
        (
            '<row r="1"><c r="A1"><v>1</v></c><c r="B1" s="1"/><c r="C1"><v>2</v></c></row>',
            [[1.0, None, 2.0]],
        ),
        ("<row r='1'><c r='A1' t='b'><v>1</v></c><c r='B1'><v>2</v></c></row>", [[True, 2.0]]),
        ('<row r="1"/><row r="2" ht="20"/><row><c><v>5</v></c></row>', [[None], [None], [5.0]]),
        # named cells, of known forms and of others: the same content either way
        (
            '<row r="1" ht="9"><c r="A1" s="1" t="s"><v>0</v></c><c r="C1"><f>A2</f></c>'
            '<c r="D1" t="str"><f t="array" ref="D1:D1">A2</f><v xml:space="preserve"> </v></c>'
            '<c r="E1" t="e"><v>#N/A</v></c><c r="F1" t="b"><v>1</v></c></row>',
            [["plain", None, None, " ", CellError("#N/A"), True]],
        ),
        (
            '<row r="1"><c r="A1" t="str"><f>A2</f><v>&lt;&amp;&quot;&gt;</v></c></row>'
            '<row r="2"><c r="A2" t="str"><f>A3</f><v>&#65;&amp;lt;\r\n_x0041_</v></c></row>'
            '<row r="3"> <c t="str" r="A3"><f>A4</f><v>x</v></c></row>',
            [['<&">'], ["A&lt;\nA"], ["x"]],
        ),
        # every type of value
        ('<row><c t="s"><v>1</v></c><c t="s"><v>2</v></c></row>', [["rich text", " _x000D_\r "]]),
        ('<row><c t="inlineStr"><is><t>in line</t></is></c></row>', [["in line"]]),
        ('<row><c t="e"><v>#N/A</v></c></row>', [[CellError("#N/A")]]),
        ('<row><c t="str"><f>A2</f><v>a&lt;b</v></c></row>', [["a<b"]]),
        ('<row><c t="str"><f>A2</f><v></v></c></row>', [[""]]),
        ('<row><c t="b"><f>1&gt;2</f><v>0</v></c><c><f>A2</f></c></row>', [[False, None]]),
    ],
)
def test_cells(tmp_path: Path, rows: str, values: list[list[object]]) -> None:
    strings = (
        "<si><t>plain</t></si><si><r><t>rich</t></r><r><t> text</t></r><rPh><t>no</t></rPh></si>"
        '<si><t xml:space="preserve"> _x005F_x000D__x000D_ </t></si>'
    )
    assert content(read(by_hand(tmp_path / "a.xlsx", rows, strings)))[0] == values


def test_a_prefix_in_front_of_every_tag(tmp_path: Path) -> None:
    rows = '<x:row r="1"><x:c r="A1"><x:v>1</x:v></x:c><x:c r="B1"><x:f>A1*2</x:f></x:c></x:row>'
    assert content(read(by_hand(tmp_path / "a.xlsx", rows, prefix="x:"))) == (
        [[1.0, None]],
        [(0, 1, "A1*2")],
    )


def test_shared_formulas_move_with_their_cells(tmp_path: Path) -> None:
    rows = (
        '<row r="1"><c r="B1"><f t="shared" ref="B1:C2" si="0">A1+$A$1*A$1&amp;"A1"</f></c>'
        '<c r="C1"><f t="shared" si="0"/></c></row>'
        '<row r="2"><c r="B2"><f t="shared" si="0"/></c><c r="C2"><f>1+1</f></c></row>'
    )
    assert content(read(by_hand(tmp_path / "a.xlsx", rows)))[1] == [
        (0, 1, 'A1+$A$1*A$1&"A1"'),
        (0, 2, 'B1+$A$1*B$1&"A1"'),
        (1, 1, 'A2+$A$1*A$1&"A1"'),
        (1, 2, "1+1"),
    ]


def test_array_formulas_keep_their_range(tmp_path: Path) -> None:
    rows = (
        '<row r="2"><c r="B2"><f t="array" ref="B2:C4">A1*2</f><v>3</v></c>'
        '<c r="C2"><v>4</v></c></row>'
    )
    sheet = read(by_hand(tmp_path / "a.xlsx", rows)).sheets["s"]
    assert sheet.formulas == [Formula(1, 1, "A1*2", 3, 2, array=True)]
    np.testing.assert_array_equal(sheet.numbers[1, :], [np.nan, 3.0, 4.0])


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("s!$B$2:$C$9", Area("s", 1, 1, 8, 2)),
        ("'s'!$B$2", Area("s", 1, 1)),
        ("s!B2", None),
        ("s!$A$1,s!$C$1", None),
        ("3", None),
        ("gone!$A$1", None),
        ("s!#REF!", None),
    ],
)
def test_names_are_single_rectangles(tmp_path: Path, text: str, area: Area | None) -> None:
    names = f'<definedName name="x.y">{text}</definedName>'
    names += '<definedName name="local" localSheetId="0">s!$A$1</definedName>'
    book = read(by_hand(tmp_path / "a.xlsx", "<row/>", names=names))
    assert book.names == ({} if area is None else {"x.y": area})


def test_a_sheet_in_small_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet_rows, "PIECE", 7)
    rows = "".join(f'<row r="{r}"><c r="A{r}"><v>{r}</v></c></row>' for r in range(1, 9))
    assert content(read(by_hand(tmp_path / "a.xlsx", rows)))[0] == [[float(r)] for r in range(1, 9)]


@pytest.mark.parametrize("named_cells", [True, False])
def test_a_large_sheet_of_weights_stays_in_blocks(tmp_path: Path, named_cells: bool) -> None:
    """As weights stand: the number of each row in front, and a gap."""
    weight = np.random.default_rng(0).normal(size=(1200, 900)).astype(np.float32)
    columns, rows = [column_name(c) for c in range(2, 2 + weight.shape[1])], ""
    lines = orjson.dumps(weight, option=orjson.OPT_SERIALIZE_NUMPY).decode()[2:-2].split("],[")
    for r, line in enumerate(lines, 1):
        refs = [f' r="{column}{r}"' * (named_cells or column == "C") for column in columns]
        cells = [f"<c{ref}><v>{x}</v></c>" for ref, x in zip(refs, line.split(","), strict=True)]
        rows += f'<row r="{r}"><c r="A{r}" s="1"><v>{r}</v></c>{"".join(cells)}</row>'
    numbers = read(by_hand(tmp_path / "a.xlsx", rows)).sheets["s"].numbers
    assert isinstance(numbers, PatchGrid)
    assert len(numbers.blocks) == 2
    np.testing.assert_array_equal(numbers[:, 2:], shortest(weight))
    assert numbers[:, 0:1].ravel().tolist() == [*range(1, 1 + len(weight))]


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ('<c r="A3"><f t="dataTable" ref="A3:A4"/></c>', "a data table in s!A3"),
        ('<c r="C3" cm="1"><f t="array" ref="C3">A1</f></c>', "a dynamic array formula in s!C3"),
        ('<c r="B3"><f t="shared" si="4"/></c>', "formula without its first cell in s!B3"),
        ('<c r="A3" t="d"><v>2020</v></c>', "the value '2020' of type 'd' in s!A3"),
        ('<c r="A3" t="s"><v>7</v></c>', "the value '7' of type 's' in s!A3"),
        ('<c r="A3"><v>one</v></c>', "the value 'one' of type 'n' in s!A3"),
        ('<c r="A3"><v>1</c>', "is damaged"),
        ('<c r="A3" t="b"><v>1</v></c>\0<c r="B3" t="b"><v>1</v></c>', "is damaged"),
    ],
)
def test_what_is_not_understood_is_refused(tmp_path: Path, cell: str, words: str) -> None:
    with pytest.raises(WorkbookError, match=r"a\.xlsx") as error:
        read(by_hand(tmp_path / "a.xlsx", f'<row r="3">{cell}</row>'))
    assert words in str(error.value)


ROW = '<row r="3"><c r="A3"><v>1</v></c><c r="B3"><v>2</v></c><c r="C3"><v>3</v></c></row>'


@pytest.mark.parametrize(
    ("part", "old", "new", "words"),
    [
        # what one program would read and another would not
        ("xl/worksheets/sheet1.xml", ROW, f"<!-- {ROW} -->", "a comment, a CDATA section"),
        ("xl/sharedStrings.xml", "<si>", "<!-- <si/> --><si>", "a comment, a CDATA section"),
        ("xl/workbook.xml", "<sheets>", "<?x y?><sheets>", "an instruction"),
        ("xl/workbook.xml", "<workbook", "<?xml version='1.0' encoding='x'?><workbook", "'x'|: x"),
        ("xl/workbook.xml", MAIN, "urn:x", "not the workbook of a spreadsheet"),
        ("xl/worksheets/sheet1.xml", MAIN, "urn:x", "not the worksheet of a spreadsheet"),
        ("xl/sharedStrings.xml", MAIN, "urn:x", "not the sst of a spreadsheet"),
        ("xl/worksheets/sheet1.xml", "</sheetData>", "</sheetData><sheetData/>", "more than one"),
        ("xl/worksheets/sheet1.xml", "<sheetData>", "<x><sheetData/></x><sheetData>", "damaged"),
        ("xl/worksheets/sheet1.xml", '<row r="3">', '<row xmlns="urn:x" r="3">', "a row is due"),
        ("xl/worksheets/sheet1.xml", ROW, ROW + ROW, "rows of sheet 's' are not in order"),
        ("xl/worksheets/sheet1.xml", "</row>", "</row >", "end is written oddly|damaged"),
        ("xl/worksheets/sheet1.xml", 'r="B3"', 'r="B4"', "'B4' in row 3"),
        ("xl/worksheets/sheet1.xml", 'r="B3"', 'r="C3"', "row 3, are not in order"),
        ("xl/worksheets/sheet1.xml", 'r="A3"', 'r="3"', "holds '3' in row 3"),
        ("xl/worksheets/sheet1.xml", 'r="A3"><v>1</v>', 'r="3"><f t="array" ref="3">1</f>',
         "holds '3' in row 3"),
        ("xl/worksheets/sheet1.xml", "<v>2</v>", "<v>2</v><v>4</v>", "two of a kind in one cell"),
        ("xl/worksheets/sheet1.xml", "<v>2</v>", "<v><v>2</v></v>", "tags inside of <v>"),
        ("xl/worksheets/sheet1.xml", "<v>2</v>", "<x>2</x>", "holds <"),
        ("xl/workbook.xml", "</sheets>", '<sheet name="S" r:id="r0"/></sheets>', "two sheets"),
        ("xl/workbook.xml", "<definedNames>", "<definedNames>" + 2 * '<definedName name="x"/>',
         "two defined names called 'x'"),
        ("xl/workbook.xml", "<definedNames>", '<definedNames><definedName name="ſ"/>'
         '<definedName name="S"/>', "two defined names called"),
        ("xl/workbook.xml", "<definedNames>", '<definedNames><definedName name="x">s!$A$1<y/>2'
         "</definedName>", "the name x holds tags"),
        ("xl/workbook.xml", "<sheets>", f'<y xmlns="{STRICT}"/><sheets>', "in two namespaces"),
        ("xl/_rels/workbook.xml.rels", "<Relationship ", 2 * '<Relationship Id="twice"/>'
         + "<Relationship ", "two relations of one id"),
        ("xl/_rels/workbook.xml.rels", 'Target="', 'Target="%41', "with % in its name"),
        ("xl/worksheets/sheet1.xml", "<v>2</v>", "<v>2</v><is><t>4</t></is>", "none is due"),
        ("xl/worksheets/sheet1.xml", '<c r="B3"><v>2</v>', '<c r="B3" t="inlineStr"><v>2</v>',
         "none is due"),
    ],
)  # fmt: skip
def test_what_programs_read_differently_is_refused(
    tmp_path: Path, part: str, old: str, new: str, words: str
) -> None:
    good = by_hand(tmp_path / "good.xlsx", ROW, "<si><t>one</t></si>")
    read(good)
    bad = tmp_path / "bad.xlsx"
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(bad, "w") as target:
        for name in source.namelist():
            xml = source.read(name).decode()
            assert name != part or old in xml
            target.writestr(name, xml.replace(old, new) if name == part else xml)
    with pytest.raises(WorkbookError, match=words):
        read(bad)


def test_a_part_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    path = by_hand(tmp_path / "a.xlsx", ROW)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/worksheets/SHEET1.xml", "")
    with pytest.raises(WorkbookError, match="two parts called"):
        read(path)
    behind = path.read_bytes()
    path.write_bytes(b"MZ" + behind)
    with pytest.raises(WorkbookError, match="in front of its first part"):
        read(path)


def test_names_that_are_numbered_otherwise_are_read_by_their_numbers(tmp_path: Path) -> None:
    rows = "<row  r = '4'><c r='B4'><v>7</v></c></row><row spans='1:2' r=\"6\"><c r='A6'/></row>"
    sheet = read(by_hand(tmp_path / "a.xlsx", rows)).sheets["s"]
    assert sheet.value(3, 1) == 7.0


def test_an_empty_formula_is_none(tmp_path: Path) -> None:
    rows = (
        '<row r="1"><c r="A1"><f t="array" ref="A1:B1">C1:D1</f><v>1</v></c>'
        '<c r="B1"><f/><v>2</v></c></row>'
    )
    assert content(read(by_hand(tmp_path / "a.xlsx", rows))) == ([[1.0, 2.0]], [(0, 0, "C1:D1")])


def test_links_to_other_workbooks_are_refused(tmp_path: Path) -> None:
    path = by_hand(tmp_path / "a.xlsx", "", more="<externalReferences/>")
    with pytest.raises(WorkbookError, match="links to other workbooks"):
        read(path)


def cut_short(path: Path) -> None:
    path.write_bytes(by_hand(path, "<row/>").read_bytes()[:300])


def flipped(path: Path) -> None:
    data = bytearray(by_hand(path, "<row><c><v>123456789</v></c></row>").read_bytes())
    data[data.index(b"123456789")] ^= 1
    path.write_bytes(data)


def without_workbook(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: path.write_text("a,b\n1,2\n"), "not an .xlsx workbook"),
        (lambda path: path.write_bytes(b"\xd0\xcf\x11\xe0" * 200), "protected by a password"),
        (lambda path: None, "No such file"),
        (lambda path: path.mkdir(), "Is a directory"),
        (cut_short, "damaged"),
        (flipped, "damaged"),
        (without_workbook, "not an .xlsx workbook"),
    ],
)
def test_other_files_are_refused(
    tmp_path: Path, make: Callable[[Path], object], words: str
) -> None:
    path = tmp_path / "some file.xlsx"
    make(path)
    with pytest.raises(WorkbookError, match=r"some file\.xlsx") as error:
        read(path)
    assert words in str(error.value)


@pytest.fixture
def original(tmp_path: Path) -> Path:
    """A file with every kind of cell, as XlsxWriter writes it."""
    path = tmp_path / "original.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        sheet, other = workbook.add_worksheet("block.0"), workbook.add_worksheet("it's")
        sheet.write_row(0, 0, [1, -2.5, 1e-300, 0.1, 123456789.123])
        sheet.write_string(1, 0, "=text\n ’👍")
        sheet.write_boolean(1, 1, True)
        for row in range(2, 6):
            sheet.write_formula(row, 0, f"=A{row}&$B$1", None, "stale")
            sheet.write_formula(row, 1, f'=IF($A$1<{row},"a""b",1/0)', None, 'a"b')
            sheet.write_formula(row, 2, "=_xlfn.UNICODE(A2)+SUM(x)", None, row)
        sheet.write_formula(6, 0, "=1/0", None, "#DIV/0!")
        sheet.write_array_formula(7, 0, 8, 2, "{=MMULT(x,TRANSPOSE(x))*1E+5}", None, 4)
        other.write(99, 30, 7)
        workbook.define_name("x", "='block.0'!$A$1:$C$1")
        workbook.define_name("h.0.ln", "='it''s'!$AE$100")
    return path


def saved_by_openpyxl(path: Path) -> Path:
    target = path.with_name("openpyxl.xlsx")
    openpyxl.load_workbook(path).save(target)
    return target


def saved_by_libreoffice(path: Path) -> Path:
    folder = path.parent / "libreoffice"
    needs("libreoffice")
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command: list[str | Path] = [
        "soffice",
        profile,
        "--headless",
        "--convert-to",
        "xlsx",
        "--outdir",
        folder,
        path,
    ]
    for _ in range(2):  # the first start on a fresh profile ends at once
        subprocess.run(command, timeout=120, check=False, capture_output=True)
    return folder / path.name


@pytest.mark.parametrize(
    "save", [saved_by_openpyxl, pytest.param(saved_by_libreoffice, marks=pytest.mark.engine)]
)
def test_a_file_that_another_program_saved_gives_the_same_values(
    original: Path, save: Callable[[Path], Path]
) -> None:
    first, second = read(original), read(save(original))
    assert second.names == first.names
    assert ranges(first) <= ranges(second)
    for name, sheet in evaluate(first).sheets.items():
        again = evaluate(second).sheets[name]
        for row, col in np.ndindex(*sheet.numbers.shape):
            assert again.value(row, col) == sheet.value(row, col)


def ranges(book: Book) -> set[tuple[str, int, int, int, int, bool]]:
    """Where formulas lie; LibreOffice adds some, as it saves TRUE as the formula TRUE()."""
    return {
        (sheet.name, f.row, f.col, f.rows, f.cols, f.array)
        for sheet in book.sheets.values()
        for f in sheet.formulas
    }


@pytest.mark.parametrize(("before", "cells", "wanted"), [
    ('<c r="A3" s="2"><v>1</v></c>', '<c r="B3"><v>2</v></c><c><v>3</v></c>', (1, [2, 3])),
    ('<c r="A3" s="2"><v>1</v></c>', '<c r="C3"><v>2</v></c><c s="2"><v>3</v></c>', (2, [2, 3])),
    ('<c r="A3" t="s"><v>1</v></c>', '<c r="C3" s="2"><v>2</v></c><c><v>3</v></c>', (2, [2, 3])),
    ("", '<c r="A3"><v>1</v></c><c r="B3" s="2"><v>2</v></c>', (0, [1, 2])),
    ("", '<c r="B3"><v>2</v></c><c><v>3</v></c><c s="1"><v>4</v></c>', (1, [2, 3, 4])),
    ("", '<c><v>2</v></c><c><v>3</v></c>', (0, [2, 3])),
    ('<c r="A3"><v>1</v></c>', '<c r="C3"><v>2</v></c><c r="D3"><v>3</v></c>', (2, [2, 3])),
    ("", '<c r="A3"><v>1</v></c><c><v>2</v></c><c r="C3"><v>3</v></c>', (0, [1, 2, 3])),
    ('<c r="A3"><v>1</v></c>', '<c r="C3"><v>2</v></c><c><v>3</v></c><c r="E3"><v>4</v></c>',
     (2, [2, 3, 4])),
    ('<c r="B3"><v>1</v></c><c r="A3"><v>2</v></c>', "", None),
    ('<c r="A3"><v>1</v></c><c r="A3"><v>2</v></c>', "", None),
    ('<c r="A13"><v>1</v></c><c r="B3"><v>2</v></c>', "", None),
    ('<c r="A4"><v>1</v></c><c><v>2</v></c>', "", None),
    ('<c r="A3"><v>1</v></c><c r="B4"><v>2</v></c><c><v>3</v></c>', "", None),
    ('<c r="A3"><v>1</v></c><c><v>2</v></c><c>3</c>', "", None),
])  # fmt: skip
def test_numbers_that_need_no_parser(
    before: str, cells: str, wanted: tuple[int, list[float]] | None
) -> None:
    """As our own weights stand: a label, the first number with its place, all others without."""
    row = f'<row r="3">{before}{cells}'
    rest, numbers = plain_end(row.encode(), 3)
    found = None if numbers is None else (numbers[0], numbers[1].tolist())
    assert found == wanted
    assert rest.decode() == (row.removesuffix(cells) if before else "")


def test_cells_that_need_no_parser_are_read_as_it_reads_them(tmp_path: Path) -> None:
    rows = (
        '<row r="2"><c s="1"><v>1</v></c><c t="str"><v>a&amp;</v></c>'
        '<c r="D2"><f>A2+1</f><v>2</v></c><c><v>-.5</v></c>'
        '<c r="G2" t="b"><v>1</v></c><c/><c><v>7e-3</v></c></row>'
        '<row r="4"><c r="AB4" t="e"><v>#N/A</v></c><c t="str"><f>""</f><v></v></c>'
        "<c><v>3</v></c></row>"
        '<row r="5"><c t="str"><v>b</v></c></row>'
    )
    known = read(by_hand(tmp_path / "known.xlsx", rows)).sheets["s"]
    parsed = read(by_hand(tmp_path / "parsed.xlsx", rows.replace("<v>", "<v >"))).sheets["s"]
    assert known.numbers[1, :9].tolist()[3:5] == [2, -0.5]
    np.testing.assert_array_equal(known.numbers[:, :], parsed.numbers[:, :])
    assert (known.others, known.formulas) == (parsed.others, parsed.formulas)
