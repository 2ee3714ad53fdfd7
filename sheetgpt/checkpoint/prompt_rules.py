"""What a tokenizer does around GPT-2's own way from text to ids, as its files say.

Added tokens are cut out of a prompt whole, before it is split into words; a space can stand before
each piece that remains; digits can be cut off from all else; a start token can stand before all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum

from tokenizers.pre_tokenizers import ByteLevel, Digits, PreTokenizer, Sequence

from sheetgpt.errors import InputError


class DigitsApart(IntEnum):
    """Whether digits are cut off what is around them before a text is split into words."""

    NO = 0
    RUNS = 1  # several digits that follow one another stay together
    EACH = 2


@dataclass(frozen=True)
class PromptRules:
    """How a prompt is treated before and after it is split into words; GPT-2's own by default.

    `added` are the added tokens that are always cut out, text to id; `special` those that are when
    `cut_special` is set, such as <|endoftext|>, and are ordinary text otherwise. `special_problem`
    says why those cannot be cut out, "" if they can.
    """

    prefix_space: bool = False
    digits_apart: DigitsApart = DigitsApart.NO
    start_id: int | None = None
    added: Mapping[str, int] = field(default_factory=dict)
    special: Mapping[str, int] = field(default_factory=dict)
    special_problem: str = ""
    cut_special: bool = False

    @property
    def cut(self) -> dict[str, int]:
        """The texts that are cut out of a prompt, with their ids."""
        return {**self.added, **(self.special if self.cut_special else {})}

    @property
    def cuts_pieces(self) -> bool:
        """Whether a prompt is changed or cut before it is split into words."""
        return self.prefix_space or bool(self.digits_apart) or bool(self.cut)

    @property
    def splitter(self) -> PreTokenizer:
        """What splits a piece, which has the space before it, into words."""
        words = ByteLevel(add_prefix_space=False)
        if not self.digits_apart:
            return words
        each = self.digits_apart == DigitsApart.EACH
        return Sequence([Digits(individual_digits=each), words])

    @property
    def stated(self) -> dict[str, object]:
        """What differs from GPT-2's own, whether special tokens are cut out left aside."""
        names = ("prefix_space", "digits_apart", "start_id", "added")
        found = {name: getattr(self, name) for name in names}
        return {name: value for name, value in found.items() if value != getattr(PLAIN, name)}

    def with_special(self) -> PromptRules:
        """The same with special tokens cut out; raises InputError where that is not possible."""
        if self.special_problem:
            raise InputError(
                f"The special tokens of this model cannot be cut out: {self.special_problem}. "
                "Leave out --special-tokens."
            )
        if not self.special:
            raise InputError(
                "The tokenizer of this model names no special tokens; leave out --special-tokens."
            )
        return replace(self, cut_special=True)

    def pieces(self, text: str) -> Iterator[tuple[str, int | None]]:
        """A text from left to right: (piece, None), or (text of an added token, its id).

        Of the added tokens that begin at a place, the longest is taken; pieces are never empty.
        """
        cut = self.cut
        lengths = sorted({len(token) for token in cut}, reverse=True)
        begin = at = 0
        while at < len(text):
            length = next((n for n in lengths if text[at : at + n] in cut), 0)
            if not length:
                at += 1
                continue
            if begin < at:
                yield self.spaced(text[begin:at]), None
            yield text[at : at + length], cut[text[at : at + length]]
            begin = at = at + length
        if begin < len(text):
            yield self.spaced(text[begin:]), None

    def spaced(self, piece: str) -> str:
        """A piece with the space that is put before it, unless it begins with one."""
        return f" {piece}" if self.prefix_space and not piece.startswith(" ") else piece


PLAIN = PromptRules()
