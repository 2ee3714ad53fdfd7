"""A workbook recalculated by one engine, for some prompts one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from sheetgpt import evaluator
from sheetgpt.book import Book
from sheetgpt.book.area import Area
from sheetgpt.checkpoint import Checkpoint
from sheetgpt.commands.progress import Progress
from sheetgpt.commands.report import Report
from sheetgpt.engines import ENGINES, saved
from sheetgpt.engines.saved import SAVED
from sheetgpt.evaluator.groups import Apart
from sheetgpt.verification.compare import StepResult, compare, require_names
from sheetgpt.verification.contents import text
from sheetgpt.verification.expected import Expectation, expect
from sheetgpt.verification.halves import (
    COUNTED,
    COUNTS,
    OF_HALVES,
    counts_halves,
    in_halves,
    prompt_in_halves,
    rejoined,
    units,
    without,
)
from sheetgpt.verification.inputs import parts_in
from sheetgpt.verification.lessons import expect_lessons, lessons_in
from sheetgpt.verification.model import capacity_in
from sheetgpt.verification.step import Expected
from sheetgpt.verification.stored import Stored, book_of, compare_stored, formula_areas
from sheetgpt.verification.usual import computed
from sheetgpt.xlsx.limits import Limits
from sheetgpt.xlsx.patch import require_text, with_text

#: The evaluator that comes with sheetgpt; the other engines are programs of their own.
PYTHON_ENGINE = "formulas"


@dataclass(frozen=True)
class _Values:
    """What an engine has computed: the steps, and what there is to compare stored values with."""

    actual: dict[str, np.ndarray]
    fresh: Book | None = None
    filled: Sequence[Area] = ()


class Recalculation:
    """The workbook in a file, its content already read, and the engine that computes it.

    Whatever computes it, formulas that ask for more than `limits` are refused before. Where all
    of the book is `known` to belong to it, all of it is computed, else what the steps need. A file
    that no other program has saved is sheetgpt's `own`.
    """

    def __init__(
        self,
        path: Path,
        book: Book,
        engine: str,
        limits: Limits,
        progress: Progress,
        *,
        known: bool,
        own: bool,
    ) -> None:
        self.path, self.book, self.engine, self.progress = path, book, engine, progress
        self.limits, self.known, self.own = limits, known, own
        self._apart: Apart | None = None
        self._formulas: evaluator.Recalculation | None = None

    def of_prompt(self, checkpoint: Checkpoint, prompt: str | None) -> Report:
        """Compare the steps of a prompt, the file's own if it is None, with those of a model."""
        book = self.book
        own = text(book, "prompt")
        require_text(own)
        asked = own if prompt is None else prompt
        self.progress("Computing the reference")
        capacity, parts = capacity_in(book), parts_in(book)
        expected = expect(checkpoint, asked, capacity, parts)
        found = self._computed(expected.steps, None if asked == own else asked)
        # The reference takes its time, and most prompts have no character of two halves.
        if in_halves(found.actual) and units(asked, halves=True) != units(asked, halves=False):
            expected = expect(checkpoint, asked, capacity, parts, halves=True)
        steps, notes = self._compared(expected.steps, found)
        report = _report(self.path, asked, self.engine, expected, found.actual, steps)
        return replace(report, notes=notes)

    def of_lessons(self) -> Report:
        """Compare every result of every lesson."""
        self.progress("Computing the reference")
        expected = expect_lessons(self.book)
        steps, notes = self._compared(expected, self._computed(expected, None))
        names = tuple(lessons_in(self.book))
        return Report(self.path, "", self.engine, [], None, None, True, steps, names, notes=notes)

    def _computed(self, expected: Sequence[Expected], prompt: str | None) -> _Values:
        """The values of steps as the engine computes them, for the file's own prompt if None."""
        require_names(expected, self.book.names)
        names = self.book.names
        areas = {step.name: names[step.name] for step in expected}
        if COUNTED in names:
            areas[COUNTED] = names[COUNTED]
        if self._apart is None:
            needed = None if self.known else areas.values()
            self.book, self._apart = computed(self.book, self.limits, needed)
        self.progress(f"Recalculating with {self.engine}")
        if self.engine == SAVED:
            return _Values(saved.stored(self.path, areas))
        if self.engine == PYTHON_ENGINE:
            halves = prompt is None and counts_halves(self.book)
            fresh = self._evaluated(prompt, halves, self._apart)
            actual = {name: fresh.get(area) for name, area in areas.items()}
            if prompt is not None:
                return _Values(actual)
            filled = formula_areas(self.book)
            return _Values(actual, fresh, without(filled, self.book, OF_HALVES if halves else ()))
        actual = self._by_program(prompt, areas)
        if prompt is not None:
            return _Values(actual)
        alike = counts_halves(self.book) is in_halves(actual)
        filled = without(areas.values(), self.book, () if alike else COUNTS)
        return _Values(actual, book_of(actual, areas), filled)

    def _evaluated(self, prompt: str | None, halves: bool, apart: Apart) -> Book:
        """The book as Python computes it; its own prompt, if None, perhaps counted by `halves`."""
        if self._formulas is None:
            self._formulas = evaluator.Recalculation(self.book, apart)
        if halves:
            return rejoined(self._formulas.evaluate({"prompt": prompt_in_halves(self.book)}))
        return self._formulas.evaluate({} if prompt is None else {"prompt": prompt})

    def _compared(
        self, expected: Sequence[Expected], found: _Values
    ) -> tuple[list[StepResult], list[str]]:
        """How the steps compare, and what could not be compared.

        With the file's own prompt the values that it stores are compared, too.
        """
        steps = compare(expected, found.actual, self.book.names)
        if found.fresh is None:
            return steps, []
        stored = compare_stored(self.book, found.fresh, found.filled, self.own)
        if stored.result.cells:
            steps.append(stored.result)
        return steps, [*_notes(stored)]

    def _by_program(self, prompt: str | None, areas: Mapping[str, Area]) -> dict[str, np.ndarray]:
        """The values of some areas as another program computes them."""
        if prompt is None:
            return ENGINES[self.engine].recalculate(self.path, areas)
        with TemporaryDirectory(prefix="sheetgpt-") as folder:
            copy = Path(folder) / self.path.name
            with_text(self.path, copy, self.book.names["prompt"], prompt)
            return ENGINES[self.engine].recalculate(copy, areas)


