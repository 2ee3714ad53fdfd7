"""Build a workbook: load, round, plan, evaluate, write."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from sheetgpt.book import Book
from sheetgpt.book.grid import forget_pages
from sheetgpt.checkpoint import Checkpoint, Config, cache, load
from sheetgpt.checkpoint.genuine import Verdict, identify
from sheetgpt.checkpoint.precision import restored, rounded
from sheetgpt.errors import CapacityError, InputError, WorkbookError
from sheetgpt.estimate import Storage, estimate, refusal, shape_in, short
from sheetgpt.evaluator import finish
from sheetgpt.layout.workbook import NOTHING, Capacity, origin_of, plan
from sheetgpt.reference import predict
from sheetgpt.template.load import Templates, load_templates
from sheetgpt.xlsx.patch import require_text
from sheetgpt.xlsx.write import write

DEFAULT_PROMPT = "Mike is quick. He moves"
DEFAULT_MODEL = "tiny"
#: Above this many weights the defaults favour speed and size over comfort.
LARGE_MODEL = 5_000_000
SMALL_CAPACITY, LARGE_CAPACITY = Capacity(32, 128, 24), Capacity(16, 64, 16)
#: What is left out of large models unless asked for: a second pass doubles the work.
LARGE_WITHOUT = ("switches",)
#: With `--without`: leave nothing out.
NONE = "none"
#: Prompts on which the effect of rounded weights is measured, besides the workbook's own.
SAMPLE_PROMPTS = ("The capital of France is", "Two plus two equals")

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Built:
    """A workbook that was written, what it says for its prompt, and what to know about it."""

    path: Path
    size: int
    tabs: int
    formulas: int
    n_tokens: int
    status: str
    next_token_id: int | None
    next_token: str | None
    probability: float | None
    notes: tuple[str, ...]


def quiet(_: str) -> None:
    """Progress for those who want none."""


def build(
    prompt: str = DEFAULT_PROMPT,
    model: str | Path = DEFAULT_MODEL,
    output: Path | None = None,
    *,
    revision: str | None = None,
    tokens: int | None = None,
    chars: int | None = None,
    rounds: int | None = None,
    precision: str = "float32",
    compression: str | None = None,
    cell_refs: bool | None = None,
    without: str | None = None,
    settings: Mapping[str, str] | None = None,
    templates: Path | None = None,
    force: bool = False,
    progress: Progress = quiet,
) -> Built:
    """Write the workbook of a model; `output` is `output/NAME.xlsx` unless given.

    `tokens`, `chars` and `rounds` are the room for prompts. `without` names optional parts to
    leave out, with commas between, or `none`; `settings` gives values to cells by their names.
    `precision` is float32, float16 or int8; `compression` fast or small; `cell_refs` gives every
    weight's cell its name. What is None depends on the size of the model. The prompt may be too
    long for the capacity: the workbook then says so in `status`. Raises an InputError for an
    existing file without `force`, a model or templates that cannot be used, a capacity that is
    impossible, a part or a cell that does not exist.
    """
    require_text(prompt)
    progress("Loading the model")
    exact = load(model, revision)
    path = output or Path("output") / f"{exact.name.replace('/', '-')}.xlsx"
    require_writable(path, force)
    declared = load_templates(templates)
    capacity = capacity_for(exact.n_weights, exact.config, tokens, chars, rounds)
    storage = storage_for(exact.n_weights, precision, compression, cell_refs)
    left_out = left_out_of(declared, without, exact.n_weights)
    foretold = estimate(shape_in(exact), capacity, declared, storage, left_out)
    if problem := refusal(foretold):
        raise CapacityError(problem)
    progress(short(foretold))
    checkpoint = rounded(exact, precision)
    origin = origin_of(exact, _lasting(model), precision)
    for tensor in exact.tensors.values():
        forget_pages(tensor)  # they have been read to tell whose weights they are
    if exact.n_weights > LARGE_MODEL:
        progress("Turning the weights into decimals")
        checkpoint = cache.decimal(checkpoint, origin.sha256, precision)
    progress("Planning the workbook")
    book = plan(
        checkpoint, prompt, capacity, declared, origin, left_out=left_out, settings=settings
    )
    progress("Computing every formula")
    book = finish(book)
    progress("Writing the file")
    write(
        book,
        path,
        *document_properties(checkpoint.name),
        compression=storage.compression,
        cell_refs=storage.cell_refs,
    )
    notes = _identity_notes(exact)
    if left_out:
        notes.append(f"Left out: {', '.join(left_out)} (--without none builds all of it).")
    if not storage.cell_refs:
        notes.append(
            "The cells of the weights carry no names: Excel and LibreOffice read this file, "
            "IronCalc and Gnumeric need --cell-refs, which makes it larger."
        )
    if precision != "float32":
        progress("Measuring what the rounding does")
        notes += rounding_effects(exact, checkpoint, [prompt, *SAMPLE_PROMPTS])
    return describe(book, path, notes)


def _lasting(model: str | Path) -> str:
    """What the model was called, good for later and from elsewhere: a folder as a whole path."""
    return str(Path(model).resolve()) if Path(model).exists() else str(model)


def document_properties(name: str) -> tuple[str, str]:
    """Title and comments of the workbook of a model."""
    comments = "Every step of the model as live formulas; start at the tab Start."
    return f"{name}: GPT-2 in a spreadsheet", comments


def require_writable(path: Path, force: bool) -> None:
    """Raise an InputError unless a workbook may be written to the path."""
    if path.suffix != ".xlsx":
        raise InputError(f"{path} does not end in .xlsx; choose a name that does.")
    if path.is_dir() or (path.exists() and not force):
        raise WorkbookError(f"{path} exists already; give --force to replace it, or another name.")
    # Said now and not after minutes of work: the nearest folder that exists must take a new one.
    folder = next(parent for parent in path.resolve().parents if parent.exists())
    if not (folder.is_dir() and os.access(folder, os.W_OK)):
        raise WorkbookError(f"{path} cannot be written: {folder} takes no new files.")


def rounding_effects(
    exact: Checkpoint, checkpoint: Checkpoint, prompts: Sequence[str]
) -> list[str]:
    """What rounded weights do to the next-token scores of some prompts, a sentence for each."""
    plain = replace(checkpoint, tensors=restored(checkpoint.tensors))
    size = exact.config.vocab_size
    lines = []
    for prompt in dict.fromkeys(prompts):  # each once
        if not 0 < len(exact.vocabulary.encode(prompt)) <= exact.config.n_positions:
            continue
        before, after = (predict(model, prompt, size) for model in (exact, plain))
        scores = {score.token_id: score.logit for score in before.top}
        change = max(abs(score.logit - scores[score.token_id]) for score in after.top)
        same = before.top[0].token_id == after.top[0].token_id
        answer = "the same answer" if same else "ANOTHER answer"
        lines.append(
            f"Rounding, {prompt!r}: scores change by up to {change:.2g}, {answer}: "
            f"{after.top[0].text!r} ({after.top[0].probability:.1%}, "
            f"before {before.top[0].text!r} {before.top[0].probability:.1%})."
        )
    return lines


def describe(book: Book, path: Path, notes: Sequence[str]) -> Built:
    """What there is to say of a workbook that has just been written."""
    answer = book.named("next_token_id")[0, 0]
    fits = isinstance(answer, float | np.floating)
    return Built(
        path,
        path.stat().st_size,
        len(book.sheets),
        sum(len(sheet.formulas) for sheet in book.sheets.values()),
        int(book.named("n_tokens")[0, 0]),
        str(book.named("status")[0, 0]),
        int(answer) if fits else None,
        str(book.named("next_token")[0, 0]) if fits else None,
        float(book.named("best.probability")[0, 0]) if fits else None,
        tuple(notes),
    )


def _identity_notes(checkpoint: Checkpoint) -> list[str]:
    """Whether the weights are OpenAI's GPT-2 small, where that is a question."""
    verdict, differing = identify(checkpoint)
    if verdict is Verdict.OTHER:
        return []
    note = f"These weights are {verdict.value}."
    return [note, *(f"Tensor {name} differs from GPT-2 small's." for name in differing)]


