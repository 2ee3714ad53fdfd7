"""Tables that lessons take from a model: scores of the embedded one, the vocabulary of GPT-2.

`[data]` of a lesson names them, with the texts that they are about.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from sheetgpt.checkpoint import load
from sheetgpt.checkpoint.gpt2_tokenizer import gpt2_vocabulary
from sheetgpt.layout.builder import SheetBuilder
from sheetgpt.layout.data import (
    FIRST_COL,
    FIRST_ROW,
    Registry,
    bytes_tab,
    data_tab,
    merges_tab,
    unicode_tab,
    vocabulary_tab,
)
from sheetgpt.layout.tensor import Axis, stack
from sheetgpt.reference.forward import forward

#: The model whose scores lessons show.
MODEL = "tiny"
SCORES = "surprise.scores"


def scores_tab(texts: Sequence[str], tensors: Registry) -> list[SheetBuilder]:
    """The embedded model's score of every token behind every token of some texts.

    `surprise.text` (texts, T) holds their tokens, `surprise.scores` (vocabulary, texts * (T - 1))
    a column for each place behind a token of a text but its last, as float32: the logits.
    """
    checkpoint = load(MODEL)
    vocabulary = checkpoint.vocabulary
    ids = [vocabulary.encode(text) for text in texts]
    longest = max(map(len, ids))
    sheet = data_tab(SCORES, f"{SCORES}: what the embedded model expects")
    words = [[vocabulary.shown(i) for i in tokens] for tokens in ids]
    text = ("surprise.text", Axis("text", len(texts)), Axis("token", longest))
    sheet.text(1, FIRST_COL, "the tokens of each text; below them a row for each token", "note")
    tensors[text[0]] = stack(
        text[0], sheet.name, FIRST_ROW, FIRST_COL + 1, text[1:], (0, FIRST_ROW - 1)
    )
    sheet.numbers(FIRST_ROW - 1, FIRST_COL + 1, np.arange(float(longest))[None, :], "position")
    sheet.numbers(FIRST_ROW, 0, np.arange(float(len(texts)))[:, None], "position")
    for i, row_of_words in enumerate(words):
        for j, word in enumerate(row_of_words):
            sheet.text(FIRST_ROW + i, FIRST_COL + 1 + j, word)
    top = FIRST_ROW + len(texts) + 2
    token, place = Axis("token", len(vocabulary)), Axis("place", len(texts) * (longest - 1))
    known = "surprise.vocabulary"
    tensors[known] = stack(known, sheet.name, top, FIRST_COL, (token,), (0,))
    tensors[SCORES] = stack(SCORES, sheet.name, top, FIRST_COL + 1, (token, place), (0, top - 1))
    sheet.numbers(top - 1, FIRST_COL + 1, np.arange(float(place.size))[None, :], "position")
    sheet.numbers(top, 0, np.arange(float(token.size))[:, None], "position")
    for i in range(token.size):
        sheet.text(top + i, FIRST_COL, vocabulary.shown(i))
    for i, tokens in enumerate(ids):
        scores = checkpoint.unembedding @ forward(checkpoint, tokens)["ln_f"][:-1].T  # (V, T - 1)
        sheet.numbers(top, FIRST_COL + 1 + i * (longest - 1), scores.astype(np.float32), None)
    return [sheet]


def vocabulary_tabs(_: Sequence[str], tensors: Registry) -> list[SheetBuilder]:
    """GPT-2's own vocabulary and merges, and what its tokenizer knows of Unicode and bytes."""
    vocabulary = gpt2_vocabulary()
    return [
        vocabulary_tab(vocabulary, tensors),
        merges_tab(vocabulary, tensors),
        unicode_tab(tensors),
        bytes_tab(vocabulary, tensors),
    ]


#: What a lesson can ask for, by name: adds to the tensors, gives the tabs.
SOURCES: Mapping[str, Callable[[Sequence[str], Registry], list[SheetBuilder]]] = {
    "scores": scores_tab,
    "vocabulary": vocabulary_tabs,
}
