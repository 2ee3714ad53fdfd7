"""The three verbs of sheetgpt as functions: build, verify, predict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from sheetgpt import reference
from sheetgpt.book import Book
from sheetgpt.checkpoint import load
from sheetgpt.engines import ENGINES
from sheetgpt.errors import CapacityError, InputError, TemplateError, WorkbookError
from sheetgpt.evaluate import evaluate
from sheetgpt.evaluate.lint import lint
from sheetgpt.plan.workbook import Capacity, plan
from sheetgpt.template.load import load_templates
from sheetgpt.verify.compare import StepResult, compare, compare_cached, require_names
from sheetgpt.verify.contents import model_in, number, require_sheetgpt
from sheetgpt.verify.expected import Expectation, Room, expect
from sheetgpt.workbook.patch import with_text
from sheetgpt.workbook.read import read
from sheetgpt.workbook.write import write

DEFAULT_PROMPT = "Mike is quick. He moves"
DEFAULT_MODEL = "tiny"
#: The evaluator that comes with sheetgpt; the other engines are programs of their own.
PYTHON_ENGINE = "formulas"

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Built:
    """A workbook that was written, and what it says for its prompt."""

    path: Path
    size: int
    tabs: int
    formulas: int
    n_tokens: int
    status: str
    next_token_id: int | None
    next_token: str | None
    probability: float | None


@dataclass(frozen=True)
class Report:
    """A workbook compared with the reference: one result per step, in the order of the data."""

    workbook: Path
    prompt: str
    engine: str
    token_ids: list[int]
    next_token_id: int | None
    next_token: str | None
    fits: bool
    steps: list[StepResult]

    @property
    def ok(self) -> bool:
        """Whether every step agrees."""
        return all(step.ok for step in self.steps)

    @property
    def first_bad(self) -> StepResult | None:
        """The first step that differs; those after it only inherit its error."""
        return next((step for step in self.steps if not step.ok), None)


def quiet(_: str) -> None:
    """Progress for those who want none."""


def build(
    prompt: str = DEFAULT_PROMPT,
    model: str | Path = DEFAULT_MODEL,
    output: Path | None = None,
    *,
    tokens: int | None = None,
    chars: int | None = None,
    force: bool = False,
    templates: Path | None = None,
    progress: Progress = quiet,
) -> Built:
    """Write the workbook of a model; `output` is `output/NAME.xlsx` unless given.

    The prompt may be too long for the capacity: the workbook then says so in `status`. Raises an
    InputError for an existing file without `force`, a model or templates that cannot be used.
    """
    progress("Loading the model")
    checkpoint = load(model)
    path = output or Path("output") / f"{checkpoint.name.replace('/', '-')}.xlsx"
    if path.suffix != ".xlsx":
        raise InputError(f"{path} does not end in .xlsx; choose a name that does.")
    if path.is_dir() or (path.exists() and not force):
        raise WorkbookError(f"{path} exists already; give --force to replace it, or another name.")
    capacity = _capacity(checkpoint.config.n_positions, tokens, chars)
    progress("Planning the workbook")
    book = plan(checkpoint, prompt, capacity, load_templates(templates))
    if problems := lint(book):
        head = "These formulas would not work in every program:"
        raise TemplateError("\n  ".join([head, *problems]))
    progress("Computing every formula")
    book = evaluate(book)
    progress("Writing the file")
    write(
        book,
        path,
        title=f"{checkpoint.name}: GPT-2 in a spreadsheet",
        comments="Every step of the model as live formulas; start at the tab Start.",
    )
    return _built(book, path)


def verify(
    path: Path,
    prompt: str | None = None,
    engine: str = PYTHON_ENGINE,
    *,
    progress: Progress = quiet,
) -> Report:
    """Recalculate a workbook and compare every step with GPT-2 in NumPy.

    `engine` is `formulas` (the evaluator in Python) or a key of `ENGINES`. `prompt` is put into
    the prompt cell for this run alone. Raises InputError, EngineError or EvaluationError when
    there is nothing to compare.
    """
    if engine != PYTHON_ENGINE and engine not in ENGINES:
        known = ", ".join([PYTHON_ENGINE, *ENGINES])
        raise InputError(f"There is no engine {engine}; choose one of {known}.")
    if not path.is_file():
        raise WorkbookError(f"There is no file {path}; build one with: sheetgpt build -o {path}")
    progress("Reading the workbook")
    book = read(path)
    require_sheetgpt(book, str(path))
    own = _text(book, "prompt")
    asked = own if prompt is None else prompt
    progress("Computing the reference")
    checkpoint = model_in(book)
    expected = expect(checkpoint, asked, _room(book))
    require_names(expected.steps, book.names)
    progress(f"Recalculating with {engine}")
    actual = _recalculate(book, path, asked, own, engine, expected)
    steps = compare(expected.steps, actual, book.names)
    if asked == own:
        cached = {name: book.named(name) for name in actual}
        steps.append(compare_cached(cached, actual, book.names))
    return _report(path, asked, engine, expected, actual, steps)


def predict(
    prompt: str, model: str | Path = DEFAULT_MODEL, top: int = 10, *, progress: Progress = quiet
) -> reference.Prediction:
    """The most likely next tokens of a prompt by the NumPy reference alone."""
    if top < 1:
        raise InputError(f"There must be at least 1 best token to list, not {top}.")
    progress("Loading the model")
    checkpoint = load(model)
    progress("Computing the reference")
    return reference.predict(checkpoint, prompt, top)


def _recalculate(
    book: Book, path: Path, asked: str, own: str, engine: str, expected: Expectation
) -> dict[str, np.ndarray]:
    areas = {step.name: book.names[step.name] for step in expected.steps}
    if engine == PYTHON_ENGINE:
        fresh = evaluate(book, {"prompt": asked})
        return {name: fresh.get(area) for name, area in areas.items()}
    ENGINES[engine].available()
    if asked == own:
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
    text = actual["next_token"][0, 0] if "next_token" in actual else None
    return Report(
        path,
        prompt,
        engine,
        _ids(actual, expected),
        int(answer) if isinstance(answer, float) else None,
        str(text) if text else None,
        expected.fits,
        steps,
    )


def _ids(actual: dict[str, np.ndarray], expected: Expectation) -> list[int]:
    """The workbook's own token ids; the reference's where the workbook shows none."""
    if "token_ids" not in actual:
        return expected.token_ids
    found = actual["token_ids"][: len(expected.token_ids), 0]
    return [int(x) if isinstance(x, float) else -1 for x in found]


def _room(book: Book) -> Room:
    return Room(
        tokens=number(book, "max_tokens"),
        chars=number(book, "max_chars"),
        bytes=number(book, "max_bytes"),
        rounds=number(book, "max_rounds"),
        best=number(book, "n_best"),
        no_id=number(book, "no_id"),
    )


def _capacity(n_positions: int, tokens: int | None, chars: int | None) -> Capacity:
    default = Capacity()
    if tokens is not None and tokens > n_positions:
        raise CapacityError(
            f"--tokens {tokens} is more than the {n_positions} positions of this model."
        )
    return Capacity(
        min(default.tokens, n_positions) if tokens is None else tokens,
        default.chars if chars is None else chars,
    )


def _text(book: Book, name: str) -> str:
    """A named cell as text; a number typed into the prompt cell is text to the formulas too."""
    value = book.named(name)[0, 0]
    if isinstance(value, float):
        return f"{value:.15g}"
    return "" if value is None else str(value)


def _built(book: Book, path: Path) -> Built:
    answer = book.named("next_token_id")[0, 0]
    fits = isinstance(answer, float)
    return Built(
        path,
        path.stat().st_size,
        len(book.sheets),
        sum(len(sheet.formulas) for sheet in book.sheets.values()),
        int(book.named("n_tokens")[0, 0]),
        _text(book, "status"),
        int(answer) if fits else None,
        _text(book, "next_token") if fits else None,
        float(book.named("best.probability")[0, 0]) if fits else None,
    )
