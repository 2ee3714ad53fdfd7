"""The tabs of tokens in every engine: one file that has a copy of them for each prompt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from checkpoints import GPT2_VOCABULARY, make_checkpoint
from copies import Moved, in_copy
from needs import PROGRAMS, needs
from prompts import HARDEST
from text_part import OUTER_CELLS, TOKENS, Model

from sheetgpt.book import Book, Sheet
from sheetgpt.book.area import Area, quote_sheet
from sheetgpt.book.capacity import Capacity
from sheetgpt.book.references import WORD
from sheetgpt.checkpoint import Config, load
from sheetgpt.engines import ENGINES
from sheetgpt.evaluator import evaluate
from sheetgpt.xlsx.patch import with_text
from sheetgpt.xlsx.read import read
from sheetgpt.xlsx.write import write

WORKINGS = "tokens.workings"
#: What a prompt holds after the answer was pasted into it as a formula: nothing in the copies.
PASTED = "pasted_answer"
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
#: A prompt that fits, with a word about its end.
SPACE = "The prompt fits: {} of 32 tokens, but it ends in a space, which is a token of its own."
PROMPTS = [*HARDEST.values(), *BEYOND]
#: Gnumeric takes characters that XML cannot hold for the text `_x0001_`: see `with_text`.
MISREAD = {"gnumeric": [HARDEST["control characters"], HARDEST["not characters"]]}


@pytest.fixture(scope="module")
def gpt2(tmp_path_factory: pytest.TempPathFactory) -> Model:
    config = Config(1, 1, 2, 48, GPT2_VOCABULARY, 1e-5, 8)
    return Model(load(make_checkpoint(tmp_path_factory.mktemp("models") / "gpt2", config)))


@pytest.fixture(scope="module")
def names(gpt2: Model) -> dict[str, Area]:
    """The areas on the tabs of tokens, and the outer cells to the right of the workings."""
    book = gpt2.text_part(CAPACITY)
    free = book.sheets[WORKINGS].numbers.shape[1]
    outer = {name: Area(WORKINGS, row, free) for row, name in enumerate((*OUTER_CELLS, PASTED))}
    return {name: area for name, area in book.names.items() if area.sheet in TOKENS} | outer


@pytest.fixture(scope="module")
def file(gpt2: Model, names: dict[str, Area], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workbook with all prompts; no formula has been computed."""
    path = tmp_path_factory.mktemp("copies") / "copies.xlsx"
    write(with_copies(gpt2.text_part(CAPACITY), names), path, title="", comments="")
    for i, prompt in enumerate(PROMPTS):
        with_text(path, path, in_copy(names["prompt"], i), prompt)
    return path


def with_copies(book: Book, names: dict[str, Area]) -> Book:
    """A text part with a copy of the tabs of tokens and their outer cells for each prompt.

    In the copies, cells of their own tabs stand in place of names.
    """
    prompt = names["prompt"]
    outer = []
    for name in OUTER_CELLS[1:]:
        at = book.names[name]
        on_tab = book.sheets[at.sheet].formulas
        formula = next(x for x in on_tab if (x.row, x.col) == (at.row, at.col))
        outer.append(replace(formula, row=names[name].row, col=names[name].col))
    sheets = {sheet.name: sheet for sheet in book.sheets.values() if not sheet.formulas}
    kept = {name: area for name, area in book.names.items() if area.sheet in sheets}
    formulas = {
        title: [*book.sheets[title].formulas, *(outer if title == WORKINGS else ())]
        for title in TOKENS
    }
    split = {title: [WORD.split(x.text) for x in held] for title, held in formulas.items()}
    for i in range(len(PROMPTS)):
        own = f"{quote_sheet(in_copy(names['prompt'], i).sheet)}!"
        for title in TOKENS:
            tab = book.sheets[title]
            addresses = {
                name: area.a1(absolute=True) if area.sheet == title else in_copy(area, i).full()
                for name, area in names.items()
            }
            moved = Moved(addresses, {f"{quote_sheet(WORKINGS)}!": own})
            copied = [
                replace(formula, text=moved.text(pieces))
                for formula, pieces in zip(formulas[title], split[title], strict=True)
            ]
            numbers, texts = tab.numbers, dict[tuple[int, int], str | bool]()
            if title == WORKINGS:
                numbers = np.full((numbers.shape[0], prompt.col + 1), np.nan)
                numbers[:, : prompt.col] = tab.numbers[:, :]
                texts[prompt.row, prompt.col] = "the prompt"
            copy = in_copy(Area(title, 0, 0), i).sheet
            sheets[copy] = Sheet(copy, numbers, texts, copied)
    return Book(sheets, kept)


@pytest.mark.engine
@pytest.mark.parametrize("engine", ["formulas", *PROGRAMS])
def test_every_stage_in_every_engine(
    gpt2: Model, names: dict[str, Area], file: Path, engine: str
) -> None:
    wanted = [gpt2.expect(prompt, CAPACITY, halves=engine == "cellrune") for prompt in PROMPTS]
    stages = ["status", *(step.name for step in wanted[0].steps if step.name in names)]
    count = range(len(PROMPTS))
    areas = {f"{name} {i}": in_copy(names[name], i) for i in count for name in stages}
    found = recalculate(engine, file, areas)
    problems = {}
    for i, (prompt, expected) in enumerate(zip(PROMPTS, wanted, strict=True)):
        values = {name: found[f"{name} {i}"] for name in stages}
        wrong = list(gpt2.differences(prompt, expected, values, names))
        status = values["status"][0, 0]
        fits = SPACE if prompt.endswith(" ") else FITS
        if status != BEYOND.get(prompt, fits.format(len(expected.token_ids))):
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
