"""The loop of training: steps, reports, the best weights so far, stops and going on.

It knows no PyTorch: a Learner does the steps.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol

import numpy as np
import numpy.typing as npt

from sheetgpt.checkpoint import Checkpoint
from sheetgpt.checkpoint.model import make_checkpoint
from sheetgpt.checkpoint.tensor_names import usual_names
from sheetgpt.errors import InputError, SheetgptError
from sheetgpt.reference import Generation, Sampling
from sheetgpt.training.interrupts import Interrupts
from sheetgpt.training.recipe import Recipe, Report
from sheetgpt.training.rows import Material, Row

Tensors = Mapping[str, npt.NDArray[np.float32]]

#: Seconds of training that a kill may cost; saving takes at most a small part of them.
SAVE_EVERY, _SAVING_SHARE = 20.0, 0.05
#: Rows at a time when testing, and how a sample is drawn.
_TESTED_AT_ONCE = 64
_SAMPLE_TOKENS, _SAMPLING = 24, Sampling(temperature=0.8, top_k=40)


class Learner(Protocol):
    """A model that learns."""

    def step(self, rows: list[Row], rate: float) -> float:
        """One step of training on rows of equal length; returns their loss before it."""

    def test(self, rows: list[Row]) -> tuple[float, int]:
        """Of rows of equal length: the sum of the losses of all tokens, how many are right."""

    def weights(self) -> Tensors:
        """A copy of the weights under transformers' names."""

    def state(self) -> Tensors:
        """A copy of all that the next steps depend on, the weights among it."""

    def restore(self, state: Tensors) -> None:
        """Go back to a state."""


@dataclass
class Course:
    """How far a training is; with the learner's state and the best weights, all of it.

    `total` is the sum of the losses since the last report, `seconds` processor time.
    """

    step: int = 0
    total: float = 0.0
    seconds: float = 0.0
    reports: list[Report] = field(default_factory=list)

    @property
    def best(self) -> Report:
        """The report with the least loss on held-out text, the first of equals."""
        return min(self.reports, key=lambda report: report.held_out)


#: Keeps a course, the learner's state and the best weights where a kill does not reach them.
Save = Callable[[Course, Tensors, Tensors], None]


def train(
    learner: Learner,
    material: Material,
    recipe: Recipe,
    course: Course,
    best: Tensors,
    *,
    save: Save,
    report: Callable[[Report], None],
    progress: Callable[[str], None],
) -> Tensors:
    """Take the steps that are left and return the weights that were best on held-out text.

    `best` are those of the steps before. Ctrl-C and SIGTERM do what they would have
    done after the step has been saved. Raises SheetgptError for a loss that is no number any more.
    """
    rows = material.rows(course.step * recipe.batch)
    seconds, saved, saving = _clock(course.seconds), time.monotonic(), 0.0
    with Interrupts() as interrupts:
        while course.step < recipe.steps:
            step = course.step + 1
            loss = learner.step([*islice(rows, recipe.batch)], rate_at(recipe, step))
            if not math.isfinite(loss):
                raise SheetgptError(
                    f"The loss at step {step:,} is {loss}: training has left all bounds. Try "
                    "another --seed, or a smaller --width."
                )
            course.step, course.total = step, course.total + loss
            if step % recipe.every == 0 or step == recipe.steps:
                weights = learner.weights()
                course.reports.append(_report(learner, weights, material, recipe, course))
                course.total = 0.0
                if course.best is course.reports[-1]:
                    best = weights
                report(course.reports[-1])
            now = time.monotonic()
            if interrupts.seen or now - saved >= max(SAVE_EVERY, saving / _SAVING_SHARE):
                course.seconds = next(seconds)
                save(course, learner.state(), best)
                saved = time.monotonic()
                saving = saved - now
            if interrupts.seen:
                progress(
                    f"Saved after step {course.step:,} of {recipe.steps:,}; the same command goes "
                    "on from there"
                )
                break
    if course.step < recipe.steps:
        raise KeyboardInterrupt  # unless the signal itself has ended this by now
    course.seconds = next(seconds)
    return best


def rate_at(recipe: Recipe, step: int) -> float:
    """The learning rate of a step: a linear warm-up, then a half cosine down to 0."""
    warm = min(1.0, step / recipe.warm_up)
    return recipe.learning_rate * warm * 0.5 * (1 + math.cos(math.pi * step / recipe.steps))


def tested(learner: Learner, held_out: list[Row]) -> tuple[float, float]:
    """Mean loss per held-out token, in nats, and the share of tokens that is predicted."""
    whole = [row for row in held_out if len(row) == len(held_out[0])]
    batches = [whole[i : i + _TESTED_AT_ONCE] for i in range(0, len(whole), _TESTED_AT_ONCE)]
    batches += [[row] for row in held_out if len(row) != len(held_out[0])]
    results = [learner.test(batch) for batch in batches]
    n_tokens = sum(len(row) - 1 for row in held_out)
    return sum(loss for loss, _ in results) / n_tokens, sum(r for _, r in results) / n_tokens


def checkpoint_of(weights: Tensors, material: Material, recipe: Recipe, name: str) -> Checkpoint:
    """The weights as the checkpoint that their folder will be."""
    tensors = usual_names(weights, name)
    return make_checkpoint(name, recipe.config, tensors, material.vocabulary, tied=True)


def _report(
    learner: Learner, weights: Tensors, material: Material, recipe: Recipe, course: Course
) -> Report:
    before = course.reports[-1].step if course.reports else 0
    held_out, right = tested(learner, material.held_out)
    prompt = material.prompts[len(course.reports) % len(material.prompts)]
    sample = prompt
    model = checkpoint_of(weights, material, recipe, "the model so far")
    with suppress(InputError):  # the prompt fills all positions of a very short model
        drawn = Generation(model, prompt, _SAMPLE_TOKENS, _SAMPLING, recipe.seed)
        sample += "".join(token.text for token in drawn)
    return Report(course.step, course.total / (course.step - before), held_out, right, sample)


def _clock(before: float) -> Iterator[float]:
    """Processor seconds of this and earlier runs."""
    start = time.process_time()
    while True:
        yield before + time.process_time() - start
