"""The workbook of another prompt from one that exists, without writing its weights again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from sheetgpt.book import Book
from sheetgpt.checkpoint import Checkpoint, cache, load
from sheetgpt.checkpoint.precision import rounded
from sheetgpt.commands.build import (
    LARGE_MODEL,
    NONE,
    Built,
    Progress,
    describe,
    document_properties,
    left_out_of,
    quiet,
    require_writable,
    storage_for,
)
from sheetgpt.errors import CheckpointError, WorkbookError
from sheetgpt.evaluator import finish
from sheetgpt.layout.context import is_switch
from sheetgpt.layout.workbook import Capacity, Origin, hash_folder, plan
from sheetgpt.template.load import Templates, load_templates
from sheetgpt.verification.contents import (
    as_text,
    number,
    require_file,
    require_sheetgpt,
    stored_model_in,
    text,
)
from sheetgpt.xlsx.bulk import has_unnamed_cells
from sheetgpt.xlsx.patch import require_text
from sheetgpt.xlsx.read import read
from sheetgpt.xlsx.write import write

#: The tabs that say what a workbook is.
FORMS = ("Start", "constants", "about")


def reprompt(
    path: Path,
    prompt: str,
    output: Path | None = None,
    *,
    tokens: int | None = None,
    chars: int | None = None,
    rounds: int | None = None,
    settings: Mapping[str, str] | None = None,
    templates: Path | None = None,
    force: bool = False,
    progress: Progress = quiet,
) -> Built:
    """Make the workbook at `path` one of another prompt, in place or as `output`.

    The formulas are computed anew and written; the compressed weights are copied byte for byte.
    `tokens`, `chars` and `rounds` change the room for prompts, `settings` the values of cells by
    their names; what is not given stays. The weights come from the cache,
    from the model that the workbook names, or else from the workbook itself, which takes longer;
    nothing is downloaded. Raises WorkbookError for a file that this version of sheetgpt did not
    write, and the errors of `build`.
    """
    require_text(prompt)
    require_file(path)
    target = output or path
    require_writable(target, force=force or output is None)
    progress("Reading the workbook")
    old = read(path, only=FORMS)
    require_sheetgpt(old, str(path))
    declared = load_templates(templates)
    if text(old, "templates_sha256") != hash_folder(Path(declared.folder)):
        raise WorkbookError(
            f"{path} was built from other templates than those in {declared.folder}; give its "
            "own with --templates, or build it again."
        )
    progress("Loading the weights")
    origin = _origin(old)
    checkpoint = replace(_checkpoint(path, origin), name=text(old, "model_name"))
    had = Capacity(number(old, "max_tokens"), number(old, "max_chars"), number(old, "max_rounds"))
    asked = {"tokens": tokens, "chars": chars, "rounds": rounds}
    room = replace(had, **{key: size for key, size in asked.items() if size is not None})
    progress("Planning the workbook")
    left_out = left_out_of(declared, f"{NONE}, {text(old, 'left_out')}", origin.n_weights)
    kept = _settings(path, old, declared) | dict(settings or {})
    book = plan(checkpoint, prompt, room, declared, origin, left_out=left_out, settings=kept)
    progress("Computing every formula")
    book = finish(book)
    progress("Writing the file")
    write(
        book,
        target,
        *document_properties(checkpoint.name),
        compression=storage_for(origin.n_weights, origin.precision, None, None).compression,
        cell_refs=not has_unnamed_cells(path),
        keep=path,
        same_room=room == had,
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


def _settings(path: Path, old: Book, declared: Templates) -> dict[str, str]:
    """What the cells to type into hold in the workbook, the prompt left out."""
    names = [name for name in old.names if name in declared.entries or is_switch(name)]
    book = read(path, only={old.names[name].sheet for name in names})
    out = {}
    for name in names:
        values = book.get(old.names[name]).flat
        out[name] = ",".join(map(as_text, values))
    return out


def _checkpoint(path: Path, origin: Origin) -> Checkpoint:
    """The workbook's model with the weights as the workbook holds them."""
    found = cache.entry(origin.sha256, origin.precision)
    if found is not None:
        return found
    found = _same_model(origin)
    genuine = found is not None
    if found is None:
        found = stored_model_in(read(path))
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
