"""The embedded model's corpus and what the model learned of it."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from sheetgpt.checkpoint import Checkpoint, load
from sheetgpt.checkpoint.tokenizer_files import read_vocabulary
from sheetgpt.training import bpe
from sheetgpt.training.card import model_card
from sheetgpt.training.corpus import FAMILIES, Sentence, documents, held_out
from sheetgpt.training.evaluate import Accuracy, evaluate, is_right
from sheetgpt.training.recipe import Loss, Recipe


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


def test_a_vocabulary_is_learned_from_texts(tmp_path: Path) -> None:
    bpe.learn(["Anna moves quickly. Ben moves quickly."] * 10, 270, tmp_path)
    vocabulary = read_vocabulary(tmp_path)
    assert len(vocabulary) == 270
    assert vocabulary.decode(vocabulary.encode("Ben moves, né?")) == "Ben moves, né?"
    assert len(vocabulary.encode(" quickly")) < len(" quickly")


def test_the_model_card_tells_the_figures_of_the_run(tiny: Checkpoint) -> None:
    accuracy = dict.fromkeys(FAMILIES, Accuracy(prompts=40, right=39))
    card = model_card(tiny, Recipe(steps=123), [Loss(100, 1.2345)], accuracy, minutes=6.6)
    for figure in (f"{tiny.n_weights:,} weights", "| 123 |", "| 7 |", "| 100 | 1.234 |", "97.5%"):
        assert figure in card


@pytest.mark.slow
def test_a_few_steps_of_training_give_a_model_that_loads(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from sheetgpt.training.train import train  # noqa: PLC0415 - only with the extra `train`

    recipe = Recipe(n_layer=1, n_head=2, n_embd=8, n_positions=32, steps=40, batch=4)
    bpe.learn(islice(documents(1), 100), 300, tmp_path)
    curve = train(read_vocabulary(tmp_path), recipe, tmp_path, report=lambda loss: None)
    assert curve[-1].loss < curve[0].loss
    assert load(tmp_path).config.n_embd == 8
