"""GPT-2's tokenizer stage by stage in plain Python.

Only the splitting into words is the `tokenizers` library's, so that it is exact for all of
Unicode; bytes and merges are done here, in rounds: in each round every word merges, at once, its
lowest-ranked pair of neighbours. That gives the same tokens as GPT-2's own loop, which treats one
word after the other.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from sheetgpt.checkpoint import Vocabulary

#: The first number beyond Unicode: added tokens stand for characters from here on.
CODE_END = 0x110000
#: What stands for the bytes of an added token.
NO_BYTE = -1


class Round(NamedTuple):
    """All tokens of a text at one stage, and the number of the word (from 0) each belongs to."""

    ids: list[int]
    words: list[int]


class Tokenisation(NamedTuple):
    """The stages from text to token ids.

    `code_points` and `word_start` have one entry per character, `text_bytes` and `byte_words` one
    per UTF-8 byte. An added token that is cut out of the text stands there as one character, a
    number beyond Unicode (`CODE_END` + id), and as one byte, NO_BYTE. `rounds[0]` holds the byte
    tokens, `rounds[r]` the tokens after merge round r; `start` is what stands before the last.
    """

    code_points: list[int]
    word_start: list[bool]
    text_bytes: list[int]
    byte_words: list[int]
    rounds: list[Round]
    start: tuple[int, ...] = ()

    @property
    def ids(self) -> list[int]:
        """The token ids of the prompt; -1 for a byte that the vocabulary lacks."""
        return [*self.start, *self.rounds[-1].ids]


def tokenise(vocabulary: Vocabulary, text: str) -> Tokenisation:
    """Every stage of the tokenizer for a text; an empty text has one empty round."""
    code_points: list[int] = []
    word_start: list[bool] = []
    words: list[list[int]] = []
    tokens: list[list[int]] = []
    splitter = vocabulary.rules.splitter
    for piece, added in vocabulary.rules.pieces(text):
        if added is not None:
            code_points.append(CODE_END + added)
            word_start.append(True)
            words.append([NO_BYTE])
            tokens.append([added])
            continue
        # One (start, end) per word, in characters.
        spans = [span for _, span in splitter.pre_tokenize_str(piece)]
        starts = {start for start, _ in spans}
        code_points += map(ord, piece)
        word_start += [position in starts for position in range(len(piece))]
        bytes_ = [list(piece[start:end].encode("utf-8")) for start, end in spans]
        words += bytes_
        tokens += [[int(vocabulary.byte_ids[byte]) for byte in word] for word in bytes_]
    ranks = _ranks(vocabulary)
    rounds = [_flat(tokens)]
    while (merged := [_merge_best(word, ranks) for word in tokens]) != tokens:
        tokens = merged
        rounds.append(_flat(tokens))
    return Tokenisation(
        code_points=code_points,
        word_start=word_start,
        text_bytes=[byte for word in words for byte in word],
        byte_words=[number for number, word in enumerate(words) for _ in word],
        rounds=rounds,
        start=() if vocabulary.rules.start_id is None else (vocabulary.rules.start_id,),
    )


@lru_cache(maxsize=1)
def _ranks(vocabulary: Vocabulary) -> dict[tuple[int, int], tuple[int, int]]:
    """Each pair of tokens that is merged, with its rank and what it becomes."""
    pairs = zip(vocabulary.left.tolist(), vocabulary.right.tolist(), strict=True)
    return dict(zip(pairs, enumerate(vocabulary.merged.tolist()), strict=True))


def _merge_best(word: list[int], ranks: dict[tuple[int, int], tuple[int, int]]) -> list[int]:
    """Merge all occurrences of the word's lowest-ranked pair, left to right without overlaps."""
    pairs = [pair for pair in pairwise(word) if pair in ranks]
    if not pairs:
        return word
    best = min(pairs, key=ranks.__getitem__)
    out: list[int] = []
    position = 0
    while position < len(word):
        if tuple(word[position : position + 2]) == best:
            out.append(ranks[best][1])
            position += 2
        else:
            out.append(word[position])
            position += 1
    return out


def _flat(words: list[list[int]]) -> Round:
    return Round(
        [token for word in words for token in word],
        [number for number, word in enumerate(words) for _ in word],
    )
