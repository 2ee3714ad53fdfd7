"""The verbs of sheetgpt as functions: build, verify, predict."""

from __future__ import annotations

from pathlib import Path

from sheetgpt import reference
from sheetgpt.checking import PYTHON_ENGINE, Report, verify
from sheetgpt.checkpoint import load
from sheetgpt.errors import InputError
from sheetgpt.making import DEFAULT_MODEL, DEFAULT_PROMPT, Built, Progress, build, quiet
from sheetgpt.reprompt import reprompt

__all__ = [
    "DEFAULT_MODEL",
    "DEFAULT_PROMPT",
    "PYTHON_ENGINE",
    "Built",
    "Progress",
    "Report",
    "build",
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
    progress("Loading the model")
    checkpoint = load(model, revision)
    progress("Computing the reference")
    return reference.predict(checkpoint, prompt, top)
