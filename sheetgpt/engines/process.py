"""Running a spreadsheet program to its end, with nothing of it left behind."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from sheetgpt.errors import EngineError

#: Bounds of a run, in seconds: a start, and for each MB of the (compressed) workbook. GPT-2
#: small is 750 MB and takes LibreOffice under two minutes; the rest is for slow, busy machines.
STARTING, PER_MEGABYTE = 300.0, 4.0
#: ... and of the question which version a program is.
ANSWERING = 60.0
#: Bytes of a program's complaints that are looked at.
LAST_WORDS = 4096

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
    with (
        TemporaryFile() as complaints,
        _started(
            program,
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=complaints,
            env={**os.environ, **_LOCALE, **environment},
            start_new_session=True,
        ) as process,
    ):
        try:
            process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            raise EngineError(
                f"{program} was stopped after {seconds:.0f} seconds without a result. Close "
                "other programs and try again, or check the workbook with another engine."
            ) from None
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        size = complaints.seek(0, os.SEEK_END)
        complaints.seek(max(0, size - LAST_WORDS))
        lines = complaints.read().decode(errors="replace").strip().splitlines()
    if process.returncode != 0:
        raise EngineError(
            f"{program} could not recalculate the workbook ({ending(process.returncode)}): "
            f"{lines[-1] if lines else '(it gave no reason)'}"
        )


def ending(code: int) -> str:
    """How a process ended, by its return code: `exit code 1`, `ended by SIGSEGV`."""
    if code >= 0:
        return f"exit code {code}"
    with suppress(ValueError):
        return f"ended by {signal.Signals(-code).name}"
    return f"ended by signal {-code}"


def said(program: str, command: Sequence[str]) -> str:
    """What a program says on its standard output; raises EngineError if that is nothing."""
    try:
        answer = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, check=True, timeout=ANSWERING
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise EngineError(f"{program} does not start: {error}.") from error
    if not (text := answer.stdout.decode(errors="replace").strip()):
        raise EngineError(f"{program} does not say which version it is; install it again.")
    return text


def _started(program: str, command: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(command, **options)
    except OSError as error:
        raise EngineError(f"{program} does not start: {error}.") from error
