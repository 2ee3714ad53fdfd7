"""Jobs for a second thread, which does them one after the other while the first goes on.

It helps where the jobs let go of Python's lock for most of their time: compressing, writing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Self, TypeVarTuple, Unpack

Given = TypeVarTuple("Given")


class Later:
    """Does jobs in the order in which they are given, of which only so many may wait.

    Used in a `with` statement, whose end waits for them; when its block fails, those that have not
    begun are dropped.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._thread = ThreadPoolExecutor(1)
        self._jobs: deque[Future[object]] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self.wait()
        finally:
            self._thread.shutdown(cancel_futures=True)

    def do(self, job: Callable[[Unpack[Given]], object], *given: *Given) -> None:
        """Have a job done; raises what one before it has raised, once there is no more room."""
        self._jobs.append(self._thread.submit(job, *given))
        self.wait(self._most)

    def wait(self, most: int = 0) -> None:
        """Wait until at most so many jobs do; raises what one of the others has raised."""
        while len(self._jobs) > most:
            self._jobs.popleft().result()
