"""Imports run one way, as CONTRIBUTING.md says: its table against the code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "sheetgpt"
FILES = {path.relative_to(PACKAGE).as_posix(): path for path in PACKAGE.rglob("*.py")}


def imported(path: Path) -> Iterator[str]:
    """The files of sheetgpt that a file imports from, types and late imports included."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            whole = node.module or ""
            for name in node.names:  # a module of a package, or something in a module
                yield from file_of(f"{whole}.{name.name}") or file_of(whole)
        elif isinstance(node, ast.Import):
            for name in node.names:
                yield from file_of(name.name)


def file_of(module: str) -> set[str]:
    """The file of a module, as a set of one or none."""
    place = "/".join(module.split(".")[1:])
    files = {f"{place}.py", f"{place}/__init__.py"} if module.startswith("sheetgpt.") else set()
    return files & FILES.keys()


def row_of(file: str, rows: list[list[str]]) -> int:
    """The row of the table that holds a file or its folder."""
    head, slash, _ = file.partition("/")
    (row,) = (i for i, units in enumerate(rows) if head + slash in units)
    return row


def test_the_table_of_modules() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = text.partition("| folder or module | job |")[2].partition("\n\n")[0]
    rows = [re.findall(r"`([\w./]+)`", line.split("|")[1]) for line in table.splitlines()[2:]]
    wrong = [
        f"{file} imports {other}"
        for file, path in FILES.items()
        for other in imported(path)
        if row_of(other, rows) > row_of(file, rows)
    ]
    assert wrong == []
    units = {unit for row in rows for unit in row}
    assert {file.partition("/")[0] + "/" * ("/" in file) for file in FILES} == units


def test_no_module_imports_itself_by_a_detour() -> None:
    graph = {file: {*imported(path)} - {file} for file, path in FILES.items()}
    order = [*TopologicalSorter(graph).static_order()]  # raises CycleError
    assert order.index("errors.py") < order.index("cli/group.py")
