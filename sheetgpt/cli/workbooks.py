"""The commands that write workbooks, foretell them, and look after their cache."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Any

import click

import sheetgpt as sg
from sheetgpt.checkpoint import cache as weight_cache
from sheetgpt.cli import options, show
from sheetgpt.cli.running import complain, print_json, run, show_result, tell
from sheetgpt.commands.options import DEFAULT_PROMPT
from sheetgpt.estimate import refusal
from sheetgpt.last_resort import BAD_INPUT


@options.command("""
    sheetgpt build
    sheetgpt build "Ice is cold. Steam is" -o ice.xlsx
    sheetgpt build "Once upon a time" --model my-gpt2-folder --tokens 16 --chars 64
    sheetgpt build --without switches,neighbours --set temperature=0.7 --set random=0.2
    """)
@click.argument("prompt", default=DEFAULT_PROMPT)
@options.workbook
@options.settings
@click.option("-o", "--output", type=options.PATH, help="The file to write.")
@options.templates
@options.force
@options.as_json
def build(prompt: str, model: str, output: Path | None, as_json: bool, **choices: Any) -> None:
    """Write the workbook of a model, to output/NAME.xlsx unless told otherwise."""
    _written(run(partial(sg.build, prompt, model, output, **choices)), as_json)


@options.command("""
    sheetgpt plan --model gpt2
    sheetgpt plan --model gpt2-xl --precision int8
    sheetgpt plan --model my-gpt2-folder --tokens 64 --json
    """)
@options.workbook
@options.templates
@options.as_json
def plan(model: str, as_json: bool, **choices: Any) -> None:
    """Say how large and slow a workbook will be and what opens it; no weight is read."""
    planned = run(partial(sg.plan, model, **choices))
    problem = refusal(planned)
    if as_json:
        print_json(show.plan_json(planned, problem))
    else:
        show_result(show.plan(planned))
    if problem:
        complain(problem)
        sys.exit(BAD_INPUT)


@options.command("""
    sheetgpt prompt output/tiny.xlsx "Two plus two equals"
    sheetgpt prompt output/gpt2.xlsx "Once upon a time" -o once.xlsx --trust
    sheetgpt prompt output/gpt2.xlsx "The quick brown fox" --tokens 24 --chars 96 --trust
    sheetgpt prompt output/tiny.xlsx "She is" --set switch.0.mlp=0
    """)
@click.argument("file", type=options.PATH)
@click.argument("prompt")
@click.option("-o", "--output", type=options.PATH, help="Leave FILE as it is.")
@options.room
@options.settings
@options.templates
@click.option(
    "--special-tokens/--no-special-tokens",
    default=None,
    help="Whether tokens such as <|endoftext|> are cut out of the prompt; as in FILE unless given.",
)
@options.force
@options.trust
@options.as_json
def prompt(file: Path, prompt: str, output: Path | None, as_json: bool, **choices: Any) -> None:
    """Make a built workbook one of another prompt; its weights are copied, not written again."""
    _written(run(partial(sg.reprompt, file, prompt, output, **choices)), as_json)


def _written(built: sg.Built, as_json: bool) -> None:
    if as_json:
        print_json(show.built_json(built))
    else:
        tell(show.built(built))


@options.command("sheetgpt cache\nsheetgpt cache --clear")
@click.option("--clear", is_flag=True, help="Remove everything in it.")
def cache(clear: bool) -> None:
    """The folder that keeps the weights of large models ready for `prompt`.

    SHEETGPT_CACHE names another folder, SHEETGPT_CACHE_GB how large it may grow (0: no cache).
    """
    if clear:
        tell(f"Removed {weight_cache.clear() / 1e9:.2f} GB from {weight_cache.folder()}.")
        return
    size, limit = weight_cache.size() / 1e9, weight_cache.limit() / 1e9
    tell(f"{weight_cache.folder()} takes {size:.2f} GB of at most {limit:.2f} GB.")
