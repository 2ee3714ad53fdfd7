"""What a workbook will be, before anything is written."""

from __future__ import annotations

from pathlib import Path
from typing import Unpack

from sheetgpt.checkpoint import shape_of
from sheetgpt.commands.options import DEFAULT_MODEL, Choices, Options
from sheetgpt.commands.progress import Progress, quiet
from sheetgpt.estimate import Estimate, estimate


def plan(
    model: str | Path = DEFAULT_MODEL,
    *,
    revision: str | None = None,
    progress: Progress = quiet,
    **choices: Unpack[Choices],
) -> Estimate:
    """What `build` with the same arguments will write, without reading the weights.

    Sizes are bytes, times seconds of processor time. Raises the errors of `build`, but for a
    workbook that is too large: `estimate.refusal` says that of what is returned.
    """
    options = Options(**choices)
    progress("Looking at the model's shape")
    shape = shape_of(model, revision)
    declared = options.read_templates()
    return estimate(
        shape,
        options.capacity(shape.config),
        declared,
        options.storage(shape.n_weights),
        options.left_out(declared, shape.n_weights),
    )
