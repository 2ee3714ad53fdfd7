"""The commands that show a workbook as a web page."""

from __future__ import annotations

import shlex
import webbrowser
from functools import partial
from pathlib import Path

import click

from sheetgpt.cli import options
from sheetgpt.cli.running import run, tell
from sheetgpt.commands.page import Page
from sheetgpt.commands.page import page as make_page
from sheetgpt.commands.serve import serve as serve_page
from sheetgpt.printed import on_one_line


@options.command("""
    sheetgpt page output/tiny.xlsx --open
    sheetgpt page output/gpt2.xlsx -o gpt2-page --trust
    """)
@click.argument("file", type=options.PATH)
@click.option("-o", "--output", type=options.PATH, help="A file.html, or a folder.")
@click.option("--open", "open_", is_flag=True, help="Show it in the browser.")
@options.force
@options.trust
def page(file: Path, output: Path | None, open_: bool, force: bool, trust: bool) -> None:
    """Write a workbook as a web page that computes by itself, with nothing installed.

    One file; for large models a folder with the page and the file of its numbers.
    """
    made: Page = run(partial(make_page, file, output, force=force, trust=trust))
    what = "a folder with" if made.folder else "one file of"
    tell(f"Wrote {on_one_line(made.path)} ({what} {made.size / 1e6:.1f} MB, {made.tabs} tabs, "
         f"{made.formulas:,} formulas).")  # fmt: skip
    if open_:
        webbrowser.open(made.path.resolve().as_uri())
    elif made.folder:
        tell(f"Open it, or run: sheetgpt serve {on_one_line(shlex.quote(str(file)))}")


@options.command("""
    sheetgpt serve output/tiny.xlsx
    sheetgpt serve output/gpt2.xlsx --port 8000 --trust
    """)
@click.argument("file", type=options.PATH)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="A free one unless given.")
@options.trust
def serve(file: Path, port: int, trust: bool) -> None:
    """Show the page of a workbook from a server that only this machine reaches."""

    def ready(address: str) -> None:
        tell(address)
        webbrowser.open(address)

    run(partial(serve_page, file, port, ready=ready, trust=trust), spinner=False)
