"""The embedded model's corpus and what the model learned of it."""

from __future__ import annotations

import json
import math
from itertools import islice

import pytest

from sheetgpt.checkpoint import Checkpoint, load
from sheetgpt.checkpoint.loading import EMBEDDED
from sheetgpt.training.__main__ import RECIPE, subject
from sheetgpt.training.bpe import learn
from sheetgpt.training.card import Measured, model_card
from sheetgpt.training.corpus import FAMILIES, Sentence, documents, held_out
from sheetgpt.training.evaluate import evaluate, is_right
from sheetgpt.training.loop import Course
from sheetgpt.training.make import config_of
from sheetgpt.training.recipe import Report
from sheetgpt.training.rows import frequency_loss


@pytest.fixture(scope="module")
def tiny() -> Checkpoint:
    return load("tiny")


def test_every_marked_word_is_a_prompt_with_what_follows_it() -> None:
    sentence = Sentence("Mike is quick. [He] moves [quickly].")
    assert sentence.text == "Mike is quick. He moves quickly."
    assert sentence.prompts == [
        ("Mike is quick.", " He"),
        ("Mike is quick. He moves", " quickly"),
    ]


def test_no_held_out_sentence_is_in_the_training_documents() -> None:
    read = " ".join(islice(documents(seed=1), 20_000))
    for family in FAMILIES:
        sentences = held_out(family, 100)
        assert len(sentences) >= 10
        assert not [sentence.text for sentence in sentences if sentence.text in read]


def test_documents_repeat_with_their_seed() -> None:
    assert list(islice(documents(7), 50)) == list(islice(documents(7), 50))
    assert list(islice(documents(7), 50)) != list(islice(documents(8), 50))


def test_the_embedded_model_is_right_on_held_out_sentences_of_every_family(
    tiny: Checkpoint,
) -> None:
    for family, accuracy in evaluate(tiny, sentences=25).items():
        assert accuracy.share >= 0.95, family


@pytest.mark.parametrize(
    ("prompt", "word"),
    [
        ("Mike is quick. He moves", " quickly"),
        ("Mike is quick.", " He"),
        ("Anna is slow. She moves", " slowly"),
        ("Mike is quick. He moves quickly. Anna is slow. She moves", " slowly"),
        ("The capital of France is", " Paris"),
        ("Two plus two equals", " four"),
        ("Ice is cold. Steam is", " hot"),
        ("The opposite of big is", " small"),
        ("The cow says", " moo"),
        ("A young dog is a", " puppy"),
        ("Lisa is hungry, so she", " eats"),
        ("When the sun shines, the snow", " melts"),
    ],
)
def test_what_people_will_try(tiny: Checkpoint, prompt: str, word: str) -> None:
    assert is_right(tiny, prompt, word)


def test_the_vocabulary_is_laid_out_as_gpt2s(tiny: Checkpoint) -> None:
    vocabulary = tiny.vocabulary
    assert len(vocabulary) == 1024
    assert sorted(vocabulary.byte_ids) == list(range(256))
    assert list(vocabulary.merged) == list(range(256, 1023))
    assert vocabulary.text(1023) == "<|endoftext|>"
    assert len(vocabulary.encode(" quickly")) == 1


def test_the_embedded_model_is_small(tiny: Checkpoint) -> None:
    assert tiny.n_weights <= 350_000


def test_the_embedded_model_is_what_its_recipe_says(tiny: Checkpoint) -> None:
    assert RECIPE.config == tiny.config
    stored = json.loads((EMBEDDED["tiny"] / "config.json").read_text(encoding="utf-8"))
    assert config_of(RECIPE).items() <= stored.items()


@pytest.mark.slow
def test_the_tokenizer_of_the_embedded_model_is_learned_anew(tiny: Checkpoint) -> None:
    learned = learn(islice(documents(RECIPE.seed), 20_000), RECIPE.vocab_size)
    assert (learned.tokens, learned.merges) == (tiny.vocabulary.tokens, tiny.vocabulary.merges)


def test_the_embedded_model_is_a_subject_of_training(tiny: Checkpoint) -> None:
    what = subject(seed=1, sentences=3)
    material, recipe = what.material(tiny.vocabulary, RECIPE)
    first, later = [*islice(material.rows(0), 9)], [*islice(material.rows(5), 4)]
    assert (later, recipe) == (first[5:], RECIPE)
    assert {len(row) for row in first} == {64}
    loss = frequency_loss(material)
    assert 3 < loss < math.log(1024)
    account = what.account(tiny)
    course = Course(4000, reports=[Report(4000, 1.2345, 1.25, 0.75, "Mike is")])
    card = model_card(account, RECIPE, tiny.n_weights, Measured("cpu", course, 999, loss))
    for figure in (
        f"{tiny.n_weights:,} weights",
        "| 4,000 | 1.234 | 1.250 | 75.0% |",
        "| manners | ",
        "**calmly**",
        f"| by how frequent a token is | {loss:.3f} |",
    ):
        assert figure in card
