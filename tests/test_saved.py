"""The values that a program saved, compared as they are: `--engine saved`."""

from __future__ import annotations

import shutil
import subprocess
import warnings
from importlib import import_module
from pathlib import Path

import openpyxl
import pytest
from needs import needs

from sheetgpt import build, verify
from sheetgpt.book.area import cell_name
from sheetgpt.commands.recalculation import PYTHON_ENGINE
from sheetgpt.engines.saved import SAVED
from sheetgpt.errors import EngineError, InputError
from sheetgpt.xlsx.patch import with_text
from sheetgpt.xlsx.read import read


@pytest.fixture(scope="module")
def file(small_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("saved") / "small.xlsx"
    build("Ice is", small_model, path, tokens=6, chars=24, rounds=4)
    return path


def test_a_file_as_it_was_built(file: Path) -> None:
    report = verify(file, engine=SAVED)
    assert report.ok
    assert "No program has saved this file since sheetgpt wrote it" in report.notes[0]


def test_values_of_another_prompt(file: Path, tmp_path: Path) -> None:
    """The prompt cell changed, the values did not: nobody has computed them."""
    stale = tmp_path / "stale.xlsx"
    with_text(file, stale, read(file).names["prompt"], "She is")
    report = verify(stale, engine=SAVED)
    assert not report.ok
    assert report.first_bad is not None
    assert report.first_bad.name == "code_units"


def test_a_file_without_values(file: Path, tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        openpyxl.load_workbook(file).save(tmp_path / "none.xlsx")
    with pytest.raises(EngineError, match="stores no values of its formulas"):
        verify(tmp_path / "none.xlsx", engine=SAVED)
    report = verify(tmp_path / "none.xlsx")
    assert report.ok, (report.first_difference, report.first_bad)
    assert "cells of formulas have no value stored in the file" in " ".join(report.notes)


def test_a_prompt_is_typed_elsewhere(file: Path) -> None:
    with pytest.raises(InputError, match="type the prompt into the workbook, save it"):
        verify(file, "She is", SAVED)


@pytest.mark.engine
@pytest.mark.parametrize(
    ("engine", "program"), [("libreoffice", "LibreOffice"), ("gnumeric", "gnumeric")]
)
def test_what_programs_saved(file: Path, tmp_path: Path, engine: str, program: str) -> None:
    needs(engine)
    # LibreOffice takes the values of a file for true where nothing is typed; Gnumeric computes.
    prompt = "Ice is" if engine == "libreoffice" else "She is"
    asked = tmp_path / "asked.xlsx"
    with_text(file, asked, read(file).names["prompt"], prompt)
    out = tmp_path / "out" / "asked.xlsx"
    out.parent.mkdir()
    if engine == "libreoffice":
        home = f"-env:UserInstallation=file://{tmp_path}/profile"
        command = ["soffice", home, "--headless", "--convert-to", "xlsx", "--outdir", out.parent]
        command.append(asked)
    else:
        command = ["ssconvert", "--recalc", "-T", "Gnumeric_Excel:xlsx2", asked, out]
    assert shutil.which(str(command[0]))
    subprocess.run(list(map(str, command)), check=True, capture_output=True, timeout=300)
    report = verify(out, engine=SAVED)
    assert report.ok, (report.first_difference, report.first_bad)
    assert report.prompt == prompt
    assert program in report.notes[0]
    computed = verify(out)
    assert computed.ok, (computed.first_difference, computed.first_bad)
    lost = "Texts that have lost characters that cannot be seen" in " ".join(computed.notes)
    assert lost is (engine == "gnumeric")


@pytest.mark.engine
def test_what_a_program_saved_that_counts_halves(file: Path, tmp_path: Path) -> None:
    """As Excel does: an emoji takes two rows."""
    needs("cellrune")
    cellrune = import_module("cellrune")
    out, prompt = tmp_path / "halves.xlsx", read(file).names["prompt"]
    book = cellrune.Workbook.open_path(str(file))
    book.set_text(prompt.sheet, cell_name(prompt.row, prompt.col), "a🙂")
    book.calculate()
    book.save(str(out))
    for engine in (SAVED, PYTHON_ENGINE, "ironcalc"):
        report = verify(out, engine=engine)
        assert report.ok, (engine, report.first_difference, report.first_bad)
        assert report.fits
    assert "a program which left sheetgpt's name" in verify(out, engine=SAVED).notes[0]
