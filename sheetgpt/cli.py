"""The command line: parse, call one verb, print.

Results go to stdout, progress and messages to stderr. Exit codes: 0 fine, 1 the workbook
disagrees with GPT-2, 2 bad input or usage.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from sheetgpt import cache as weight_cache
from sheetgpt import show, verbs
from sheetgpt._version import VERSION
from sheetgpt.engines import ENGINES
from sheetgpt.errors import EngineMissing, SheetgptError
from sheetgpt.estimate import refusal
from sheetgpt.precision import PRECISIONS

DISAGREES, BAD_INPUT = 1, 2

_stderr = Console(stderr=True, highlight=False)


class _Examples(click.Command):
    """A command whose help leads with examples."""

    def __init__(self, *args: Any, examples: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.examples = examples

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Examples"):
            for line in self.examples.strip().splitlines():
                formatter.write(f"{'':>{formatter.current_indent}}{line.strip()}\n")
        super().format_help_text(ctx, formatter)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="sheetgpt")
def cli() -> None:
    """GPT-2 as a spreadsheet: every step a live formula.

    \b
    Examples:
      sheetgpt build                            write output/tiny.xlsx
      sheetgpt verify output/tiny.xlsx          recompute it and compare every step
      sheetgpt prompt output/tiny.xlsx "She"    put another prompt into it
      sheetgpt predict "Ice is cold. Steam is"  the next tokens, without a workbook
      sheetgpt plan --model gpt2                how large a workbook will be
      sheetgpt cache                            what is kept of large models
    """


_model = click.option(
    "--model",
    default=verbs.DEFAULT_MODEL,
    show_default=True,
    metavar="MODEL",
    help="tiny (embedded), a folder in Hugging Face layout, a hub id such as gpt2, or a folder or "
    "zip of parameter CSV files.",
)
_revision = click.option("--revision", help="Branch, tag or commit of a hub model.")
_count = click.IntRange(min=1)
_tokens = click.option("--tokens", type=_count, help="Room for this many tokens.")
_chars = click.option("--chars", type=_count, help="Room for this many characters.")
_rounds = click.option("--rounds", type=_count, help="Merge rounds of the tokeniser.")
_precision = click.option(
    "--precision",
    type=click.Choice(PRECISIONS),
    default="float32",
    show_default=True,
    help="How exactly the weights are stored.",
)
_compression = click.option(
    "--compression",
    type=click.Choice(["fast", "small"]),
    help="Quick to write, or a small file; small unless the model is large.",
)
_cell_refs = click.option(
    "--cell-refs/--no-cell-refs",
    default=None,
    help="Whether each weight's cell carries its name; yes unless the model is large.",
)


def _together(*options: Callable[..., Any]) -> Callable[..., Any]:
    """Several options as one decorator; the help lists them in this order."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


_room = _together(_tokens, _chars, _rounds)
#: What decides on the content and the size of a workbook, for `build` and `plan` alike.
_workbook = _together(_model, _revision, _room, _precision, _compression, _cell_refs)
_templates = click.option(
    "--templates", type=click.Path(path_type=Path), help="Your copy of the templates."
)
_force = click.option("--force", is_flag=True, help="Replace the file if it exists.")
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")


@cli.command(
    cls=_Examples,
    examples="""
    sheetgpt build
    sheetgpt build "Ice is cold. Steam is" -o ice.xlsx
    sheetgpt build "Once upon a time" --model my-gpt2-folder --tokens 16 --chars 64
    """,
)
@click.argument("prompt", default=verbs.DEFAULT_PROMPT)
@_workbook
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The file to write.")
@_templates
@_force
def build(prompt: str, model: str, output: Path | None, **options: Any) -> None:
    """Write the workbook of a model, to output/NAME.xlsx unless told otherwise."""
    built = _run(partial(verbs.build, prompt, model, output, **options))
    click.echo(show.built(built))


@cli.command(
    cls=_Examples,
    examples="""
    sheetgpt plan --model gpt2
    sheetgpt plan --model gpt2-xl --precision int8
    sheetgpt plan --model my-gpt2-folder --tokens 64 --json
    """,
)
@_workbook
@_templates
@_json
def plan(model: str, as_json: bool, **options: Any) -> None:
    """Say how large and slow a workbook will be and what opens it; no weight is read."""
    planned = _run(partial(verbs.plan, model, **options))
    problem = refusal(planned)
    if as_json:
        _print_json(show.plan_json(planned, problem))
    else:
        Console(highlight=False, width=show.WIDTH).print(show.plan(planned))
    if problem:
        _stderr.print(f"Error: {problem}", markup=False, soft_wrap=True)
        sys.exit(BAD_INPUT)


