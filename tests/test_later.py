"""Jobs for a second thread: their order, what they raise, and how many may wait."""

from __future__ import annotations

import threading

import pytest

from sheetgpt.later import Later


def test_jobs_are_done_in_order_by_the_end() -> None:
    done: list[int] = []
    with Later(3) as later:
        for number in range(100):
            later.do(done.append, number)
    assert done == [*range(100)]


def test_only_so_many_wait() -> None:
    begun = threading.Semaphore(0)
    go = threading.Event()

    def job() -> None:
        begun.release()
        go.wait(10)

    with Later(2) as later:
        for _ in range(2):
            later.do(job)
        third = threading.Thread(target=later.do, args=(job,))
        third.start()
        assert begun.acquire(timeout=10)
        third.join(0.05)
        assert third.is_alive()
        go.set()
        third.join(10)
        assert not third.is_alive()


@pytest.mark.parametrize("more", [0, 5], ids=["at the end", "on the way"])
def test_what_a_job_raises_is_raised(more: int) -> None:
    done: list[int] = []

    def fail() -> None:
        raise OSError("no space")

    def run() -> None:
        with Later(2) as later:
            later.do(fail)
            for number in range(more):
                later.do(done.append, number)

    with pytest.raises(OSError, match="no space"):
        run()
    assert len(done) <= 2


def test_a_block_that_fails_drops_what_has_not_begun() -> None:
    done: list[int] = []
    begun, go = threading.Event(), threading.Event()

    def slow() -> None:
        begun.set()
        go.wait(10)

    def fail(later: Later) -> None:
        later.do(slow)
        later.do(done.append, 1)
        begun.wait(10)
        threading.Timer(0.05, go.set).start()
        raise KeyError("block")

    with pytest.raises(KeyError, match="block"), Later(5) as later:
        fail(later)
    assert done == []
