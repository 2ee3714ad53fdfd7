"""The command that trains a model."""

from __future__ import annotations

import shlex
import time
from functools import partial
from pathlib import Path
from typing import Any

import click

from sheetgpt.cli import options
from sheetgpt.cli.running import print_json, run, say, tell
from sheetgpt.commands.train import Trained
from sheetgpt.commands.train import train as train_model
from sheetgpt.printed import on_one_line
from sheetgpt.training.make import CARD, record
from sheetgpt.training.recipe import Recipe, Report

_USUAL = Recipe()


@options.command("""
    sheetgpt train sentences.txt -o my-model
    sheetgpt train book-1.txt book-2.txt -o my-model --join-lines
    sheetgpt train sentences.txt -o small --layers 2 --heads 2 --width 32 --vocab 512 --tokens 32
    """)
@click.argument("texts", metavar="TEXT...", nargs=-1, required=True, type=options.PATH)
@click.option("-o", "--output", required=True, type=options.PATH, help="The new model's folder.")
@click.option(
    "--layers",
    type=options.COUNT,
    default=_USUAL.n_layer,
    show_default=True,
    help="Blocks, one after the other.",
)
@click.option(
    "--heads",
    type=options.COUNT,
    default=_USUAL.n_head,
    show_default=True,
    help="Attention heads of a block.",
)
@click.option(
    "--width",
    type=options.COUNT,
    default=_USUAL.n_embd,
    show_default=True,
    help="Numbers that stand for a token, a multiple of the heads.",
)
@click.option(
    "--vocab",
    type=options.COUNT,
    default=_USUAL.vocab_size,
    show_default=True,
    help="Tokens that there are at most; at least 258.",
)
@click.option(
    "--tokens",
    type=options.COUNT,
    default=_USUAL.n_positions,
    show_default=True,
    help="Tokens that the model sees at once.",
)
@click.option(
    "--steps",
    type=options.COUNT,
    help="Steps of training; by default as many as suit the text, at most 4,000.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=_USUAL.seed,
    show_default=True,
    help="The same seed gives the same model again.",
)
@click.option(
    "--threads",
    type=options.COUNT,
    default=_USUAL.threads,
    show_default=True,
    help="Processor cores to use; another number gives other last digits.",
)
@click.option(
    "--join-lines", is_flag=True, help="Make one line of a paragraph, for texts of a fixed width."
)
@options.as_json
def train(texts: tuple[Path, ...], output: Path, as_json: bool, **choices: Any) -> None:
    """Train a model of your own on plain text files, for `build --model FOLDER`.

    Needs PyTorch: pip install 'sheetgpt[train]'. If it is stopped, the same command goes on.
    """
    verb = partial(train_model, texts, output, report=_Reporter(), **choices)
    trained: Trained = run(verb, spinner=False)
    if as_json:
        notes = {"folder": str(trained.path), "notes": trained.notes}
        print_json(record(trained.asked, trained.recipe, trained.measured) | notes)
    else:
        tell(_said(trained))


def _said(trained: Trained) -> str:
    """Where the model is, how good it is and what to run next."""
    measured, path = trained.measured, shlex.quote(str(trained.path))
    best = measured.course.best
    lines = [
        f"Wrote {trained.path} ({trained.n_weights:,} weights, {trained.recipe.vocab_size:,} "
        "tokens).",
        f"Loss on {measured.tested:,} held-out tokens: {best.held_out:.3f} nats after step "
        f"{best.step:,} ({measured.by_frequency:.3f} by frequency alone); {best.right:.1%} of them "
        "predicted.",
        *trained.notes,
        f"{path}/{CARD} has the figures. Go on with: sheetgpt build --model {path}",
    ]
    return "\n".join(lines)


class _Reporter:
    """Says each report on stderr, with the time that is left judged by that since the last."""

    def __init__(self) -> None:
        self._last: tuple[float, int] | None = None

    def __call__(self, report: Report, recipe: Recipe) -> None:
        left = ""
        now = time.monotonic()
        if self._last is not None and report.step < recipe.steps:
            seconds, step = self._last
            pace = (now - seconds) / (report.step - step)
            left = f"  about {_time(pace * (recipe.steps - report.step))} left"
        self._last = now, report.step
        say(
            f"step {report.step:>6,} of {recipe.steps:,}  loss {report.loss:.3f}  held out "
            f"{report.held_out:.3f}  right {report.right:.1%}{left}\n"
            f"    {on_one_line(report.sample)}"
        )


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
