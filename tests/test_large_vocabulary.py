"""Vocabularies on both sides of 65,536 tokens, where a pair of ids no longer fits in 32 bits."""

from __future__ import annotations

from itertools import islice, product

import numpy as np
import pytest
from text_part import Model

from sheetgpt.book.capacity import Capacity
from sheetgpt.checkpoint import Checkpoint, Config, Vocabulary
from sheetgpt.checkpoint.model import expected_shapes
from sheetgpt.checkpoint.vocabulary import BYTE_ALPHABET

CAPACITY = Capacity(16, 16, 6)
PROMPTS = ["yA", "x's~~", "Mike is quick.", "zzzzzz", "é 1 a b~"]


def vocabulary_of(size: int) -> Vocabulary:
    """The 256 bytes, then merges of two and of three bytes, in an order of chance."""
    merges = [*product(BYTE_ALPHABET, repeat=2)]
    order = np.random.default_rng(1).permutation(len(merges))
    pairs = [merges[i] for i in order]
    triples = ((a + b, c) for (a, b), c in product(pairs, BYTE_ALPHABET[:100]))
    pairs = [*pairs, *islice(triples, max(0, size - 256 - len(pairs)))][: size - 256]
    return Vocabulary([*BYTE_ALPHABET, *(a + b for a, b in pairs)], pairs)


@pytest.mark.slow
@pytest.mark.parametrize("size", [65_536, 65_537, 100_000])
def test_tokens_are_those_of_the_library(size: int) -> None:
    vocabulary = vocabulary_of(size)
    config = Config(1, 1, 2, 16, size, 1e-5, 8)
    tensors = {name: np.zeros(shape, "f4") for name, shape in expected_shapes(config).items()}
    model = Model(Checkpoint("large", config, tensors, vocabulary))
    for prompt in PROMPTS:
        book = model.recalculation(CAPACITY).evaluate({"prompt": prompt})
        wanted = vocabulary.encode(prompt)
        assert book.named("fits")[0, 0] == 1
        assert book.named("token_ids")[: len(wanted), 0].tolist() == wanted
        assert book.named("n_tokens")[0, 0] == len(wanted)
