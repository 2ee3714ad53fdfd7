"""python -m tests.fuzz --minutes N [--seed S] [--keep FOLDER]: what was tried and what came of it.

Exit code 1 if anything was found: a traceback, an exit code that is none, more time or memory than
is promised. The inputs are kept in FOLDER.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
import warnings
from collections import Counter, defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests")]
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from checkpoints import SHORT_VOCABULARY, make_checkpoint  # noqa: E402

import sheetgpt  # noqa: E402
from fuzz.inputs import CHANGES, DAMAGE, PROMPTS, SETTINGS, damaged_checkpoint  # noqa: E402
from fuzz.mutate import mutated, read_parts  # noqa: E402
from fuzz.trial import Trial, keep, run  # noqa: E402
from sheetgpt.checkpoint import Config  # noqa: E402

#: Of so many rounds one each goes to prompts, settings and checkpoints, the rest to workbooks.
ROUND = 10


class Tally:
    """Inputs by kind: verdicts, the worst memory and time, and what was found."""

    def __init__(self) -> None:
        self.codes: dict[str, Counter[int | None]] = defaultdict(Counter)
        self.memory: dict[str, int] = defaultdict(int)
        self.seconds: dict[str, float] = defaultdict(float)
        self.found: list[str] = []

    def add(self, kind: str, trial: Trial, what: str, most: float | None = None) -> bool:
        """Count a run; whether something is wrong with it."""
        self.codes[kind][trial.code] += 1
        self.memory[kind] = max(self.memory[kind], trial.memory)
        self.seconds[kind] = max(self.seconds[kind], trial.seconds)
        fault = trial.fault or (f"{trial.seconds:.1f} s" if most and trial.seconds > most else "")
        if fault:
            said = " ".join(trial.err.split())[-300:]
            self.found.append(f"{kind}: {fault}: {what}: {said}")
            print(self.found[-1], flush=True)
        return bool(fault)

    def show(self) -> None:
        """The table of all kinds."""
        heads = ("tried", "exit 0", "exit 1", "exit 2", "others", "MB", "seconds")
        print(f"{'kind':24}" + "".join(f"{head:>8}" for head in heads))
        for kind, codes in sorted(self.codes.items()):
            tried = codes.total()
            known = [codes[code] for code in (0, 1, 2)]
            row = "".join(f"{count:8,}" for count in (tried, *known, tried - sum(known)))
            print(f"{kind:24}{row}{self.memory[kind] / 1e6:8,.0f}{self.seconds[kind]:8.1f}")
        total = sum(codes.total() for codes in self.codes.values())
        print(f"{total:,} inputs, {len(self.found)} found something.", flush=True)


def main() -> None:
    """Try inputs until the time is over."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=Path("fuzz-found"))
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # hypothesis minds `example` outside of a shell
    tally, end = Tally(), time.monotonic() + 60 * options.minutes
    with tempfile.TemporaryDirectory(prefix="sheetgpt-fuzz-") as temporary:
        folder = Path(temporary)
        os.environ["SHEETGPT_CACHE"] = str(folder / "cache")
        model = make_checkpoint(folder / "model", Config(1, 2, 8, 16, SHORT_VOCABULARY, 1e-5, 32))
        book = folder / "book.xlsx"
        sheetgpt.build("Ice is", model, book, tokens=4, chars=12, rounds=4, without="switches,why,"
                       "neighbours,positions,residual,lens,attention,sampling")  # fmt: skip
        sheetgpt.verify(book)  # loads what a verify needs
        data = book.read_bytes()
        number = options.seed * 1_000_000
        while time.monotonic() < end:
            number += 1
            if number % ROUND < 3:
                _try_inputs(number % ROUND, number, folder, model, tally)
            else:
                _try_workbook(number, data, folder, options.keep, tally)
    tally.show()
    sys.exit(bool(tally.found))


def _try_workbook(number: int, data: bytes, folder: Path, kept: Path, tally: Tally) -> None:
    kinds, new = mutated(read_parts(data), number)
    path = folder / "mutated.xlsx"
    path.write_bytes(new)
    trial = run(["verify", str(path)])
    for kind in kinds.split("+"):
        if tally.add(f"workbook: {kind}", trial, f"seed {number}"):
            keep(kept, f"{number}.xlsx", new)


def _try_inputs(which: int, number: int, folder: Path, model: Path, tally: Tally) -> None:
    if which == 0:
        prompt = os.fsdecode(PROMPTS.example().encode("utf-8", "replace"))
        trial = run(["verify", str(folder / "book.xlsx"), "--prompt", prompt])
        tally.add("prompt", trial, repr(prompt))
        if trial.code == 1:
            tally.found.append(f"prompt: a wrong answer for {prompt!r}")
            print(tally.found[-1], flush=True)
    elif which == 1:
        setting = SETTINGS.example()
        arguments = ["build", "Ice", "--model", str(model), "--tokens", "2", "--chars", "4"]
        target = str(folder / "set.xlsx")
        tally.add("setting", run([*arguments, "--set", setting, "-o", target, "--force"]), setting)
    else:
        changes, damage = CHANGES.example(), DAMAGE.example()
        copy = damaged_checkpoint(model, folder / f"model-{number}", changes, damage)
        trial = run(["predict", "Ice", "--model", str(copy), "--top", "1"])
        tally.add("checkpoint", trial, f"{changes} {damage}", most=2.0)


if __name__ == "__main__":
    main()
