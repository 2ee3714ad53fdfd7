"""The package `formulas`, unmodified, on a workbook that is small enough for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from checkpoints import SHORT_VOCABULARY, make_checkpoint

from sheetgpt import build, verify
from sheetgpt.checkpoint import Config
from sheetgpt.engines import excelmodel
from sheetgpt.template.load import load_templates
from sheetgpt.xlsx.read import read


@pytest.fixture(scope="module")
def micro(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook of one block, two heads and four columns, with room for two tokens."""
    folder = tmp_path_factory.mktemp("micro")
    model = make_checkpoint(folder / "micro", Config(1, 2, 4, 8, SHORT_VOCABULARY, 1e-5, 8))
    parts = ",".join(load_templates().wiring.parts)
    path = folder / "micro.xlsx"
    build("Ice", model, path, tokens=2, chars=4, rounds=2, without=parts)
    return path


@pytest.mark.slow
def test_every_step_agrees(micro: Path) -> None:
    cells = sum(sheet.numbers.size for sheet in read(micro).sheets.values())
    assert cells < (excelmodel.PROGRAM.grid or 0)
    report = verify(micro, "He", engine="excelmodel")  # no stored value is right for it
    assert report.ok
    names = {step.name for step in report.steps}
    assert {"token_ids", "h.0.attn.pattern", "h.0.resid_post", "logits", "next_token_id"} <= names
