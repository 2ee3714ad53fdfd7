"""Somebody opens a workbook in LibreOffice and types: every answer is that of what was typed.

Nothing is recalculated by force here, as it is when workbooks are verified.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from needs import needs

from sheetgpt import build
from sheetgpt.book import Book
from sheetgpt.engines import libreoffice as engine
from sheetgpt.xlsx.read import read

EDITOR = Path(__file__).with_name("libreoffice_edits.py")
SHOWN = ("answer", "continued", "lens.answer.rank", "sampled_token", "switched.next_token")
#: What is typed one after the other, and what the cells show then.
EDITS: list[tuple[str, str | float, dict[str, object]]] = [
    ("switch.0.mlp", 0, {"answer": "␣quickly", "switched.next_token": " is"}),
    ("prompt", "Mike is slow. He moves", {"answer": "␣slowly", "sampled_token": " slowly"}),
    ("switch.0.mlp", 1, {"switched.next_token": " slowly"}),
    ("prompt", "Two plus two equals", {"answer": "␣four", "continued": "Two plus two equals four"}),
    ("prompt", "The capital of France is", {"answer": "␣Paris", "sampled_token": " Paris"}),
]


@pytest.mark.engine
def test_typing(tmp_path: Path) -> None:
    needs("libreoffice")
    path = tmp_path / "typed.xlsx"
    build("Mike is quick. He moves", output=path, tokens=12, chars=40)
    book = read(path)
    found = typed(path, book, tmp_path)
    for (name, value, wanted), shown in zip(EDITS, found, strict=True):
        assert {key: shown[key] for key in wanted} == wanted, (name, value)


def typed(path: Path, book: Book, folder: Path) -> list[dict[str, object]]:
    """What the cells of SHOWN hold after each of the edits."""
    cells = {name: list(book.names[name]) for name in {*SHOWN, *(name for name, _, _ in EDITS)}}
    edits = [[name, value] for name, value, _ in EDITS]
    request = {"source": path.as_uri(), "cells": cells, "edits": edits, "shown": SHOWN}
    (folder / "edits.json").write_text(json.dumps(request))
    soffice = engine.soffice()
    command: list[str | Path] = [
        engine.python(soffice),
        EDITOR,
        Path(str(engine.__file__)).parent,
        soffice,
        folder,
    ]
    clean = {**os.environ, "PYTHONPATH": "", "PYTHONNOUSERSITE": "1"}
    subprocess.run(command, check=True, timeout=120, env=clean)
    shown: list[dict[str, object]] = json.loads((folder / "shown.json").read_text())
    return shown
