"""Reports on good workbooks, prompts that do not fit, files that are something else."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import openpyxl
import pytest
from needs import PROGRAMS, needs
from rich.console import Console

from sheetgpt import Report, build, predict, verify
from sheetgpt.cli import show_report
from sheetgpt.commands.progress import quiet
from sheetgpt.commands.recalculation import PYTHON_ENGINE
from sheetgpt.commands.verify import Verification, verify_all
from sheetgpt.engines import ENGINES
from sheetgpt.errors import InputError, WorkbookError
from sheetgpt.template.load import default_folder
from sheetgpt.verification.vocabulary import vocabulary_in
from sheetgpt.xlsx.patch import with_text
from sheetgpt.xlsx.read import read

PROMPT = "Ice is"
#: For the small workbook, which has room for 6 tokens and 24 characters.
TOO_LONG = {
    "nothing": "",
    "characters": "a" * 25,
    "bytes": "🙂" * 7,
    "tokens": "x y z x y z x",
}
#: The cells that give no answer then.
BLANK = [
    *("next_token_id", "next_token", "sampled_token_id", "sampled_token"),
    *("switched.next_token_id", "switched.next_token"),
]


@pytest.fixture(scope="module")
def file(small_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("verify") / "small.xlsx"
    build(PROMPT, small_model, path, tokens=6, chars=24)
    return path


@pytest.fixture(scope="module")
def report(file: Path) -> Report:
    return verify(file)


def verdict(report: Report) -> str:
    console = Console(width=1000)
    with console.capture() as capture:
        console.print(show_report.report(report))
    return capture.get().splitlines()[0]


def test_a_good_workbook(file: Path, report: Report, small_model: Path) -> None:
    best = predict(PROMPT, small_model, top=1)
    assert report.ok
    assert report.fits
    assert report.first_bad is None
    assert (report.prompt, report.engine) == (PROMPT, "formulas")
    assert report.token_ids == best.token_ids
    assert report.next_token_id == best.top[0].token_id
    names = [step.name for step in report.steps]
    assert names[0] == "code_units"
    assert names[-2:] == ["fits", "cached values"]
    assert {*names[:-1]} <= read(file).names.keys()
    assert {f"h.0.{name}" for name in ("attn.pattern", "mlp.post", "resid_post")} < {*names}
    live = {step.name: step.cells for step in report.steps}
    tokens = len(best.token_ids)
    assert live["h.0.ln_1"] == tokens * 8
    assert live["h.0.attn.pattern"] == 2 * tokens * tokens
    assert f"all {len(names)} steps agree (" in verdict(report)


def test_another_prompt(file: Path, small_model: Path) -> None:
    before = file.read_bytes()
    report = verify(file, "She's 2")
    assert report.ok
    assert report.prompt == "She's 2"
    assert report.token_ids == predict("She's 2", small_model).token_ids
    assert "cached values" not in [step.name for step in report.steps]
    assert file.read_bytes() == before


@pytest.mark.parametrize("prompt", TOO_LONG.values(), ids=TOO_LONG)
def test_a_prompt_that_does_not_fit(file: Path, prompt: str) -> None:
    report = verify(file, prompt)
    assert report.ok
    assert not report.fits
    assert (report.next_token_id, report.next_token) == (None, None)
    assert [step.name for step in report.steps] == ["fits", *BLANK]
    assert "the prompt does not fit, and the workbook says so" in verdict(report)


def test_a_number_for_a_prompt(file: Path, tmp_path: Path) -> None:
    """Who types 42 gets a number in the cell; the formulas take it as text."""
    book = openpyxl.load_workbook(file)
    prompt = read(file).names["prompt"]
    book[prompt.sheet][prompt.a1()] = 42
    book.save(tmp_path / "number.xlsx")
    report = verify(tmp_path / "number.xlsx", None)
    assert report.prompt == "42"
    # openpyxl stores no values of formulas, but keeps old ones inside of array ranges
    assert [step.name for step in report.steps if not step.ok] == ["cached values"]
    assert report.first_difference is None
    assert "have no value stored in the file" in " ".join(report.notes)


#: What stands in the prompt cell behind its name, and the prompt that it is.
PROMPT_CELLS = {
    "a whole number": (' t="n"><v>42</v></c>', "42"),
    "a fraction": ("><v>0.1</v></c>", "0.1"),
    "a large number": ("><v>1E+21</v></c>", "1E+21"),
    "a boolean": (' t="b"><v>1</v></c>', "TRUE"),
    "nothing": ("/>", ""),
    "rich text": (
        ' t="inlineStr"><is><r><t>She</t></r><r><rPr><b/></rPr><t xml:space="preserve"> is</t></r>'
        "</is></c>",
        "She is",
    ),
    "text of its own": (' t="str"><v>She is</v></c>', "She is"),
}


def with_prompt_cell(file: Path, target: Path, cell: str) -> Path:
    """Copy a workbook with other XML behind the name of its prompt cell."""
    place = read(file).names["prompt"].a1()
    with ZipFile(file) as old, ZipFile(target, "w") as new:
        for member in old.namelist():
            data = old.read(member)
            if member == "xl/worksheets/sheet1.xml":
                style = rb'(<c r="%s" s="[0-9]+")[^>]*>.*?</c>' % place.encode()
                data, count = re.subn(style, rb"\1" + cell.encode(), data, count=1)
                assert count == 1
            new.writestr(member, data)
    return target


@pytest.mark.parametrize(("cell", "prompt"), PROMPT_CELLS.values(), ids=PROMPT_CELLS.keys())
def test_what_a_prompt_cell_may_hold(file: Path, tmp_path: Path, cell: str, prompt: str) -> None:
    """Formulas take it as text; only the stored values are those of another prompt."""
    report = verify(with_prompt_cell(file, tmp_path / "typed.xlsx", cell))
    assert report.prompt == prompt
    assert report.first_difference is None
    assert [step.name for step in report.steps if not step.ok] == ["cached values"]


def test_an_error_in_the_prompt_cell(file: Path, tmp_path: Path) -> None:
    bad = with_prompt_cell(file, tmp_path / "error.xlsx", ' t="e"><v>#N/A</v></c>')
    with pytest.raises(InputError, match="The cell named prompt holds the error #N/A"):
        verify(bad)


def test_stale_values(file: Path, tmp_path: Path) -> None:
    stale = tmp_path / "stale.xlsx"
    with_text(file, stale, read(file).names["prompt"], "She is")
    report = verify(stale)
    assert [step.name for step in report.steps if not step.ok] == ["cached values"]
    assert "the first step that differs is cached values, at " in verdict(report)


def test_json(file: Path, report: Report) -> None:
    document: dict[str, Any] = json.loads(json.dumps(show_report.report_json(report)))
    steps, content = document.pop("steps"), document.pop("content")
    assert document == {
        "schema": "sheetgpt.verify/1",
        "workbook": str(file),
        "prompt": PROMPT,
        "engine": "formulas",
        "token_ids": report.token_ids,
        "next_token_id": report.next_token_id,
        "next_token": report.next_token,
        "ok": True,
        "values_only": False,
        "own_tabs": [],
        "notes": [],
    }
    assert [found["name"] for found in content] == [found.name for found in report.findings or ()]
    assert all(found["ok"] and found["compared"] > 0 for found in content)
    kinds = {"name": str, "cells": int, "max_abs": float, "max_scaled": float,
             "worst_cell": str, "ok": bool}  # fmt: skip
    assert [{key: type(value) for key, value in step.items()} for step in steps] == [
        kinds for _ in report.steps
    ]


def test_json_of_what_is_no_number(file: Path, tmp_path: Path) -> None:
    stale = tmp_path / "stale.xlsx"
    with_text(file, stale, read(file).names["prompt"], "")
    document = show_report.report_json(verify(stale, None))
    json.dumps(document, allow_nan=False)
    assert (document["ok"], document["next_token_id"], document["next_token"]) == (
        False,
        None,
        None,
    )
    assert document["steps"][-1]["max_abs"] is None


def not_there(path: Path) -> None:
    """Leave the file away."""


def no_zip(path: Path) -> None:
    path.write_text("prompt,status\n")


def not_ours(path: Path) -> None:
    openpyxl.Workbook().save(path)


@pytest.mark.parametrize(("make", "words"), [
    (not_there, "There is no file .*book.xlsx; build one with: sheetgpt build"),
    (no_zip, "book.xlsx is not an .xlsx workbook or is damaged"),
    (not_ours, "book.xlsx is not a workbook of sheetgpt: it has no defined name prompt"),
])  # fmt: skip
def test_files_that_are_something_else(tmp_path: Path, make: Any, words: str) -> None:
    make(tmp_path / "book.xlsx")
    with pytest.raises(InputError, match=words):
        verify(tmp_path / "book.xlsx")


def test_a_step_that_is_lost(file: Path, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(file)
    del book.defined_names["h.0.mlp.post"]
    book.save(tmp_path / "lost.xlsx")
    report = verify(tmp_path / "lost.xlsx")
    assert not report.ok
    assert report.first_difference is not None
    assert (report.first_difference.name, report.first_difference.where) == (
        "names",
        "h.0.mlp.post",
    )
    assert "The workbook has no step named h.0.mlp.post" in " ".join(report.notes)
    with pytest.raises(InputError, match=r"The workbook has no step named h\.0\.mlp\.post"):
        verify(tmp_path / "lost.xlsx", values_only=True)


def test_a_workbook_of_other_templates(file: Path, small_model: Path, tmp_path: Path) -> None:
    """It agrees where it is compared with them; else only if that is asked for."""
    folder = shutil.copytree(default_folder(), tmp_path / "templates")
    title = folder / "ops" / "block" / "gelu.toml"
    title.write_text(title.read_text(encoding="utf-8") + "\n# mine\n", encoding="utf-8")
    mine = tmp_path / "mine.xlsx"
    build(PROMPT, small_model, mine, tokens=6, chars=24, templates=folder)
    assert verify(mine, templates=folder).ok
    assert verify(mine, values_only=True).ok
    report = verify(mine)
    assert not report.ok
    assert report.first_bad is None
    assert "built from other templates (--templates FOLDER gives them)" in verdict(report)
    assert "--values-only makes do with them" in verdict(report)


#: What somebody put into the third row of a table that the vocabulary is read from.
STRAYS = [
    ("merges.key", -1.0, "merges.key in the workbook holds -1; it must be a whole number below "),
    ("merges.key", 2.0**60, "holds 1.15292150460685e+18; it"),
    ("merges.key", 0.5, "holds 0.5; it"),
    ("merges.token", 5000.0, "merges.token in the workbook holds 5000; it"),
    ("byte_ids", np.nan, "byte_ids in the workbook holds None; it"),
    ("byte_ids", 1e9, "byte_ids in the workbook holds 1000000000; it"),
]


@pytest.mark.parametrize(("name", "value", "words"), STRAYS)
def test_what_is_no_token(file: Path, name: str, value: float, words: str) -> None:
    book = read(file)
    area = book.names[name]
    sheet = book.sheets[area.sheet]
    sheet.numbers = sheet.numbers[:, :].copy()
    sheet.numbers[area.row + 2, area.col] = value
    with pytest.raises(WorkbookError) as raised:
        vocabulary_in(book)
    assert words in str(raised.value)


def test_a_vocabulary_whose_name_leads_elsewhere(file: Path) -> None:
    book = read(file)
    book.names["vocabulary.raw"] = book.names["prompt"]
    with pytest.raises(
        WorkbookError, match=r"vocabulary\.kind in the workbook has [\d,]+ rows and"
    ):
        vocabulary_in(book)


def test_an_unknown_engine(file: Path) -> None:
    with pytest.raises(InputError, match=f"no engine abacus; choose one of {PYTHON_ENGINE}, "):
        verify(file, engine="abacus")


@pytest.mark.engine
def test_several_engines_need_one_reading(
    file: Path, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs("ironcalc")
    apart = [report, verify(file, engine="ironcalc")]
    verification = Verification(file)
    together = verification.reports([None], PYTHON_ENGINE, quiet)
    monkeypatch.setattr("sheetgpt.commands.verify.read", None)
    together += verification.reports([None], "ironcalc", quiet)
    assert [*map(show_report.report_json, together)] == [*map(show_report.report_json, apart)]


@pytest.mark.slow
@pytest.mark.engine
@pytest.mark.parametrize("engine", [PYTHON_ENGINE, *PROGRAMS])
def test_all_engines_agree(tiny_file: Path, engine: str) -> None:
    """With a prompt put into a file; with its own one, `test_the_workflow_runs` asks all of them.

    Nor does any formula differ in `test_every_cell`.
    """
    if engine in ENGINES:
        needs(engine)
    own = (None, "Two plus two equals") if engine == PYTHON_ENGINE else ()
    for report in verify_all(tiny_file, (*own, "Zoë's 🙂"), engine):
        assert report.ok, verdict(report)
        assert report.fits
