"""GPT-2's vocabulary: tokens as bytes, merges as arrays of ids, and text to ids.

GPT-2 stores the bytes of a token as text, each byte as one printable character (the "byte
alphabet", `bytes_to_unicode` in OpenAI's encoder.py): printable Latin-1 characters stand for
themselves, the other 68 bytes for U+0100 onwards. A space is "Ġ".
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
from tokenizers import AddedToken, Tokenizer
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel

from sheetgpt.checkpoint.prompt_rules import PLAIN, PromptRules
from sheetgpt.checkpoint.shown import shown
from sheetgpt.errors import CheckpointError, InputError

#: In `byte_ids`: the vocabulary has no token for this byte.
NO_TOKEN = -1
#: The kinds of added tokens; special ones of the last kind cannot be cut out of a prompt.
ADDED, SPECIAL, KEPT_AS_TEXT = "added", "special", "special, kept as text"
_log = logging.getLogger(__name__)
_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _byte_alphabet() -> list[str]:
    """The character that stands for each of the 256 bytes."""
    printable = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = iter(range(0x100, 0x200))
    return [chr(byte if byte in printable else next(others)) for byte in range(256)]


BYTE_ALPHABET = _byte_alphabet()
_BYTE_OF = {character: byte for byte, character in enumerate(BYTE_ALPHABET)}


class Vocabulary:
    """Tokens by id, and merges in rank order as three arrays of ids.

    `tokens`: the V tokens in the byte alphabet, "" for an id that has no text. `left`, `right`,
    `merged`: int64 arrays of M ids; merge r joins left[r] and right[r] into merged[r]. `byte_ids`:
    the 256 ids of the single bytes, NO_TOKEN for a byte that the vocabulary lacks. `rules`: what
    the tokenizer does around that.
    """

    def __init__(
        self,
        tokens: Sequence[str],
        merges: Sequence[tuple[str, str]],
        rules: PromptRules = PLAIN,
    ) -> None:
        """Raise CheckpointError if all bytes, or a part of a merge, are no tokens."""
        self.tokens, self.rules = tuple(tokens), rules
        self._ids = {token: id_ for id_, token in enumerate(self.tokens) if token}
        self._plain = {*rules.added, *rules.special}
        self._shown: dict[int, str] = {}  # several tabs list all of them
        bytes_ = [self._ids.get(character, NO_TOKEN) for character in BYTE_ALPHABET]
        self.byte_ids = np.array(bytes_, dtype=np.int64)
        if (self.byte_ids == NO_TOKEN).all():
            raise CheckpointError(
                "The tokenizer has no token for any byte; it is no byte-level BPE vocabulary."
            )
        self.left = self._lookup([left for left, _ in merges], "the left parts of its merges")
        self.right = self._lookup([right for _, right in merges], "the right parts of its merges")
        self.merged = self._lookup([a + b for a, b in merges], "the results of its merges")

    @property
    def in_order(self) -> bool:
        """Whether ids rise with rank, as in GPT-2: the best merge has the smallest merged id."""
        return bool((np.diff(self.merged) > 0).all())

    @property
    def kinds(self) -> dict[int, str]:
        """What is known of tokens that no merge makes, by id, in words that workbooks keep."""
        special = KEPT_AS_TEXT if self.rules.special_problem else SPECIAL
        return {
            **dict.fromkeys(self.rules.added.values(), ADDED),
            **dict.fromkeys(self.rules.special.values(), special),
        }

    def of_size(self, size: int) -> Vocabulary:
        """The same with one token for each of `size` embeddings, where that can be.

        Ids beyond the tokens get no text. Special tokens beyond the embeddings, which a model was
        never made room for, are left out; any others stay.
        """
        beyond = [token for token in self.tokens[size:] if token]
        if len(self) == size or not {*beyond} <= self.rules.special.keys():
            return self
        kept = {text: id_ for text, id_ in self.rules.special.items() if id_ < size}
        if beyond:
            _log.warning("The model has no embedding for %s: left out.", ", ".join(beyond))
        tokens = [*self.tokens[:size], *[""] * (size - len(self))]
        return Vocabulary(tokens, self.merges, replace(self.rules, special=kept))

    def cutting(self, special: bool) -> Vocabulary:
        """The same with special tokens cut out of prompts, or as ordinary text in them.

        Raises InputError where they cannot be cut out.
        """
        if special == self.rules.cut_special:
            return self
        plain = replace(self.rules, cut_special=False)
        return Vocabulary(self.tokens, self.merges, plain.with_special() if special else plain)

    def __len__(self) -> int:
        return len(self.tokens)

    def _lookup(self, tokens: Sequence[str], what: str) -> npt.NDArray[np.int64]:
        missing = [token for token in tokens if token not in self._ids]
        if missing:
            raise CheckpointError(
                f"The tokenizer lacks {len(missing)} tokens among {what}, the first of them "
                f"{missing[0]!r}; it is no complete byte-level BPE vocabulary."
            )
        return np.array([self._ids[token] for token in tokens], dtype=np.int64)

    @property
    def merges(self) -> list[tuple[str, str]]:
        """The merges as pairs of tokens in the byte alphabet, in rank order."""
        return [
            (self.tokens[a], self.tokens[b]) for a, b in zip(self.left, self.right, strict=True)
        ]

    @property
    def ids(self) -> dict[str, int]:
        """The id of each token in the byte alphabet, the content of vocab.json."""
        return dict(self._ids)

    def token_bytes(self, token_id: int) -> bytes:
        """The bytes that a token stands for."""
        token = self.tokens[token_id]
        if token in self._plain:
            return token.encode("utf-8")
        try:
            return bytes(_BYTE_OF[character] for character in token)
        except KeyError:  # an added token, stored as plain text
            return token.encode("utf-8")

    def text(self, token_id: int) -> str:
        """A printable form: the text itself, with escapes such as `\\n` and `\\xe2` where needed.

        `\\x..` is a byte that is no character by itself, `\\u....` an unprintable character. An id
        without a text says so.
        """
        if not self.tokens[token_id]:
            return no_text(token_id)
        text = self.token_bytes(token_id).decode("utf-8", errors="surrogateescape")
        return "".join(map(_printable, text))

    def shown(self, token_id: int) -> str:
        """A token as workbooks show it: spaces and line breaks visible."""
        found = self._shown.get(token_id)
        if found is None:
            found = self._shown[token_id] = shown(self.token_bytes(token_id)) or no_text(token_id)
        return found

    def decode(self, token_ids: Sequence[int]) -> str:
        """The text of several tokens; bytes that are no UTF-8 become U+FFFD."""
        return b"".join(map(self.token_bytes, token_ids)).decode("utf-8", errors="replace")

    def token_of(self, text: str) -> int | None:
        """The id of a text that is one token, added tokens left aside; None if it is none."""
        token = "".join(BYTE_ALPHABET[byte] for byte in text.encode("utf-8"))
        return None if token in self._plain else self._ids.get(token)

    def encode(self, text: str) -> list[int]:
        """Token ids of a text, by the tokenizers library.

        Raises InputError for a character of which the vocabulary lacks a byte.
        """
        if (self.byte_ids == NO_TOKEN).any():
            pieces = (piece for piece, token_id in self.rules.pieces(text) if token_id is None)
            for character in "".join(pieces):
                if (self.byte_ids[list(character.encode("utf-8"))] == NO_TOKEN).any():
                    raise InputError(
                        f"The tokenizer of this model has no token for {character!r} in the "
                        "prompt; use other characters."
                    )
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        start = self.rules.start_id
        return ids if start is None else [start, *ids]

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        tokenizer = Tokenizer(BPE(vocab=self.ids, merges=self.merges))
        tokenizer.pre_tokenizer = self.rules.splitter
        if self.rules.prefix_space:
            tokenizer.pre_tokenizer = ByteLevel(add_prefix_space=True)
        tokenizer.add_tokens([AddedToken(text, normalized=False) for text in self.rules.cut])
        return tokenizer


def no_text(token_id: int) -> str:
    """What stands for an id that has an embedding but no text."""
    return f"<no text: {token_id}>"


def _printable(character: str) -> str:
    if 0xDC80 <= ord(character) <= 0xDCFF:  # a lone byte, by Python's surrogateescape
        return f"\\x{ord(character) - 0xDC00:02x}"
    if character.isprintable():
        return character
    return _ESCAPES.get(character, f"\\u{ord(character):04x}")
