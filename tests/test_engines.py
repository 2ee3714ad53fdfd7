"""The outside engines on a small workbook whose cached values are all wrong on purpose."""

from __future__ import annotations

import os
import select
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import numpy as np
import pytest
import xlsxwriter
from needs import needs

from sheetgpt.book import CellError
from sheetgpt.book.area import Area
from sheetgpt.engines import ENGINES, libreoffice
from sheetgpt.engines.process import patience, run
from sheetgpt.engines.session import answers
from sheetgpt.errors import EngineError, EngineMissing

#: The values that the names `x` (A1:C3 of `data`) and `h.0.row` (A5:C5 of `block.0`) stand for.
X = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 10.0]])
ROW = np.array([[0.5, -0.25, 1e-300]])

#: Formula, wrong cached value, right value; in column E of `block.0` from row 1 on.
FORMULAS = [
    ("SUM(x)", 999, 46.0),
    ("SUM(h.0.row)+data!B2", 999, 5.25),
    ("1/3", 0, 1 / 3),
    ('data!A4&"!"', "stale", "word!"),
    ('"  in front"', "stale", "  in front"),
    ('""', "stale", ""),
    ("_xlfn.UNICHAR(128077)", "stale", "👍"),
    ('"#N/A"', 5, "#N/A"),
    ("SUM(x)>1", False, True),
    ("data!B4", False, True),
    ("1/0", 5, CellError("#DIV/0!")),
    ("MATCH(77,data!A1:A3,0)", 5, CellError("#N/A")),
    ('1+"a"', 5, CellError("#VALUE!")),
    ("nobody+1", 5, CellError("#NAME?")),
]
#: Engines that refuse a name that is not there: the page at once, CellRune with no value.
REFUSED = {"browser": "nobody", "cellrune": "nobody"}
AREAS = {
    "product": Area("block.0", 0, 0, 3, 3),
    "formulas": Area("block.0", 0, 4, len(FORMULAS), 1),
    "mixed": Area("data", 3, 0, 1, 3),
    "beyond": Area("data", 500, 20, 2, 2),
}


