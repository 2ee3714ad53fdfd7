"""INDEX, MATCH and LOOKUP by position and binary search instead of a walk over the cells.

A key that is searched with binary search must be in ascending order, as the spreadsheet programs
demand without checking; here it is checked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from sheetgpt.book import CellError
from sheetgpt.evaluator import library
from sheetgpt.evaluator.values import (
    NA,
    REF,
    VALUE,
    Refused,
    Scalar,
    Value,
    as_array,
    floats,
    is_numbers,
    objects,
    tidy,
    to_number,
)

_WILDCARD = re.compile(r"~[*?~]|[*?]")
_Find = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Places of keys among values of the same kind, -1 for none."""


def _together(*lists: list[Any]) -> list[list[Any]]:
    """Lists with one item per formula of a batch, those of one item for all made as long."""
    batch = max(map(len, lists))
    return [items if len(items) == batch else items * batch for items in lists]


def _column(items: Iterable[Scalar]) -> np.ndarray:
    """One scalar per formula as a value (batch, 1, 1)."""
    listed = list(items)
    out = np.empty(len(listed), object)
    out[:] = listed
    return tidy(out.reshape(-1, 1, 1))


def index(values: Value, row: Value, col: Value = None) -> Value:
    """INDEX with one row and one column number per formula; outside the range is #REF!.

    In a range of one row a single number counts columns. Row or column 0, which means a whole
    column or row, is #VALUE!: not every program knows it.
    """
    cells = as_array(values)
    if col is None:
        row, col = (1.0, row) if cells.shape[1] == 1 else (row, 1.0)
        if cells.shape[1] > 1 and cells.shape[2] > 1:
            raise Refused("uses INDEX without a column number on a range of several columns")
    rows, cols = as_array(row), as_array(col)
    if is_numbers(rows) and is_numbers(cols):
        r, c = rows[:, 0, 0].astype(np.int64), cols[:, 0, 0].astype(np.int64)
        if r.min() > 0 and c.min() > 0 and r.max() <= cells.shape[1] and c.max() <= cells.shape[2]:
            batch = np.arange(len(cells)) if len(cells) > 1 else 0
            picked = cells[batch, r - 1, c - 1].reshape(-1, 1, 1)
            if picked.dtype == object:
                return tidy(picked)
            return np.asarray(floats(picked)) if is_numbers(picked) else picked
    numbers = (objects(line).ravel().tolist() for line in (rows, cols))
    sheets, *places = _together([*range(len(cells))], *numbers)
    found = [_place(row, col, cells.shape) for row, col in zip(*places, strict=True)]
    inside = [i for i, place in enumerate(found) if isinstance(place, tuple)]
    r, c = np.array([found[i] for i in inside], int).reshape(-1, 2).T
    picked = objects(cells[[sheets[i] for i in inside], r, c]).tolist()
    for i, value in zip(inside, picked, strict=True):
        found[i] = value
    return _column(found)


def _place(row: Scalar, col: Scalar, shape: tuple[int, ...]) -> Any:
    """Row and column from 0 in a range (batch, rows, cols), or the error that they give."""
    place = []
    for number, size in zip((row, col), shape[1:], strict=True):
        at = to_number(number)
        if isinstance(at, CellError):
            return at
        if int(at) < 1:
            return VALUE
        if int(at) > size:
            return REF
        place.append(int(at) - 1)
    return place[0], place[1]


def match(key: Value, values: Value, kind: Value = 1.0) -> Value:
    """MATCH: the position of the first equal cell (kind 0), or of the last that is not above.

    An approximate match (kind 1) gives the last of equal cells and #N/A below the first, as
    Excel does; kind -1, for descending cells, is left to the library.
    """
    if isinstance(kind, np.ndarray):
        raise Refused("uses MATCH with a match type that is not a constant")
    how = to_number(kind)
    if isinstance(how, CellError):
        return how
    cells = as_array(values)
    if 1 not in cells.shape[1:]:
        return NA
    if how < 0:
        return library.function("MATCH")(key, values, kind)
    keys, lines = as_array(key), cells.reshape(len(cells), -1)
    find = _approximate if how else _exact
    if is_numbers(keys) and is_numbers(lines):
        sought = floats(keys.ravel())
        if len(lines) == 1:
            return _positions(find(floats(lines[0]), sought))
        each = zip(lines, np.broadcast_to(sought, len(lines)), strict=True)
        return _positions(np.concatenate([find(floats(line), key[None]) for line, key in each]))
    pairs = zip(*_together(objects(keys).ravel().tolist(), list(map(_Line, lines))), strict=True)
    return _column(line.match(sought, find) for sought, line in pairs)


