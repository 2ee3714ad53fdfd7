"""From plain text to passages, what is held out of them, and rows of tokens."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from sheetgpt.checkpoint import Vocabulary, load
from sheetgpt.training.rows import TextRows, prompts, rows_to_test
from sheetgpt.training.texts import (
    LONGEST_PASSAGE,
    LONGEST_SEGMENT,
    Text,
    read_text,
    segments,
    split,
)

LINES = [f"Number {n} is {'odd' if n % 2 else 'even'}. So it is." for n in range(100)]


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return load("tiny").vocabulary


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("One. Two! Three", ["One.", " Two!", " Three"]),
        ('He said "No." Then', ['He said "No."', " Then"]),
        ("3.14 is pi", ["3.14 is pi"]),
        ("a line\nanother\n  third", ["a line", "\nanother", "\n  third"]),
        ("天气很好。他去了。", ["天气很好。", "他去了。"]),
        ("Wait... what?!  Yes.", ["Wait...", " what?!", "  Yes."]),
        ("", []),
        ("end. \n ", ["end."]),
    ],
)
def test_where_a_prompt_may_start(text: str, pieces: list[str]) -> None:
    assert segments(text) == pieces


@pytest.mark.parametrize("text", ["word " * 300, "x" * 1500, "Ä" * 250 + " " + "word " * 100])
def test_long_pieces_are_cut(text: str) -> None:
    pieces = segments(text)
    assert "".join(pieces) == text.rstrip() or "".join(pieces) == text
    assert max(map(len, pieces)) <= 2 * LONGEST_SEGMENT
    assert len(pieces) > 2


@pytest.mark.parametrize(
    ("content", "join_lines", "passages"),
    [
        ("one\ntwo\nthree\n", False, ["one", "two", "three"]),
        ("one\ntwo\n\nthree\n\n\n\n", False, ["one\ntwo", "three"]),
        ("one  \n two\n \t\nthree", False, ["one\n two", "three"]),
        ("one  \n two\n \t\nthree", True, ["one two", "three"]),
        ("\ufeffone\r\ntwo\rthree", False, ["one", "two", "three"]),
        ("one\ntwo<|endoftext|>three\ffour", False, ["one\ntwo", "three", "four"]),
        ("", False, []),
    ],
)
def test_passages(tmp_path: Path, content: str, join_lines: bool, passages: list[str]) -> None:
    path = tmp_path / "text.txt"
    path.write_bytes(content.encode())
    found = read_text(path, join_lines=join_lines).passages
    assert ["".join(passage) for passage in found] == passages


def test_long_passages_are_cut(tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_text(" ".join(LINES * 2))
    found = read_text(path).passages
    assert all(0 < sum(map(len, passage)) <= LONGEST_PASSAGE for passage in found)
    assert " ".join("".join(passage) for passage in found) == " ".join(LINES * 2)
    assert len(found) > 5


def test_what_is_held_out_is_not_trained_on() -> None:
    passages = [tuple(segments(line)) for line in LINES * 3]
    parts = split([Text("a", 0, "", passages[:250]), Text("b", 0, "", passages[250:])])
    assert 5 <= len(parts.held_out) <= 15
    assert len({*parts.held_out}) == len(parts.held_out)
    assert not {*parts.held_out} & {*parts.training}
    assert len(parts.training) == 3 * (len(LINES) - len(parts.held_out))
    assert parts == split([Text("a", 0, "", passages)])


def test_the_text_of_the_lesson_is_enough() -> None:
    parts = split([read_text(Path(__file__).parents[1] / "docs" / "class-sentences.txt")])
    assert len(parts.training) > 200
    assert len(parts.held_out) > 10


def test_rows_start_as_prompts_do(vocabulary: Vocabulary) -> None:
    passages = [tuple(segments(line)) for line in LINES]
    rows = TextRows(passages, vocabulary, 24, seed=1)
    end = vocabulary.ids["<|endoftext|>"]
    starts = set()
    for row in islice(rows.rows(), 200):
        assert len(row) == 24
        first, *others = vocabulary.decode(row).split("<|endoftext|>")
        starts.add(first.split(" ")[0])
        assert any(first in line for line in LINES)
        assert all(any(line.startswith(other) for line in LINES) for other in others)
        # as the tokenizer cuts the whole text, but for what the end of the row cuts off
        whole = [vocabulary.encode(other) for other in others[:-1]]
        assert all(ids in _parts(row, end) for ids in whole)
    assert starts == {"Number", "So"}
    assert rows.n_tokens == sum(len(vocabulary.encode(line)) + 1 for line in LINES)


def _parts(row: list[int], end: int) -> list[list[int]]:
    parts: list[list[int]] = [[]]
    for token in row:
        if token == end:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def test_a_row_depends_on_its_number_alone(vocabulary: Vocabulary) -> None:
    passages = [tuple(segments(line)) for line in LINES]
    rows = TextRows(passages, vocabulary, 24, seed=1)
    assert [*islice(rows.rows(7), 5)] == [*islice(rows.rows(), 12)][7:]
    other = TextRows(passages, vocabulary, 24, seed=2)
    assert [*islice(other.rows(), 5)] != [*islice(rows.rows(), 5)]


def test_rows_to_test_with_hold_every_passage_once(vocabulary: Vocabulary) -> None:
    passages = [tuple(segments(line)) for line in LINES[:9]]
    rows = rows_to_test(passages, vocabulary, 16)
    text = vocabulary.decode([token for row in rows for token in row])
    assert text == "<|endoftext|>".join(LINES[:9]) + "<|endoftext|>"
    assert {len(row) for row in rows[:-1]} == {16}
    assert len(rows_to_test(passages * 100, vocabulary, 16)) == 256


def test_prompts_for_samples() -> None:
    passages = [("Number 7 is odd.", " So it is."), ("No.",), ("天气很好，他去了。",)]
    assert prompts(passages) == ["Number 7 is", "N", "天气很"]
