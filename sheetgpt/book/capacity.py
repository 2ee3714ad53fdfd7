"""What a workbook has room for."""

from __future__ import annotations

from dataclasses import dataclass


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
