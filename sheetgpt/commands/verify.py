"""Compare a workbook with what it must be, recalculate it, and compare every step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypedDict, Unpack

from sheetgpt.book import Book
from sheetgpt.checkpoint import Checkpoint, load
from sheetgpt.checkpoint.precision import rounded
from sheetgpt.commands.progress import Progress, quiet
from sheetgpt.commands.recalculation import PYTHON_ENGINE, Recalculation
from sheetgpt.commands.report import Report
from sheetgpt.commands.watch import watched
from sheetgpt.engines import ENGINES, saved
from sheetgpt.engines.room import require_room
from sheetgpt.engines.saved import SAVED
from sheetgpt.errors import EvaluationError, InputError
from sheetgpt.verification.compare import StepResult, compare_weights
from sheetgpt.verification.contents import require_file, require_sheetgpt
from sheetgpt.verification.contents import text as text_in
from sheetgpt.verification.halves import counts_halves
from sheetgpt.verification.lessons import is_lessons
from sheetgpt.verification.model import model_in
from sheetgpt.verification.vocabulary import cuts_special
from sheetgpt.verification.whole import Content, compare_lessons, compare_model
from sheetgpt.xlsx.limits import STRANGERS, TRUSTED
from sheetgpt.xlsx.patch import require_text
from sheetgpt.xlsx.read import read
from sheetgpt.xlsx.seen import Seen


class Checks(TypedDict, total=False):
    """What else is to be compared, and how far a file is trusted; the verb says what each means."""

    model: str | Path | None
    revision: str | None
    templates: str | Path | None
    values_only: bool
    trust: bool
    special_tokens: bool


def verify(
    path: str | Path,
    prompt: str | None = None,
    engine: str = PYTHON_ENGINE,
    *,
    progress: Progress = quiet,
    **checks: Unpack[Checks],
) -> Report:
    """Compare a workbook with what it must be, recalculate it, and compare every step with NumPy.

    `engine` is `formulas` (the evaluator in Python), a key of `ENGINES`, or `saved`, which takes
    the values that some program has stored in the file. `prompt` is put into the prompt cell for
    this run alone. With a `model`, the weights in the file must be that model's, bit for bit in
    the precision of the file. A workbook of lessons has neither of both.

    `templates` is the folder that the workbook was built from, if not the one that comes along;
    with `values_only` it does not matter what else the file holds than the values of steps. A
    file that asks for more than one from a stranger may is refused unless you `trust` it, as those
    of large models need. `special_tokens` asks that the workbook cuts those out of prompts.

    Raises InputError, EngineError or EvaluationError when there is nothing to compare.
    """
    (report,) = verify_all(path, [prompt], engine, progress=progress, **checks)
    return report


def verify_all(
    path: str | Path,
    prompts: Sequence[str | None],
    engine: str = PYTHON_ENGINE,
    *,
    progress: Progress = quiet,
    **checks: Unpack[Checks],
) -> list[Report]:
    """`verify` for several prompts, a report for each; the file is read once.

    A prompt that is None is the file's own.
    """
    return Verification(path, **checks).reports(prompts, engine, progress)


class Verification:
    """`verify_all` by several engines; the file is read, and compared with its plan, once."""

    def __init__(self, path: str | Path, **checks: Unpack[Checks]) -> None:
        self.path, self.checks = Path(path), checks
        self._subject: _Subject | None = None

    def reports(
        self, prompts: Sequence[str | None], engine: str, progress: Progress
    ) -> list[Report]:
        """A report for each prompt, as `verify` gives it; the same prompts for every engine."""
        _require_possible(self.path, prompts, engine)
        results = []
        for prompt in prompts:
            with watched(self.path, self.checks.get("trust", False)):
                if self._subject is None:
                    self._subject = _Subject(self.path, engine, prompts, self.checks, progress)
                results.append(self._subject.report(engine, prompt, progress))
        return results


class _Subject:
    """A workbook that was read and compared with what it must be; then by engine and prompt."""

    def __init__(
        self,
        path: Path,
        engine: str,
        prompts: Sequence[str | None],
        checks: Checks,
        progress: Progress,
    ) -> None:
        self.path, self.checks = path, checks
        progress("Reading the workbook")
        self.limits = TRUSTED if checks.get("trust") else STRANGERS
        self.seen = Seen()
        book = read(path, limits=self.limits, seen=self.seen)
        self.lessons, model = is_lessons(book), checks.get("model")
        if not self.lessons:
            require_sheetgpt(book, str(path))
        elif model is not None or any(prompt is not None for prompt in prompts):
            raise InputError(f"{path} holds lessons, which have no prompt and no model to compare.")
        self._cells = sum(sheet.numbers.size for sheet in book.sheets.values())
        self._require_room(engine)
        self.exact: Checkpoint | None = None
        self.weights: list[StepResult] = []
        if model is not None:
            progress("Comparing the weights")
            self.exact = load(model, checks.get("revision")).cutting(cuts_special(book))
            held = rounded(self.exact, text_in(book, "precision"))
            self.weights = compare_weights(held.tensors, book)
        self.content = Content(book)
        if not checks.get("values_only"):
            progress("Comparing what it is made of")
            self.content = self._compared(book)
        if checks.get("special_tokens"):
            _require_special(path, book)
        self._runs: dict[str, Recalculation] = {}
        self._checkpoint: Checkpoint | None = None

    def _compared(self, book: Book) -> Content:
        folder = None if (given := self.checks.get("templates")) is None else Path(given)
        if self.lessons:
            return compare_lessons(book, folder, self.seen)
        return compare_model(book, folder, self.exact, self.seen)

    def report(self, engine: str, prompt: str | None, progress: Progress) -> Report:
        """All about one prompt; where content differs, the steps may be beyond comparing."""
        content, notes = self.content, []
        run = self._run(engine, progress)
        try:
            found = run.of_lessons() if self.lessons else run.of_prompt(self.checkpoint, prompt)
        except (InputError, EvaluationError) as error:
            if not content.differs:
                raise
            notes = [f"The steps were not compared: {error}"]
            found = Report(self.path, prompt or "", engine, [], None, None, False, [])
        return replace(
            found,
            steps=[*self.weights, *found.steps],
            findings=content.findings,
            values_only=self.checks.get("values_only", False),
            notes=[*self._who_saved(engine), *content.notes, *found.notes, *notes],
            own_tabs=content.own_tabs,
        )

    def _run(self, engine: str, progress: Progress) -> Recalculation:
        """The workbook as this engine computes it; EngineError where it cannot hold it."""
        if engine not in self._runs:
            self._require_room(engine)
            self._runs[engine] = Recalculation(
                self.path,
                self.content.book,
                engine,
                self.limits,
                progress,
                known=self.content.findings is not None,
                own=self.seen.saved_by_sheetgpt,
            )
        return self._runs[engine]

    def _require_room(self, engine: str) -> None:
        if engine in ENGINES:
            require_room(engine, self.path, self._cells)

    def _who_saved(self, engine: str) -> list[str]:
        """Whose values the engine `saved` has compared, in a sentence."""
        if engine != SAVED:
            return []
        program = self.seen.program or "an unnamed program"
        if self.seen.saved_by_sheetgpt:
            if not counts_halves(self.content.book):
                never = "No program has saved this file since sheetgpt wrote it"
                return [f"{never}: the values are its own."]
            program = "a program which left sheetgpt's name in the file"
        return [f"The values are those that {program} saved."]

    @property
    def checkpoint(self) -> Checkpoint:
        """The model to compare with: the file's, with the words and sizes of a trusted one."""
        if self._checkpoint is None:
            self._checkpoint = model_in(self.content.book)
            if self.exact is not None:  # its weights were compared
                self._checkpoint = replace(
                    self._checkpoint,
                    config=self.exact.config,
                    vocabulary=self.exact.vocabulary,
                )
        return self._checkpoint


