"""One run of a program: its processor time, its wall time and its peak memory."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass

#: ru_maxrss counts in this many bytes: getrusage(2) of Linux and of macOS.
RSS_UNIT = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True)
class Run:
    """What a run took, the processes that it started and waited for included.

    `cpu` (user and system) and `wall` in seconds; `memory`, the peak of the largest process, in
    bytes; `output` is what it printed.
    """

    cpu: float
    wall: float
    memory: int
    output: str


def python(*arguments: str) -> Run:
    """Run this Python with arguments such as `-m sheetgpt build`; see `run`."""
    return run([sys.executable, *arguments])


def run(command: Sequence[str]) -> Run:
    """Run a command to its end; raises RuntimeError with its last words if it fails."""
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as words:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stderr=words)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        words.seek(0)
        text = output.read()
        if process.returncode:
            last = (text + words.read()).strip()[-500:]
            raise RuntimeError(f"{' '.join(command)} failed ({process.returncode}): {last}")
    cpu = usage.ru_utime + usage.ru_stime
    return Run(cpu, wall, usage.ru_maxrss * RSS_UNIT, text)


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table: the first column to the left, the others to the right."""
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
