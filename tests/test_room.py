"""What is said before a program tries a workbook that it cannot read or hold."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter
from needs import needs

from sheetgpt import build, plan, verify
from sheetgpt.engines import ENGINES, Engine, ironcalc, room
from sheetgpt.engines.program import Program
from sheetgpt.errors import EngineError, EngineTooSmall

#: Cells of GPT-2 small's workbook.
CELLS = 126_000_000


@pytest.fixture(scope="module")
def unnamed(small_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook whose cells of weights carry no names."""
    path = tmp_path_factory.mktemp("room") / "unnamed.xlsx"
    build("Ice", small_model, path, tokens=4, chars=8, rounds=4, cell_refs=False)
    return path


@pytest.mark.parametrize("engine", ["ironcalc", "gnumeric"])
def test_cells_without_names(unnamed: Path, engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(ENGINES[engine], "recalculate")  # never reached
    with pytest.raises(EngineError, match=rf"{engine} cannot read .*Build it again with --cell-r"):
        verify(unnamed, engine=engine)


def test_programs_that_need_no_names(unnamed: Path) -> None:
    room.require_room("libreoffice", unnamed, 1_000)
    assert verify(unnamed).ok


@pytest.mark.parametrize(
    ("engine", "memory", "words"),
    [
        ("libreoffice", 4e9, "libreoffice needs about 5 GB .* 126,000,000 cells .* has 4 GB"),
        ("libreoffice", 16e9, None),
        ("ironcalc", 1e9, "ironcalc needs about 2 GB"),
        ("ironcalc", 4e9, None),
        ("gnumeric", 16e9, "gnumeric needs about 18 GB"),
        ("gnumeric", 32e9, None),
        ("libreoffice", None, None),
    ],
)
def test_memory(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    engine: str,
    memory: float | None,
    words: str | None,
) -> None:
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet().write_row(0, 0, [1, 2, 3])
    monkeypatch.setattr(room, "installed_memory", lambda: memory)
    room.require_room(engine, path, room.SMALL - 1)
    if words is None:
        room.require_room(engine, path, CELLS)
    else:
        with pytest.raises(EngineError, match=words):
            room.require_room(engine, path, CELLS)


def test_a_workbook_with_too_many_cells(unnamed: Path) -> None:
    room.require_room("excelmodel", unnamed, 50_000)
    words = "excelmodel takes workbooks of up to 50,000 cells and .* has 50,001. Build a smaller"
    with pytest.raises(EngineTooSmall, match=words):
        room.require_room("excelmodel", unnamed, 50_001)


class Abacus:
    """An engine of a module and a line: it computes with another one."""

    PROGRAM = Program("Abacus", cell_memory=1, columns=10)
    available = staticmethod(lambda: "Abacus 1")
    recalculate = staticmethod(ironcalc.recalculate)


@pytest.mark.engine
def test_a_further_engine(tiny_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    needs("ironcalc")
    abacus: Engine = Abacus()
    monkeypatch.setitem(ENGINES, "abacus", abacus)
    assert verify(tiny_file, engine="abacus").ok
    (found,) = [program for program in plan().programs if program.program == "Abacus"]
    assert "columns, it takes 10" in found.problem


def test_the_memory_of_this_machine() -> None:
    memory = room.installed_memory()
    assert memory is None or 1e8 < memory < 1e14
