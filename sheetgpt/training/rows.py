"""Rows of token ids to train on and to test with, made of passages."""

from __future__ import annotations

import math
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, islice
from random import Random

from sheetgpt.checkpoint import Vocabulary
from sheetgpt.reference.generate import END_OF_TEXT
from sheetgpt.training.texts import Passage

#: At most so many rows are tested with at each report.
TESTED_ROWS = 256
#: Rows from which the frequencies of tokens are counted.
_COUNTED_ROWS = 1000
#: Words, and characters at most, of a prompt for samples.
_PROMPT_WORDS, _PROMPT_CHARACTERS = 3, 30

#: Ids are kept in two bytes each; there are at most 50,257.
_IDS = "H"

Row = list[int]


@dataclass(frozen=True)
class Material:
    """What a model is trained on and tested with.

    `rows` gives the rows of training without end, from the one with this number on: the same
    number gives the same row, so that training can go on where it was stopped. `prompts` are
    begun for samples.
    """

    vocabulary: Vocabulary
    rows: Callable[[int], Iterator[Row]]
    held_out: list[Row]
    prompts: list[str]


class TextRows:
    """Rows of passages, each an own draw.

    A row starts where a segment starts, as a prompt does: without the white space before it. It
    goes on to the end of the passage and, after <|endoftext|>, with other passages.
    """

    def __init__(
        self, passages: Sequence[Passage], vocabulary: Vocabulary, length: int, seed: int
    ) -> None:
        def ids(segment: str) -> array[int]:
            return array(_IDS, vocabulary.encode(segment))

        self._bodies = [[ids(segment) for segment in passage] for passage in passages]
        self._heads = [  # the first segment of a passage has no white space before it
            [bodies[0], *(ids(segment.lstrip()) for segment in passage[1:])]
            for bodies, passage in zip(self._bodies, passages, strict=True)
        ]
        self._starts = [(p, s) for p, heads in enumerate(self._heads) for s in range(len(heads))]
        self._end = vocabulary.ids[END_OF_TEXT]
        self._length, self._seed = length, seed

    @property
    def n_tokens(self) -> int:
        """Tokens of all passages, the end of each counted."""
        return len(self._bodies) + sum(len(ids) for bodies in self._bodies for ids in bodies)

    def rows(self, first: int = 0) -> Iterator[Row]:
        """The rows from this number on."""
        return map(self.row, count(first))

    def row(self, number: int) -> Row:
        """The row of this number."""
        rng = Random(f"{self._seed} {number}")
        passage, segment = rng.choice(self._starts)
        row: Row = []
        while len(row) < self._length:
            row += self._heads[passage][segment]
            for ids in self._bodies[passage][segment + 1 :]:
                if len(row) >= self._length:
                    break
                row += ids
            row.append(self._end)
            passage, segment = rng.randrange(len(self._heads)), 0
        return row[: self._length]


def document_rows(texts: Iterable[str], vocabulary: Vocabulary, length: int) -> Iterator[Row]:
    """Rows of whole documents one after the other, the last one cut.

    Every row starts with the start of a document, because that is how a prompt is used.
    """
    end = vocabulary.ids[END_OF_TEXT]
    row: Row = []
    for text in texts:
        row += [*vocabulary.encode(text), end]
        if len(row) >= length:
            yield row[:length]
            row = []


def rows_to_test(passages: Sequence[Passage], vocabulary: Vocabulary, length: int) -> list[Row]:
    """The passages one after the other, cut into rows; the last one may be shorter."""
    end = vocabulary.ids[END_OF_TEXT]
    ids = [i for passage in passages for i in [*vocabulary.encode("".join(passage)), end]]
    rows = [ids[start : start + length] for start in range(0, len(ids), length)]
    return [row for row in rows[:TESTED_ROWS] if len(row) > 1]


def prompts(passages: Sequence[Passage]) -> list[str]:
    """How passages begin: three words, or a third of what has fewer."""
    begun = (
        " ".join(words[:_PROMPT_WORDS]) if len(words) > _PROMPT_WORDS else first[: len(first) // 3]
        for first, *_ in passages
        for words in [first.split(" ")]
    )
    return [text[:_PROMPT_CHARACTERS].strip() or passages[0][0][:1] for text in begun]


def frequency_loss(material: Material) -> float:
    """Mean cross-entropy in nats of the held-out tokens for one who knows frequencies alone."""
    seen = Counter(token for row in islice(material.rows(0), _COUNTED_ROWS) for token in row)
    total = seen.total() + len(material.vocabulary)  # each token was seen once more, or never
    tested = [token for row in material.held_out for token in row[1:]]
    return sum(math.log(total / (seen[token] + 1)) for token in tested) / len(tested)