def _positions(found: np.ndarray) -> np.ndarray:
    """Positions from 0 (-1 for none) as results from 1."""
    out = (found + 1.0).reshape(-1, 1, 1)
    if found.min() >= 0:
        return out
    mixed = out.astype(object)
    mixed[out == 0] = NA
    return mixed


def _exact(cells: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """The first place of each key, -1 for none."""
    if len(keys) == 1:
        (places,) = np.nonzero(cells == keys[0])
        return places[:1] if len(places) else np.array([-1])
    order = np.argsort(cells, kind="stable")
    places = np.minimum(np.searchsorted(cells[order], keys), len(cells) - 1)
    return np.where(cells[order][places] == keys, order[places], -1)


def _approximate(cells: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """The last place that is not above each key, -1 for none."""
    if np.any(cells[1:] < cells[:-1]):
        raise Refused("searches a range that is not in ascending order")
    return np.searchsorted(cells, keys, side="right") - 1


class _Line:
    """A row or column of cells of any kind that is searched for several keys."""

    def __init__(self, cells: np.ndarray) -> None:
        self._items = objects(cells).tolist()
        self._by_kind: dict[type, tuple[list[int], np.ndarray]] = {}

    def _of_kind(self, kind: type) -> tuple[list[int], np.ndarray]:
        """Places and values of the cells of one type: only those can equal a key of that type."""
        if kind not in self._by_kind:
            places = [i for i, item in enumerate(self._items) if type(item) is kind]
            values = [self._items[i] for i in places]
            values = [value.casefold() for value in values] if kind is str else values
            array = np.array(values, object if kind is str else np.float64)
            self._by_kind[kind] = places, array
        return self._by_kind[kind]

    def match(self, key: Scalar, find: _Find) -> Scalar:
        """The position of a key, from 1."""
        if isinstance(key, CellError):
            return key
        key = 0.0 if key is None else key
        places, values = self._of_kind(type(key))
        if not places:
            return NA
        if isinstance(key, str):
            key = key.casefold()
            if find is _exact and _WILDCARD.search(key):
                fits = _wildcard(key).fullmatch
                return next((p + 1.0 for p, v in zip(places, values, strict=True) if fits(v)), NA)
        (place,) = find(values, np.array([key], values.dtype))
        return NA if place < 0 else places[place] + 1.0


def _wildcard(text: str) -> re.Pattern[str]:
    """Text with `*`, `?` and the escape `~` as a regular expression."""

    def piece(found: re.Match[str]) -> str:
        return {"*": ".*", "?": "."}.get(found[0], re.escape(found[0][1:]))

    pieces, last = [], 0
    for found in _WILDCARD.finditer(text):
        pieces += [re.escape(text[last : found.start()]), piece(found)]
        last = found.end()
    return re.compile("".join(pieces) + re.escape(text[last:]), re.DOTALL)


def lookup(key: Value, keys: Value, results: Value = None) -> Value:
    """LOOKUP in its vector form: approximate MATCH in `keys`, then the cell of `results`."""
    sought = as_array(keys)
    if results is None:
        if 1 not in sought.shape[1:]:
            raise Refused("uses LOOKUP without a range of results, which is not portable")
        results = keys
    picked = as_array(results)
    line = picked.reshape(len(picked), 1, -1) if 1 in picked.shape[1:] else picked
    return index(line, 1.0, match(key, keys))


LOOKUPS: dict[str, Callable[..., Value]] = {
    "INDEX": index,
    "MATCH": match,
    "LOOKUP": lookup,
}
