"""What a workbook must be, planned anew from the model, the room and the parts that it names.

The layout is deterministic: the same model, room, left-out parts and templates make the same
Book. What is typed into the yellow cells is not part of it.
"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from sheetgpt._version import VERSION
from sheetgpt.book import Book
from sheetgpt.book.capacity import Capacity
from sheetgpt.checkpoint import Checkpoint
from sheetgpt.checkpoint.precision import SCALE, rounded
from sheetgpt.errors import WorkbookError
from sheetgpt.layout.workbook import Origin, origin_of, plan
from sheetgpt.template.load import Templates
from sheetgpt.verification.contents import area, text
from sheetgpt.verification.model import stored_model_in

#: The ids after a merge round.
_ROUND = re.compile(r"merge\.(\d{1,5})")
#: The precision in which the weights of a workbook are those of its model.
EXACT = "float32"


def other_templates(book: Book, sha256: str) -> str | None:
    """The sentence about a workbook of another version, or not of the templates of this hash."""
    try:
        version, built_from = text(book, "version"), text(book, "templates_sha256")
    except WorkbookError:
        return "The workbook does not say which sheetgpt and which templates made it"
    if version != VERSION:
        return f"The workbook was written by sheetgpt {version}, and this is {VERSION}"
    if built_from != sha256:
        return "The workbook was built from other templates (--templates FOLDER gives them)"
    return None


def planned(book: Book, templates: Templates, model: Checkpoint | None = None) -> Book:
    """The Book that a workbook must be, formulas without values.

    The weights are those in the workbook, or those of a trusted `model` (not rounded). Raises
    WorkbookError or CapacityError where what it says of itself makes no workbook.
    """
    precision = text(book, "precision")
    if model is None:
        model = _as_stored(stored_model_in(book))
        origin = _origin(book, model) if precision == EXACT else _claimed(book, model)
        stored = model
    else:
        model = replace(model, name=text(book, "model_name"))
        origin = _origin(book, model)
        stored = rounded(model, precision)
    asked = text(book, "left_out").split(", ")
    left_out = [name for name in templates.wiring.parts if name in asked]
    prompt = text(book, "prompt")
    return plan(stored, prompt, _capacity(book), templates, origin, left_out=left_out)


def _capacity(book: Book) -> Capacity:
    """What the workbook has room for, by the size of its steps: what it says is compared."""
    rounds = {int(found[1]) for name in book.names if (found := _ROUND.fullmatch(name))}
    sizes = [area(book, name).rows for name in ("token_ids", "code_units", "best.score")]
    tokens, chars, best = sizes
    return Capacity(tokens, chars, max(len(rounds) - 1, 0), best)


def _as_stored(model: Checkpoint) -> Checkpoint:
    """Tensors in the types that a build gives them: whole numbers beside a scale are int8."""
    tensors: dict[str, np.ndarray] = {
        name: tensor.astype(np.int8 if name + SCALE in model.tensors else np.float32, copy=False)
        for name, tensor in model.tensors.items()
    }
    return replace(model, tensors=tensors)  # int8 as `rounded` makes them


def _origin(book: Book, model: Checkpoint) -> Origin:
    """Where exact weights come from, told by themselves; the place alone is a claim."""
    return origin_of(model, text(book, "model_source"), text(book, "precision"))


def _claimed(book: Book, model: Checkpoint) -> Origin:
    """Where rounded weights come from, as the workbook says: they cannot tell."""
    weights = (tensor.size for name, tensor in model.tensors.items() if not name.endswith(SCALE))
    return Origin(
        text(book, "model_source"),
        text(book, "precision"),
        text(book, "model_identity"),
        sum(weights),
        text(book, "model_sha256"),
    )
