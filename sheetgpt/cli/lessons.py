"""The command that writes the workbook of lessons."""

from __future__ import annotations

import shlex
from functools import partial
from typing import Any

import click

import sheetgpt as sg
from sheetgpt import BuiltLessons
from sheetgpt.cli import options
from sheetgpt.cli.running import print_json, run

LESSONS_SCHEMA = "sheetgpt.lessons/1"


@options.command("""
    sheetgpt lessons
    sheetgpt lessons --only neuron -o neuron.xlsx --force
    sheetgpt lessons --only tokens -o tokens.xlsx
    """)
@click.option("-o", "--output", type=options.PATH, help="The file to write.")
@click.option("--only", metavar="NAMES", help="Some of the lessons, with commas between.")
@options.templates
@options.force
@options.as_json
def lessons(as_json: bool, **choices: Any) -> None:
    """Write a workbook of lessons on how a model learns, to output/lessons.xlsx.

    The lesson tokens, on GPT-2's own vocabulary, is large: it is written only by --only tokens.
    """
    built = run(partial(sg.lessons, **choices))
    if as_json:
        print_json(_json(built))
    else:
        click.echo(_told(built))


def _told(result: BuiltLessons) -> str:
    """Where the file is, what is in it and what to run next."""
    count = len(result.lessons)
    lines = [
        f"Wrote {result.path} ({result.size / 1e6:.1f} MB, {count} lesson{'s' * (count > 1)}, "
        f"{result.formulas:,} formulas)."
    ]
    lines += [
        f"The lesson {name} is a workbook of its own: sheetgpt lessons --only {name} -o {name}.xlsx"
        for name in result.apart
    ]
    path = shlex.quote(str(result.path))
    lines.append(f"Open it in a spreadsheet program, or run: sheetgpt verify {path}")
    return "\n".join(lines)


def _json(result: BuiltLessons) -> dict[str, Any]:
    """The document `sheetgpt.lessons/1`."""
    return {
        "schema": LESSONS_SCHEMA,
        "workbook": str(result.path),
        "bytes": result.size,
        "tabs": result.tabs,
        "formulas": result.formulas,
        "lessons": list(result.lessons),
        "apart": list(result.apart),
    }
