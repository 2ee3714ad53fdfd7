"""Recalculate a workbook and compare every step with the reference."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from sheetgpt.book import Book
from sheetgpt.checkpoint import load
from sheetgpt.checkpoint.precision import rounded
from sheetgpt.commands.progress import Progress, quiet
from sheetgpt.commands.watch import bounded
from sheetgpt.engines import ENGINES
from sheetgpt.engines.room import require_room
from sheetgpt.errors import InputError
from sheetgpt.evaluator import Recalculation
from sheetgpt.evaluator.groups import Apart
from sheetgpt.verification.compare import (
    StepResult,
    compare,
    compare_cached,
    compare_weights,
    require_names,
)
from sheetgpt.verification.contents import require_file, require_sheetgpt, text
from sheetgpt.verification.expected import Expectation, expect
from sheetgpt.verification.inputs import parts_in
from sheetgpt.verification.lessons import expect_lessons, is_lessons, lessons_in
from sheetgpt.verification.model import capacity_in, model_in
from sheetgpt.verification.usual import require_usual
from sheetgpt.verification.vocabulary import cuts_special
from sheetgpt.xlsx.limits import STRANGERS, TRUSTED
from sheetgpt.xlsx.patch import require_text, with_text
from sheetgpt.xlsx.read import read

#: The evaluator that comes with sheetgpt; the other engines are programs of their own.
PYTHON_ENGINE = "formulas"


@dataclass(frozen=True)
class Report:
    """A workbook compared with the reference: one result per step, in the order of the data.

    A workbook of lessons has the names of these, and neither a prompt nor tokens.
    """

    workbook: Path
    prompt: str
    engine: str
    token_ids: list[int]
    next_token_id: int | None
    next_token: str | None
    fits: bool
    steps: list[StepResult]
    lessons: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether every step agrees."""
        return all(step.ok for step in self.steps)

    @property
    def first_bad(self) -> StepResult | None:
        """The first step that differs; those after it only inherit its error."""
        return next((step for step in self.steps if not step.ok), None)


@bounded
def verify(
    path: str | Path,
    prompt: str | None = None,
    engine: str = PYTHON_ENGINE,
    *,
    model: str | Path | None = None,
    revision: str | None = None,
    trust: bool = False,
    special_tokens: bool = False,
    progress: Progress = quiet,
) -> Report:
    """Recalculate a workbook, of a model or of lessons, and compare every step with NumPy.

    `engine` is `formulas` (the evaluator in Python) or a key of `ENGINES`. `prompt` is put into
    the prompt cell for this run alone. With a `model`, the weights in the file must be that
    model's, bit for bit in the precision of the file. A workbook of lessons has neither of both. A
    file that asks for more than one from a stranger may is refused unless you `trust` it, as those
    of large models need. `special_tokens` asks that the workbook cuts those out of prompts.

    Raises InputError, EngineError or EvaluationError when there is nothing to compare.
    """
    if engine != PYTHON_ENGINE and engine not in ENGINES:
        known = ", ".join([PYTHON_ENGINE, *ENGINES])
        raise InputError(f"There is no engine {engine}; choose one of {known}.")
    path = Path(path)
    require_file(path)
    if prompt is not None:
        require_text(prompt)
    if engine != PYTHON_ENGINE:
        ENGINES[engine].available()  # said before a large workbook is read
    progress("Reading the workbook")
    limits = TRUSTED if trust else STRANGERS
    book = read(path, limits=limits)
    apart = require_usual(book, limits)
    lessons = is_lessons(book)
    if not lessons:
        require_sheetgpt(book, str(path))
    if engine != PYTHON_ENGINE:
        require_room(engine, path, sum(sheet.numbers.size for sheet in book.sheets.values()))
    if lessons:
        if prompt is not None or model is not None:
            raise InputError(f"{path} holds lessons, which have no prompt and no model to compare.")
        return _verify_lessons(path, book, apart, engine, progress)
    weights = []
    if model is not None:
        progress("Comparing the weights")
        source = rounded(load(model, revision), text(book, "precision"))
        weights = compare_weights(source.tensors, book)
    if special_tokens:
        _require_special(path, book)
    own = text(book, "prompt")
    require_text(own)
    asked = own if prompt is None else prompt
    progress("Computing the reference")
    checkpoint = model_in(book)
    expected = expect(checkpoint, asked, capacity_in(book), parts_in(book))
    require_names(expected.steps, book.names)
    progress(f"Recalculating with {engine}")
    actual = _recalculate(book, apart, path, asked, engine, expected)
    steps = compare(expected.steps, actual, book.names)
    if asked == own:
        cached = {name: book.named(name) for name in actual}
        steps.append(compare_cached(cached, actual, book.names))
    return _report(path, asked, engine, expected, actual, [*weights, *steps])


def _verify_lessons(
    path: Path, book: Book, apart: Apart, engine: str, progress: Progress
) -> Report:
    """Compare every result of every lesson."""
    progress("Computing the reference")
    expected = expect_lessons(book)
    require_names(expected, book.names)
    progress(f"Recalculating with {engine}")
    areas = {step.name: book.names[step.name] for step in expected}
    if engine == PYTHON_ENGINE:
        fresh = Recalculation(book, apart).evaluate()
        actual = {name: fresh.get(area) for name, area in areas.items()}
    else:
        actual = ENGINES[engine].recalculate(path, areas)
    steps = compare(expected, actual, book.names)
    cached = {name: book.named(name) for name in actual}
    steps.append(compare_cached(cached, actual, book.names))
    return Report(path, "", engine, [], None, None, True, steps, tuple(lessons_in(book)))


def _require_special(path: Path, book: Book) -> None:
    if not cuts_special(book):
        raise InputError(
            f"{path} was built with special tokens as ordinary text; make another with: "
            f"sheetgpt prompt {path} PROMPT --special-tokens -o OTHER.xlsx"
        )


def _recalculate(
    book: Book, apart: Apart, path: Path, asked: str, engine: str, expected: Expectation
) -> dict[str, np.ndarray]:
    areas = {step.name: book.names[step.name] for step in expected.steps}
    changes = {} if asked == text(book, "prompt") else {"prompt": asked}
    if engine == PYTHON_ENGINE:
        fresh = Recalculation(book, apart).evaluate(changes)
        return {name: fresh.get(area) for name, area in areas.items()}
    if not changes:
        return ENGINES[engine].recalculate(path, areas)
    with TemporaryDirectory(prefix="sheetgpt-") as folder:
        copy = Path(folder) / path.name
        with_text(path, copy, book.names["prompt"], asked)
        return ENGINES[engine].recalculate(copy, areas)


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
