"""The NumPy reference: against Hugging Face's numbers, and against GPT-2's definition."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import numpy as np
import pytest
from checkpoints import RANDOM_MODELS, copy_tokenizer, make_checkpoint

from sheetgpt.checkpoint import Checkpoint, Vocabulary, load
from sheetgpt.checkpoint.tokenizer_files import read_vocabulary
from sheetgpt.errors import CapacityError, InputError
from sheetgpt.reference import forward, predict, tokenise

GOLDEN = np.load(Path(__file__).parent / "golden" / "golden.npz")

STEPS = [
    *("resid_pre", "ln_1.normalized", "ln_1", "attn.qkv", "attn.q", "attn.k", "attn.v"),
    *("attn.scores", "attn.pattern", "attn.z", "attn.out", "resid_mid"),
    *("ln_2.normalized", "ln_2", "mlp.pre", "mlp.post", "mlp.out", "resid_post"),
]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Checkpoint]:
    folder = tmp_path_factory.mktemp("models")
    random = {
        name: load(make_checkpoint(folder / name, **arguments))
        for name, arguments in RANDOM_MODELS.items()
    }
    return {"tiny": load("tiny")} | random


@pytest.fixture(scope="module")
def gpt2_vocabulary(tmp_path_factory: pytest.TempPathFactory) -> Vocabulary:
    folder = tmp_path_factory.mktemp("gpt2")
    copy_tokenizer(50257, folder)
    return read_vocabulary(folder)


@pytest.mark.parametrize("case", GOLDEN.files)
def test_logits_are_those_of_hugging_face(models: dict[str, Checkpoint], case: str) -> None:
    name, prompt = case.split(": ")
    ids = models[name].vocabulary.encode(prompt)
    logits = forward(models[name], ids)["logits"]
    np.testing.assert_allclose(logits[:, 0], GOLDEN[case], rtol=1e-11, atol=1e-11)


def test_every_step_has_its_name_and_shape(models: dict[str, Checkpoint]) -> None:
    model = models["two-blocks"]
    t, c, h, v = 5, 24, 2, 1024
    values = forward(model, [5, 6, 7, 8, 9])
    blocks = [f"h.{layer}.{step}" for layer in range(2) for step in STEPS]
    outside = ["wte_lookup", "wpe_lookup", "embedded"]
    ends = ["ln_f.normalized", "ln_f", "logits", "next_token_id"]
    assert list(values) == outside + blocks + ends
    special = {
        "attn.qkv": (t, 3 * c),
        "attn.scores": (h, t, t),
        "attn.pattern": (h, t, t),
        "mlp.pre": (t, 4 * c),
        "mlp.post": (t, 4 * c),
        "logits": (v, 1),
        "next_token_id": (1, 1),
    }
    for name, value in values.items():
        step = name.split(".", 2)[2] if name.startswith("h.") else name
        assert value.shape == special.get(step, (t, c)), name
        assert value.dtype == np.float64, name


def test_attention_looks_back_only(models: dict[str, Checkpoint]) -> None:
    values = forward(models["two-blocks"], [5, 6, 7, 8])
    above = np.triu(np.ones((4, 4), dtype=bool), 1)
    assert np.all(values["h.1.attn.scores"][:, above] == -1e10)
    assert np.all(values["h.1.attn.pattern"][:, above] == 0)
    np.testing.assert_allclose(values["h.1.attn.pattern"].sum(axis=2), 1, rtol=1e-14)


def test_a_later_token_changes_no_earlier_row(models: dict[str, Checkpoint]) -> None:
    short = forward(models["two-blocks"], [5, 6, 7])
    long = forward(models["two-blocks"], [5, 6, 7, 99])
    np.testing.assert_allclose(
        short["h.1.resid_post"], long["h.1.resid_post"][:3], rtol=1e-13, atol=1e-13
    )


def test_the_embedded_model_goes_on_as_it_was_taught(models: dict[str, Checkpoint]) -> None:
    prediction = predict(models["tiny"], "Mike is quick. He moves", top=3)
    assert [models["tiny"].vocabulary.text(i) for i in prediction.token_ids][:3] == [
        "Mike",
        " is",
        " quick",
    ]
    assert prediction.top[0].text == " quickly"
    assert prediction.top[0].probability > 0.9
    assert [entry.logit for entry in prediction.top] == sorted(
        (entry.logit for entry in prediction.top), reverse=True
    )


def test_the_probabilities_of_all_tokens_sum_to_one(models: dict[str, Checkpoint]) -> None:
    everything = predict(models["tiny"], "The", top=1024).top
    assert len({entry.token_id for entry in everything}) == 1024
    assert sum(entry.probability for entry in everything) == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize(
    ("prompt", "error", "sentence"),
    [
        ("", InputError, "The prompt has no tokens"),
        ("?" * 17, CapacityError, "The prompt has 17 tokens; this model has 16 positions"),
    ],
)
def test_a_prompt_that_is_empty_or_too_long_is_refused(
    models: dict[str, Checkpoint], prompt: str, error: type[Exception], sentence: str
) -> None:
    with pytest.raises(error, match=sentence):
        predict(models["untied"], prompt)


def test_a_token_id_outside_the_vocabulary_is_refused(models: dict[str, Checkpoint]) -> None:
    with pytest.raises(InputError, match="Token id 1024 is outside the vocabulary, 0 to 1023"):
        forward(models["tiny"], [1, 1024])


TEXTS = [
    "Mike is quick. He moves quickly.",
    "Hello  world, it's 12a3's they'll WE'LL   ",
    "  \n\n\t x\u00a0y\u2003z ",
    "née café naïve Ångström ½ ² ٣",
    "你好，世界 😀👩‍👩‍👧 🏳️‍🌈e\u0301",
    "<|endoftext|>=+-@ #!?~*",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa ((((((((((((((((((((((((",
    "",
]


@pytest.mark.parametrize("text", TEXTS, ids=ascii)
def test_merging_in_rounds_gives_the_librarys_tokens(
    models: dict[str, Checkpoint], gpt2_vocabulary: Vocabulary, text: str
) -> None:
    for vocabulary in (models["tiny"].vocabulary, gpt2_vocabulary):
        assert tokenise(vocabulary, text).ids == vocabulary.encode(text)


def test_merging_in_rounds_gives_the_librarys_tokens_for_random_characters(
    models: dict[str, Checkpoint],
) -> None:
    vocabulary = models["tiny"].vocabulary
    rng = np.random.default_rng(0)
    letters = list("aehiklmqstuyGMT  '1.\n\u00e9\u6211😀\u00a0")
    for _ in range(500):
        text = "".join(rng.choice(letters, size=rng.integers(1, 25)))
        assert tokenise(vocabulary, text).ids == vocabulary.encode(text), text


def test_every_character_class_splits_as_in_the_library(gpt2_vocabulary: Vocabulary) -> None:
    for category in {unicodedata.category(chr(point)) for point in range(0x3000)}:
        point = next(p for p in range(0x3000) if unicodedata.category(chr(p)) == category)
        text = f"a{chr(point)}1{chr(point)} {chr(point)}."
        assert tokenise(gpt2_vocabulary, text).ids == gpt2_vocabulary.encode(text), category


def test_the_stages_of_a_word(gpt2_vocabulary: Vocabulary) -> None:
    stages = tokenise(gpt2_vocabulary, "é quick")
    assert stages.code_points == [233, 32, 113, 117, 105, 99, 107]
    assert stages.word_start == [True, True, False, False, False, False, False]
    assert stages.text_bytes == [0xC3, 0xA9, 32, *b"quick"]
    assert stages.byte_words == [0, 0, 1, 1, 1, 1, 1, 1]
    shown = [[gpt2_vocabulary.text(token) for token in each.ids] for each in stages.rounds]
    assert shown == [
        ["\\xc3", "\\xa9", " ", "q", "u", "i", "c", "k"],
        ["é", " ", "q", "u", "ic", "k"],
        ["é", " ", "qu", "ic", "k"],
        ["é", " ", "qu", "ick"],
        ["é", " qu", "ick"],
        ["é", " quick"],
    ]
    assert [each.words for each in stages.rounds][-2:] == [[0, 1, 1], [0, 1]]
