"""The page's own evaluator, in an installed browser without a window, or else in node.

The browser gets its work from a server on this machine that lives as long as the run, and sends
back the values: no driver is needed, and nothing reaches a network.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import accumulate
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from sheetgpt.book import Book, CellError
from sheetgpt.book.area import Area
from sheetgpt.engines.process import patience, said
from sheetgpt.engines.program import Program
from sheetgpt.engines.values import area_values
from sheetgpt.errors import EngineError, EngineMissing, EvaluationError, InputError
from sheetgpt.page.bundle import BUILT
from sheetgpt.xlsx.limits import TRUSTED
from sheetgpt.xlsx.read import read

if TYPE_CHECKING:
    from sheetgpt.engines.browser_work import Changes, Work

#: It computes what the page was given and opens no files.
PROGRAM = Program("Browser", cell_memory=12, opens_files=False)

#: Browsers by what starts them, the best known first.
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "microsoft-edge")
FIREFOX = ("firefox-esr", "firefox")
#: A browser that does its work and nothing else, in a profile of its own.
CHROMIUM_OPTIONS = (
    "--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-extensions",
    "--disable-dev-shm-usage", "--hide-scrollbars",
)  # fmt: skip
#: The name of one program to use, in place of the first that is installed.
CHOICE = "SHEETGPT_BROWSER"


def available() -> str:
    """The program and its version; EngineMissing if there is none."""
    program = _program()
    version = said(Path(program).name, [program, "--version"]).splitlines()[-1:]
    return f"Node {version[0]}" if Path(program).name == "node" else version[0]


def recalculate(path: Path, areas: Mapping[str, Area]) -> dict[str, np.ndarray]:
    """Compute the workbook by the page's evaluator; see `sheetgpt.engines.Engine`."""
    try:
        book = read(path, limits=TRUSTED)  # it has been accepted before
        (values,) = recalculate_each(book, [{}], areas, seconds=patience(path))
    except (InputError, EvaluationError) as error:
        raise EngineError(f"The page cannot use {path}: {error}") from error
    return values


def recalculate_each(
    book: Book,
    tasks: Sequence[Changes],
    areas: Mapping[str, Area],
    seconds: float,
    *,
    fast: bool = True,
) -> list[dict[str, np.ndarray]]:
    """The values of some areas after each of some changes, which do not add up.

    `fast` multiplies matrices in WebAssembly, as the page of a folder does; else in JavaScript, as
    the page of one file does.

    Raises EngineMissing without a browser or node, EngineError for a failed run, and what `Work`
    raises for areas and formulas.
    """
    from sheetgpt.engines.browser_work import Work  # noqa: PLC0415  # with a server and the page

    program = _program()
    with TemporaryDirectory(prefix="sheetgpt-", ignore_cleanup_errors=True) as folder:
        work = Work(book, tasks, [*areas.values()], Path(folder), fast=fast)
        found = _run(program, Path(folder), work, seconds)
    return [dict(zip(areas, _arrays(body, [*areas.values()]), strict=True)) for body in found]


def _arrays(body: bytes, areas: Sequence[Area]) -> Iterator[np.ndarray]:
    """The values of all areas, as `recalculate.js` packs them."""
    ends = [*accumulate((area.rows * area.cols for area in areas), initial=0)]
    numbers = np.frombuffer(body, "<f8", ends[-1])
    others: list[dict[tuple[int, int], str | bool]] = [{} for _ in areas]
    for area, place, value in json.loads(body[numbers.nbytes :]):
        at = divmod(place, areas[area].cols)
        others[area][at] = CellError(value[0]) if isinstance(value, list) else value
    for area, start, end, held in zip(areas, ends, ends[1:], others, strict=False):
        yield area_values(numbers[start:end].reshape(area.rows, area.cols), held)


def _run(program: str, folder: Path, work: Work, seconds: float) -> list[bytes]:
    """Run the program until all values are there; raises EngineError if that does not happen."""
    name = Path(program).name
    with (
        work.serving() as server,
        (folder / "complaints").open("w+") as complaints,
        subprocess.Popen(
            _command(program, folder, server),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=complaints,
            env={**os.environ, "HOME": str(folder), "TMPDIR": str(folder)},
            start_new_session=True,
        ) as process,
    ):
        try:
            end = time.monotonic() + seconds
            while not work.ended.wait(0.1):
                if time.monotonic() > end:
                    raise EngineError(
                        f"{name} was stopped after {seconds:.0f} seconds without a result. Close "
                        "other programs and try again, or check the workbook with another engine."
                    )
                if process.poll() not in (None, 0):
                    break
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if not work.ended.is_set():
            complaints.seek(0)
            lines = complaints.read().strip().splitlines() or ["(it gave no reason)"]
            raise EngineError(f"{name} ended with exit code {process.returncode}: {lines[-1]}")
    if work.problem is not None:
        raise EngineError(f"The page cannot compute the workbook: {work.problem}")
    return work.values


def _command(program: str, folder: Path, server: str) -> list[str]:
    name = Path(program).name
    if name == "node":
        script = str(BUILT / "recalculate.js")
        start = f"globalThis.sheetgptServer = {server!r}; require({script!r});"
        return [program, "--max-old-space-size=4096", "-e", start]
    profile = folder / "profile"
    profile.mkdir()
    if name in FIREFOX:
        return [program, "--headless", "--no-remote", "--profile", str(profile), f"{server}/"]
    root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    return [program, *CHROMIUM_OPTIONS, *root, f"--user-data-dir={profile}", f"{server}/"]


def _program() -> str:
    """What starts a browser or node."""
    chosen = os.environ.get(CHOICE)
    candidates = [chosen] if chosen else [*CHROMIUM, *FIREFOX, "node"]
    for candidate in candidates:
        if found := shutil.which(candidate):
            return found
    what = f"{CHOICE} names {chosen}, which is not there" if chosen else "There is no browser"
    raise EngineMissing(
        f"{what}: `apt install chromium` or Chrome, Edge or Firefox, or node from nodejs.org."
    )
