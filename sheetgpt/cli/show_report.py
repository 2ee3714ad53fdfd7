"""What verify found out, as a table and as JSON."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from sheetgpt import Report
from sheetgpt.printed import on_one_line
from sheetgpt.verification.compare import StepResult
from sheetgpt.verification.finding import Finding

SCHEMA = "sheetgpt.verify/1"
#: A formula in a sentence has at most as many characters.
MOST_WORDS = 240


def reports(results: Sequence[Report]) -> RenderableType:
    """One report whole; of several prompts the verdicts, and all of the first that is not ok."""
    if len(results) == 1:
        return report(results[0])
    bad = next((result for result in results if not result.ok), None)
    verdicts = [_whole(x) for x in results]
    count = sum(result.ok for result in results)
    last = Text(f"{count} of {len(results)} prompts are right.", "bold")
    return Group(*verdicts, Text(), *((report(bad),) if bad else ()), last, Text())


def report(result: Report) -> RenderableType:
    """The verdict on top, then one row per kind of content and per step."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("step", overflow="fold")
    for head in ("cells", "largest difference", "scaled"):
        table.add_column(head, justify="right")
    table.add_column("where")
    table.add_column("ok")
    for found in result.findings or ():
        differ = "0" if found.ok else f"{found.differing:,} differ"
        table.add_row(
            found.name, f"{found.compared:,}", differ, "", _line(found.where), _yes(found.ok)
        )
    for step in result.steps:
        exact = step.max_abs == 0
        table.add_row(
            _line(step.name),
            f"{step.cells:,}",
            "0" if exact else f"{step.max_abs:.1e}",
            "0" if exact else f"{step.max_scaled:.1e}",
            "" if exact else _line(step.worst_cell),
            _yes(step.ok),
        )
    verdict = _whole(result)
    notes = [_line(note) for note in result.notes]
    if result.own_tabs:
        notes.append(_line(f"Tabs of a reader's own, not compared: {', '.join(result.own_tabs)}."))
    return Group(verdict, table, *notes, verdict, Text())


def _line(text: str, style: str = "") -> Text:
    """A text whatever is in it, on one line."""
    return Text(on_one_line(text), style)


def _whole(result: Report) -> Text:
    """The verdict, whole on its line, however long, for programs that look for it."""
    style = "bold green" if result.ok else "bold red"
    return Text(on_one_line(_verdict(result)), style, no_wrap=True, overflow="ignore")


def _yes(ok: bool) -> Text:
    return Text("yes", "green") if ok else Text("NO", "bold red")


def _verdict(result: Report) -> str:
    prompt = "" if result.lessons else f", prompt {result.prompt!r}"
    head = f"{result.workbook} by {result.engine}{prompt}: "
    return head + " ".join(_sentences(result))


def _sentences(result: Report) -> Iterator[str]:
    """What differs; if nothing does, what agrees."""
    if (found := result.first_difference) is not None:
        yield (
            f"the {found.name} differ from those of such a workbook, first at {found.where}: "
            f"{_short(found.found)} where it must have {_short(found.wanted)}."
        )
    elif not (result.values_only or result.findings is not None):
        yield f"{' '.join(result.notes)} --values-only makes do with them."
    if (bad := result.first_bad) is not None:
        yield (
            f"the first step that differs is {bad.name}, at {bad.worst_cell}: "
            f"{bad.found} where {'NumPy' if result.lessons else 'GPT-2'} has {bad.wanted}."
        )
    elif result.ok and not result.fits:
        yield "the prompt does not fit, and the workbook says so and gives no answer."
    elif result.ok and result.lessons:
        cells, count = sum(step.cells for step in result.steps), len(result.lessons)
        yield (
            f"all {len(result.steps)} steps of {count} lesson{'s' * (count > 1)} agree "
            f"({cells:,} cells)."
        )
    elif result.ok:
        cells = sum(step.cells for step in result.steps)
        yield (
            f"all {len(result.steps)} steps agree ({cells:,} cells). Next token: "
            f"{result.next_token!r} (id {result.next_token_id})."
        )


def _short(text: str) -> str:
    """A text that fits into a sentence."""
    return text if len(text) <= MOST_WORDS else f"{text[: MOST_WORDS - 3]}..."


def report_json(result: Report) -> dict[str, Any]:
    """The document `sheetgpt.verify/1`; a difference that is no number is null."""
    return {
        "schema": SCHEMA,
        "workbook": str(result.workbook),
        **({"lessons": list(result.lessons)} if result.lessons else {}),
        "prompt": result.prompt,
        "engine": result.engine,
        "token_ids": result.token_ids,
        "next_token_id": result.next_token_id,
        "next_token": result.next_token,
        "ok": result.ok,
        "content": None if result.findings is None else [*map(_finding_json, result.findings)],
        "values_only": result.values_only,
        "own_tabs": result.own_tabs,
        "notes": result.notes,
        "steps": [_step_json(step) for step in result.steps],
    }


def _finding_json(found: Finding) -> dict[str, Any]:
    return {**asdict(found), "ok": found.ok}


def _step_json(step: StepResult) -> dict[str, Any]:
    return {
        "name": step.name,
        "cells": step.cells,
        "max_abs": step.max_abs if math.isfinite(step.max_abs) else None,
        "max_scaled": step.max_scaled if math.isfinite(step.max_scaled) else None,
        "worst_cell": step.worst_cell,
        "ok": step.ok,
    }
