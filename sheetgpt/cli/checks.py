"""The command that checks a workbook."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click

import sheetgpt as sg
from sheetgpt.cli import options, show_report
from sheetgpt.cli.running import DISAGREES, complain, print_json, run, show_result
from sheetgpt.commands.progress import Progress
from sheetgpt.commands.recalculation import PYTHON_ENGINE
from sheetgpt.commands.verify import Verification, lines_of
from sheetgpt.engines import ENGINES
from sheetgpt.engines.saved import SAVED
from sheetgpt.errors import EngineMissing, EngineTooSmall
from sheetgpt.last_resort import BAD_INPUT


@options.command("""
    sheetgpt verify output/tiny.xlsx
    sheetgpt verify output/tiny.xlsx --prompt "Two plus two equals" --engine all
    sheetgpt verify output/tiny.xlsx --prompts prompts.txt --model tiny
    sheetgpt verify output/tiny.xlsx --json
    """)
@click.argument("file", type=options.PATH)
@click.option(
    "--prompt",
    "prompts",
    multiple=True,
    help="Another prompt for this run; can be repeated; the file is not touched.",
)
@click.option("--prompts", "list_file", type=options.PATH, help="A text file, one prompt a line.")
@click.option(
    "--engine",
    default=PYTHON_ENGINE,
    show_default=True,
    type=click.Choice([PYTHON_ENGINE, *ENGINES, SAVED, "all"]),
    help="The program that recalculates the workbook; saved: compare the values in the file.",
)
@click.option("--model", help="Also compare the weights in the file with this model's.")
@options.revision
@options.templates
@options.trust
@options.special_tokens
@click.option("--values-only", is_flag=True, help="Compare the values of steps and nothing else.")
@options.as_json
def verify(
    file: Path,
    prompts: tuple[str, ...],
    list_file: Path | None,
    engine: str,
    as_json: bool,
    **choices: Any,
) -> None:
    """Compare a workbook, of a model or of lessons, with what it must be and with NumPy."""
    engines = [PYTHON_ENGINE, *ENGINES] if engine == "all" else [engine]
    reports, missing = [], False
    # Typed ones first; without any, the file's own.
    verb = partial(_verify, Verification(file, **choices), prompts, list_file)
    for name in engines:
        if len(engines) > 1 and name in ENGINES and (lack := _lacks(name)):
            complain(lack)
            missing = True
            continue
        try:
            found = run(partial(verb, name), passed=EngineTooSmall if len(engines) > 1 else ())
        except EngineTooSmall as small:
            complain(str(small))
            continue
        reports += found
        if not as_json:
            show_result(show_report.reports(found))
    if as_json:
        documents = [show_report.report_json(report) for report in reports]
        several = engine == "all" or len(prompts) > 1 or list_file is not None
        print_json(documents if several else documents[0])
    if not all(report.ok for report in reports):
        sys.exit(DISAGREES)
    if missing:
        sys.exit(BAD_INPUT)


def _verify(
    verification: Verification,
    prompts: Sequence[str],
    list_file: Path | None,
    engine: str,
    *,
    progress: Progress,
) -> list[sg.Report]:
    listed = [] if list_file is None else lines_of(list_file)
    asked = [*prompts, *listed]
    return verification.reports(asked or [None], engine, progress)


def _lacks(engine: str) -> str | None:
    """The sentence about a program that is not installed, None if it is."""
    try:
        ENGINES[engine].available()
    except EngineMissing as error:
        return str(error)
    return None
