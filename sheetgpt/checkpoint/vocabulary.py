"""GPT-2's vocabulary: tokens as bytes, merges as arrays of ids, and text to ids.

GPT-2 stores the bytes of a token as text, each byte as one printable character (the "byte
alphabet", `bytes_to_unicode` in OpenAI's encoder.py): printable Latin-1 characters stand for
themselves, the other 68 bytes for U+0100 onwards. A space is "Ġ".
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel

from sheetgpt.errors import CheckpointError

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

    `tokens`: the V tokens in the byte alphabet. `left`, `right`, `merged`: int64 arrays of M ids;
    merge r joins left[r] and right[r] into merged[r]. `byte_ids`: the 256 ids of the single bytes.
    """

    def __init__(self, tokens: Sequence[str], merges: Sequence[tuple[str, str]]) -> None:
        """Raise CheckpointError if a byte or a part of a merge is no token."""
        self.tokens = tuple(tokens)
        self._ids = {token: id_ for id_, token in enumerate(self.tokens)}
        self.byte_ids = self._lookup(BYTE_ALPHABET, "its 256 bytes")
        self.left = self._lookup([left for left, _ in merges], "the left parts of its merges")
        self.right = self._lookup([right for _, right in merges], "the right parts of its merges")
        self.merged = self._lookup([a + b for a, b in merges], "the results of its merges")
        # The workbook finds the best merge of a word as the smallest merged id.
        if (np.diff(self.merged) <= 0).any():
            rank = int(np.argmax(np.diff(self.merged) <= 0)) + 1
            raise CheckpointError(
                f"Merge {rank} of the tokenizer gives token {self.merged[rank]}, after a merge "
                f"that gives token {self.merged[rank - 1]}; as in GPT-2, ids must rise with rank."
            )

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
        try:
            return bytes(_BYTE_OF[character] for character in token)
        except KeyError:  # an added token, stored as plain text
            return token.encode("utf-8")

    def text(self, token_id: int) -> str:
        """A printable form: the text itself, with escapes such as `\\n` and `\\xe2` where needed.

        `\\x..` is a byte that is no character by itself, `\\u....` an unprintable character.
        """
        text = self.token_bytes(token_id).decode("utf-8", errors="surrogateescape")
        return "".join(map(_printable, text))

    def decode(self, token_ids: Sequence[int]) -> str:
        """The text of several tokens; bytes that are no UTF-8 become U+FFFD."""
        return b"".join(map(self.token_bytes, token_ids)).decode("utf-8", errors="replace")

    def encode(self, text: str) -> list[int]:
        """Token ids of a text. `<|endoftext|>` in it is ordinary text, as in the workbook."""
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        tokenizer = Tokenizer(BPE(vocab=self.ids, merges=self.merges))
        tokenizer.pre_tokenizer = ByteLevel(add_prefix_space=False, use_regex=True)
        return tokenizer


def _printable(character: str) -> str:
    if 0xDC80 <= ord(character) <= 0xDCFF:  # a lone byte, by Python's surrogateescape
        return f"\\x{ord(character) - 0xDC00:02x}"
    if character.isprintable():
        return character
    return _ESCAPES.get(character, f"\\u{ord(character):04x}")
