"""Measure sheetgpt against its peers and print Markdown tables; progress goes to stderr.

Processor time and ratios of runs on the same machine are what to look at: wall times depend on
what else it does.
"""

from __future__ import annotations

import os
import platform
import tempfile
from pathlib import Path

import click

from benchmarks import fullsize, writers
from benchmarks.measure import python
from sheetgpt.checkpoint.cache import FOLDER_VARIABLE

QUICK_BLOCKS = 2
MATRIX, QUICK_MATRIX = (2_000, 768), (1_000, 768)


@click.command()
@click.option("--quick", is_flag=True, help="A smaller matrix, and a model of 2 blocks.")
@click.option(
    "--model",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A GPT-2 in a folder, instead of one that is made up in GPT-2 small's shape.",
)
def main(quick: bool, model: Path | None) -> None:
    """Print tables of what sheetgpt and its peers take."""
    click.echo(
        f"## Benchmarks\n\n{platform.platform()}, Python {platform.python_version()}, ", nl=False
    )
    click.echo(f"{os.cpu_count()} cores.\n")
    _say("Writing matrices")
    click.echo(writers.compare(*(QUICK_MATRIX if quick else MATRIX)) + "\n")
    _say("The evaluator and formulas.ExcelModel")
    evaluator = python("-m", "benchmarks.evaluator").output.strip().replace("\n", "; ")
    click.echo(f"### The evaluator on a small workbook\n\n{evaluator}\n")
    with tempfile.TemporaryDirectory(prefix="sheetgpt-") as temporary:
        folder = Path(temporary)
        os.environ[FOLDER_VARIABLE] = str(folder / "cache")  # no help from builds before
        if model is None:
            model = folder / "gpt2-shaped"
            _say("Making up a model")
            blocks = ["--blocks", str(QUICK_BLOCKS)] if quick else []
            python("-m", "benchmarks.checkpoint", str(model), *blocks)
        _say("Building and verifying; this takes minutes")
        click.echo(fullsize.compare(model, folder))


def _say(text: str) -> None:
    click.echo(f"{text} ...", err=True)


if __name__ == "__main__":
    main(prog_name="python -m benchmarks")
