"""The tokens tab against the `tokenizers` library, stage by stage; prompts that do not fit."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from checkpoints import GPT2_VOCABULARY, make_checkpoint
from prompts import ALL, PROMPTS
from text_part import TOKENS, Model, errors

from sheetgpt.book import Book, CellError
from sheetgpt.book.capacity import Capacity
from sheetgpt.checkpoint import Config, load
from sheetgpt.evaluator import Recalculation, elementwise, evaluate
from sheetgpt.verification.compare import compare
from sheetgpt.verification.expected import expect
from sheetgpt.verification.model import model_in

#: A prompt is tried in the first of these workbooks that takes it: tokens, characters, rounds. Few
#: prompts need many rounds, and each round takes as long as all that is before the first.
SIZES = [
    *(Capacity(8, 8, 3), Capacity(16, 16, 3), Capacity(32, 32, 4)),
    *(Capacity(48, 48, 4), Capacity(48, 48, 16)),
]


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
        book = model.recalculation(capacity).evaluate({"prompt": typed(prompt)})
        stages = [name for name, area in book.names.items() if area.sheet in (*TOKENS, "checks")]
        assert {"token_ids", "merge.0", "words"} <= {*stages}
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
# to one character. A half by itself is an error, or its own number; other programs that count like
# Excel make U+FFFD of it, or let MID take whole characters, so that either half stands for all of
# them.

HALVES = range(0xD800, 0xE000)


def as_units(text: str) -> str:
    """The text with the two halves that Excel sees in place of each character beyond U+FFFF."""
    units = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), "<u2")
    return "".join(map(chr, units.tolist()))


def first_code(text: str) -> float | CellError:
    """UNICODE, which reads two halves as one character and one half as U+FFFD."""
    if text == "":
        return CellError("#VALUE!")
    return float(ord(text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")[0]))


def half_is_error(text: str) -> float | CellError:
    """UNICODE that takes no half."""
    alone = text[:1] != "" and ord(text[0]) in HALVES and not joins(text)
    return CellError("#VALUE!") if alone else first_code(text)


def half_is_number(text: str) -> float | CellError:
    """UNICODE that gives the number of a half."""
    alone = text[:1] != "" and ord(text[0]) in HALVES and not joins(text)
    return float(ord(text[0])) if alone else first_code(text)


def joins(text: str) -> bool:
    """Whether a text begins with the two halves of one character."""
    return len(text) > 1 and "\ud800" <= text[0] < "\udc00" <= text[1] < "\ue000"


def whole_characters(text: str, start: float, count: float) -> str:
    """MID that never cuts a character in two."""
    first, last = int(start) - 1, int(start + count) - 1
    first -= joins(text[max(first - 1, 0) :]) and first > 0
    last += joins(text[last - 1 :]) and last > 0
    return text[first:last]


#: Functions of a program that counts UTF-16 units.
UNITS: dict[str, dict[str, Any]] = {
    "half is an error": {"UNICODE": half_is_error},
    "half is a number": {"UNICODE": half_is_number},
    "half is the whole": {"UNICODE": half_is_error, "MID": whole_characters},
    "half is U+FFFD": {"UNICODE": first_code},
}


@pytest.fixture
def behaves(monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, Any]], None]:
    """Replaces functions of the evaluator by those of another program."""

    def replace(functions: dict[str, Any]) -> None:
        for name, function in functions.items():
            monkeypatch.setattr(elementwise.ELEMENTWISE[name], "scalar", function)

    return replace


@pytest.mark.parametrize("program", UNITS)
def test_characters_of_two_units(
    tiny: Model, behaves: Callable[[dict[str, Any]], None], program: str
) -> None:
    unichar = elementwise.ELEMENTWISE["UNICHAR"].scalar
    behaves({**UNITS[program], "UNICHAR": lambda code: as_units(str(unichar(code)))})
    prompts = [text for text in ALL if text not in PROMPTS["random"] and max(text) > "\uffff"]
    assert len(prompts) > 30
    found = problems(tiny, prompts, typed=as_units)
    assert [problem for problem in found if ": code_units" not in problem] == []


def missing(_: Any) -> CellError:
    """A function that a program does not have."""
    return CellError("#NAME?")


UNREAD = "This program cannot read character {} of the prompt: replace it, or use another program."


@pytest.mark.parametrize(
    ("functions", "prompt", "place"),
    [
        ({"UNICODE": missing, "UNICHAR": missing}, "Hi", 1),
        ({"UNICODE": lambda text: first_code(text) if text < "\x80" else missing(text)}, "a é", 3),
        ({}, "ab\ud83d", 3),  # half a character, typed or pasted
    ],
    ids=["no UNICODE", "no letter beyond ASCII", "half a character"],
)
def test_what_a_program_cannot_read_is_said(
    small_book: Book,
    behaves: Callable[[dict[str, Any]], None],
    functions: dict[str, Any],
    prompt: str,
    place: int,
) -> None:
    behaves({"UNICODE": half_is_error} | functions)
    book = evaluate(small_book, {"prompt": prompt})
    assert book.named("status")[0, 0] == UNREAD.format(place)
    assert (book.named("fits")[0, 0], book.named("next_token")[0, 0]) == (0, "")


FITS = "The prompt fits: 4 of 4 tokens."
EMPTY = "Type a prompt: the beginning of a sentence."
CHARACTERS = "The prompt has {} characters and this workbook takes 8: shorten it."
BYTES = "The prompt is {} bytes long and this workbook takes 8: shorten it."
TOO_MANY = "The prompt makes {} tokens and this workbook takes 4: shorten it."
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
    ("a b c d ", "a b c d ", TOO_MANY.format(5)),
    ("😀😀", "😀😀", TOO_MANY.format(8)),
]


@pytest.fixture(scope="module")
def small_book(tiny: Model) -> Book:
    return tiny.plan(SMALL)


@pytest.fixture(scope="module")
def reading(small_book: Book) -> Recalculation:
    """The same, ready to be computed for many prompts."""
    return Recalculation(small_book)


@pytest.mark.parametrize(("typed", "text", "status"), LIMITS, ids=lambda value: repr(value)[:12])
def test_limits(reading: Recalculation, typed: str | float, text: str, status: str) -> None:
    book = reading.evaluate({"prompt": typed})
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
