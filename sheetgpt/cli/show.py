"""Results as text, tables and JSON; nothing here computes."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from sheetgpt import Built, Generated
from sheetgpt.estimate import Estimate, Option, size
from sheetgpt.printed import on_one_line
from sheetgpt.reference import Ended, Prediction
from sheetgpt.xlsx.limits import STRANGERS

#: Tables are as wide as this whatever the terminal, so that a log reads like a screen.
WIDTH = 110
PREDICT_SCHEMA = "sheetgpt.predict/1"
PLAN_SCHEMA, GENERATE_SCHEMA = "sheetgpt.plan/1", "sheetgpt.generate/1"
BUILD_SCHEMA = "sheetgpt.build/1"
#: Memory below this is not worth a word, in bytes.
WORTH_SAYING = 500e6


def built(result: Built) -> str:
    """Where the file is, how large, what it predicts and what to run next."""
    lines = [
        f"Wrote {on_one_line(result.path)} ({result.size / 1e6:.1f} MB, {result.tabs} tabs, "
        f"{result.formulas:,} formulas)."
    ]
    if result.next_token is None:
        lines.append(f"It gives no next token: {on_one_line(result.status)}")
    else:
        lines.append(
            f"{result.n_tokens} tokens; the next one is {result.next_token!r} "
            f"(id {result.next_token_id}, probability {result.probability:.2%})."
        )
    lines += result.notes
    path = on_one_line(shlex.quote(str(result.path)))
    trust = " --trust" * (result.size > STRANGERS.file)
    lines.append(f"Open it in a spreadsheet program, or run: sheetgpt verify {path}{trust}")
    return "\n".join(lines)


def built_json(result: Built) -> dict[str, Any]:
    """The document `sheetgpt.build/1`; without an answer its fields are null."""
    return {
        "schema": BUILD_SCHEMA,
        "workbook": str(result.path),
        "bytes": result.size,
        "tabs": result.tabs,
        "formulas": result.formulas,
        "n_tokens": result.n_tokens,
        "status": result.status,
        "next_token_id": result.next_token_id,
        "next_token": result.next_token,
        "probability": result.probability,
        "notes": list(result.notes),
    }


def prediction(prompt: str, result: Prediction) -> RenderableType:
    """The prompt's token ids, then one row per candidate."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("next token")
    for head in ("id", "logit", "probability"):
        table.add_column(head, justify="right")
    for score in result.top:
        table.add_row(
            Text(repr(score.text)),
            str(score.token_id),
            f"{score.logit:.4f}",
            f"{score.probability:.2%}",
        )
    return Group(Text(f"{prompt!r} is {len(result.token_ids)} tokens: {result.token_ids}"), table)


def prediction_json(prompt: str, result: Prediction) -> dict[str, Any]:
    """The document `sheetgpt.predict/1`."""
    return {
        "schema": PREDICT_SCHEMA,
        "prompt": prompt,
        "token_ids": result.token_ids,
        "top": [
            {
                "id": score.token_id,
                "token": score.text,
                "logit": score.logit,
                "probability": score.probability,
            }
            for score in result.top
        ],
    }


def ended(result: Generated) -> str | None:
    """Why a text is shorter than was asked for, None if it is not."""
    reasons = {
        Ended.END_OF_TEXT: f"the model said that the text is at its end ({result.end})",
        Ended.STOP: f"it said {result.end!r}",
        Ended.SENTENCE: f"the sentence is at its end ({result.end})",
        Ended.POSITIONS: "the model knows no further position",
    }
    if result.ended not in reasons:
        return None
    count = len(result.tokens)
    return f"Ended after {count} token{'s' * (count != 1)}: {reasons[result.ended]}."


