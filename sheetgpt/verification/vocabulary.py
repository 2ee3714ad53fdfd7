"""The vocabulary inside a workbook, and what its tokenizer does around the splitting into words."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from sheetgpt.book import Book
from sheetgpt.checkpoint import Vocabulary
from sheetgpt.checkpoint.prompt_rules import PLAIN, DigitsApart, PromptRules
from sheetgpt.checkpoint.vocabulary import (
    ADDED,
    BYTE_ALPHABET,
    KEPT_AS_TEXT,
    NO_TOKEN,
    SPECIAL,
    no_text,
)
from sheetgpt.errors import WorkbookError
from sheetgpt.verification.contents import as_text, number, values

#: The longest token, in bytes.
MAX_TOKEN = 1 << 10
LONE_HALF = re.compile("[\ud800-\udfff]")


def vocabulary_in(book: Book) -> Vocabulary:
    """The vocabulary, rebuilt from the token of each byte and the table of merges.

    Tokens that no merge makes, such as <|endoftext|>, keep the text of the vocabulary tab. Raises
    WorkbookError where a table holds no token or no pair of tokens.
    """
    tokens = [_token(text) for text in values(book, "vocabulary.raw")[:, 0]]
    size = len(tokens)
    tokens = ["" if text == no_text(i) else text for i, text in enumerate(tokens)]
    rules = _rules_in(book, tokens)
    byte_ids = _column(book, "byte_ids", size, len(BYTE_ALPHABET), NO_TOKEN)
    for character, token_id in zip(BYTE_ALPHABET, byte_ids, strict=True):
        if token_id != NO_TOKEN:
            tokens[token_id] = character
    keys = _column(book, "merges.key", size**2 + 1)
    merged = _column(book, "merges.token", size, len(keys))
    keys, merged = keys[keys < size**2], merged[keys < size**2]  # a row that stands for no merges
    left, right = np.divmod(keys, size)
    ranks = merged
    if "merges.rank" in book.names:
        ranks = _column(book, "merges.rank", len(keys), len(keys))
    made = {*merged.tolist()}
    pending = np.argsort(merged).tolist()  # as a rule, the parts of a token have smaller ids
    while pending:
        later = []
        for merge in pending:
            if left[merge] in made or right[merge] in made:
                later.append(merge)
                continue
            tokens[merged[merge]] = _token(tokens[left[merge]] + tokens[right[merge]])
            made.discard(int(merged[merge]))
        if len(later) == len(pending):
            raise WorkbookError("The merges in the workbook go in circles; build it again.")
        pending = later
    pairs = [(tokens[left[merge]], tokens[right[merge]]) for merge in np.argsort(ranks)]
    return Vocabulary(tokens, pairs, rules)


def cuts_special(book: Book) -> bool:
    """Whether the workbook cuts special tokens such as <|endoftext|> out of prompts."""
    return _says(book, "special_tokens")


def _says(book: Book, name: str) -> bool:
    """Whether a constant is 1; one that only some workbooks have is 0 in the others."""
    return name in book.names and number(book, name) == 1


def _rules_in(book: Book, tokens: Sequence[str]) -> PromptRules:
    """What the tokenizer does around the splitting into words."""
    if "vocabulary.kind" not in book.names:
        return PLAIN
    kinds = values(book, "vocabulary.kind")[:, 0].tolist()
    if len(kinds) != len(tokens):
        raise WorkbookError(
            f"vocabulary.kind in the workbook has {len(kinds):,} rows and vocabulary.raw has "
            f"{len(tokens):,}. Build it again."
        )
    of = {
        kind: {tokens[i]: i for i, found in enumerate(kinds) if found == kind}
        for kind in (ADDED, SPECIAL, KEPT_AS_TEXT)
    }
    return PromptRules(
        prefix_space=_says(book, "prefix_space"),
        digits_apart=_digits_in(book),
        start_id=number(book, "start_token") if "start_token" in book.names else None,
        added=of[ADDED],
        special=of[SPECIAL] | of[KEPT_AS_TEXT],
        special_problem="they are of kinds that a workbook cannot hold" if of[KEPT_AS_TEXT] else "",
        cut_special=cuts_special(book),
    )


def _digits_in(book: Book) -> DigitsApart:
    if "digits_apart" not in book.names:
        return DigitsApart.NO
    return DigitsApart(number(book, "digits_apart", high=max(DigitsApart)))


def _token(value: object) -> str:
    """The text of a token; raises WorkbookError for one that no model has."""
    text = as_text(value)
    if len(text) > MAX_TOKEN or LONE_HALF.search(text):
        raise WorkbookError(f"The workbook has a token {text[:40]!r}, which no model has.")
    return text


def _column(
    book: Book, name: str, end: int, count: int | None = None, least: int = 0
) -> np.ndarray:
    """A named column of whole numbers from `least` to below `end`, as int64 (N,), of a length."""
    column = values(book, name)[:, 0]
    if count not in (None, len(column)):
        raise WorkbookError(f"{name} in the workbook has {len(column):,} rows, not {count:,}.")
    for value in column:
        if not (isinstance(value, float) and least <= value < end and value % 1 == 0):
            held = f"{value:.15g}" if isinstance(value, float) else repr(value)
            raise WorkbookError(
                f"{name} in the workbook holds {held}; it must be a whole number below {end:,}. "
                "Build it again."
            )
    return column.astype(np.int64)
