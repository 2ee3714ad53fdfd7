"""The verbs of sheetgpt as functions: plan, build, verify, predict, generate, reprompt."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from sheetgpt import reference
from sheetgpt.checkpoint import Checkpoint, load
from sheetgpt.commands.build import (
    DEFAULT_MODEL,
    DEFAULT_PROMPT,
    Built,
    Progress,
    build,
    capacity_for,
    left_out_of,
    quiet,
    require_writable,
    storage_for,
)
from sheetgpt.commands.reprompt import reprompt
from sheetgpt.commands.verify import PYTHON_ENGINE, Report, verify
from sheetgpt.errors import CapacityError, InputError
from sheetgpt.estimate import Estimate, estimate, shape_of
from sheetgpt.layout.workbook import Capacity
from sheetgpt.reference import Ended, GeneratedToken, Generation, Sampling, tokenise
from sheetgpt.template.load import load_templates
from sheetgpt.xlsx.patch import require_text

__all__ = [
    "DEFAULT_MODEL",
    "DEFAULT_PROMPT",
    "PYTHON_ENGINE",
    "Built",
    "Generated",
    "Progress",
    "Report",
    "build",
    "generate",
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


@dataclass(frozen=True)
class Generated:
    """A prompt that went on: its own tokens, those that were added, and how they were drawn."""

    prompt: str
    token_ids: list[int]
    tokens: list[GeneratedToken]
    ended: Ended
    sampling: Sampling
    seed: int
    workbook: Built | None

    @property
    def text(self) -> str:
        """The prompt and what was added, whole characters alone."""
        return self.prompt + "".join(token.text for token in self.tokens)


def generate(
    prompt: str,
    model: str | Path = DEFAULT_MODEL,
    n: int = 20,
    *,
    temperature: float = 1.0,
    top_k: int = 0,
    top_p: float = 1.0,
    seed: int | None = None,
    revision: str | None = None,
    workbook: Path | None = None,
    force: bool = False,
    on_text: Callable[[str], None] = quiet,
    progress: Progress = quiet,
) -> Generated:
    """Go on with a prompt by up to `n` tokens, by the NumPy reference alone.

    A `seed` of None is a fresh one. `on_text` gets the prompt, then what each token adds to the
    text, then a line break. `workbook` is a file for the workbook of the whole text; that it
    cannot be written, exists without `force`, or has no room is said before anything else.
    Raises InputError for settings and prompts that cannot be used.
    """
    sampling = Sampling(temperature, top_k, top_p)
    require_text(prompt)
    if workbook is not None:
        require_writable(workbook, force)
    progress("Loading the model")
    checkpoint = load(model, revision)
    seed = secrets.randbelow(1 << 32) if seed is None else seed
    generation = Generation(checkpoint, prompt, n, sampling, seed)
    if workbook is not None:
        _require_positions(generation, checkpoint)
    progress(f"Generating with --seed {seed}")
    on_text(prompt)
    tokens = []
    for token in generation:
        tokens.append(token)
        on_text(token.text)
    on_text("\n")
    generated = Generated(
        prompt, generation.token_ids, tokens, generation.ended, sampling, seed, None
    )
    if workbook is None:
        return generated
    room = _room_for(generated.text, checkpoint)
    built = build(
        generated.text,
        model,
        workbook,
        revision=revision,
        tokens=room.tokens,
        chars=room.chars,
        rounds=room.rounds,
        force=force,
        progress=progress,
    )
    return replace(generated, workbook=built)


def _require_positions(generation: Generation, checkpoint: Checkpoint) -> None:
    """Raise CapacityError unless a workbook can hold as many tokens as there may be."""
    positions, most = checkpoint.config.n_positions, len(generation.token_ids) + generation.n
    if most > positions:
        raise CapacityError(
            f"The text may grow to {most} tokens and a workbook of this model takes {positions}; "
            "shorten the prompt or ask for fewer tokens."
        )


def _room_for(text: str, checkpoint: Checkpoint) -> Capacity:
    """The usual room of a workbook, or more if the text needs it and the model has it.

    A text may be more tokens than were generated: bytes that are no character have become U+FFFD.
    """
    usual = capacity_for(checkpoint.n_weights, checkpoint.config, None, None, None)
    stages = tokenise(checkpoint.vocabulary, text)
    return Capacity(
        min(max(usual.tokens, len(stages.ids)), checkpoint.config.n_positions),
        max(usual.chars, len(stages.text_bytes)),  # a character is a byte or more
        max(usual.rounds, len(stages.rounds)),  # the last round must have nothing left to merge
    )


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
    without: str | None = None,
    templates: Path | None = None,
    progress: Progress = quiet,
) -> Estimate:
    """What `build` with the same arguments will write, without reading the weights."""
    progress("Looking at the model's shape")
    shape = shape_of(model, revision)
    declared = load_templates(templates)
    return estimate(
        shape,
        capacity_for(shape.n_weights, shape.config, tokens, chars, rounds),
        declared,
        storage_for(shape.n_weights, precision, compression, cell_refs),
        left_out_of(declared, without, shape.n_weights),
    )
