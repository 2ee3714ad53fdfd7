"""The bound on memory and processor time that holds whatever a file from a stranger does.

The limits on what a file may ask for come first and say what is wrong with it. This is for what
nobody thought of: while it watches, a clock of processor time interrupts the main thread.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sheetgpt.errors import InputError
from sheetgpt.xlsx.limits import MEMORY, SECONDS, TRUST

#: Seconds of processor time between two looks; the memory and the time at which to stop, so that
#: starting, ending, and what happens between two looks stay within the bounds, too.
INTERVAL, ALARM, LATE = 0.1, MEMORY * 4 // 5, SECONDS * 0.9
_STATM = Path("/proc/self/statm")


@contextmanager
def watched(path: Path, trust: bool) -> Iterator[None]:
    """Raise InputError when the block takes more time or memory than checking the file may.

    Not where the file is trusted, in another thread than the main one, or on a system without
    such clocks (Windows). The time of other processes, such as an engine's, does not count.
    """
    able = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
    if trust or not able or signal.getitimer(signal.ITIMER_PROF) != (0, 0):
        yield
        return
    start, memory = time.process_time(), _memory()

    def look(*_: object) -> None:
        what = None
        if time.process_time() - start > LATE:
            what = f"{SECONDS:.0f} seconds of processor time"
        elif _memory() > max(ALARM, memory + ALARM // 2):
            what = f"{MEMORY / 1e9:.1f} GB of memory"
        if what:
            signal.setitimer(signal.ITIMER_PROF, 0)
            raise InputError(f"What {path} asks for takes more than {what}. {TRUST}")

    before = signal.signal(signal.SIGPROF, look)
    signal.setitimer(signal.ITIMER_PROF, INTERVAL, INTERVAL)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _memory() -> int:
    """The memory of this process in bytes; 0 where the system does not say."""
    try:
        return int(_STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0
