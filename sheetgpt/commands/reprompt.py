"""The workbook of another prompt from one that exists, without writing its weights again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Unpack

from sheetgpt.book import Book
from sheetgpt.checkpoint import Checkpoint, cache, load
from sheetgpt.checkpoint.precision import rounded
from sheetgpt.commands.options import LARGE_MODEL, Changes, Options, options_in
from sheetgpt.commands.progress import Progress, quiet
from sheetgpt.commands.watch import watched
from sheetgpt.commands.written import Built, describe, require_writable
from sheetgpt.errors import CheckpointError, WorkbookError
from sheetgpt.evaluator import finish
from sheetgpt.layout.properties import properties
from sheetgpt.layout.workbook import Origin, plan
from sheetgpt.template.load import hash_folder
from sheetgpt.verification.contents import number, require_file, require_sheetgpt, text
from sheetgpt.verification.model import stored_model_in
from sheetgpt.xlsx.limits import STRANGERS, TRUSTED, Limits
from sheetgpt.xlsx.origin import written_here
from sheetgpt.xlsx.patch import require_text
from sheetgpt.xlsx.read import read
from sheetgpt.xlsx.write import write

#: The tabs that say what a workbook is.
FORMS = ("Start", "constants", "about")


def reprompt(
    path: str | Path,
    prompt: str,
    output: str | Path | None = None,
    *,
    force: bool = False,
    trust: bool = False,
    progress: Progress = quiet,
    **changes: Unpack[Changes],
) -> Built:
    """Make the workbook at `path` one of another prompt, in place or as `output`.

    The formulas are computed anew and written; the compressed weights are copied byte for byte.
    `tokens`, `chars` and `rounds` change the room for prompts, `settings` the values of cells by
    their names, `special_tokens` whether those are cut out of prompts; what is not given stays.
    A workbook that was built from templates of your own needs them again: `templates`. The weights
    come from the cache, from the model that the workbook names, or else from the workbook itself,
    which takes longer; nothing is downloaded. A file that asks for more than one from a stranger
    may is refused unless you `trust` it.

    A file that another program has saved is left as it is: its workbook is written anew, without
    what is not sheetgpt's, and only as another file. Raises WorkbookError where that is not asked
    for, and the errors of `build`.
    """
    path = Path(path)
    require_text(prompt)
    require_file(path)
    target = path if output is None else Path(output)
    require_writable(target, force=force or output is None)
    limits = TRUSTED if trust else STRANGERS
    with watched(path, trust):
        return _rewritten(path, prompt, target, limits, progress, changes)


def _rewritten(
    path: Path, prompt: str, target: Path, limits: Limits, progress: Progress, changes: Changes
) -> Built:
    asked = Options(**changes)
    progress("Reading the workbook")
    old = read(path, only=FORMS, limits=limits)
    require_sheetgpt(old, str(path))
    ours = written_here(path)
    if not ours and target == path:
        raise WorkbookError(
            f"{path} was not written by this version of sheetgpt, or was saved by another program "
            "since, so that what is yours in it would be lost: give another file with -o, or build "
            "it again."
        )
    declared = asked.read_templates()
    if text(old, "templates_sha256") != hash_folder(Path(declared.folder)):
        raise WorkbookError(
            f"{path} was built from other templates than those in {declared.folder}; give its "
            "own with --templates, or build it again."
        )
    progress("Loading the weights")
    origin = _origin(old)
    checkpoint = replace(_checkpoint(path, origin, limits), name=text(old, "model_name"))
    had = options_in(path, old, declared, limits)
    options = had.changed(**changes)
    checkpoint = checkpoint.cutting(bool(options.special_tokens))
    capacity = options.capacity(checkpoint.config)
    same_tables = options.special_tokens == had.special_tokens
    same_room = same_tables and capacity == had.capacity(checkpoint.config)
    storage = options.storage(origin.n_weights)
    left_out = options.left_out(declared, origin.n_weights)
    progress("Planning the workbook")
    book = plan(
        checkpoint,
        prompt,
        capacity,
        declared,
        origin,
        left_out=left_out,
        settings=options.values(),
    )
    progress("Computing every formula")
    book = finish(book)
    progress("Writing the file")
    write(
        book,
        target,
        *properties(book),
        compression=storage.compression,
        cell_refs=storage.cell_refs,
        keep=path if ours else None,
        same_room=same_room,
    )
    return describe(book, target, ())


def _origin(old: Book) -> Origin:
    return Origin(
        text(old, "model_source"),
        text(old, "precision"),
        text(old, "model_identity"),
        number(old, "n_weights"),
        text(old, "model_sha256"),
    )


def _checkpoint(path: Path, origin: Origin, limits: Limits) -> Checkpoint:
    """The workbook's model with the weights as the workbook holds them."""
    found = cache.entry(origin.sha256, origin.precision)
    if found is not None:
        return found
    found = _same_model(origin)
    genuine = found is not None
    if found is None:
        found = stored_model_in(read(path, limits=limits))
        # Weights may have been changed in the file: the cache must hold what an entry's name says.
        genuine = found.sha256 == origin.sha256
    if genuine and origin.n_weights > LARGE_MODEL:
        found = cache.decimal(found, origin.sha256, origin.precision)
    return found


def _same_model(origin: Origin) -> Checkpoint | None:
    """The model that the workbook was built from, rounded alike, if it is still there."""
    try:
        checkpoint = load(origin.source, local=True)
    except (CheckpointError, OSError):
        return None
    return rounded(checkpoint, origin.precision) if checkpoint.sha256 == origin.sha256 else None
