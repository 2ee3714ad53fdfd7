"""How every command calls its verb and prints: streams, progress, errors, exit codes."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any, NoReturn

import click
from rich.console import Console, RenderableType

from sheetgpt.cli import options, show
from sheetgpt.commands.progress import quiet
from sheetgpt.errors import SheetgptError, TemplateError
from sheetgpt.last_resort import BAD_INPUT
from sheetgpt.printed import in_json, on_one_line, printable

DISAGREES = 1


class _Console(Console):
    """rich's, which would end the program with the code for a workbook that disagrees."""

    def on_broken_pipe(self) -> NoReturn:
        raise BrokenPipeError


_stderr = _Console(stderr=True, highlight=False)


def run(
    verb: Callable[..., Any],
    *,
    spinner: bool = True,
    passed: type[SheetgptError] | tuple[()] = (),
) -> Any:
    """Call a verb with progress on stderr; turn its errors into a sentence and exit code 2.

    A spinner moves in terminals alone; a command that prints meanwhile does without, and --quiet
    leaves all progress out. Errors of the kind `passed` are the caller's.
    """
    try:
        if options.is_quiet():
            return verb(progress=quiet)
        if not (spinner and _stderr.is_terminal):
            return verb(progress=lambda text: say(f"{text} ..."))
        with _stderr.status(
            "Starting", spinner="dots" if _unicode(sys.stderr) else "line"
        ) as status:
            return verb(progress=lambda text: status.update(f"{text} ..."))
    except passed:
        raise
    except TemplateError as error:  # a list, one problem a line
        say(f"Error: {error}")
        sys.exit(BAD_INPUT)
    except SheetgptError as error:
        complain(str(error))
        sys.exit(BAD_INPUT)


def say(text: str) -> None:
    """A message on stderr."""
    _stderr.print(printable(text), markup=False, soft_wrap=True)


def complain(problem: str) -> None:
    """An error on stderr, on one line whatever names it holds."""
    say(f"Error: {on_one_line(problem)}")


def tell(text: str) -> None:
    """A result as text on stdout."""
    click.echo(printable(text))


def show_result(result: RenderableType) -> None:
    """A table on stdout."""
    _Console(highlight=False, width=show.WIDTH).print(result, crop=False)


def print_json(document: object) -> None:
    """A document for programs on stdout; what is not safe to print stands there as \\uXXXX."""
    text = json.dumps(document, ensure_ascii=not _unicode(sys.stdout), indent=2, allow_nan=False)
    click.echo(in_json(text))


def stream(text: str) -> None:
    """A piece of text on stdout, as it is; a terminal gets nothing that would move its cursor."""
    terminal = sys.stdout is not None and sys.stdout.isatty()
    click.echo(printable(text) if terminal else text, nl=False)


def safe_streams() -> None:
    """Let no character that the encoding of a stream lacks end the program."""
    for stream_ in (sys.stdout, sys.stderr):
        if hasattr(stream_, "reconfigure"):
            stream_.reconfigure(errors="backslashreplace")


def _unicode(stream_: Any) -> bool:
    return "utf" in (getattr(stream_, "encoding", None) or "").lower()
