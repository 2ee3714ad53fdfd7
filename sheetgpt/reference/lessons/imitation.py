"""Imitation: what follows a piece, with and without examples."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sheetgpt.reference.lessons.marks import (
    Cells,
    Steps,
    judged,
    marked,
    number,
    numbers,
    text,
    texts,
)

INPUTS = (
    *("helping.web", "helping.web_lines", "helping.example", "helping.prompt", "helping.times"),
    "helping.often",
)
#: Pieces in a line, pieces that are written, pieces that are listed; the prompt at the beginning.
SPOTS, TURNS, LISTED, BEFORE = 6, 4, 5, "Name:"
#: In the place of how often examples are needed: none of them answers the prompt.
NO_ANSWER = -1.0


class Place(NamedTuple):
    """A cell of the two tables: its piece, the one before it, whether an example has it."""

    line: int
    piece: str
    before: str
    example: bool


def steps(cells: Cells) -> Steps:
    """What was read, and how both models go on."""
    web, examples = texts(cells, "helping.web"), texts(cells, "helping.example")
    lines, prompt = numbers(cells, "helping.web_lines"), "".join(texts(cells, "helping.prompt"))
    read = [*web, *examples]
    places = [
        Place(
            i // SPOTS + 1,
            piece,
            read[i - 1] if i % SPOTS else "",
            i >= len(web),
        )
        for i, piece in enumerate(read)
    ]
    pairs = np.array([bool(x.piece and x.before) for x in places])
    per_line = np.repeat(lines, SPOTS)
    web_times = np.where(pairs, [*per_line, *[0.0] * len(examples)], 0.0)
    all_times = web_times + number(cells, "helping.times") * (pairs & [x.example for x in places])
    out: Steps = {
        "helping.asked": text(prompt),
        "helping.line": np.array([float(x.line) for x in places]),
        "helping.piece": np.array(read, dtype=object),
        "helping.before": np.array([x.before for x in places], dtype=object),
        "helping.taught": np.array([float(x.example) for x in places]),
        "helping.web_times": web_times,
        "helping.all_times": all_times,
    }
    for name, times in (("raw", web_times), ("taught", all_times)):
        now, said = prompt, [prompt]
        for turn in range(1, TURNS + 1):
            behind, score = follow(places, times, now)
            now = read[int(score.argmax())] if score.max() > 0 else ""
            said.append(now)
            key = f"helping.{name}.{turn}"
            out |= {f"{key}.behind": behind, f"{key}.score": score, key: text(now)}
        out[f"helping.{name}_text"] = text("  ".join(said))
    out |= _listed(places, out)
    out |= _needed(cells, places, prompt, out["helping.raw.1.score"])
    first, second = (out[f"helping.{name}.1"].item() for name in ("raw", "taught"))
    changed = prompt.casefold() != BEFORE.casefold()
    return out | judged("helping.own", changed, bool(prompt and not first and second))


def follow(places: list[Place], times: np.ndarray, now: str) -> tuple[np.ndarray, np.ndarray]:
    """How often each place (N,) stands behind `now`, and how often its piece does anywhere.

    Pieces are compared as formulas do, whatever their case.
    """
    behind = np.where([x.before.casefold() == now.casefold() for x in places], times, 0.0)
    totals: dict[str, float] = {}
    for place, count in zip(places, behind.tolist(), strict=True):
        key = place.piece.casefold()
        totals[key] = totals.get(key, 0.0) + count
    return behind, np.array([totals[x.piece.casefold()] for x in places])


def _listed(places: list[Place], out: Steps) -> Steps:
    """The pieces that follow the prompt most often, with their shares."""
    raw, taught = out["helping.raw.1.score"], out["helping.taught.1.score"]
    seen: set[str] = set()
    key = np.empty(len(places))
    for i, place in enumerate(places):
        first = place.piece.casefold() not in seen
        seen.add(place.piece.casefold())
        key[i] = (raw[i] + taught[i]) * first - (i + 1) / (len(places) + 1)
    best = np.argsort(-key)[:LISTED]
    there = key[best] > 0
    shares = {
        name: np.where(there, score[best] / max(out[f"helping.{behind}.1.behind"].sum(), 1), 0)
        for name, score, behind in (("web_share", raw, "raw"), ("share", taught, "taught"))
    }
    words = [places[i].piece if ok else "" for i, ok in zip(best, there, strict=True)]
    return {
        "helping.key": key,
        "helping.word": np.array(words, dtype=object),
        **{f"helping.{name}": share for name, share in shares.items()},
    }


def _needed(cells: Cells, places: list[Place], prompt: str, raw: np.ndarray) -> Steps:
    """How often the examples must be read until their answer leads."""
    asked = prompt.casefold()
    answers = [x.piece for x in places if x.example and x.piece and asked == x.before.casefold()]
    answers = answers if prompt else []
    wanted = answers[0] if answers else ""
    same = np.array([x.piece.casefold() == wanted.casefold() for x in places])
    base = raw[same].max() if wanted else 0.0
    once = sum(x.casefold() == wanted.casefold() for x in answers)
    ahead = np.where(same, 0.0, raw).max()
    more = float((ahead - base) // once + 1) if once else NO_ANSWER
    needed = 0.0 if base > ahead else more
    return {
        "helping.wanted": text(wanted),
        "helping.base": np.array([base]),
        "helping.once": np.array([float(once)]),
        "helping.needed": np.array([needed]),
        **marked(cells, "helping.often", needed),
    }
