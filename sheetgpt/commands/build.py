"""Build a workbook: load, round, plan, evaluate, write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Unpack

from sheetgpt.book.grid import forget_pages
from sheetgpt.checkpoint import Checkpoint, cache, load, shape_in
from sheetgpt.checkpoint.genuine import Verdict, identify
from sheetgpt.checkpoint.precision import restored, rounded
from sheetgpt.commands.options import (
    DEFAULT_MODEL,
    DEFAULT_PROMPT,
    LARGE_MODEL,
    Choices,
    Options,
)
from sheetgpt.commands.progress import Progress, quiet
from sheetgpt.commands.written import Built, describe, require_writable
from sheetgpt.errors import CapacityError
from sheetgpt.estimate import estimate, refusal, short
from sheetgpt.evaluator import finish
from sheetgpt.layout.properties import properties
from sheetgpt.layout.workbook import origin_of, plan
from sheetgpt.reference import predict
from sheetgpt.xlsx.patch import require_text
from sheetgpt.xlsx.write import write

#: Prompts on which the effect of rounded weights is measured, besides the workbook's own.
SAMPLE_PROMPTS = ("The capital of France is", "Two plus two equals")


def build(
    prompt: str = DEFAULT_PROMPT,
    model: str | Path = DEFAULT_MODEL,
    output: str | Path | None = None,
    *,
    revision: str | None = None,
    force: bool = False,
    progress: Progress = quiet,
    **choices: Unpack[Choices],
) -> Built:
    """Write the workbook of a model; `output` is `output/NAME.xlsx` unless given.

    `tokens`, `chars` and `rounds` are the room for prompts. `without` names optional parts to
    leave out, as a list or with commas between, or `none`; `settings` gives values to cells by
    their names. `precision` is float32, float16 or int8; `compression` fast or small; `cell_refs`
    gives every weight's cell its name; `templates` is a folder. What is None depends on the size
    of the model. With `special_tokens`, those such as <|endoftext|> are cut out of prompts whole.
    The prompt may be too long for the capacity: the workbook then says so in `status`. Raises an
    InputError for an existing file without `force`, a model or templates that cannot be used, a
    capacity that is impossible, a part or a cell that does not exist.
    """
    options = Options(**choices)
    require_text(prompt)
    progress("Loading the model")
    exact = load(model, revision)
    path = Path(output or Path("output") / f"{exact.name.replace('/', '-')}.xlsx")
    require_writable(path, force)
    return build_from(exact, model, prompt, path, options, progress)


def build_from(
    exact: Checkpoint,
    model: str | Path,
    prompt: str,
    path: Path,
    options: Options,
    progress: Progress,
) -> Built:
    """Write the workbook of a checkpoint at hand; `model` is what it was called."""
    exact = exact.cutting(bool(options.special_tokens))
    declared = options.read_templates()
    capacity = options.capacity(exact.config)
    storage = options.storage(exact.n_weights)
    left_out = options.left_out(declared, exact.n_weights)
    settings = options.values()
    expected = estimate(shape_in(exact), capacity, declared, storage, left_out)
    if problem := refusal(expected):
        raise CapacityError(problem)
    progress(short(expected))
    checkpoint = rounded(exact, storage.precision)
    origin = origin_of(exact, _lasting(model), storage.precision)
    for tensor in exact.tensors.values():
        forget_pages(tensor)  # they have been read to tell whose weights they are
    if exact.n_weights > LARGE_MODEL:
        progress("Turning the weights into decimals")
        checkpoint = cache.decimal(checkpoint, origin.sha256, storage.precision)
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
        *properties(book),
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
    if storage.precision != "float32":
        progress("Measuring what the rounding does")
        notes += rounding_effects(exact, checkpoint, [prompt, *SAMPLE_PROMPTS])
    return describe(book, path, notes)


def _lasting(model: str | Path) -> str:
    """What the model was called, good for later and from elsewhere: a folder as a whole path."""
    return str(Path(model).resolve()) if Path(model).exists() else str(model)


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


def _identity_notes(checkpoint: Checkpoint) -> list[str]:
    """Whether the weights are OpenAI's GPT-2 small, where that is a question."""
    verdict, differing = identify(checkpoint)
    if verdict is Verdict.OTHER:
        return []
    note = f"These weights are {verdict.value}."
    return [note, *(f"Tensor {name} differs from GPT-2 small's." for name in differing)]