def _notes(stored: Stored) -> Iterator[str]:
    """What could not be compared of the stored values, in sentences."""
    if stored.missing:
        yield (
            f"{stored.missing:,} cells of formulas have no value stored in the file; who opens it "
            "in a program sees them once that has computed."
        )
    if stored.zeros:
        yield (
            f"{stored.zeros:,} cells hold 0 where they must show nothing, as some programs save "
            "that; who opens the file in another sees 0 until that has computed."
        )


def _report(
    path: Path,
    prompt: str,
    engine: str,
    expected: Expectation,
    actual: dict[str, np.ndarray],
    steps: list[StepResult],
) -> Report:
    answer = actual["next_token_id"][0, 0]
    token = actual["next_token"][0, 0] if "next_token" in actual else None
    return Report(
        path,
        prompt,
        engine,
        _ids(actual, expected),
        int(answer) if isinstance(answer, float) else None,
        str(token) if token else None,
        expected.fits,
        steps,
    )


def _ids(actual: dict[str, np.ndarray], expected: Expectation) -> list[int]:
    """The workbook's own token ids; the reference's where the workbook shows none."""
    if "token_ids" not in actual:
        return expected.token_ids
    found = actual["token_ids"][: len(expected.token_ids), 0]
    return [int(x) if isinstance(x, float) else -1 for x in found]
