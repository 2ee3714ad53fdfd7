"""What build leaves on the disk: the same bytes for the same input, and nothing half-written."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sheetgpt import build
from sheetgpt.checkpoint.genuine import Identity, Verdict
from sheetgpt.errors import SheetgptError, WorkbookError
from sheetgpt.template.load import default_folder, load_templates
from sheetgpt.xlsx import write

PARTS = [*load_templates().wiring.parts]
ROOM: dict[str, Any] = {"tokens": 4, "chars": 8, "rounds": 4, "without": PARTS}


@pytest.mark.slow
def test_the_same_input_gives_the_same_bytes(small_model: Path, tmp_path: Path) -> None:
    """In processes that hash differently; a clock in the file would differ too."""
    for name, seed in (("one.xlsx", "1"), ("two.xlsx", "2")):
        options = ["--model", str(small_model), "--tokens", "4", "--chars", "8", "-o", name]
        subprocess.run(
            [sys.executable, "-m", "sheetgpt", "build", "Ice is 👍", *options],
            cwd=tmp_path,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            check=True,
        )
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()


def test_a_file_is_replaced_only_by_force(small_model: Path, tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(b"precious")
    with pytest.raises(WorkbookError, match=r"book\.xlsx exists already; give --force"):
        build("Ice", small_model, path, **ROOM)
    assert path.read_bytes() == b"precious"
    build("Ice", small_model, path, force=True, **ROOM)
    assert path.read_bytes()[:2] == b"PK"
    assert [*tmp_path.iterdir()] == [path]


def test_notes_name_every_tensor_that_differs(
    small_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    altered = Identity(Verdict.ALTERED, ("ln_f.bias", "wte.weight"))
    monkeypatch.setattr("sheetgpt.commands.build.identify", lambda _: altered)
    built = build("Ice", small_model, tmp_path / "a.xlsx", tokens=4, chars=8, rounds=4)
    assert built.notes == (
        "These weights are not OpenAI's GPT-2 small, although it has the name and the shape.",
        "Tensor ln_f.bias differs from GPT-2 small's.",
        "Tensor wte.weight differs from GPT-2 small's.",
    )


#: What fails: arguments of `build`, or a change to a template (file, old, new), and the message.
ADD = "x[T,C] + y[T,C]"
FAILURES = [
    ({"model": "nowhere"}, None, "nowhere"),
    ({"tokens": 17}, None, "16"),
    ({"chars": 40_000}, None, "40000"),
    ({}, ("model.toml", '"text/bytes"', '"text/bites"'), "text/bites"),
    ({}, ("ops/add.toml", ADD, "x[T,C] + y[T,D]"), "D"),
    ({}, ("ops/add.toml", ADD, f"{ADD} + OFFSET(x[T,C], 0, 0)"), "OFFSET"),
    ({}, ("ops/output/best.toml", "row[r] - 1", "row[r] / 0"), "#DIV/0!"),
    ({}, ("ops/add.toml", ADD, f"{ADD} + sum[T,C]"), "circle"),
]


@pytest.mark.parametrize(("arguments", "change", "words"), FAILURES)
def test_a_build_that_fails_leaves_all_as_it_was(
    small_model: Path,
    tmp_path: Path,
    arguments: dict[str, Any],
    change: tuple[str, str, str] | None,
    words: str,
) -> None:
    templates = tmp_path / "templates"
    shutil.copytree(default_folder(), templates)
    if change:
        name, old, new = change
        text = (templates / name).read_text()
        assert old in text
        (templates / name).write_text(text.replace(old, new))
    path = tmp_path / "out" / "book.xlsx"
    path.parent.mkdir()
    path.write_bytes(b"precious")
    given = {"model": small_model, "templates": templates, **ROOM, **arguments}
    with pytest.raises(SheetgptError, match=words):
        build("Ice", output=path, force=True, **given)
    assert [(p.name, p.read_bytes()) for p in path.parent.iterdir()] == [("book.xlsx", b"precious")]


@pytest.mark.parametrize(
    ("stop", "seen"),
    [(OSError(28, "No space left on device"), WorkbookError), (KeyboardInterrupt(), None)],
    ids=["disk full", "Ctrl-C"],
)
def test_a_build_that_is_stopped_leaves_all_as_it_was(
    small_model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    stop: BaseException,
    seen: type[Exception] | None,
) -> None:
    def stopped(_source: Path, target: Path, *_: Any, **__: Any) -> None:
        target.write_bytes(b"half of it")
        raise stop

    path = tmp_path / "book.xlsx"
    path.write_bytes(b"precious")
    monkeypatch.setattr(write, "splice", stopped)
    with pytest.raises(seen or type(stop)):
        build("Ice", small_model, path, force=True, **ROOM)
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("book.xlsx", b"precious")]
