"""A workbook of GPT-2 small's full width and vocabulary: build, prompt, verify in each program."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import Run, python, table
from sheetgpt.checkpoint import shape_of
from sheetgpt.commands.options import USUAL_CAPACITY
from sheetgpt.engines import ENGINES
from sheetgpt.errors import EngineMissing
from sheetgpt.estimate import Estimate, Storage, estimate, size
from sheetgpt.template.load import load_templates

PROMPT, OTHER_PROMPT = "Mike is quick. He moves", "The capital of France is"


@dataclass(frozen=True)
class Row:
    """One line of the table; `file` is the size of the file that was written, or 0."""

    name: str
    run: Run
    file: int = 0


def compare(model: Path, folder: Path) -> str:
    """The Markdown table of all runs on a model; the workbooks go into `folder`."""
    shape, room = shape_of(model), USUAL_CAPACITY
    foretold = estimate(shape, room, load_templates(), Storage("float32", "fast", cell_refs=False))
    bare, named, other = (folder / f"{name}.xlsx" for name in ("bare", "named", "other"))
    build = [
        *("build", PROMPT, "--model", str(model), "--compression", "fast"),
        *("--tokens", str(room.tokens), "--chars", str(room.chars), "--rounds", str(room.rounds)),
    ]
    rows = [
        _row("predict, NumPy alone", "predict", PROMPT, "--model", str(model)),
        _row("build", *build, "--no-cell-refs", "-o", str(bare), file=bare),
        _row("build with cell names", *build, "--cell-refs", "-o", str(named), file=named),
        _row("prompt", "prompt", str(bare), OTHER_PROMPT, "--trust", "-o", str(other), file=other),
        _row("verify in Python", "verify", str(bare), "--trust"),
    ]
    missing = []
    for engine, file in (("libreoffice", bare), ("ironcalc", named)):
        try:
            program = ENGINES[engine].available()
        except EngineMissing as error:
            missing.append(str(error))
            continue
        rows.append(
            _row(f"verify in {program}", "verify", str(file), "--trust", "--engine", engine)
        )
    title = f"### {shape.n_weights:,} weights, {room.tokens} tokens, {room.chars} characters"
    return "\n\n".join([title, _table(rows), _foretold(foretold, rows[1]), _VERIFY, *missing])


_VERIFY = (
    "Every `verify` also reads the file and computes all steps in NumPy; the rest is the program's "
    "loading and recalculation."
)


def _row(name: str, *arguments: str, file: Path | None = None) -> Row:
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
    counted = re.search(r"([\d,]+) formulas", build.run.output)
    return (
        f"`plan` foretold of the first build: {foretold.formulas:,} formulas "
        f"(there are {counted[1] if counted else 'none'}), {size(foretold.file_size)}, "
        f"{foretold.build_seconds:.0f} s, {size(foretold.build_memory)}; in LibreOffice "
        f"{foretold.office_seconds:.0f} s, {size(foretold.office_memory)}."
    )
