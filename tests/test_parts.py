"""What the optional parts of a workbook must hold: against workbooks in memory; their inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from sheetgpt.book import Book
from sheetgpt.book.capacity import Capacity
from sheetgpt.checkpoint import Checkpoint
from sheetgpt.checkpoint.precision import rounded
from sheetgpt.errors import InputError, WorkbookError
from sheetgpt.evaluator import evaluate
from sheetgpt.layout.workbook import plan
from sheetgpt.reference import Sampling, Switches, forward
from sheetgpt.template.load import load_templates
from sheetgpt.verification.compare import compare, require_names
from sheetgpt.verification.expected import Expectation, expect
from sheetgpt.verification.inputs import PARTS, parts_in
from sheetgpt.verification.model import model_in
from sheetgpt.verification.parts import AttentionPart, LensPart, SamplingPart, SwitchesPart
from sheetgpt.verification.scene import Scene
from sheetgpt.verification.step import Expected, apart, in_order

PROMPT, SIZE = "Ice be", Capacity(6, 12, 4)


def build(model: Checkpoint, precision: str = "float32", **settings: str) -> Book:
    """A computed workbook that lacks nothing, never written to a file."""
    book = plan(rounded(model, precision), PROMPT, SIZE, load_templates(None), settings=settings)
    return evaluate(book)


def expected(book: Book, prompt: str = PROMPT) -> Expectation:
    return expect(model_in(book), prompt, SIZE, parts_in(book))


def wrong(steps: list[Expected], values: Mapping[str, np.ndarray], book: Book) -> list[str]:
    return [result.name for result in compare(steps, values, book.names) if not result.ok]


@pytest.fixture(scope="module")
def book(small: Checkpoint) -> Book:
    return build(small, follow_token="1", follow_column="1")


def edited(book: Book, name: str, value: float | str | bool | None) -> Book:
    """The book with another value in the first cell of a name."""
    area = book.names[name]
    sheet = book.sheets[area.sheet]
    rows, cols = sheet.numbers.shape
    numbers, others = np.array(sheet.numbers[:rows, :cols]), dict(sheet.others)
    others.pop((area.row, area.col), None)
    numbers[area.row, area.col] = value if type(value) is float else np.nan
    if isinstance(value, str | bool):
        others[area.row, area.col] = value
    changed = replace(sheet, numbers=numbers, others=others)
    return replace(book, sheets=book.sheets | {sheet.name: changed})


CASES: dict[str, dict[str, str]] = {
    "as built": {},
    "whole numbers": {"precision": "int8", "chosen_position": "1", "word_a": "7"},
    "any token": {"temperature": "2", "top_k": "0", "top_p": "1", "random": "0.999"},
    "the best token": {"temperature": "0", "top_p": "1", "random": "1"},
    "cold": {"temperature": "0.01", "top_k": "0", "top_p": "1", "random": "0.7"},
    "few tokens": {"temperature": "1.5", "top_k": "3", "top_p": "0.5", "view_head": "1"},
    "one word thrice": {"word_a": "9", "word_b": "9", "word_c": "9", "map_a": "3", "map_b": "3"},
    "words": {
        "chosen_word": "the",
        "word_a": " the",
        "word_b": "␣a",
        "word_c": "no such",
        "map_a": "",
        "map_b": "is",
    },
    "no word": {
        "word_a": "",
        "word_b": "",
        "word_c": "",
        "chosen_word": "none",
        "map_c": "no such",
    },
    "no head": {"switch.0.heads": "0,0", "switch.0.mlp": "1", "rival": "e"},
    "one head alone": {
        "switch.0.heads": "0,1",
        "switch.0.mlp": "0",
        "chosen_position": "5",
        "rival": "7",
    },
}


@pytest.mark.parametrize("settings", CASES.values(), ids=CASES)
def test_workbooks_agree(small: Checkpoint, settings: dict[str, str]) -> None:
    book = build(small, **settings)
    steps = expected(book).steps
    require_names(steps, book.names)
    assert wrong(steps, {step.name: book.named(step.name) for step in steps}, book) == []


#: How many steps there are whose names begin so.
STEPS = {
    "token_texts": 1, "best.": 4, "sampl": 15, "attention.": 5, "lens.": 12, "switched.": 27,
    "neighbours.": 9, "arithmetic.": 6, "positions.": 1, "mapped.": 4, "residual.": 7,
    "why.": 38, "follow.": 16,
}  # fmt: skip


def test_every_step_of_every_part_is_compared(book: Book) -> None:
    """A cell that is off, in any of them, is found, and in that step alone."""
    steps = expected(book).steps
    values = {step.name: book.named(step.name) for step in steps}
    parts = [step.name for step in steps if step.name.startswith(tuple(STEPS))]
    assert {head: sum(name.startswith(head) for name in parts) for head in STEPS} == STEPS
    for name in parts:
        off = values[name].copy()
        off[0, 0] = off[0, 0] + "x" if isinstance(off[0, 0], str) else off[0, 0] + 1e-6
        assert wrong(steps, values | {name: off}, book) == [name]


def test_a_prompt_that_does_not_fit_has_blank_answers(book: Book) -> None:
    steps = expected(book, "a" * 13).steps
    assert [(step.name, step.values.item()) for step in steps] == [
        ("fits", 0.0),
        *((name, "") for name in ("next_token_id", "next_token")),
        *((name, "") for name in ("sampled_token_id", "sampled_token")),
        *((name, "") for name in ("switched.next_token_id", "switched.next_token")),
    ]


def test_parts_that_are_left_out(book: Book) -> None:
    assert len(parts_in(book)) == len(PARTS) == 9
    others = [part for part in PARTS if part != "attention"]
    without = edited(book, "left_out", ", ".join(others))
    assert parts_in(without) == [AttentionPart(0, 0)]
    older = replace(book, names={k: v for k, v in book.names.items() if k != "left_out"})
    assert parts_in(older) == []


@pytest.mark.parametrize(("name", "value", "words"), [
    ("temperature", -0.5, "holds -0.5; it must be a number from 0 upwards"),
    ("temperature", 1e-5, "holds 1e-05, where rounding decides; it must be 0 or at least 0.001"),
    ("temperature", "hot", "holds 'hot'; it must be a number from 0 upwards"),
    ("temperature", None, "holds nothing; it must be a number"),
    ("top_k", 2.5, "holds 2.5; it must be a whole number from 0 upwards"),
    ("top_k", True, "holds True; it must be a whole number"),
    ("top_p", 1.01, "holds 1.01; it must be a number from 0 to 1"),
    ("random", -0.1, "holds -0.1; it must be a number from 0 to 1"),
    ("view_block", 1.0, "holds 1; it must be a whole number from 0 to 0"),
    ("view_head", 2.0, "holds 2; it must be a whole number from 0 to 1"),
    ("switch.0.heads", 0.5, "holds 0.5; it must be a whole number from 0 to 1"),
    ("switch.0.mlp", 2.0, "holds 2; it must be a whole number from 0 to 1"),
    ("chosen_position", -1.0, "holds -1; it must be a whole number from 0 upwards"),
])  # fmt: skip
def test_inputs_out_of_range(book: Book, name: str, value: float | str | None, words: str) -> None:
    with pytest.raises(InputError, match=f"The cell named {name} {words}"):
        parts_in(edited(book, name, value))


@pytest.mark.parametrize("name", ["temperature", "switch.0.heads", "projection.words"])
def test_a_cell_that_is_lost(book: Book, name: str) -> None:
    names = {key: area for key, area in book.names.items() if key != name}
    with pytest.raises(WorkbookError, match=f"named {name}"):
        parts_in(replace(book, names=names))


@pytest.mark.parametrize(("a", "b", "told_apart"), [
    (1.0, 1.0, False), (1.0, 1 + 3e-9, False), (1.0, 1 + 5e-9, True), (0.0, 1e-9, False),
    (100.0, 100 + 1e-7, False), (-100.0, -100 + 3e-7, True),
])  # fmt: skip
def test_what_rounding_cannot_turn_round(a: float, b: float, told_apart: bool) -> None:
    assert bool(apart(a, b)) is bool(apart(b, a)) is told_apart


def test_places_of_near_scores_are_not_decided() -> None:
    order, decided = in_order(np.array([3, 5, 3 + 1e-10, 1, 0, 0]), 5)
    assert order.tolist() == [1, 2, 0, 3, 4]
    assert decided.tolist() == [True, False, False, True, False]


def scene(model: Checkpoint, logits: list[float]) -> Scene:
    """A prompt of one token with given last scores; all other scores are far below."""
    values = forward(model, [5])
    scores = np.linspace(-60, -50, 1024)
    scores[: len(logits)] = logits
    return Scene(model, SIZE, [5], values | {"logits": scores[:, None]})


LOGITS = np.log([0.5, 0.25, 0.25])


@pytest.mark.parametrize(("sampling", "random", "logits", "undecided"), [
    (Sampling(), 0.3, np.log([0.5, 0.3, 0.2]), set()),
    (Sampling(), 0.3, LOGITS, {"sampling.id", "sampling.token"}),
    (Sampling(), 0.6, LOGITS, {"sampling.id", "sampling.token", "sampled_token_id",
                               "sampled_token"}),
    (Sampling(), 0.5 + 1e-10, np.log([0.5, 0.3, 0.2]), {"sampling.picked", "sampled_token_id",
                                                        "sampled_token"}),
    (Sampling(top_p=0.5), 0.3, np.log([0.5, 0.3, 0.2]), {
        "sampling.in_top_p", "sampling.share", "sampling.before", "sampling.picked",
        "sampling.first.share",
        "sampled_token_id", "sampled_token"}),
    (Sampling(top_p=0.5), 0.3, np.log([0.51, 0.3, 0.19]), set()),
])  # fmt: skip
def test_what_rounding_decides_in_sampling(
    small: Checkpoint, sampling: Sampling, random: float, logits: list[float], undecided: set[str]
) -> None:
    steps = SamplingPart(sampling, random, 3).steps(scene(small, logits))
    assert {step.name for step in steps if not np.all(step.decided)} == undecided


def test_what_rounding_decides_about_the_answer(small: Checkpoint) -> None:
    """Two equal best tokens: whatever depends on which of them is the answer is not compared."""
    tied = scene(small, [3, 3, 1])
    steps = [*LensPart(2).steps(tied), *SwitchesPart(Switches.on(small.config)).steps(tied)]
    assert {step.name for step in steps if not np.all(step.decided)} == {
        "lens.answer.rank", "lens.answer.probability", "switched.answer_probability",
    }  # fmt: skip
