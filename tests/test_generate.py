"""Going on with a text: the loop around one pass, its random numbers, its characters, its end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from sheetgpt.checkpoint import Checkpoint, load
from sheetgpt.errors import CapacityError, InputError
from sheetgpt.reference import Ended, Generation, Sampling, Stops, forward, generate, pick, predict
from sheetgpt.reference.generate import in_float64

GREEDY = Sampling(temperature=0)


@pytest.fixture(scope="module")
def tiny() -> Checkpoint:
    return load("tiny")


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch, tiny: Checkpoint) -> Callable[..., Generation]:
    """Generation by a model that says given tokens after a prompt of one token."""

    def make(ids: Sequence[int], n: int | None = None) -> Generation:
        def say(_: Checkpoint, token_ids: list[int]) -> dict[str, np.ndarray]:
            return {"logits": np.eye(1024)[ids[len(token_ids) - 1], :, None]}

        monkeypatch.setattr(generate, "forward", say)
        return Generation(tiny, "a", n or len(ids), GREEDY, seed=0)

    return make


def test_at_temperature_0_the_text_is_that_of_repeated_predictions(tiny: Checkpoint) -> None:
    text = "Two plus two"
    for token in Generation(tiny, text, 8, GREEDY, seed=0):
        best = predict(tiny, text, top=1).top[0]
        assert token.token_id == best.token_id
        assert token.probability == 1
        text += token.text
    assert text.startswith("Two plus two equals four.")


def test_each_token_is_the_pick_of_a_pass(tiny: Checkpoint) -> None:
    sampling, rng = Sampling(1.5, 50, 0.95), np.random.default_rng(7)
    generation = Generation(tiny, "She", 12, sampling, seed=7)
    ids = list(generation.token_ids)
    for token in generation:
        logits, random = forward(tiny, ids)["logits"][:, 0], rng.random()
        assert (token.token_id, token.probability) == pick(logits, sampling, random)
        assert token.random == random
        ids.append(token.token_id)
    assert generation.ended is Ended.COUNT


def test_a_seed_gives_one_text_and_another_seed_another(tiny: Checkpoint) -> None:
    texts = [
        [token.text for token in Generation(tiny, "The", 10, Sampling(2), seed)]
        for seed in (1, 1, 2)
    ]
    assert texts[0] == texts[1] != texts[2]
    generation = Generation(tiny, "The", 10, Sampling(2), seed=1)
    assert [*generation] == [*generation]


def test_float64_weights_change_no_bit(tiny: Checkpoint) -> None:
    ids = tiny.vocabulary.encode("Mike is quick")
    before, after = forward(tiny, ids), forward(in_float64(tiny), ids)
    assert all(np.array_equal(before[name], after[name]) for name in before)


#: The bytes that a model says, one token each, and what each of them adds to the text.
SPELLED = {
    "two bytes": (b"\xc3\xa9", ["", "é"]),
    "four bytes": (b"\xf0\x9f\x99\x82!", ["", "", "", "🙂", "!"]),
    "a lone byte": (b"\xffx", ["\ufffd", "x"]),
    "broken off by a letter": (b"\xf0\x9fx", ["", "", "\ufffdx"]),
    "broken off by another character": (b"\xc3\xc3\xa9", ["", "\ufffd", "é"]),
    "broken off by the end": (b"x\xf0\x9f\x99", ["x", "", "", ""]),
}


@pytest.mark.parametrize(("spelled", "pieces"), SPELLED.values(), ids=SPELLED)
def test_text_comes_in_whole_characters(
    scripted: Callable[..., Generation], tiny: Checkpoint, spelled: bytes, pieces: list[str]
) -> None:
    ids = [int(tiny.vocabulary.byte_ids[byte]) for byte in spelled]
    tokens = [*scripted(ids)]
    assert [token.token_id for token in tokens] == ids
    assert [token.text for token in tokens] == pieces


def test_the_end_of_a_text(scripted: Callable[..., Generation], tiny: Checkpoint) -> None:
    end = tiny.vocabulary.ids["<|endoftext|>"]
    generation = scripted([5, 6, end, 7])
    assert [token.token_id for token in generation] == [5, 6]
    assert generation.ended is Ended.END_OF_TEXT


@pytest.mark.parametrize(
    ("ends", "said"), [((6,), [5]), ((7, 6), [5]), ((7,), [5, 6, 1023]), ((), [5, 6])]
)
def test_the_ends_that_the_model_names(
    scripted: Callable[..., Generation], tiny: Checkpoint, ends: tuple[int, ...], said: list[int]
) -> None:
    script = [5, 6, tiny.vocabulary.ids["<|endoftext|>"], 7]
    scripted(script)
    generation = Generation(replace(tiny, end_ids=ends), "a", 4, GREEDY, seed=0)
    assert [token.token_id for token in generation] == said
    assert generation.ended is Ended.END_OF_TEXT
    assert generation.end == tiny.vocabulary.text(script[len(said)])


#: What stops a text that goes "x. y! z": stops, what is said, why, and at what.
STOPS: list[tuple[Stops, str, Ended, str]] = [
    (Stops(), "x. y! z", Ended.COUNT, ""),
    (Stops(["y"]), "x. y", Ended.STOP, "y"),
    (Stops(["q", ". y"]), "x. y", Ended.STOP, ". y"),
    (Stops(["a"]), "x. y! z", Ended.COUNT, ""),  # "a" is in the prompt alone
    (Stops(sentence=True), "x.", Ended.SENTENCE, "."),
    (Stops(["."], sentence=True), "x.", Ended.STOP, "."),
    (Stops(["x"], sentence=True), "x", Ended.STOP, "x"),
]


@pytest.mark.parametrize(("stops", "said", "ended", "end"), STOPS)
def test_where_a_text_is_told_to_stop(
    scripted: Callable[..., Generation],
    tiny: Checkpoint,
    stops: Stops,
    said: str,
    ended: Ended,
    end: str,
) -> None:
    ids = [int(tiny.vocabulary.byte_ids[byte]) for byte in b"x. y! z"]
    scripted(ids)
    generation = Generation(tiny, "a", len(ids), GREEDY, 0, stops)
    assert "".join(token.text for token in generation) == said
    assert (generation.ended, generation.end) == (ended, end)


def test_an_empty_text_to_stop_at_is_refused(tiny: Checkpoint) -> None:
    with pytest.raises(InputError, match="A text to stop at is empty"):
        Generation(tiny, "a", 1, GREEDY, 0, Stops([""]))


def test_the_last_position(small: Checkpoint) -> None:
    prompt = "?" * 14  # 14 of 16 tokens: the model predicts what follows the 14th to the 16th
    generation = Generation(small, prompt, 10, GREEDY, seed=0)
    assert len([*generation]) == 3
    assert generation.ended is Ended.POSITIONS
    exactly = Generation(small, prompt, 3, GREEDY, seed=0)
    assert len([*exactly]) == 3
    assert exactly.ended is Ended.COUNT


@pytest.mark.parametrize(("prompt", "n", "seed", "error", "words"), [
    ("", 1, 0, InputError, "The prompt has no tokens"),
    ("?" * 17, 1, 0, CapacityError, "The prompt has 17 tokens; this model has 16 positions"),
    ("?", 0, 0, InputError, "There must be at least 1 token to generate, not 0"),
    ("?", 1, -1, InputError, "The seed is -1; it must be a whole number from 0"),
])  # fmt: skip
def test_refusals(
    small: Checkpoint, prompt: str, n: int, seed: int, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        Generation(small, prompt, n, Sampling(), seed)
