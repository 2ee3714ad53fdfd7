"""What formulas ask for is known before they are computed."""

from __future__ import annotations

import re
import signal
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from sheetgpt.book import Book, Formula, Sheet
from sheetgpt.book.area import Area
from sheetgpt.commands import watch
from sheetgpt.errors import EvaluationError, InputError
from sheetgpt.evaluator.groups import take_apart
from sheetgpt.evaluator.work import Most, require_modest

MOST = Most(area=1_000, array=1_000, steps=10_000)


def book_of(*texts: str) -> Book:
    formulas = [Formula(row, 0, text, array=True) for row, text in enumerate(texts)]
    sheet = Sheet("s", np.full((100, 100), 1.0), formulas=formulas)
    return Book({"s": sheet}, {"x": Area("s", 0, 1, 30, 30)})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("SUM(x)", None),
        ("TRUE()+_xlfn.UNICODE(B1)", None),
        ("B1+007", "s!A1 cannot be parsed."),
        ("FACT(170)", "s!A1 uses FACT, which no workbook of sheetgpt does."),
        ('IF(1,REPT("a",9),WEBSERVICE("x"))', "uses REPT, "),
        ("_xlfn.SEQUENCE(9,9)", "uses SEQUENCE, "),
        ("SUM(B1:CV100)", "refers to 100 x 99 cells, more than a file may"),
        ("SUM(B1:B100*B1:CV1)", "makes an array of 9,900 cells"),
        ("SUM(MMULT(B1:B100,B1:CV1))", "makes an array of 9,900 cells"),
        ("SUM(IF(TRANSPOSE(B1:AZ1)>0,B1:AZ1,0))", "makes an array of 2,601 cells"),
        ("+".join(["SUM(x)"] * 12), "and those before it take more steps than a file may"),
        ("+".join(["1"] * 4000), "is nested too deeply"),
    ],
)
def test_one_formula(text: str, words: str | None) -> None:
    apart = take_apart(book_of(text))
    if words is None:
        require_modest(apart, MOST)
        return
    with pytest.raises(EvaluationError, match=re.escape(words)):
        require_modest(apart, MOST)
    require_modest(apart, MOST, sheets=[])


def test_all_formulas_together() -> None:
    require_modest(take_apart(book_of(*["SUM(x)"] * 11)), MOST)
    with pytest.raises(EvaluationError, match="s!A1 and those before it take more steps"):
        require_modest(take_apart(book_of(*["SUM(x)"] * 12)), MOST)


def burn(seconds: float) -> None:
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def test_a_watch_ends_what_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    before = signal.getsignal(signal.SIGPROF)
    monkeypatch.setattr(watch, "LATE", 0.2)
    with (
        pytest.raises(InputError, match=r"What a\.xlsx asks for takes more than .* give --trust"),
        watch.watched(Path("a.xlsx"), trust=False),
    ):
        burn(30)
    with watch.watched(Path("a.xlsx"), trust=True):
        burn(0.5)
    assert (signal.getsignal(signal.SIGPROF), signal.getitimer(signal.ITIMER_PROF)) == (
        before,
        (0.0, 0.0),
    )


def test_a_watch_ends_what_takes_too_much_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "ALARM", 1)
    monkeypatch.setattr(watch, "_memory", iter([1, 1, 3, 3, 3, 3]).__next__)
    with (
        pytest.raises(InputError, match=r"takes more than 1\.5 GB of memory"),
        watch.watched(Path("a.xlsx"), trust=False),
    ):
        burn(30)


def test_another_thread_is_not_watched() -> None:
    done: list[bool] = []

    def run() -> None:
        with watch.watched(Path("a.xlsx"), trust=False):
            done.append(signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert done == [True]
