"""The tokens tab in every engine: one file that has a copy of it for each prompt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from checkpoints import GPT2_VOCABULARY, make_checkpoint
from needs import PROGRAMS, needs
from prompts import HARDEST
from text_part import OUTER_CELLS, Model

from sheetgpt.book import Book, Sheet
from sheetgpt.book.area import Area
from sheetgpt.book.capacity import Capacity
from sheetgpt.book.references import WORD
from sheetgpt.checkpoint import Config, load
from sheetgpt.engines import ENGINES
from sheetgpt.evaluator import evaluate
from sheetgpt.xlsx.patch import with_text
from sheetgpt.xlsx.read import read
from sheetgpt.xlsx.write import write

CAPACITY = Capacity(tokens=32, chars=40, rounds=9)
FITS = "The prompt fits: {} of 32 tokens."
#: Prompts that do not fit, and what `status` says.
BEYOND = {
    "": "Type a prompt: the beginning of a sentence.",
    "a" * 41: "The prompt has 41 characters and this workbook takes 40: shorten it.",
    "é" * 21: "The prompt is 42 bytes long and this workbook takes 40: shorten it.",
    "antidisestablishmentarianism": "A word in the prompt needs more than the 9 merge rounds of "
    "this workbook: use shorter words.",
    "a!" * 18: "The prompt makes 36 tokens and this workbook takes 32: shorten it.",
}
PROMPTS = [*HARDEST.values(), *BEYOND]
#: Gnumeric takes characters that XML cannot hold for the text `_x0001_`: see `with_text`.
MISREAD = {"gnumeric": [HARDEST["control characters"], HARDEST["not characters"]]}


@pytest.fixture(scope="module")
def gpt2(tmp_path_factory: pytest.TempPathFactory) -> Model:
    config = Config(1, 1, 2, 48, GPT2_VOCABULARY, 1e-5, 8)
    return Model(load(make_checkpoint(tmp_path_factory.mktemp("models") / "gpt2", config)))


@pytest.fixture(scope="module")
def names(gpt2: Model) -> dict[str, Area]:
    """The areas on the tokens tab, and its outer cells to the right of them."""
    book = gpt2.text_part(CAPACITY)
    free = book.sheets["tokens"].numbers.shape[1]
    outer = {name: Area("tokens", row, free) for row, name in enumerate(OUTER_CELLS)}
    return {name: area for name, area in book.names.items() if area.sheet == "tokens"} | outer


@pytest.fixture(scope="module")
def file(gpt2: Model, names: dict[str, Area], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workbook with all prompts; no formula has been computed."""
    path = tmp_path_factory.mktemp("copies") / "copies.xlsx"
    write(with_copies(gpt2.text_part(CAPACITY), names), path, title="", comments="")
    for i, prompt in enumerate(PROMPTS):
        with_text(path, path, in_copy(names["prompt"], i), prompt)
    return path


def with_copies(book: Book, names: dict[str, Area]) -> Book:
    """A text part with a copy of the tokens tab and its outer cells for each prompt.

    In the copies, cells of the tab stand in place of their names. The other tabs keep their
    numbers alone: the texts of the tokens are only for show.
    """
    tokens, prompt = book.sheets["tokens"], names["prompt"]
    formulas = list(tokens.formulas)
    for name in ("status", "fits"):
        (formula,) = book.sheets[book.names[name].sheet].formulas
        formulas.append(replace(formula, row=names[name].row, col=names[name].col))
    formulas = [replace(formula, text=without_names(formula.text, names)) for formula in formulas]
    numbers = np.full((tokens.numbers.shape[0], prompt.col + 1), np.nan)
    numbers[:, : prompt.col] = tokens.numbers[:, :]
    texts: dict[tuple[int, int], str | bool] = {(prompt.row, prompt.col): "the prompt"}
    data = (sheet for sheet in book.sheets.values() if not sheet.formulas)
    sheets = {sheet.name: replace(sheet, others={}) for sheet in data}
    kept = {name: area for name, area in book.names.items() if area.sheet in sheets}
    for i in range(len(PROMPTS)):
        title = in_copy(prompt, i).sheet
        sheets[title] = Sheet(title, numbers, texts, formulas)
    return Book(sheets, kept)


def in_copy(area: Area, number: int) -> Area:
    """The same cells in a copy of the tokens tab."""
    return area._replace(sheet=f"tokens.{number}")


def without_names(text: str, names: Mapping[str, Area]) -> str:
    """A formula with addresses in place of these names."""
    pieces = WORD.split(text)
    return "".join(names[piece].a1(absolute=True) if piece in names else piece for piece in pieces)


@pytest.mark.engine
@pytest.mark.parametrize("engine", ["formulas", *PROGRAMS])
def test_every_stage_in_every_engine(
    gpt2: Model, names: dict[str, Area], file: Path, engine: str
) -> None:
    wanted = [gpt2.expect(prompt, CAPACITY) for prompt in PROMPTS]
    stages = ["status", *(step.name for step in wanted[0].steps if step.name in names)]
    stages.remove("token_texts")  # they come from texts that the copies do without
    count = range(len(PROMPTS))
    areas = {f"{name} {i}": in_copy(names[name], i) for i in count for name in stages}
    found = recalculate(engine, file, areas)
    problems = {}
    for i, (prompt, expected) in enumerate(zip(PROMPTS, wanted, strict=True)):
        values = {name: found[f"{name} {i}"] for name in stages}
        wrong = list(gpt2.differences(prompt, expected, values, names))
        status = values["status"][0, 0]
        if status != BEYOND.get(prompt, FITS.format(len(expected.token_ids))):
            wrong.append(f"status is {status!r}")
        if wrong:
            problems[prompt] = wrong
    misread = {prompt: problems.pop(prompt, []) for prompt in MISREAD.get(engine, [])}
    assert problems == {}
    assert all(misread.values()), "a limit that is gone: take it out of the table"


def recalculate(engine: str, file: Path, areas: Mapping[str, Area]) -> dict[str, np.ndarray]:
    if engine == "formulas":
        book = evaluate(read(file))
        return {name: book.get(area) for name, area in areas.items()}
    needs(engine)
    return ENGINES[engine].recalculate(file, areas)