@cli.command(
    cls=_Examples,
    examples="""
    sheetgpt prompt output/tiny.xlsx "Two plus two equals"
    sheetgpt prompt output/gpt2.xlsx "Once upon a time" -o once.xlsx
    sheetgpt prompt output/gpt2.xlsx "The quick brown fox" --tokens 24 --chars 96
    """,
)
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("prompt")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Leave FILE as it is.")
@_room
@_templates
@_force
def prompt(file: Path, prompt: str, output: Path | None, **options: Any) -> None:
    """Make a built workbook one of another prompt; its weights are copied, not written again."""
    built = _run(partial(verbs.reprompt, file, prompt, output, **options))
    click.echo(show.built(built))


@cli.command(cls=_Examples, examples="sheetgpt cache\nsheetgpt cache --clear")
@click.option("--clear", is_flag=True, help="Remove everything in it.")
def cache(clear: bool) -> None:
    """The folder that keeps the weights of large models ready for `prompt`.

    SHEETGPT_CACHE names another folder, SHEETGPT_CACHE_GB how large it may grow (0: no cache).
    """
    if clear:
        click.echo(f"Removed {weight_cache.clear() / 1e9:.2f} GB from {weight_cache.folder()}.")
        return
    size, limit = weight_cache.size() / 1e9, weight_cache.limit() / 1e9
    click.echo(f"{weight_cache.folder()} takes {size:.2f} GB of at most {limit:.2f} GB.")


@cli.command(
    cls=_Examples,
    examples="""
    sheetgpt verify output/tiny.xlsx
    sheetgpt verify output/tiny.xlsx --prompt "Two plus two equals" --engine all
    sheetgpt verify output/tiny.xlsx --json
    """,
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--prompt", help="Another prompt for this run; the file is not touched.")
@click.option(
    "--engine",
    default=verbs.PYTHON_ENGINE,
    show_default=True,
    type=click.Choice([verbs.PYTHON_ENGINE, *ENGINES, "all"]),
    help="The program that recalculates the workbook.",
)
@click.option("--model", help="Also compare the weights in the file with this model's.")
@_revision
@_json
def verify(
    file: Path,
    prompt: str | None,
    engine: str,
    model: str | None,
    revision: str | None,
    as_json: bool,
) -> None:
    """Recalculate a workbook and compare every step with GPT-2 in NumPy."""
    engines = [verbs.PYTHON_ENGINE, *ENGINES] if engine == "all" else [engine]
    reports, missing = [], False
    verb = partial(verbs.verify, file, prompt, model=model, revision=revision)
    for name in engines:
        if len(engines) > 1 and name in ENGINES and (lack := _lacks(name)):
            _stderr.print(f"Error: {lack}", markup=False, soft_wrap=True)
            missing = True
            continue
        report = _run(partial(verb, name))
        reports.append(report)
        if not as_json:
            Console(highlight=False, width=show.WIDTH).print(show.report(report))
    if as_json:
        documents = [show.report_json(report) for report in reports]
        _print_json(documents if engine == "all" else documents[0])
    if not all(report.ok for report in reports):
        sys.exit(DISAGREES)
    if missing:
        sys.exit(BAD_INPUT)


def _lacks(engine: str) -> str | None:
    """The sentence about a program that is not installed, None if it is."""
    try:
        ENGINES[engine].available()
    except EngineMissing as error:
        return str(error)
    return None


@cli.command(
    cls=_Examples,
    examples="""
    sheetgpt predict "Mike is quick. He moves"
    sheetgpt predict "The capital of France is" --top 3
    sheetgpt predict "Two plus two equals" --json
    """,
)
@click.argument("prompt")
@_model
@_revision
@click.option("--top", default=10, show_default=True, type=click.IntRange(min=1), metavar="K")
@_json
def predict(prompt: str, model: str, revision: str | None, top: int, as_json: bool) -> None:
    """The most likely next tokens of a prompt, by GPT-2 in NumPy alone."""
    prediction = _run(partial(verbs.predict, prompt, model, top, revision=revision))
    if as_json:
        _print_json(show.prediction_json(prompt, prediction))
    else:
        Console(highlight=False, width=show.WIDTH).print(show.prediction(prompt, prediction))


def _run(verb: Callable[..., Any]) -> Any:
    """Call a verb with progress on stderr; turn its errors into a sentence and exit code 2."""
    try:
        if not _stderr.is_terminal:
            return verb(progress=lambda text: _stderr.print(f"{text} ...", soft_wrap=True))
        with _stderr.status("Starting") as status:
            return verb(progress=lambda text: status.update(f"{text} ..."))
    except SheetgptError as error:
        _stderr.print(f"Error: {error}", markup=False, soft_wrap=True)
        sys.exit(BAD_INPUT)


def _print_json(document: object) -> None:
    click.echo(json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False))


def main() -> None:
    """The console command."""
    try:
        cli.main(prog_name="sheetgpt", standalone_mode=False)
    except click.exceptions.Abort:
        _stderr.print("Stopped.")
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(BAD_INPUT)
