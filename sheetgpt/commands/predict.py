"""The most likely next tokens of a prompt, without a workbook."""

from __future__ import annotations

from pathlib import Path

from sheetgpt import reference
from sheetgpt.checkpoint import load
from sheetgpt.commands.options import DEFAULT_MODEL
from sheetgpt.commands.progress import Progress, quiet
from sheetgpt.errors import InputError
from sheetgpt.xlsx.patch import require_text


def predict(
    prompt: str,
    model: str | Path = DEFAULT_MODEL,
    top: int = 10,
    *,
    revision: str | None = None,
    special_tokens: bool = False,
    progress: Progress = quiet,
) -> reference.Prediction:
    """The `top` most likely next tokens of a prompt, by the NumPy reference alone.

    With `special_tokens`, those such as <|endoftext|> in the prompt are cut out of it whole.

    Raises InputError for a prompt that cannot be used, CheckpointError for a model.
    """
    if top < 1:
        raise InputError(f"There must be at least 1 best token to list, not {top}.")
    require_text(prompt)
    progress("Loading the model")
    checkpoint = load(model, revision).cutting(special_tokens)
    progress("Computing the reference")
    return reference.predict(checkpoint, prompt, top)
