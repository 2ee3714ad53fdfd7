"""What a workbook has room for."""

from __future__ import annotations

from dataclasses import dataclass

#: Pieces of a text in a line at most: further ones would stand far from the screen.
MOST_PIECES = 128


@dataclass(frozen=True)
class Capacity:
    """Room for tokens, characters, bytes in UTF-8, merge rounds; `best` tokens are listed."""

    tokens: int = 16
    chars: int = 64
    rounds: int = 16
    best: int = 10

    @property
    def bytes(self) -> int:
        """As many bytes as characters: plain text fills both alike."""
        return self.chars

    @property
    def pieces(self) -> int:
        """How many pieces of the prompt a line of the tab tokens shows."""
        return min(self.bytes, MOST_PIECES)
