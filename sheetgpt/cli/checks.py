"""The command that checks a workbook."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import click

import sheetgpt as sg
from sheetgpt.cli import options, show
from sheetgpt.cli.running import DISAGREES, complain, print_json, run, show_result
from sheetgpt.commands.verify import PYTHON_ENGINE
from sheetgpt.engines import ENGINES
from sheetgpt.errors import EngineMissing, EngineTooSmall
from sheetgpt.last_resort import BAD_INPUT


@options.command("""
    sheetgpt verify output/tiny.xlsx
    sheetgpt verify output/tiny.xlsx --prompt "Two plus two equals" --engine all
    sheetgpt verify output/tiny.xlsx --json
    """)
@click.argument("file", type=options.PATH)
@click.option("--prompt", help="Another prompt for this run; the file is not touched.")
@click.option(
    "--engine",
    default=PYTHON_ENGINE,
    show_default=True,
    type=click.Choice([PYTHON_ENGINE, *ENGINES, "all"]),
    help="The program that recalculates the workbook.",
)
@click.option("--model", help="Also compare the weights in the file with this model's.")
@options.revision
@options.trust
@options.special_tokens
@options.as_json
def verify(
    file: Path,
    prompt: str | None,
    engine: str,
    model: str | None,
    revision: str | None,
    trust: bool,
    special_tokens: bool,
    as_json: bool,
) -> None:
    """Recalculate a workbook, of a model or of lessons, and compare every step with NumPy."""
    engines = [PYTHON_ENGINE, *ENGINES] if engine == "all" else [engine]
    reports, missing = [], False
    verb = partial(
        sg.verify,
        file,
        prompt,
        model=model,
        revision=revision,
        trust=trust,
        special_tokens=special_tokens,
    )
    for name in engines:
        if len(engines) > 1 and name in ENGINES and (lack := _lacks(name)):
            complain(lack)
            missing = True
            continue
        try:
            report = run(partial(verb, name), passed=EngineTooSmall if len(engines) > 1 else ())
        except EngineTooSmall as small:
            complain(str(small))
            continue
        reports.append(report)
        if not as_json:
            show_result(show.report(report))
    if as_json:
        documents = [show.report_json(report) for report in reports]
        print_json(documents if engine == "all" else documents[0])
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
