"""python -m tests.fuzz.formulas [--count 500] [--seed S]: formulas with one token changed.

Each in a workbook of its own. Prints how many `verify` finds by comparing formulas, and how many it
would find by comparing values alone. Exit code 1 if comparing formulas misses one.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests")]
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from checkpoints import SHORT_VOCABULARY, make_checkpoint  # noqa: E402

import sheetgpt  # noqa: E402
from sheetgpt.book import Book  # noqa: E402
from sheetgpt.book.sheets import Formula  # noqa: E402
from sheetgpt.checkpoint import Config  # noqa: E402
from sheetgpt.errors import SheetgptError  # noqa: E402
from sheetgpt.evaluator import Recalculation  # noqa: E402
from sheetgpt.template.load import load_templates  # noqa: E402
from sheetgpt.verification.cells import compare_formulas  # noqa: E402
from sheetgpt.verification.compare import compare  # noqa: E402
from sheetgpt.verification.expected import Expectation, expect  # noqa: E402
from sheetgpt.verification.inputs import parts_in  # noqa: E402
from sheetgpt.verification.model import capacity_in, model_in  # noqa: E402
from sheetgpt.verification.replan import planned  # noqa: E402
from sheetgpt.verification.stored import compare_stored, formula_areas  # noqa: E402
from sheetgpt.xlsx.read import read  # noqa: E402

#: The tokens that are changed: texts, functions, names and references, numbers, operators.
TOKEN = re.compile(
    r'"(?:[^"]|"")*"|[A-Z]+(?=\()|\$?[A-Z]{1,3}\$?\d+|[a-z_][\w.]*|\d+(?:\.\d+)?|<>|<=|>=|[-+*/<>=^&]'
)
OTHERS = [
    *(("+", "-"), ("*", "/"), ("<", "<="), (">", ">="), ("=", "<>"), ("^", "*"), ("&", "+")),
    *(("SUM", "MAX"), ("MIN", "MAX"), ("AND", "OR"), ("EXP", "SQRT"), ("MATCH", "INDEX")),
    *(("LARGE", "SUM"), ("ROUND", "INT"), ("LEN", "UNICODE"), ("IFERROR", "IF")),
]
OTHER = {old: new for one, two in OTHERS for old, new in ((one, two), (two, one))}
PROMPT = "Ice is"


def changed(formula: Formula, names: list[str], random: Random) -> Formula | None:
    """The formula with one token changed, None if there is none to change."""
    tokens = [found for found in TOKEN.finditer(formula.text) if _other(found[0], names, random)]
    if not tokens:
        return None
    token = random.choice(tokens)
    new = _other(token[0], names, random)
    text = f"{formula.text[: token.start()]}{new}{formula.text[token.end() :]}"
    return replace(formula, text=text)


def _other(token: str, names: list[str], random: Random) -> str:
    """Another token of its kind; empty where there is none."""
    if token[0] == '"':
        return f'"{token[1:-1]}x"'
    if token[0].isdigit():
        return f"{float(token) + 1:g}"
    if place := re.fullmatch(r"(\$?[A-Z]+\$?)(\d+)", token):
        return f"{place[1]}{int(place[2]) + random.choice((1, 2, 3))}"
    if token[0].islower() or token[0] == "_":
        return random.choice(names) if token in names else ""
    return OTHER.get(token, "")


def found_by_values(book: Book, expected: Expectation) -> str:
    """How computing the book and comparing values finds that it is wrong: empty if it does not."""
    try:
        fresh = Recalculation(book).evaluate()
        values = {step.name: fresh.get(book.names[step.name]) for step in expected.steps}
    except SheetgptError:
        return "refused"
    if not all(step.ok for step in compare(expected.steps, values, book.names)):
        return "steps"
    stored = compare_stored(book, fresh, formula_areas(book), own=True)
    return "" if stored.result.ok and not stored.missing else "cached values"


def main() -> None:
    """Change formulas one at a time and count what finds them."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.formulas")
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    random, found, missed = Random(options.seed), Counter[str](), 0
    with tempfile.TemporaryDirectory(prefix="sheetgpt-fuzz-") as temporary:
        folder = Path(temporary)
        model = make_checkpoint(folder / "model", Config(1, 2, 8, 16, SHORT_VOCABULARY, 1e-5, 32))
        sheetgpt.build(PROMPT, model, folder / "book.xlsx", tokens=4, chars=12, rounds=4)
        book = read(folder / "book.xlsx")
    plan = planned(book, load_templates(None), None)
    expected = expect(model_in(book), PROMPT, capacity_in(book), parts_in(book))
    tabs = [name for name, sheet in book.sheets.items() if sheet.formulas]
    names = [name for name in book.names if re.fullmatch(r"[a-z_][\w.]*", name)]
    while found.total() < options.count:
        tab = random.choice(tabs)
        formulas = [*book.sheets[tab].formulas]
        number = random.randrange(len(formulas))
        other = changed(formulas[number], names, random)
        if other is None:
            continue
        formulas[number] = other
        wrong = replace(
            book, sheets=book.sheets | {tab: replace(book.sheets[tab], formulas=formulas)}
        )
        if compare_formulas(wrong, plan).differing != 1:
            missed += 1
            print(f"Missed: {tab}, {other.text}", flush=True)
        found[found_by_values(wrong, expected) or "nothing"] += 1
    by = ", ".join(f"{count} by {what}" for what, count in found.most_common() if what != "nothing")
    print(f"{found.total()} changed formulas. Comparing formulas found {found.total() - missed}.")
    print(f"Comparing values found {found.total() - found['nothing']}: {by}.")
    sys.exit(bool(missed))


if __name__ == "__main__":
    main()
