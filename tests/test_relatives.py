"""Near relatives of GPT-2: the reference against transformers, the formulas against both."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from foreign import PROMPT, RELATIVES, make_relative

from sheetgpt.book.capacity import Capacity
from sheetgpt.checkpoint import load
from sheetgpt.evaluator import evaluate
from sheetgpt.layout.workbook import plan
from sheetgpt.reference import predict
from sheetgpt.template.load import load_templates
from sheetgpt.verification.compare import compare
from sheetgpt.verification.contents import model_in
from sheetgpt.verification.expected import expect
from sheetgpt.verification.inputs import parts_in

GOLDEN = json.loads((Path(__file__).parent / "golden" / "foreign.json").read_text())
ROOM = Capacity(8, 16, 6)


@pytest.mark.parametrize("name", RELATIVES)
def test_the_reference_is_transformers(tmp_path: Path, name: str) -> None:
    found = predict(load(make_relative(tmp_path / name, name)), PROMPT, len(GOLDEN[name]["best"]))
    assert found.token_ids == GOLDEN[name]["ids"]
    assert [score.token_id for score in found.top] == GOLDEN[name]["best"]
    logits = [score.logit for score in found.top]
    np.testing.assert_allclose(logits, GOLDEN[name]["logits"], rtol=1e-9)


@pytest.mark.parametrize("name", ["exact-gelu", "scaled-by-block", "block-alone"])
def test_the_formulas_are_the_reference(tmp_path: Path, name: str) -> None:
    checkpoint = load(make_relative(tmp_path / name, name))
    templates = load_templates()
    left_out = [part for part in templates.wiring.parts if part != "switches"]
    book = evaluate(plan(checkpoint, PROMPT, ROOM, templates, left_out=left_out))
    assert model_in(book).config == checkpoint.config
    expected = expect(model_in(book), PROMPT, ROOM, parts_in(book))
    assert expected.fits
    found = compare(
        expected.steps, {x.name: book.named(x.name) for x in expected.steps}, book.names
    )
    assert [step.name for step in found if not step.ok] == []
