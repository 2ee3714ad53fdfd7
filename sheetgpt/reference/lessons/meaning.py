"""Words by their neighbours: counts, likeness, and two directions by power iteration."""

from __future__ import annotations

import numpy as np

from sheetgpt.reference.lessons.marks import Cells, Steps, marked, number, texts

INPUTS = (
    *("meaning.corpus", "meaning.window", "meaning.word", "meaning.asked"),
    *("meaning.nearest", "meaning.pairs"),
)
LINES, SPOTS, TURNS = 8, 5, 12
OUT, FINE = -2.0, 1e6


def power(table: np.ndarray, turns: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The vectors before they are brought to length 1 (turns, N), their lengths, and after."""
    raw = np.arange(1.0, len(table) + 1)
    rows: list[np.ndarray] = []
    sizes: list[float] = []
    units: list[np.ndarray] = []
    for _ in range(turns):
        size = float(np.sqrt(raw @ raw))
        unit = raw / size if size > 0 else np.zeros_like(raw)
        rows, sizes, units = [*rows, raw], [*sizes, size], [*units, unit]
        raw = unit @ table
    return np.array(rows), np.array(sizes), np.array(units)


def near(known: np.ndarray, window: float, count: int) -> np.ndarray:
    """How often each of `count` words stands near each place, (places, words).

    Words are counted from 1, places in lines; what is not on the list, 0, is nobody's neighbour.
    """
    places = np.arange(len(known))
    apart = np.abs(places[:, None] - places)
    same_line = places[:, None] // SPOTS == places // SPOTS
    neighbours = same_line & (apart > 0) & (apart <= window)  # (places, places)
    present = known[:, None] == np.arange(1, count + 1)  # (places, words)
    return np.asarray(neighbours.astype(float) @ present)


def steps(cells: Cells) -> Steps:
    """From the text to the map."""
    listed = texts(cells, "meaning.word")
    folded = [word.casefold() for word in listed]
    words = texts(cells, "meaning.corpus")
    rows = [folded.index(x.casefold()) + 1 if x and x.casefold() in folded else 0 for x in words]
    known = np.array(rows, dtype=float)
    window = number(cells, "meaning.window")
    everywhere = near(known, window, len(listed))
    count = np.array([everywhere[known == v + 1].sum(axis=0) for v in range(len(listed))])
    length = np.linalg.norm(count, axis=1)
    unit = count / np.where(length > 0, length, 1)[:, None]
    centred = unit - unit.mean(axis=0)
    alike = centred @ centred.T
    first_raw, first_size, first = power(alike, TURNS)
    rest = alike - first_size[-1] * np.outer(first[-1], first[-1])
    second_raw, second_size, second = power(rest, TURNS)
    (asked,) = texts(cells, "meaning.asked")
    row = folded.index(asked.casefold()) + 1 if asked and asked.casefold() in folded else 0
    ask = np.zeros(len(listed))
    if row:
        ask = np.floor(alike[row - 1] * FINE + 0.5) / FINE
        ask[row - 1] = OUT
    return {
        "meaning.label": np.array(listed, dtype=object),
        "meaning.line": np.repeat(np.arange(1.0, LINES + 1), SPOTS),
        "meaning.text": np.array(words, dtype=object),
        "meaning.known": known,
        "meaning.near": everywhere,
        "meaning.count": count,
        "meaning.length": length,
        "meaning.unit": unit,
        "meaning.centred": centred,
        "meaning.alike": alike,
        "meaning.first_raw": first_raw,
        "meaning.first_size": first_size,
        "meaning.first": first,
        "meaning.rest": rest,
        "meaning.second_raw": second_raw,
        "meaning.second_size": second_size,
        "meaning.second": second,
        "meaning.east": first[-1],
        "meaning.north": second[-1],
        "meaning.asked_row": np.array([float(row)]),
        "meaning.ask": ask,
        **marked(cells, "meaning.nearest", listed[int(ask.argmax())]),
        **marked(cells, "meaning.pairs", float(count.sum() / 2)),
    }