def _require_special(path: Path, book: Book) -> None:
    if not cuts_special(book):
        raise InputError(
            f"{path} was built with special tokens as ordinary text; make another with: "
            f"sheetgpt prompt {path} PROMPT --special-tokens -o OTHER.xlsx"
        )


def _require_possible(path: Path, prompts: Sequence[str | None], engine: str) -> None:
    """Say what cannot be done before a large workbook is read."""
    if engine not in (PYTHON_ENGINE, SAVED, *ENGINES):
        known = ", ".join([PYTHON_ENGINE, *ENGINES, SAVED])
        raise InputError(f"There is no engine {engine}; choose one of {known}.")
    require_file(path)
    for prompt in prompts:
        if prompt is not None:
            require_text(prompt)
    if engine == SAVED:
        if any(prompt is not None for prompt in prompts):
            raise InputError(
                f"--engine {SAVED} computes nothing: type the prompt into the workbook, save it, "
                "and leave --prompt away."
            )
        saved.available()
    elif engine != PYTHON_ENGINE:
        ENGINES[engine].available()


def lines_of(path: Path) -> list[str]:
    """The prompts of a text file in UTF-8, one a line; blank lines are none. Raises InputError."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not text in UTF-8: {error}. Save it as such.") from error
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}.") from error
    if not (found := [line for line in text.split("\n") if line.strip()]):
        raise InputError(f"{path} holds no prompt; write one on each line.")
    return found
