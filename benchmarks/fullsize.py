"""A workbook of GPT-2 small's full width and vocabulary: build, prompt, verify in each program."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import Run, python, table
from sheetgpt.engines import ENGINES
from sheetgpt.errors import EngineMissing
from sheetgpt.estimate import Estimate, Storage, estimate, shape_of, size
from sheetgpt.making import LARGE_CAPACITY
from sheetgpt.template.load import load_templates

PROMPT, OTHER_PROMPT = "Mike is quick. He moves", "The capital of France is"
LAST_LINES = 3


@dataclass(frozen=True)
class Row:
    """One line of the table; `file` is the size of what was written, 0 for nothing."""

    name: str
    run: Run
    file: int = 0


def compare(model: Path, folder: Path) -> str:
    """The Markdown table of all runs on a model; the workbooks go into `folder`."""
    bare, named = folder / "bare.xlsx", folder / "named.xlsx"
    capacity = LARGE_CAPACITY
    room = [
        *("--tokens", str(capacity.tokens), "--chars", str(capacity.chars)),
        *("--rounds", str(capacity.rounds)),
    ]
    rows = [_sheetgpt("predict: NumPy alone", "predict", PROMPT, "--model", str(model))]
    for name, path, refs in (
        ("build", bare, "--no-cell-refs"),
        ("build, cells with names", named, "--cell-refs"),
    ):
        build = ["build", PROMPT, "--model", str(model), *room, "--compression", "fast", refs]
        rows.append(_sheetgpt(name, *build, "-o", str(path), file=path))
    other = folder / "other.xlsx"
    rows.append(
        _sheetgpt(
            "prompt: another text", "prompt", str(bare), OTHER_PROMPT, "-o", str(other), file=other
        )
    )
    rows.append(_sheetgpt("verify in Python", "verify", str(bare)))
    missing = []
    for engine, file in (("libreoffice", bare), ("ironcalc", named)):
        try:
            version = ENGINES[engine].available()
        except EngineMissing as error:
            missing.append(f"{error}")
            continue
        rows.append(_sheetgpt(f"verify in {version}", "verify", str(file), "--engine", engine))
    shape = shape_of(model)
    title = (
        f"### {shape.n_weights:,} weights, {capacity.tokens} tokens, {capacity.chars} characters"
    )
    foretold = estimate(shape, capacity, load_templates(), Storage("float32", "fast", refs=False))
    return "\n\n".join([title, _table(rows), _foretold(foretold, rows[1]), _VERIFY, *missing])


_VERIFY = (
    "Every `verify` also reads the file and computes all steps in NumPy; the rest is the program's "
    "loading and recalculation."
)


def _sheetgpt(name: str, *arguments: str, file: Path | None = None) -> Row:
    run = python("-m", "sheetgpt", *arguments)
    return Row(name, run, file.stat().st_size if file else 0)


def _table(rows: list[Row]) -> str:
    heads = ["run", "CPU s", "wall s", "peak memory", "file"]
    return table(
        heads,
        [
            [
                row.name,
                f"{row.run.cpu:.1f}",
                f"{row.run.wall:.1f}",
                size(row.run.memory),
                size(row.file) if row.file else "",
            ]
            for row in rows
        ],
    )


def _foretold(foretold: Estimate, build: Row) -> str:
    """What `sheetgpt plan` said of the build beside what it became."""
    tabs = re.search(r"([\d,]+) formulas", build.run.output)
    formulas = tabs[1] if tabs else "?"
    return (
        f"`plan` said of the first build: {foretold.formulas:,} formulas (it has {formulas}), "
        f"{size(foretold.file_size)}, {foretold.build_seconds:.0f} s, "
        f"{size(foretold.build_memory)}; LibreOffice: {foretold.office_seconds:.0f} s, "
        f"{size(foretold.office_memory)}."
    )
