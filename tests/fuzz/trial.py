"""One run of the command in a process of its own, and what it took."""

from __future__ import annotations

import os
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sheetgpt import cli
from sheetgpt.xlsx.limits import MEMORY, SECONDS

#: Seconds after which a run is ended: more than any may take on a busy machine.
PATIENCE = 600


@dataclass(frozen=True)
class Trial:
    """A run: its exit code (None: ended by `PATIENCE`), output, CPU seconds, bytes of memory."""

    code: int | None
    out: str
    err: str
    seconds: float
    memory: int

    @property
    def fault(self) -> str:
        """What is wrong with how it ended, "" if nothing is."""
        if self.code not in (0, 1, 2):
            return f"exit code {self.code}"
        if "Traceback" in self.err:
            return "a traceback"
        if self.code == 2 and not self.err.strip():
            return "no sentence"
        if self.seconds > SECONDS:
            return f"{self.seconds:.0f} s"
        return f"{self.memory / 1e9:.1f} GB" if self.memory > MEMORY else ""


def run(arguments: Sequence[str]) -> Trial:
    """`sheetgpt` with these arguments in a copy of this process, which has all libraries loaded."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if child == 0:
            _child(arguments, out.fileno(), err.fileno())
        status, usage = _wait(child)
        texts = []
        for stream in (out, err):
            stream.seek(0)
            texts.append(stream.read().decode(errors="replace"))
    code = None if status is None else os.waitstatus_to_exitcode(status)
    seconds = usage.ru_utime + usage.ru_stime
    return Trial(code, texts[0], texts[1], seconds, usage.ru_maxrss * 1024)


def _child(arguments: Sequence[str], out: int, err: int) -> None:
    os.setsid()
    os.dup2(out, 1)
    os.dup2(err, 2)
    sys.argv = ["sheetgpt", *arguments]
    code: object = 99  # neither a verdict nor a sentence
    try:
        cli.main()
    except SystemExit as stop:
        code = stop.code or 0
    finally:
        os._exit(code if isinstance(code, int) else 99)


def _wait(child: int) -> tuple[int | None, resource.struct_rusage]:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        done, status, usage = os.wait4(child, os.WNOHANG)
        if done:
            return status, usage
        time.sleep(0.005)
    os.killpg(child, signal.SIGKILL)
    _, _, usage = os.wait4(child, 0)
    return None, usage


def keep(folder: Path, name: str, data: bytes) -> Path:
    """Write an input that found something."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(data)
    return path
