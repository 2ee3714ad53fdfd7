"""The tab of added tokens: tables that find them in a text read from right to left.

The method is Aho and Corasick's ("Efficient string matching: an aid to bibliographic search",
1975) on reversed texts: after each character the state is the longest text with which the rest of
the prompt begins and with which an added token ends. So every place knows the longest added token
that begins there, and needs no more than the state of the place behind it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from sheetgpt.checkpoint import Vocabulary
from sheetgpt.checkpoint.vocabulary import NO_TOKEN
from sheetgpt.layout.builder import SheetBuilder
from sheetgpt.layout.data import FIRST_COL, FIRST_ROW, Registry, column, data_tab
from sheetgpt.layout.tensor import Axis
from sheetgpt.layout.unicode import CODE_BASE

NAMES = ("added.key", "added.next", "added.length", "added.token")


class States(NamedTuple):
    """What each state has read, and the steps between states: (state, code point) to state.

    A step that is not there is that of state 0 with the same code point, or else leads to state 0.
    `lengths` and `tokens` tell the longest added token that begins what was read: 0 and NO_TOKEN
    for none.
    """

    texts: list[str]
    steps: dict[tuple[int, int], int]
    lengths: list[int]
    tokens: list[int]


def states_of(cut: Mapping[str, int]) -> States:
    """The states for the texts that are cut out."""
    ends = {text[i:] for text in cut for i in range(len(text))}
    texts = ["", *sorted(ends)]
    number = {text: i for i, text in enumerate(texts)}
    firsts = sorted({text[0] for text in ends})

    def follow(state: str, character: str) -> int:
        read = character + state
        return next(number[read[:n]] for n in range(len(read), -1, -1) if read[:n] in number)

    start = {character: follow("", character) for character in firsts}
    steps = {(0, ord(character)): state for character, state in start.items()}
    for text in texts[1:]:
        for character in firsts:
            if (state := follow(text, character)) != start[character]:
                steps[number[text], ord(character)] = state
    longest = [max((x for x in cut if text.startswith(x)), key=len, default="") for text in texts]
    return States(texts, steps, [len(x) for x in longest], [cut.get(x, NO_TOKEN) for x in longest])


def added_tabs(vocabulary: Vocabulary, tensors: Registry) -> list[SheetBuilder]:
    """The tab of added tokens, for a tokenizer that cuts or spaces prompts."""
    if not vocabulary.rules.cuts_pieces:
        return []
    states = states_of(vocabulary.rules.cut)
    sheet = data_tab("added_tokens", "added_tokens: texts that are cut out of a prompt whole")
    sheet.text(1, FIRST_COL, "from state and character to the next state", "note")
    keys = [state * CODE_BASE + code for state, code in states.steps] or [NO_TOKEN]
    step_axis, state_axis = Axis("step", len(keys)), Axis("state", len(states.texts))
    columns = (
        ("added.key", "state * code_base + code", step_axis, keys),
        ("added.next", "next state", step_axis, [*states.steps.values()] or [0]),
        ("added.length", "length", state_axis, states.lengths),
        ("added.token", "token", state_axis, states.tokens),
    )
    words = FIRST_COL + 2
    number = words + 2
    places = (FIRST_COL, FIRST_COL + 1, number + 1, number + 2)
    for col, (name, title, axis, values) in zip(places, columns, strict=True):
        tensors[name] = column(sheet, name, axis, col, title)
        sheet.numbers(FIRST_ROW, col, np.array(values, dtype=float)[:, None], "integer")
        sheet.look.widths[col] = 14
    sheet.look.widths[FIRST_COL] = 24
    sheet.text(FIRST_ROW - 1, words, "in words", "column")
    for row, ((state, code), after) in enumerate(states.steps.items()):
        text = f"{chr(code)} before {states.texts[state]!r}: {states.texts[after]!r}"
        sheet.text(FIRST_ROW + row, words, text, None)
    sheet.look.widths[words] = 44
    sheet.text(1, number, "the longest added token that begins what was read", "note")
    sheet.text(FIRST_ROW - 1, number, "state", "column_right")
    sheet.numbers(FIRST_ROW, number, np.arange(float(state_axis.size))[:, None], "integer")
    sheet.text(FIRST_ROW - 1, number + 3, "read so far", "column")
    for row, text in enumerate(states.texts):
        sheet.text(FIRST_ROW + row, number + 3, text, None)
    sheet.look.widths[number + 3] = 30
    return [sheet]
