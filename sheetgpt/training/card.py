"""The model card that stands beside a model, its figures from the training itself."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from sheetgpt.printed import on_one_line
from sheetgpt.training.loop import Course
from sheetgpt.training.recipe import Recipe, Report

#: The picture beside the card.
CURVE = "loss.svg"

_CARD = """\
# {title}

{purpose}

## Shape

| n_layer | n_head | n_embd | n_positions | vocab_size | weights |
|---|---|---|---|---|---|
{shape}

GPT-2's own layout, tensor names and arithmetic, in float32: transformers'
`GPT2LMHeadModel.from_pretrained` loads the folder. The tokenizer is byte-level BPE as GPT-2's,
learned on the same text. A prompt starts at position 0, with no token in front of it.

## Data

{data}

## Training

| steps | rows a step | tokens a row | peak learning rate | weight decay | dropout | seed | threads | device | processor minutes |
|---|---|---|---|---|---|---|---|---|---|
{course}

AdamW; the learning rate rises linearly for {recipe.warm_up} steps, then falls along a cosine to 0.
The weights are those after step {best.step:,}, when the loss on held-out text was least.

![The loss over the steps]({curve})

| step | loss (nats per token) | held out | held-out tokens predicted |
|---|---|---|---|
{losses}

## On held-out text

Its {tested:,} tokens were not trained on.

| who guesses | loss (nats per token) | one in so many |
|---|---|---|
{guesses}

"One in so many" is e to the loss: to be as unsure as a draw of so many equal tokens. The likeliest
token is the right one in {best.right:.1%} of all places.
{results}
What it said after some of the steps, to the beginning of held-out text:

{samples}

## Limits

{limits}
"""  # noqa: E501


@dataclass(frozen=True)
class Account:
    """What a card says beside the figures of the training, in Markdown.

    `results` are further results, a paragraph or a section that begins with an empty line.
    """

    title: str
    purpose: str
    data: str
    limits: str
    results: str = ""


class Measured(NamedTuple):
    """The whole of a training: where it ran, its course, and what to compare the loss with.

    `tested` counts the held-out tokens, `by_frequency` is the loss of guessing by frequency.
    """

    device: str
    course: Course
    tested: int
    by_frequency: float


def model_card(account: Account, recipe: Recipe, n_weights: int, measured: Measured) -> str:
    """The text of README.md."""
    course, best = measured.course, measured.course.best
    guesses = {
        "by lot, each token alike": math.log(recipe.vocab_size),
        "by how frequent a token is": measured.by_frequency,
        "**this model**": best.held_out,
    }
    config = recipe.config
    return _CARD.format(
        **vars(account),
        recipe=recipe,
        best=best,
        curve=CURVE,
        tested=measured.tested,
        shape=_row(
            config.n_layer,
            config.n_head,
            config.n_embd,
            config.n_positions,
            config.vocab_size,
            f"{n_weights:,}",
        ),
        course=_row(
            f"{recipe.steps:,}",
            recipe.batch,
            recipe.n_positions,
            f"{recipe.learning_rate:g}",
            recipe.weight_decay,
            recipe.dropout,
            recipe.seed,
            recipe.threads,
            measured.device,
            f"{course.seconds / 60:.1f}",
        ),
        losses="\n".join(
            _row(f"{r.step:,}", f"{r.loss:.3f}", f"{r.held_out:.3f}", f"{r.right:.1%}")
            for r in course.reports
        ),
        guesses="\n".join(
            _row(who, f"{loss:.3f}", f"{math.exp(loss):,.0f}") for who, loss in guesses.items()
        ),
        samples="\n".join(
            f"    {report.step:>7,}  {on_one_line(report.sample)}" for report in _some(course)
        ),
    )


def _some(course: Course) -> list[Report]:
    """Up to six reports from the first to the last."""
    reports = course.reports
    return [*reports[: -1 : -(-len(reports) // 5)], reports[-1]]


def _row(*cells: object) -> str:
    return "| " + " | ".join(map(str, cells)) + " |"
