"""The public surface: docs/python.md runs, and `__all__` is what it describes."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

import sheetgpt as sg
from sheetgpt import errors
from sheetgpt.commands.options import Choices, Options

PAGE = Path(__file__).parents[1] / "docs" / "python.md"
VERBS = ["build", "generate", "lessons", "plan", "predict", "reprompt", "verify", "verify_all"]
RESULTS = [
    "Built",
    "BuiltLessons",
    "Estimate",
    "Finding",
    "Generated",
    "Prediction",
    "Report",
    "StepResult",
]
#: A block of Python, and what it prints where a block without a language follows.
BLOCKS = re.compile(r"```python\n(.*?)```\n(?:```\n(.*?)```\n)?", re.DOTALL)


def test_the_page_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    session: dict[str, object] = {}
    blocks = BLOCKS.findall(PAGE.read_text(encoding="utf-8"))
    assert len(blocks) == PAGE.read_text(encoding="utf-8").count("```python") > 5
    for code, printed in blocks:
        exec(compile(code, PAGE.name, "exec"), session)
        out = capsys.readouterr().out
        assert out == (printed or out), code


def test_the_surface() -> None:
    tree = [name for name, kind in vars(errors).items() if isinstance(kind, type)]
    assert sorted(sg.__all__) == sorted([*VERBS, *RESULTS, *tree, "__version__"])
    page = PAGE.read_text(encoding="utf-8")
    for name in sg.__all__:
        assert hasattr(sg, name)
        assert name == "__version__" or f"`{name}`" in page, name
    assert {*sg.__all__} <= {*dir(sg)}
    with pytest.raises(AttributeError, match="'sheetgpt' has no attribute 'verbs'"):
        importlib.import_module("sheetgpt").verbs  # noqa: B018


def test_an_import_loads_no_library() -> None:
    code = "import sys, sheetgpt; print({'numpy', 'formulas', 'tokenizers'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_every_choice_is_an_option() -> None:
    assert Choices.__annotations__.keys() == Options.__annotations__.keys()


@pytest.mark.parametrize("name", Choices.__annotations__)
def test_every_option_is_on_the_page(name: str) -> None:
    assert f"`{name}`" in PAGE.read_text(encoding="utf-8")


SETTINGS = [
    ("0.7", "0.7"),
    (0.7, "0.7"),
    (5, "5"),
    (2.0, "2"),
    (np.float64(0.25), "0.25"),
    (np.int64(3), "3"),
    (False, "0"),
    ([True, False, 1], "1,0,1"),
    (np.array([1.0, 0.0]), "1,0"),
]


@pytest.mark.parametrize(("value", "typed"), SETTINGS)
def test_settings(value: object, typed: str) -> None:
    assert Options(settings={"name": value}).values() == {"name": typed}


WRONG: list[tuple[dict[str, object], str]] = [
    ({"settings": {"temperature": None}}, "temperature cannot be set to None"),
    ({"precision": "float8"}, "no precision float8; choose of float32, float16, int8"),
    ({"compression": "tiny"}, "no compression tiny; choose of fast, small"),
    ({"without": ["lense"]}, "no part lense to leave out"),
]


@pytest.mark.parametrize(("choices", "words"), WRONG)
def test_wrong_values(choices: dict[str, object], words: str, tmp_path: Path) -> None:
    with pytest.raises(sg.InputError, match=words):
        sg.build(output=tmp_path / "x.xlsx", **choices)  # type: ignore[arg-type]
    assert not [*tmp_path.iterdir()]


WITHOUT: list[str | Sequence[str]] = ["lens,residual", " lens , residual", ["residual", "lens"]]


@pytest.mark.parametrize("without", WITHOUT)
def test_without_as_text_or_list(without: str | Sequence[str]) -> None:
    planned = sg.plan(without=without)
    assert {part.name for part in planned.options if part.left_out} == {"lens", "residual"}


def test_changes_keep_the_rest() -> None:
    had = Options(tokens=8, chars=32, settings={"temperature": 2, "top_k": 5})
    now = had.changed(chars=64, rounds=None, settings={"top_k": 7})
    assert now == Options(tokens=8, chars=64, settings={"temperature": 2, "top_k": 7})
