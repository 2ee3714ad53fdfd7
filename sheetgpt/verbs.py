"""The verbs of sheetgpt as functions: plan, build, verify, predict, reprompt."""

from __future__ import annotations

from pathlib import Path

from sheetgpt import reference
from sheetgpt.checking import PYTHON_ENGINE, Report, verify
from sheetgpt.checkpoint import load
from sheetgpt.errors import InputError
from sheetgpt.estimate import Estimate, estimate, shape_of
from sheetgpt.making import (
    DEFAULT_MODEL,
    DEFAULT_PROMPT,
    Built,
    Progress,
    build,
    capacity_for,
    quiet,
    storage_for,
)
from sheetgpt.reprompt import reprompt
from sheetgpt.template.load import load_templates
from sheetgpt.workbook.patch import require_text

__all__ = [
    "DEFAULT_MODEL",
    "DEFAULT_PROMPT",
    "PYTHON_ENGINE",
    "Built",
    "Progress",
    "Report",
    "build",
    "plan",
    "predict",
    "reprompt",
    "verify",
]


def predict(
    prompt: str,
    model: str | Path = DEFAULT_MODEL,
    top: int = 10,
    *,
    revision: str | None = None,
    progress: Progress = quiet,
) -> reference.Prediction:
    """The most likely next tokens of a prompt by the NumPy reference alone."""
    if top < 1:
        raise InputError(f"There must be at least 1 best token to list, not {top}.")
    require_text(prompt)
    progress("Loading the model")
    checkpoint = load(model, revision)
    progress("Computing the reference")
    return reference.predict(checkpoint, prompt, top)


def plan(
    model: str | Path = DEFAULT_MODEL,
    *,
    revision: str | None = None,
    tokens: int | None = None,
    chars: int | None = None,
    rounds: int | None = None,
    precision: str = "float32",
    compression: str | None = None,
    cell_refs: bool | None = None,
    templates: Path | None = None,
    progress: Progress = quiet,
) -> Estimate:
    """What `build` with the same arguments will write, without reading the weights."""
    progress("Looking at the model's shape")
    shape = shape_of(model, revision)
    return estimate(
        shape,
        capacity_for(shape.n_weights, shape.config, tokens, chars, rounds),
        load_templates(templates),
        storage_for(shape.n_weights, precision, compression, cell_refs),
    )
