"""The commands that need no workbook: GPT-2 in NumPy goes on with a text."""

from __future__ import annotations

from functools import partial
from typing import Any

import click

import sheetgpt as sg
from sheetgpt.cli import options, show
from sheetgpt.cli.running import print_json, run, say, show_result, stream


@options.command("""
    sheetgpt predict "Mike is quick. He moves"
    sheetgpt predict "The capital of France is" --top 3
    sheetgpt predict "Two plus two equals" --json
    """)
@click.argument("prompt")
@options.model
@options.revision
@click.option(
    "--top",
    default=10,
    show_default=True,
    type=options.COUNT,
    metavar="K",
    help="How many tokens to list.",
)
@options.special_tokens
@options.as_json
def predict(prompt: str, model: str, top: int, as_json: bool, **choices: Any) -> None:
    """The most likely next tokens of a prompt, by GPT-2 in NumPy alone."""
    prediction = run(partial(sg.predict, prompt, model, top, **choices))
    if as_json:
        print_json(show.prediction_json(prompt, prediction))
    else:
        show_result(show.prediction(prompt, prediction))


@options.command("""
    sheetgpt generate "Mike is quick. He moves"
    sheetgpt generate "The capital of" -n 40 --temperature 0.8 --top-k 40 --top-p 0.95 --seed 7
    sheetgpt generate "Two plus two" -n 3 --temperature 0 --workbook four.xlsx
    """)
@click.argument("prompt")
@click.option("-n", "n", default=20, show_default=True, type=options.COUNT, help="Tokens to add.")
@click.option(
    "--temperature",
    default=1.0,
    show_default=True,
    help="0: always the likeliest token. 1: as often as the model says. More: bolder.",
)
@click.option(
    "--top-k", default=0, show_default=True, help="Draw from the K likeliest tokens; 0: from all."
)
@click.option(
    "--top-p",
    default=1.0,
    show_default=True,
    help="Draw from the likeliest tokens that have this share together.",
)
@click.option("--stop", multiple=True, metavar="TEXT", help="End after this text; can be repeated.")
@click.option("--sentence", is_flag=True, help="End after . ! or ?, the first that comes.")
@click.option("--seed", type=click.IntRange(min=0), help="The same seed gives the same text again.")
@options.model
@options.revision
@options.special_tokens
@click.option("--workbook", type=options.PATH, help="Then write the workbook of the whole text.")
@options.force
@options.as_json
def generate(prompt: str, model: str, as_json: bool, **choices: Any) -> None:
    """Go on with a prompt, token by token, by GPT-2 in NumPy alone.

    The text alone goes to stdout, as it comes; the seed and the workbook are named on stderr.
    """
    verb = partial(sg.generate, prompt, model, **choices)
    if as_json:
        print_json(show.generated_json(run(verb)))
        return
    generated = run(partial(verb, on_text=stream), spinner=False)
    if note := show.ended(generated):
        say(note)
    if generated.workbook:
        say(show.built(generated.workbook))