def capacity_for(
    n_weights: int, config: Config, tokens: int | None, chars: int | None, rounds: int | None
) -> Capacity:
    """The room for prompts: what was asked for, the rest by the size of the model."""
    default = LARGE_CAPACITY if n_weights > LARGE_MODEL else SMALL_CAPACITY
    return Capacity(
        min(default.tokens, config.n_positions) if tokens is None else tokens,
        default.chars if chars is None else chars,
        default.rounds if rounds is None else rounds,
    )


def left_out_of(templates: Templates, without: str | None, n_weights: int) -> list[str]:
    """The optional parts to leave out: those asked for, and those too large for the model.

    `none` among them leaves out nothing but what is asked for. Raises InputError for a part that
    does not exist.
    """
    known = templates.wiring.parts
    words = [name.strip() for name in (without or "").split(",")]
    asked = [name for name in words if name not in ("", NONE, NOTHING)]
    if n_weights > LARGE_MODEL and NONE not in words:
        asked += [name for name in LARGE_WITHOUT if name in known]
    if unknown := [name for name in asked if name not in known]:
        raise InputError(
            f"There is no part {unknown[0]} to leave out; there are {', '.join(known)}, and {NONE}."
        )
    return [name for name in known if name in asked]


def storage_for(
    n_weights: int, precision: str, compression: str | None, cell_refs: bool | None
) -> Storage:
    """How the cells are stored: what was asked for, the rest by the size of the model."""
    large = n_weights > LARGE_MODEL
    return Storage(
        precision,
        compression or ("fast" if large else "small"),
        not large if cell_refs is None else cell_refs,
    )