def generated_json(result: Generated) -> dict[str, Any]:
    """The document `sheetgpt.generate/1`; `text` is the prompt and all that was added."""
    return {
        "schema": GENERATE_SCHEMA,
        "prompt": result.prompt,
        "token_ids": result.token_ids,
        "settings": asdict(result.sampling),
        "seed": result.seed,
        "tokens": [
            {
                "id": token.token_id,
                "text": token.text,
                "probability": token.probability,
                "random": token.random,
            }
            for token in result.tokens
        ],
        "text": result.text,
        "ended": result.ended,
        "end": result.end,
        "workbook": str(result.workbook.path) if result.workbook else None,
    }


def plan(result: Estimate) -> RenderableType:
    """What to expect of a workbook, then one row per program and one per optional part."""
    facts = Table(box=None, pad_edge=False, show_header=False)
    facts.add_column(style="bold")
    facts.add_column(overflow="fold")
    room, storage = result.capacity, result.storage
    names = "with" if storage.cell_refs else "without"
    for fact, value in (
        ("model", f"{result.shape.name}, {result.weights:,} weights"),
        ("room for", f"{room.tokens} tokens, {room.chars} characters, {room.rounds} merge rounds"),
        ("stored as", f"{storage.precision}, {storage.compression}, {names} cell names"),
        ("cells", f"{result.cells:,} on {len(result.tabs)} tabs"),
        ("formulas", f"{result.formulas:,}, which fill {result.values:,} of the cells"),
        ("file", f"about {size(result.file_size)}"),
        ("to build", _cost(result.build_seconds, result.build_memory)),
        ("in LibreOffice", _cost(result.office_seconds, result.office_memory)),
    ):
        facts.add_row(fact, Text(value))
    programs = Table(box=None, pad_edge=False, header_style="bold")
    for head in ("program", "opens it", ""):
        programs.add_column(head)
    for program in result.programs:
        answer = Text("yes", "green") if program.ok else Text("NO", "bold red")
        needs = f"needs about {size(program.memory)}" if program.memory >= WORTH_SAYING else ""
        programs.add_row(program.program, answer, program.problem or needs)
    return Group(facts, Text(), programs, Text(), _parts(result.options))


def _parts(options: Sequence[Option]) -> Table:
    """What each optional part adds, to decide on `--without`."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("optional part")
    table.add_column("built")
    for head in ("formulas", "cells", "file", "LibreOffice"):
        table.add_column(head, justify="right")
    for option in options:
        table.add_row(
            option.name,
            "no" if option.left_out else "yes",
            f"{option.formulas:,}",
            f"{option.cells:,}",
            size(option.file_size),
            f"{option.office_seconds:.1f} s",
        )
    return table


def _cost(seconds: float, memory: float) -> str:
    return f"about {seconds:,.0f} s of processor time, {size(memory)} of memory"


def plan_json(result: Estimate, problem: str | None) -> dict[str, Any]:
    """The document `sheetgpt.plan/1`; `problem` says why it cannot be a workbook, or is null."""
    return {
        "schema": PLAN_SCHEMA,
        "model": result.shape.name,
        "config": result.shape.config.sizes_and_options,
        "capacity": asdict(result.capacity),
        "storage": asdict(result.storage),
        "tabs": len(result.tabs),
        "cells": result.cells,
        "weights": result.weights,
        "formulas": result.formulas,
        "values": result.values,
        "file_bytes": round(result.file_size),
        "build": {"seconds": result.build_seconds, "bytes": round(result.build_memory)},
        "libreoffice": {"seconds": result.office_seconds, "bytes": round(result.office_memory)},
        "programs": [
            {"name": program.program, "ok": program.ok, "problem": program.problem or None}
            for program in result.programs
        ],
        "parts": [
            {
                "name": option.name,
                "left_out": option.left_out,
                "formulas": option.formulas,
                "cells": option.cells,
                "file_bytes": round(option.file_size),
                "build_seconds": option.build_seconds,
                "libreoffice_seconds": option.office_seconds,
            }
            for option in result.options
        ],
        "problem": problem,
    }
