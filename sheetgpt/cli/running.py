"""How every command calls its verb and prints: streams, progress, errors, exit codes."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import click
from rich.console import Console, RenderableType

from sheetgpt.cli import show
from sheetgpt.errors import SheetgptError

DISAGREES, BAD_INPUT = 1, 2

_stderr = Console(stderr=True, highlight=False)


def run(
    verb: Callable[..., Any],
    *,
    spinner: bool = True,
    passed: type[SheetgptError] | tuple[()] = (),
) -> Any:
    """Call a verb with progress on stderr; turn its errors into a sentence and exit code 2.

    A spinner moves in terminals alone; a command that prints meanwhile does without. Errors of
    the kind `passed` are the caller's.
    """
    try:
        if not (spinner and _stderr.is_terminal):
            return verb(progress=lambda text: say(f"{text} ..."))
        with _stderr.status("Starting") as status:
            return verb(progress=lambda text: status.update(f"{text} ..."))
    except passed:
        raise
    except SheetgptError as error:
        complain(str(error))
        sys.exit(BAD_INPUT)


def say(text: str) -> None:
    """A message on stderr."""
    _stderr.print(text, markup=False, soft_wrap=True)


def complain(problem: str) -> None:
    """An error on stderr."""
    say(f"Error: {problem}")


def show_result(result: RenderableType) -> None:
    """A table on stdout."""
    Console(highlight=False, width=show.WIDTH).print(result)


def print_json(document: object) -> None:
    """A document for programs on stdout."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False))
