"""The command `sheetgpt`: all commands together."""

from __future__ import annotations

import io
import os
import signal
import sys
import threading
from importlib import import_module
from typing import Any, NoReturn

import click

from sheetgpt._version import VERSION
from sheetgpt.cli.options import debug
from sheetgpt.cli.running import safe_streams, say
from sheetgpt.last_resort import BAD_INPUT, INTERRUPTED, TERMINATED, last_resort
from sheetgpt.printed import printable

#: The commands, and the module of this folder that each is in.
VERBS = {
    "build": "workbooks", "verify": "checks", "page": "pages", "serve": "pages",
    "prompt": "workbooks", "predict": "texts", "generate": "texts", "train": "training",
    "lessons": "lessons", "plan": "workbooks", "cache": "workbooks", "doctor": "health",
}  # fmt: skip


class _Commands(click.Group):
    """A group that imports the command that is asked for: all take a tenth of a second more.

    Every failure has a sentence and an exit code of its own. click would turn some into others:
    the end of a file into Ctrl-C, a closed pipe into 1.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        module = import_module(f"sheetgpt.cli.{VERBS[cmd_name]}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Abort, click.exceptions.Exit):
            raise
        except Exception as error:
            sys.exit(last_resort(error))


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="sheetgpt")
@debug
def cli() -> None:
    """GPT-2 as a spreadsheet: every step a live formula.

    \b
    Examples:
      sheetgpt build                            write output/tiny.xlsx
      sheetgpt verify output/tiny.xlsx          recompute it and compare every step
      sheetgpt page output/tiny.xlsx --open     the workbook as a web page
      sheetgpt serve output/tiny.xlsx           the page from a server on this machine
      sheetgpt prompt output/tiny.xlsx "She"    put another prompt into it
      sheetgpt predict "Ice is cold. Steam is"  the next tokens, without a workbook
      sheetgpt generate "The capital of"        a text that goes on, without a workbook
      sheetgpt train my.txt -o my-model         a model of your own, to build
      sheetgpt lessons                          write output/lessons.xlsx: how a model learns
      sheetgpt plan --model gpt2                how large a workbook will be
      sheetgpt cache                            what is kept of large models
      sheetgpt doctor                           what a report of a fault needs

    \b
    The Tab key completes commands and options after this (or zsh_source, fish_source):
      eval "$(_SHEETGPT_COMPLETE=bash_source sheetgpt)"
    """


def all_commands() -> dict[str, click.Command]:
    """Every command by its name, in the order in which a reader meets them."""
    context = click.Context(cli)
    found = {name: cli.get_command(context, name) for name in VERBS}
    return {name: command for name, command in found.items() if command is not None}


def main() -> None:
    """The console command."""
    safe_streams()
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _stop)  # engines and temporary files end with this program
    try:
        code = _run()
    except SystemExit as stop:
        code = stop.code
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError as error:  # a full disk, or a program that reads no further
        code = last_resort(error)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def _run() -> str | int | None:
    try:
        code: int | None = cli.main(prog_name="sheetgpt", standalone_mode=False)
    except click.exceptions.Abort:
        say("Stopped.")
        return INTERRUPTED
    except click.ClickException as error:
        shown = io.StringIO()
        error.show(shown)
        click.echo(printable(shown.getvalue()), err=True, nl=False)
        return BAD_INPUT
    return code


def _stop(*_: object) -> NoReturn:
    sys.exit(TERMINATED)
