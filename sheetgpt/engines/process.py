"""Running a spreadsheet program to its end, with nothing of it left behind."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from sheetgpt.errors import EngineError

#: Bounds of a run, in seconds: a start, and for each MB of the (compressed) workbook. GPT-2
#: small is 750 MB and takes LibreOffice under two minutes; the rest is for slow, busy machines.
STARTING, PER_MEGABYTE = 300.0, 4.0

#: The point as decimal separator and UTF-8 file names, wherever the program runs.
_LOCALE = {"LC_ALL": "C.UTF-8"}


def patience(path: Path) -> float:
    """How many seconds a program may take for this workbook before it counts as hung."""
    return STARTING + PER_MEGABYTE * path.stat().st_size / 1e6


def run(
    program: str, command: Sequence[str], seconds: float, environment: Mapping[str, str]
) -> None:
    """Run a command in a process group of its own, and end the whole group with it.

    The group also ends on a timeout, an error and Ctrl-C, since soffice starts processes of
    its own. `environment` is set on top of this process's. Raises EngineError, with the last
    line that the command wrote, if it fails or takes longer than `seconds`.
    """
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        env={**os.environ, **_LOCALE, **environment},
        start_new_session=True,
    ) as process:
        try:
            _, complaint = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            raise EngineError(
                f"{program} was stopped after {seconds:.0f} seconds without a result. Close "
                "other programs and try again, or check the workbook with another engine."
            ) from None
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    if process.returncode != 0:
        lines = complaint.strip().splitlines() or ["(it gave no reason)"]
        raise EngineError(
            f"{program} could not recalculate the workbook (exit code {process.returncode}): "
            f"{lines[-1]}"
        )
