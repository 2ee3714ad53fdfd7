"""Tokens as people read them."""

from __future__ import annotations

#: Where Python puts bytes that are no UTF-8: half characters, which no text holds by itself.
SURROGATES = range(0xD800, 0xE000)


def shown(text: bytes) -> str:
    """A token for human eyes: spaces and line breaks visible, lone bytes as `<E2>`."""
    out = []
    for character in text.decode("utf-8", errors="surrogateescape"):
        code = ord(character)
        if character == " ":
            out.append("␣")
        elif character == "\n":
            out.append("↵")
        elif character == "\t":
            out.append("⇥")
        elif code in SURROGATES:
            out.append(f"<{code - 0xDC00:02X}>")
        elif character.isprintable():
            out.append(character)
        else:
            out.append(f"<U+{code:04X}>")
    return "".join(out)
