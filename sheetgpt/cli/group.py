"""The command `sheetgpt`: all commands together."""

from __future__ import annotations

import sys

import click

from sheetgpt._version import VERSION
from sheetgpt.cli.checks import verify
from sheetgpt.cli.pages import page, serve
from sheetgpt.cli.running import BAD_INPUT, say
from sheetgpt.cli.texts import generate, predict
from sheetgpt.cli.workbooks import build, cache, plan, prompt

INTERRUPTED = 130


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="sheetgpt")
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
      sheetgpt plan --model gpt2                how large a workbook will be
      sheetgpt cache                            what is kept of large models
    """


for command in (build, verify, page, serve, prompt, predict, generate, plan, cache):
    cli.add_command(command)


def main() -> None:
    """The console command."""
    try:
        cli.main(prog_name="sheetgpt", standalone_mode=False)
    except click.exceptions.Abort:
        say("Stopped.")
        sys.exit(INTERRUPTED)
    except click.ClickException as error:
        error.show()
        sys.exit(BAD_INPUT)
