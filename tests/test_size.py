"""Modules stay small enough to be read at one sitting."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[1]
#: Lines that a module may have.
LIMIT = 300


def test_no_module_is_long() -> None:
    files = [
        path for name in ("sheetgpt", "docs", "benchmarks") for path in (ROOT / name).rglob("*.py")
    ]
    lines = {
        path.relative_to(ROOT).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for path in files
    }
    assert len(lines) > 100
    assert {name: count for name, count in lines.items() if count > LIMIT} == {}
