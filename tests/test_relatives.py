"""Checkpoints of other people: the reference against transformers, the formulas against both."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from foreign import END, PROMPT, RELATIVES, TEXTS, TOKENIZERS, make_relative, make_tokenizer
from needs import needs

from sheetgpt import build, predict
from sheetgpt.book import Book
from sheetgpt.book.capacity import Capacity
from sheetgpt.checkpoint import Checkpoint, load
from sheetgpt.commands.progress import quiet
from sheetgpt.commands.verify import Verification
from sheetgpt.errors import InputError
from sheetgpt.evaluator import Recalculation
from sheetgpt.layout.workbook import plan
from sheetgpt.reference import tokenise
from sheetgpt.template.load import load_templates
from sheetgpt.verification.compare import compare
from sheetgpt.verification.expected import expect
from sheetgpt.verification.inputs import parts_in
from sheetgpt.verification.model import model_in

GOLDEN: dict[str, Any] = json.loads(
    (Path(__file__).parent / "golden" / "foreign.json").read_text(encoding="utf-8")
)
ROOM = Capacity(32, 40, 6)
#: A character that there is no token for; transformers leaves it out without a word.
LACKED = [(name, " is é") for name in ("no-alphabet", "characters")]


@pytest.mark.parametrize("name", RELATIVES)
def test_the_reference_is_transformers(tmp_path: Path, name: str) -> None:
    compare_with(GOLDEN[name], make_relative(tmp_path / name, name))


@pytest.mark.parametrize("name", TOKENIZERS)
def test_tokenizers_are_transformers(tmp_path: Path, name: str) -> None:
    folder = make_tokenizer(tmp_path / name, name)
    for text in TEXTS:
        if (name, text) in LACKED:
            with pytest.raises(InputError, match="no token for 'é' in the prompt"):
                predict(text, folder)
            continue
        compare_with(GOLDEN[f"{name}: {text}"], folder)
        compare_with(GOLDEN[f"{name}, special tokens: {text}"], folder, special_tokens=True)


def compare_with(golden: dict[str, Any], folder: Path, *, special_tokens: bool = False) -> None:
    found = predict(golden["prompt"], folder, len(golden["best"]), special_tokens=special_tokens)
    assert found.token_ids == golden["ids"]
    assert [score.token_id for score in found.top] == golden["best"]
    logits = [score.logit for score in found.top]
    np.testing.assert_allclose(logits, golden["logits"], rtol=1e-9)
    vocabulary = load(folder).cutting(special_tokens).vocabulary
    assert tokenise(vocabulary, golden["prompt"]).ids == golden["ids"]


def planned(checkpoint: Checkpoint, *parts: str) -> Book:
    templates = load_templates()
    left_out = [part for part in templates.wiring.parts if part not in parts]
    return plan(checkpoint, PROMPT, ROOM, templates, left_out=left_out)


def wrong(book: Book, checkpoint: Checkpoint, *prompts: str) -> list[tuple[str, str]]:
    """Each prompt with the steps of a workbook in memory that differ for it."""
    formulas, found = Recalculation(book), []
    for prompt in prompts:
        fresh = formulas.evaluate({"prompt": prompt})
        model = model_in(fresh)
        assert model.config == checkpoint.config
        assert model.vocabulary.tokens == checkpoint.vocabulary.tokens
        assert model.vocabulary.merges == checkpoint.vocabulary.merges
        assert model.vocabulary.rules == checkpoint.vocabulary.rules
        expected = expect(model, prompt, ROOM, parts_in(fresh))
        assert expected.fits == (fresh.named("fits")[0, 0] == 1)
        assert fresh.named("checks_failed")[0, 0] == 0
        values = {step.name: fresh.named(step.name) for step in expected.steps}
        steps = compare(expected.steps, values, fresh.names)
        found += [(prompt, step.name) for step in steps if not step.ok]
    return found


@pytest.mark.parametrize("name", ["unscaled", "block-alone"])
def test_the_formulas_are_the_reference(tmp_path: Path, name: str) -> None:
    checkpoint = load(make_relative(tmp_path / name, name))
    assert wrong(planned(checkpoint, "switches"), checkpoint, PROMPT) == []


@pytest.mark.parametrize(
    ("name", "special"),
    [
        ("no-alphabet", False),
        ("characters", False),
        ("digits", False),
        ("everything-else", True),
        ("added-words", False),
        ("everything", False),
        ("everything", True),
    ],
)
def test_the_formulas_of_tokenizers_are_the_reference(
    tmp_path: Path, name: str, special: bool
) -> None:
    checkpoint = load(make_tokenizer(tmp_path / name, name)).cutting(special)
    book = planned(checkpoint)
    texts = (*TEXTS, "", "x" * 40, "quick" * 8, f" {END} quickly quick")
    assert wrong(book, checkpoint, *texts) == []


@pytest.fixture(scope="module")
def no_alphabet(tmp_path_factory: pytest.TempPathFactory) -> Recalculation:
    """A workbook that has no token for some bytes."""
    folder = tmp_path_factory.mktemp("no-alphabet")
    return Recalculation(planned(load(make_tokenizer(folder / "m", "no-alphabet"))))


@pytest.mark.parametrize(
    ("prompt", "fits", "status"),
    [
        (" is é", 0, "This model has no token for 2 bytes of the prompt: use other characters."),
        (" is", 1, "The prompt fits: 1 of 32 tokens."),
    ],
)
def test_bytes_without_a_token(
    no_alphabet: Recalculation, prompt: str, fits: int, status: str
) -> None:
    fresh = no_alphabet.evaluate({"prompt": prompt})
    assert (fresh.named("fits")[0, 0], fresh.named("status")[0, 0]) == (fits, status)


#: Models that differ from GPT-2, together in every way that is read, each with a prompt that shows
#: it all.
DIFFERENT = {
    "everything": f"quickly{END} is\n x's",
    "everything-else": f"in 99,  2 a  1'll{END} 12quick",
}


@pytest.fixture(scope="module")
def different(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Verification]:
    """The workbook of each, built with another prompt; to be read once for all engines."""
    folder, files = tmp_path_factory.mktemp("different"), {}
    for name in DIFFERENT:
        path = folder / f"{name}.xlsx"
        files[name] = Verification(path, special_tokens=True)
        build(
            "is",
            make_tokenizer(folder / name, name),
            path,
            special_tokens=True,
            tokens=24,
            chars=40,
            rounds=5,
            without="sampling,attention,lens,switches,neighbours,positions,residual,why",
        )
    return files


@pytest.mark.parametrize(
    "engine",
    [
        "formulas",
        *(
            pytest.param(name, marks=pytest.mark.engine)
            for name in ("libreoffice", "ironcalc", "gnumeric", "browser")
        ),
    ],
)
@pytest.mark.parametrize("name", DIFFERENT)
def test_every_engine_computes_what_differs(
    different: dict[str, Verification], name: str, engine: str
) -> None:
    if engine != "formulas":
        needs(engine)
    (report,) = different[name].reports([DIFFERENT[name]], engine, quiet)
    assert report.fits
    assert report.ok, report.first_bad