@pytest.fixture
def workbook(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    refused = (
        REFUSED.get(request.node.callspec.params.get("name"))
        if hasattr(request.node, "callspec")
        else None
    )
    path = tmp_path / "book.xlsx"
    book = xlsxwriter.Workbook(path)
    data, block = book.add_worksheet("data"), book.add_worksheet("block.0")
    for r, values in enumerate(X):
        data.write_row(r, 0, values)
    data.write_string(3, 0, "word")
    data.write_boolean(3, 1, True)
    block.write_array_formula(0, 0, 2, 2, "{=MMULT(x,TRANSPOSE(x))+1}", None, -1)
    block.write_row(4, 0, ROW[0])
    for r, (formula, stale, _) in enumerate(FORMULAS):
        if refused and refused in formula:
            continue
        block.write_formula(r, 4, formula, None, stale)
    book.define_name("x", "=data!$A$1:$C$3")
    book.define_name("h.0.row", "='block.0'!$A$5:$C$5")
    book.close()
    return path


@pytest.mark.engine
@pytest.mark.parametrize("name", ENGINES)
def test_every_value_is_fresh(workbook: Path, name: str) -> None:
    needs(name)
    got = ENGINES[name].recalculate(workbook, AREAS)
    assert list(got) == list(AREAS)
    assert got["product"].dtype == float
    assert np.array_equal(got["product"], X @ X.T + 1)
    truth = 1.0 if name == "libreoffice" else True  # it has no booleans
    fresh = [truth if value is True else value for _, _, value in FORMULAS]
    if name in REFUSED:
        fresh[-1] = None
    if name == "excelmodel":
        fresh[-1] = CellError("#REF!")  # what it says of an unknown name
    assert repr(got["formulas"][:, 0].tolist()) == repr(fresh)
    assert repr(got["mixed"].tolist()) == repr([["word", truth, None]])
    assert got["beyond"].tolist() == [[None, None], [None, None]]


@pytest.mark.engine
@pytest.mark.parametrize("name", ENGINES)
def test_nothing_is_left_behind(workbook: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    needs(name)
    home = workbook.with_name("home")
    (home / "tmp").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("TMPDIR", str(home / "tmp"))
    lock = workbook.with_name(".~lock.book.xlsx#")  # LibreOffice's, of a session that crashed
    lock.write_text(",somebody,elsewhere,01.01.2024 00:00,file:///home/somebody;")
    before = workbook.read_bytes()
    ENGINES[name].recalculate(workbook, AREAS)
    assert workbook.read_bytes() == before
    assert set(workbook.parent.iterdir()) == {workbook, lock, home}
    assert list((home / "tmp").iterdir()) == []
    assert not list(home.rglob("*office*"))


@pytest.mark.engine
@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize(
    ("content", "words"), [(None, "nowhere"), (b"1,2\n3,4\n", "book.xlsx")], ids=["sheet", "file"]
)
def test_failures(workbook: Path, name: str, content: bytes | None, words: str) -> None:
    needs(name)
    if content:
        workbook.write_bytes(content)
    with pytest.raises(EngineError, match=words):
        ENGINES[name].recalculate(workbook, {"x": Area("nowhere", 0, 0)})


@pytest.mark.parametrize(
    ("name", "package"),
    [
        ("libreoffice", "`apt install libreoffice-calc python3-uno`"),
        ("ironcalc", "`pip install ironcalc`"),
        ("cellrune", "`pip install cellrune`"),
        ("gnumeric", "`apt install gnumeric`"),
        ("browser", "`apt install chromium`"),
    ],
)
def test_what_is_missing_is_named(
    workbook: Path, monkeypatch: pytest.MonkeyPatch, name: str, package: str
) -> None:
    monkeypatch.setenv("PATH", str(workbook.parent))
    monkeypatch.setattr(libreoffice, "_MAC", workbook.parent)
    for module in ("ironcalc", "cellrune"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(EngineMissing, match=package):
        ENGINES[name].available()
    with pytest.raises(EngineMissing, match=package):
        ENGINES[name].recalculate(workbook, AREAS)


def test_libreoffice_without_its_python_bridge(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    soffice = tmp_path / "soffice"
    soffice.symlink_to("/bin/true")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(libreoffice, "_MAC", tmp_path)
    monkeypatch.setattr(libreoffice, "_SYSTEM_PYTHON", Path("/bin/false"))
    with pytest.raises(EngineMissing, match=r"bridge \(UNO\) is not installed: `apt"):
        libreoffice.available()


@pytest.mark.parametrize(
    ("megabytes", "seconds"), [(0, 300), (1, 304), (750, 3_300)], ids=["empty", "small", "GPT-2"]
)
def test_patience_grows_with_the_workbook(tmp_path: Path, megabytes: int, seconds: float) -> None:
    path = tmp_path / "book.xlsx"
    path.touch()
    os.truncate(path, megabytes * 1_000_000)  # takes no room on the disk
    assert patience(path) == pytest.approx(seconds)


@pytest.mark.parametrize("seconds", [0.5, 60], ids=["timeout", "Ctrl-C"])
def test_a_stopped_program_takes_its_children_along(tmp_path: Path, seconds: float) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    command = ["sh", "-c", f"(echo alive; sleep 60) > {pipe} & sleep 60"]
    with ctrl_c_after(1.0), pytest.raises((EngineError, KeyboardInterrupt)) as stopped:
        run("Sleep", command, seconds, {})
    assert stopped.type is (EngineError if seconds < 1 else KeyboardInterrupt)
    assert os.read(reader, 100) == b"alive\n"
    assert select.select([reader], [], [], 5)[0], "the child still holds its end of the pipe"
    os.close(reader)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("exit 3", r"could not recalculate the workbook \(exit code 3\): \(it gave no reason\)"),
        ("echo one >&2; echo two >&2; exit 1", r"\(exit code 1\): two"),
        ("kill -SEGV $$", r"\(ended by SIGSEGV\): \(it gave no reason\)"),
        ("yes >&2 & sleep 30", "was stopped after 1 seconds without a result"),
        (None, "Sheet does not start: .*No such file"),
    ],
)
def test_a_program_that_fails(command: str | None, words: str) -> None:
    arguments = ["sh", "-c", command] if command else ["/nowhere/sheet"]
    with pytest.raises(EngineError, match=words):
        run("Sheet", arguments, 1, {})


@pytest.mark.parametrize(
    ("numbers", "others"),
    [
        (None, b"[[]]"),
        (b"123", b"[[]]"),
        (bytes(16), b"[[]]"),
        (bytes(8), b"[[0,"),
        (bytes(8), b"7"),
        (bytes(8), b"[7]"),
        (bytes(8), b"[]"),
    ],
)
def test_values_that_are_garbage(tmp_path: Path, numbers: bytes | None, others: bytes) -> None:
    if numbers is not None:
        (tmp_path / "numbers.f64").write_bytes(numbers)
    (tmp_path / "others.json").write_bytes(others)
    with pytest.raises(EngineError, match="Sheet has handed over values that cannot be read"):
        answers("Sheet", tmp_path, {"x": Area("s", 0, 0)})


@pytest.mark.engine
def test_a_formula_that_ironcalc_dies_of(tmp_path: Path) -> None:
    needs("ironcalc")
    path = tmp_path / "deep.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("s").write_formula(0, 0, "IF(1," * 3000 + "1" + ")" * 3000)
    with pytest.raises(EngineError, match="ended by SIG"):
        ENGINES["ironcalc"].recalculate(path, {"x": Area("s", 0, 0)})


@contextmanager
def ctrl_c_after(seconds: float) -> Iterator[None]:
    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
