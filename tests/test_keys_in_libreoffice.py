"""Somebody uses a workbook in a LibreOffice window, with mouse and keyboard and nothing else."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from needs import needs

from sheetgpt import build
from sheetgpt.engines import libreoffice as engine
from sheetgpt.xlsx.read import read

PERSON = Path(__file__).with_name("libreoffice_keys.py")
PARTS = "sampling,attention,lens,switches,neighbours,positions,residual,why,follow"
PASTED = ("A formula was pasted into the prompt. Undo it (Ctrl+Z), then paste the text alone: "
          "Paste Special, Unformatted Text or Values.")  # fmt: skip
#: The last column of the band that goes_on_as is the first cell of.
LAST_COLUMN = 10
#: What the person does, and what a cell shows then. A link is followed by a click on its text.
ACTS: list[list[str]] = [
    # type a prompt and Enter, and another one and Enter, without a click between
    ["click", "", "prompt"],
    ["type", "Two plus two equals"],
    ["press", "Return"],
    ["wait", "answer", "␣four"],
    ["type", "The capital of France is"],
    ["press", "Return"],
    ["wait", "answer", "␣Paris"],
    # paste the answer, as anybody would: nothing breaks, and the workbook says what to do
    ["click", "", "the end of goes_on_as"],
    ["press", "ctrl+c"],
    ["click", "", "prompt"],
    ["press", "ctrl+v"],
    ["wait", "status", PASTED],
    ["press", "ctrl+z"],
    ["wait", "answer", "␣Paris"],
    # ... and as it says: the answer goes on
    ["click", "", "the end of goes_on_as"],
    ["press", "ctrl+c"],
    ["click", "", "prompt"],
    ["press", "ctrl+alt+shift+v"],
    ["wait", "prompt", "The capital of France is Paris"],
    ["wait", "answer", "."],
    # follow a link
    ["click", "ctrl", "link to tokens", "0.95", "0.6"],
    ["wait", "rounds_taken", "8"],
]  # fmt: skip


@pytest.mark.engine
def test_mouse_and_keyboard(tmp_path: Path) -> None:
    needs("libreoffice")
    if missing := [name for name in ("Xvfb", "xdotool") if shutil.which(name) is None]:
        pytest.skip(f"{missing[0]} is not installed; apt install xvfb xdotool")
    path = tmp_path / "used.xlsx"
    build("Mike is quick. He moves", output=path, without=PARTS.split(","))
    book = read(path)
    box = next(at for at, text in book.sheets["Start"].others.items() if text == "tokens")
    cells = {name: (area.sheet, area.row, area.col) for name, area in book.names.items()}
    cells |= {"link to tokens": ("Start", *box)}

    cells["the end of goes_on_as"] = (*cells["goes_on_as"][:2], LAST_COLUMN)

    def act(kind: str, *words: str) -> list[object]:
        if kind == "click":
            held, name, *place = words
            return [kind, held, *(map(float, place or ("0.5", "0.5"))), *cells[name]]
        return [kind, *cells[words[0]], *words[1:]] if kind == "wait" else [kind, *words]

    request = {"source": path.as_uri(), "acts": [act(*words) for words in ACTS]}
    (tmp_path / "keys.json").write_text(json.dumps(request))
    soffice = engine.soffice()
    engines = Path(str(engine.__file__)).parent
    command: list[str | Path] = [engine.python(soffice), PERSON, engines, soffice, tmp_path]
    clean = {**os.environ, "PYTHONPATH": "", "PYTHONNOUSERSITE": "1"}
    subprocess.run(command, check=True, timeout=240, env=clean)
    wanted = [[cells[words[1]][0], words[2]] for words in ACTS if words[0] == "wait"]
    assert json.loads((tmp_path / "seen.json").read_text()) == wanted
