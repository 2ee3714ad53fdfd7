"""What the commands have in common: their help and the options that several of them take."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from sheetgpt.checkpoint.precision import PRECISIONS
from sheetgpt.commands.options import COMPRESSIONS, DEFAULT_MODEL
from sheetgpt.last_resort import DEBUG

#: `last_resort` reads it from the command line, since it must work when no command does.
debug = click.option(
    DEBUG,
    is_flag=True,
    expose_value=False,
    help="Show where a fault of sheetgpt itself happens.",
)


#: Where a context keeps whether --quiet was given.
_QUIET = "sheetgpt.quiet"


def _hush(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    ctx.meta[_QUIET] = value


def is_quiet() -> bool:
    """Whether the command that runs was told to show no progress."""
    ctx = click.get_current_context(silent=True)
    return bool(ctx and ctx.meta.get(_QUIET))


quiet = click.option(
    "-q",
    "--quiet",
    is_flag=True,
    expose_value=False,
    callback=_hush,
    help="Show no progress: results and errors alone.",
)
#: What a command ends with, for the help of each.
EXITS = (
    "0 fine; 1 a workbook disagrees (verify alone); 2 bad input or usage; 3 a fault of sheetgpt; "
    "130 stopped by Ctrl-C."
)


class Examples(click.Command):
    """A command whose help leads with examples and ends with the exit codes."""

    def __init__(self, *args: Any, examples: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.examples = examples

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Examples"):
            for line in self.examples.strip().splitlines():
                formatter.write(f"{'':>{formatter.current_indent}}{line.strip()}\n")
        super().format_help_text(ctx, formatter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_epilog(ctx, formatter)
        with formatter.section("Exit codes"):
            formatter.write_text(EXITS)


def command(examples: str) -> Callable[[Callable[..., None]], click.Command]:
    """A command with examples, one on each line, as a decorator."""

    def decorate(function: Callable[..., None]) -> click.Command:
        return click.command(cls=Examples, examples=examples)(quiet(debug(function)))

    return decorate


def together(*options: Callable[..., Any]) -> Callable[..., Any]:
    """Several options as one decorator; the help lists them in this order."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


COUNT = click.IntRange(min=1)
PATH = click.Path(path_type=Path)

model = click.option(
    "--model",
    default=DEFAULT_MODEL,
    show_default=True,
    metavar="MODEL",
    help="tiny (embedded), a folder in Hugging Face layout, a hub id such as gpt2, or a folder or "
    "zip of parameter CSV files.",
)
revision = click.option("--revision", help="Branch, tag or commit of a hub model.")
room = together(
    click.option("--tokens", type=COUNT, help="Room for this many tokens."),
    click.option("--chars", type=COUNT, help="Room for this many characters."),
    click.option("--rounds", type=COUNT, help="Merge rounds of the tokeniser."),
)
storage = together(
    click.option(
        "--precision",
        type=click.Choice(PRECISIONS),
        default="float32",
        show_default=True,
        help="How exactly the weights are stored.",
    ),
    click.option(
        "--compression",
        type=click.Choice(COMPRESSIONS),
        help="Quick to write, or a small file; small unless the model is large.",
    ),
    click.option(
        "--cell-refs/--no-cell-refs",
        default=None,
        help="Whether each weight's cell carries its name; yes unless the model is large.",
    ),
)
special_tokens = click.option(
    "--special-tokens",
    is_flag=True,
    help="Cut tokens such as <|endoftext|> out of the prompt whole, not read them as text.",
)
without = click.option(
    "--without",
    metavar="NAMES",
    help="Parts to leave out, with commas between, as `plan` lists them; none for all of it.",
)
#: What decides on the content and the size of a workbook, for `build` and `plan` alike.
workbook = together(model, revision, room, storage, without, special_tokens)


def _pairs(_: click.Context, option: click.Parameter, values: Sequence[str]) -> dict[str, str]:
    """`NAME=VALUE`, each as an entry; the value may hold anything."""
    pairs = [value.partition("=") for value in values]
    if bad := [name for name, equals, _ in pairs if not (name and equals)]:
        raise click.BadParameter(f"{bad[0]!r} is not NAME=VALUE", param=option)
    return {name.strip(): value for name, _, value in pairs}


settings = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    callback=_pairs,
    help="Put a value into an input cell, such as temperature=0.7; may be repeated.",
)
templates = click.option("--templates", type=PATH, help="Your copy of the templates.")
force = click.option("--force", is_flag=True, help="Replace the file if it exists.")
trust = click.option(
    "--trust", is_flag=True, help="Read a file of any size: you know where it comes from."
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
