"""Plain text files as passages, some of them held out of training.

A passage is what stands between blank lines or `<|endoftext|>`; in a file without any of these, a
line. Passages are lists of segments, such as sentences: a segment is where a prompt may start.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from sheetgpt.errors import InputError
from sheetgpt.reference.generate import END_OF_TEXT

#: A longer passage is cut at the end of a segment, a longer segment at the end of a word; both in
#: characters. A passage is more than any row of tokens, a segment less.
LONGEST_PASSAGE, LONGEST_SEGMENT = 1000, 200
#: One in this many characters is held out.
HELD_OUT = 10
#: Below these there is nothing to learn, and nothing to hold out.
LEAST_CHARACTERS, LEAST_PASSAGES = 1000, 10

#: Where one segment ends and the next, with the white space before it, begins.
_ENDS = re.compile(r"""[.!?…]["'”’»)\]]*(?=\s)|[。！？]["'”’」』）]*|(?=\n)""")
_ENCODINGS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}

#: The segments of a passage; joined they are its text.
Passage = tuple[str, ...]


class Text(NamedTuple):
    """A file that was read: its name, its length in characters, SHA-256 of its bytes, passages."""

    name: str
    characters: int
    sha256: str
    passages: list[Passage]


class Split(NamedTuple):
    """The passages that are trained on, as often as they occur, and different ones held out."""

    training: list[Passage]
    held_out: list[Passage]


def read_text(path: Path, *, join_lines: bool = False) -> Text:
    """Read a file in UTF-8; `join_lines` makes one line of the lines of a paragraph.

    Raises InputError for a file that is missing, no text or not UTF-8, with the byte.
    """
    try:
        content = path.read_bytes()
    except IsADirectoryError as error:
        raise InputError(f"{path} is a folder; name its files, such as {path}/*.txt.") from error
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error
    text = _decoded(path, content)
    passages = list(_passages(text, join_lines))
    return Text(path.name, len(text), hashlib.sha256(content).hexdigest(), passages)


def _decoded(path: Path, content: bytes) -> str:
    if kind := _ENCODINGS.get(content[:2]):
        raise InputError(f"{path} is {kind} and not UTF-8; save it as UTF-8.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        start = error.start + 3 * content.startswith(b"\xef\xbb\xbf")  # it counts from the mark on
        line = content.count(b"\n", 0, start) + 1
        raise InputError(
            f"{path} is not UTF-8: its byte {start + 1:,}, in line {line:,}, is "
            f"0x{content[start]:02x}; save it as plain text in UTF-8."
        ) from error
    if "\0" in text:
        place = content.index(0)
        raise InputError(f"{path} is no plain text: its byte {place + 1:,} is 0.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _passages(text: str, join_lines: bool) -> Iterator[Passage]:
    text = re.sub(r"[^\S\n]+$", "", text, flags=re.MULTILINE)
    text = text.replace("\f", "\n\n").replace(END_OF_TEXT, "\n\n").strip("\n")
    blank = "\n\n" in text or join_lines
    for part in re.split(r"\n\n+" if blank else r"\n", text):
        joined = " ".join(part.split()) if join_lines else part
        yield from _cut(segments(joined))


def segments(text: str) -> list[str]:
    """Sentences, lines, and pieces of what is longer; a piece carries the white space before it.

    GPT-2's tokenizer never joins a word with what stands before its white space, so the tokens of
    the pieces are those of the whole, but where a long word was cut.
    """
    pieces, start = [], 0
    for end in [*(match.end() for match in _ENDS.finditer(text)), len(text)]:
        while end - start > LONGEST_SEGMENT:
            place = start + LONGEST_SEGMENT
            word = re.compile(r"(?<=\S)\s").search(text, place, min(end, 2 * place - start))
            cut = word.start() if word else place
            pieces.append(text[start:cut])
            start = cut
        if text[start:end].strip():
            pieces.append(text[start:end])
            start = end
    return pieces


def _cut(pieces: Sequence[str]) -> Iterator[Passage]:
    """Passages of at most the longest length, the white space before the first left out."""
    passage: list[str] = []
    length = 0
    for piece in pieces:
        if passage and length + len(piece) > LONGEST_PASSAGE:
            yield tuple(passage)
            passage, length = [], 0
        passage.append(piece if passage else piece.lstrip())
        length += len(piece)
    if passage:
        yield tuple(passage)


def split(texts: Iterable[Text]) -> Split:
    """Hold out one in ten characters: whole passages, chosen by their SHA-256.

    A passage that occurs twice is held out twice, so that nothing held out is trained on.
    Raises InputError for too little text.
    """
    every = [passage for text in texts for passage in text.passages]
    different = list(dict.fromkeys(every))
    size = sum(map(_length, every))
    if size < LEAST_CHARACTERS or len(different) < LEAST_PASSAGES:
        raise InputError(
            f"This is too little text: {size:,} characters in {len(different)} different passages "
            f"(between blank lines, or lines). At least {LEAST_CHARACTERS:,} characters in "
            f"{LEAST_PASSAGES} passages are needed, and some 100,000 characters for a model that "
            "says something new."
        )
    wanted = sum(map(_length, different)) / HELD_OUT
    held_out: list[Passage] = []
    for passage in sorted(different, key=_digest):
        if held_out and sum(map(_length, held_out)) + _length(passage) > wanted:
            break
        held_out.append(passage)
    kept_out = set(held_out)
    return Split([passage for passage in every if passage not in kept_out], held_out)


def _length(passage: Passage) -> int:
    return sum(map(len, passage))


def _digest(passage: Passage) -> bytes:
    return hashlib.sha256("".join(passage).encode()).digest()
