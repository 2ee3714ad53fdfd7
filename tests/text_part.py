"""The part of a workbook that turns a prompt into token ids, and what it must hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache

import numpy as np

from sheetgpt.book import Book, CellError
from sheetgpt.book.area import Area, cell_name
from sheetgpt.book.capacity import Capacity
from sheetgpt.checkpoint import Checkpoint
from sheetgpt.checkpoint.shown import shown
from sheetgpt.evaluator import Recalculation
from sheetgpt.layout.workbook import plan
from sheetgpt.template.load import load_templates
from sheetgpt.verification.compare import compare
from sheetgpt.verification.expected import Expectation, expect

#: The tabs between the prompt and the token ids.
TOKENS = ("tokens", "tokens.workings")
TABS = (
    *("Start", *TOKENS, "checks", "constants"),
    *("vocabulary", "merges", "unicode", "byte_table"),
)
#: The cells outside the tabs of tokens that belong to them.
OUTER_CELLS = ("prompt", "status", "fits", "unknown_bytes")


def text_part(book: Book) -> Book:
    """Those tabs alone; of the formulas on Start and checks only those of OUTER_CELLS."""
    outer = {(area.sheet, area.row, area.col) for area in map(book.names.__getitem__, OUTER_CELLS)}
    sheets = {}
    for name in TABS:
        sheet = book.sheets[name]
        kept = [f for f in sheet.formulas if name in TOKENS or (name, f.row, f.col) in outer]
        sheets[name] = replace(sheet, formulas=kept)
    names = {name: area for name, area in book.names.items() if area.sheet in sheets}
    return Book(sheets, names)


class Model:
    """A checkpoint with the text parts of its workbooks, one for each capacity."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self.checkpoint = checkpoint
        self.templates = load_templates()
        parts = [*self.templates.wiring.parts]  # which do nothing with the text
        self.text_part = cache(lambda capacity: text_part(self.plan(capacity, parts)))
        self.recalculation = cache(lambda capacity: Recalculation(self.text_part(capacity)))

    def plan(self, capacity: Capacity, left_out: Sequence[str] = ()) -> Book:
        """The workbook without some of its optional parts, not computed."""
        return plan(self.checkpoint, "", capacity, self.templates, left_out=left_out)

    def expect(self, prompt: str, capacity: Capacity, *, halves: bool = False) -> Expectation:
        """What a workbook of that capacity must hold for a prompt, in a program of either kind."""
        return expect(self.checkpoint, prompt, capacity, halves=halves)

    def differences(
        self,
        prompt: str,
        expected: Expectation,
        values: Mapping[str, np.ndarray],
        names: Mapping[str, Area],
    ) -> Iterator[str]:
        """What differs from the reference or from the library, among the stages in `values`."""
        steps = [step for step in expected.steps if step.name in values]
        vocabulary = self.checkpoint.vocabulary
        for result in compare(steps, values, names):
            if not result.ok:
                yield f"{result.name}, {result.worst_cell}: {result.found}, not {result.wanted}"
        ids = vocabulary.encode(prompt)
        library = {"token_ids": ids, "token_texts": [shown(vocabulary.token_bytes(i)) for i in ids]}
        for name, wanted in library.items():
            found = values[name][: len(ids), 0].tolist() if name in values else wanted
            if expected.fits and found != wanted:
                yield f"{name} are not the library's {wanted}"


def errors(book: Book) -> list[str]:
    """Every error value in any cell of a tab that has formulas."""
    return [
        f"{value} in {sheet.name}!{cell_name(*place)}"
        for sheet in book.sheets.values()
        if sheet.formulas
        for place, value in sheet.others.items()
        if isinstance(value, CellError)
    ]
