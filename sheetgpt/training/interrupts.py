"""Ctrl-C and SIGTERM, put off until a step is done and saved, so that none is cut in half."""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Any


class Interrupts:
    """While it is entered, the first signal is noted in `seen`; on leaving it is sent again.

    A second signal interrupts at once. Signals that are ignored stay so, and outside of the main
    thread, which alone gets signals, nothing is changed.
    """

    def __init__(self) -> None:
        self.seen: int | None = None
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Interrupts:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                if signal.getsignal(number) is not signal.SIG_IGN:
                    self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, error: object, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        if self.seen is not None and error is None:
            signal.raise_signal(self.seen)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        if self.seen is not None:
            raise KeyboardInterrupt
        self.seen = number
