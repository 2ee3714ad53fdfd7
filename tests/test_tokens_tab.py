"""The tokens tab against the `tokenizers` library, stage by stage; prompts that do not fit."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from checkpoints import GPT2_VOCABULARY, make_checkpoint
from prompts import ALL, PROMPTS
from text_part import Model, errors

from sheetgpt.book import Book, CellError
from sheetgpt.book.capacity import Capacity
from sheetgpt.checkpoint import Config, load
from sheetgpt.evaluator import elementwise, evaluate
from sheetgpt.verification.compare import compare
from sheetgpt.verification.contents import model_in
from sheetgpt.verification.expected import expect

#: A prompt is tried in the smallest of these workbooks that takes it: tokens, characters, rounds.
SIZES = [Capacity(8, 8, 4), Capacity(16, 16, 8), Capacity(32, 32, 12), Capacity(48, 48, 16)]


@pytest.fixture(scope="module")
def tiny() -> Model:
    return Model(load("tiny"))


@pytest.fixture(scope="module")
def gpt2(tmp_path_factory: pytest.TempPathFactory) -> Model:
    config = Config(1, 1, 2, 48, GPT2_VOCABULARY, 1e-5, 8)
    return Model(load(make_checkpoint(tmp_path_factory.mktemp("models") / "gpt2", config)))


@pytest.fixture(params=["tiny", "gpt2"])
def model(request: pytest.FixtureRequest) -> Model:
    found: Model = request.getfixturevalue(request.param)
    return found


def problems(model: Model, prompts: list[str], typed: Callable[[str], str] = str) -> list[str]:
    """What is wrong with the stages of each prompt; `typed` is how its cell spells it."""
    found = []
    for prompt in prompts:
        tries = ((size, model.expect(prompt, size)) for size in SIZES)
        capacity, expected = next((size, it) for size, it in tries if it.fits)
        book = evaluate(model.text_part(capacity), {"prompt": typed(prompt)})
        stages = [name for name, area in book.names.items() if area.sheet in ("tokens", "checks")]
        values = {name: book.named(name) for name in stages}
        wrong = [*model.differences(prompt, expected, values, book.names), *errors(book)]
        found += [f"{prompt!r}: {problem}" for problem in wrong]
    return found


def test_there_are_hundreds_of_prompts() -> None:
    assert len(ALL) > 500


@pytest.mark.slow
def test_a_sample_of_short_prompts(model: Model) -> None:
    assert problems(model, [text for text in ALL if len(text.encode()) <= 16][::16]) == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", PROMPTS)
def test_every_stage_of_every_prompt(model: Model, kind: str) -> None:
    assert problems(model, PROMPTS[kind]) == []


# Excel counts UTF-16 units where all other programs count characters: its UNICODE joins two halves
# to one character, and a half by itself is an error or, should a version do that, its own code.


def as_units(text: str) -> str:
    """The text with the two halves that Excel sees in place of each character beyond U+FFFF."""
    return "".join(map(chr, np.frombuffer(text.encode("utf-16-le"), "<u2").tolist()))


@pytest.mark.parametrize("half_is_error", [True, False])
def test_characters_of_two_units_as_in_excel(
    tiny: Model, monkeypatch: pytest.MonkeyPatch, half_is_error: bool
) -> None:
    def unicode(text: str) -> float | CellError:
        if text == "":
            return CellError("#VALUE!")
        units = text.encode("utf-16-le", "surrogatepass")
        first = ord(units.decode("utf-16-le", "surrogatepass")[0])
        half = 0xD800 <= first < 0xE000
        return CellError("#VALUE!") if half and half_is_error else float(first)

    monkeypatch.setattr(elementwise.ELEMENTWISE["UNICODE"], "scalar", unicode)
    prompts = [text for text in ALL if text not in PROMPTS["random"] and max(text) > "\uffff"]
    assert len(prompts) > 30
    found = problems(tiny, prompts, typed=as_units)
    assert [problem for problem in found if ": code_units" not in problem] == []


FITS = "The prompt fits: 4 of 4 tokens."
EMPTY = "Type a prompt: the beginning of a sentence."
CHARACTERS = "The prompt has {} characters and this workbook takes 8: shorten it."
BYTES = "The prompt is {} bytes long and this workbook takes 8: shorten it."
TOKENS = "The prompt makes {} tokens and this workbook takes 4: shorten it."
ROUNDS = (
    "A word in the prompt needs more than the 3 merge rounds of this workbook: use shorter words."
)

#: What is typed, the text of it, `status`: at each limit of `SMALL` and just beyond it.
SMALL = Capacity(tokens=4, chars=8, rounds=3)
LIMITS = [
    ("the name", "the name", FITS),  # 4 tokens, 8 characters, 3 rounds
    ("éé", "éé", FITS),
    ("😀", "😀", FITS),
    ("#N/A", "#N/A", FITS),
    (2024.0, "2024", FITS),
    (-1.5, "-1.5", FITS),
    (True, "TRUE", FITS),
    ("", "", EMPTY),
    (math.nan, "", EMPTY),  # a cell that was deleted
    ("the names", "the names", CHARACTERS.format(9)),
    ("a" * 32_767, "a" * 32_767, CHARACTERS.format(32767)),
    ("éééé!", "éééé!", BYTES.format(9)),
    ("😀😀!", "😀😀!", BYTES.format(9)),
    ("Mike", "Mike", ROUNDS),
    ("a b c d ", "a b c d ", TOKENS.format(5)),
    ("😀😀", "😀😀", TOKENS.format(8)),
]


@pytest.fixture(scope="module")
def small_book(tiny: Model) -> Book:
    return tiny.plan(SMALL)


@pytest.mark.parametrize(("typed", "text", "status"), LIMITS, ids=lambda value: repr(value)[:12])
def test_limits(small_book: Book, typed: str | float, text: str, status: str) -> None:
    book = evaluate(small_book, {"prompt": typed})
    fits = status == FITS
    assert errors(book) == []
    assert book.named("status")[0, 0] == status
    assert book.named("fits")[0, 0] == float(fits)
    for name in ("next_token_id", "next_token"):
        assert (book.named(name)[0, 0] == "") is not fits
    assert book.named("checks_failed")[0, 0] == 0
    steps = expect(model_in(book), text, SMALL).steps
    results = compare(steps, {step.name: book.named(step.name) for step in steps}, book.names)
    assert [result for result in results if not result.ok] == []
