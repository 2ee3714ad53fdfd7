"""Added tokens: what a tokenizer's files say of tokens beside those that merges make."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import permutations
from typing import Any, NamedTuple

from sheetgpt.checkpoint.prompt_rules import DigitsApart, PromptRules

#: What the `tokenizers` library can do beside cutting a token out, and a workbook cannot.
_FLAGS = {
    "lstrip": "takes the spaces before it along (lstrip)",
    "rstrip": "takes the spaces behind it along (rstrip)",
    "single_word": "is cut out only where it is a word by itself (single_word)",
}
#: A list of tokens in a message stops here; the rest is counted.
_SHOWN = 5


class AddedToken(NamedTuple):
    """One added token; `flags` are those of _FLAGS that it has.

    Tokens that are not `normalized` are cut out first, the others of what remains.
    """

    text: str
    id: int
    special: bool
    normalized: bool
    flags: tuple[str, ...] = ()


def added_token(text: str, id_: int, stated: Mapping[str, Any], special: bool) -> AddedToken:
    """A token from what a file states of it; what is absent is as in transformers."""
    special = special or bool(stated.get("special"))
    flags = tuple(flag for flag in _FLAGS if stated.get(flag))
    return AddedToken(text, id_, special, bool(stated.get("normalized", not special)), flags)


def rules_of(
    tokens: Iterable[AddedToken],
    prefix_space: bool = False,
    digits_apart: DigitsApart = DigitsApart.NO,
    start_id: int | None = None,
) -> tuple[PromptRules, list[str]]:
    """The rules for these tokens, and what in them cannot be computed, in sentences."""
    tokens = list(tokens)
    always = [token for token in tokens if not token.special]
    special = [token for token in tokens if token.special]
    problems = list(_problems(always))
    problems += [
        f"{word.text!r} and the special token {other.text!r}, which share characters"
        for word in always
        for other in special
        if _share(word.text, other.text)
    ]
    rules = PromptRules(
        prefix_space,
        digits_apart,
        start_id,
        {token.text: token.id for token in always},
        {token.text: token.id for token in special},
        "; ".join(_problems([*always, *special])),
    )
    return rules, problems


def misnumbered(tokens: Iterable[AddedToken], ids: Mapping[str, int]) -> Iterator[str]:
    """Added tokens that get another id than their file states, in the order of their adding.

    The `tokenizers` library passes over the ids in files: it counts on from the number of tokens
    in the vocabulary `ids`, or from the last that it gave. So gaps in the ids lead it elsewhere.
    """
    given: set[int] = set()
    for token in tokens:
        number = ids.get(token.text, max(len(ids), max(given, default=-1) + 1))
        given.add(number)
        if number != token.id:
            yield (
                f"the id {token.id} for the added token {token.text!r}, to which the tokenizers "
                f"library gives {number}"
            )


def _problems(tokens: list[AddedToken]) -> Iterator[str]:
    for flag, words in _FLAGS.items():
        if flagged := [token.text for token in tokens if flag in token.flags]:
            yield f"an added token that {words}: {_listed(flagged)}"
    first = [token.text for token in tokens if not token.normalized]
    for token in (token.text for token in tokens if token.normalized):
        if sharing := [other for other in first if _share(token, other)]:
            yield (
                f"added tokens that share characters and are cut out one after the other: "
                f"{_listed([token, *sharing])}"
            )


def _share(a: str, b: str) -> bool:
    """Whether two different tokens can lie on the same characters of a text."""
    return a != b and any(
        x in y or any(x.endswith(y[:n]) for n in range(1, len(y))) for x, y in permutations((a, b))
    )


def _listed(texts: list[str]) -> str:
    more = f" and {len(texts) - _SHOWN} more" * (len(texts) > _SHOWN)
    return ", ".join(map(repr, texts[:_SHOWN])) + more
