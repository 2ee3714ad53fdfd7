"""A folder with the weights of large models as workbooks hold them, for the next time.

Turning float32 weights into the decimals of a workbook takes longer than computing with them.
An entry is a folder named after the checkpoint and the precision: `weights.bin` (float64, tensors
one after the other) and `entry.json` (all the rest). The oldest entries go when there are too many.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import IO

import numpy as np

from sheetgpt.book.decimals import as_written
from sheetgpt.book.grid import forget_pages
from sheetgpt.checkpoint import Checkpoint, Config, Vocabulary
from sheetgpt.checkpoint.prompt_rules import PromptRules
from sheetgpt.errors import CheckpointError
from sheetgpt.later import Later

#: Where the cache lies and how large it may grow, in GB.
FOLDER_VARIABLE, LIMIT_VARIABLE = "SHEETGPT_CACHE", "SHEETGPT_CACHE_GB"
DEFAULT_LIMIT_GB = 4.0
#: What an entry is called; a number follows while it is being written.
_ENTRY = re.compile(r"[0-9a-f]{40}-\w+(\.\d+)?")
#: Rows turned into decimals at a time, and how many times that may wait to be written.
_ROWS, _AHEAD = 2048, 2
#: How the numbers of a tensor are stored, and where the next tensor may start.
FLOAT, WHOLE, _ALIGNED = "<f8", "|i1", 8


def folder() -> Path:
    """$SHEETGPT_CACHE, or `sheetgpt` in the user's cache folder."""
    if chosen := os.environ.get(FOLDER_VARIABLE):
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sheetgpt"


def limit() -> float:
    """How many bytes the cache may take: $SHEETGPT_CACHE_GB, 0 for no cache at all."""
    try:
        return float(os.environ.get(LIMIT_VARIABLE, DEFAULT_LIMIT_GB)) * 1e9
    except ValueError:
        return DEFAULT_LIMIT_GB * 1e9


def size() -> int:
    """How many bytes the cache takes."""
    return sum(file.stat().st_size for place in _entries() for file in place.iterdir())


def clear() -> int:
    """Empty the cache; returns how many bytes it took. Whatever else is in its folder stays."""
    taken = size()
    for place in _entries():
        shutil.rmtree(place, ignore_errors=True)
    return taken


def _entries() -> Iterator[Path]:
    """The folders of all entries, also of those that were never finished."""
    if folder().is_dir():
        found = (path for path in folder().iterdir() if _ENTRY.fullmatch(path.name))
        yield from (path for path in found if path.is_dir())


def decimal(checkpoint: Checkpoint, sha256: str, precision: str) -> Checkpoint:
    """The checkpoint with its weights exactly as a workbook holds them: float64, or whole numbers.

    They are mapped from the cache, and put there first if need be; `sha256` and `precision` name
    the entry. Returns the checkpoint unchanged where there is no room for it.
    """
    found = entry(sha256, precision)
    if found is None and _store(checkpoint, sha256, precision):
        found = entry(sha256, precision)
    if found is None:
        return checkpoint
    return replace(found, name=checkpoint.name, vocabulary=checkpoint.vocabulary)


def entry(sha256: str, precision: str) -> Checkpoint | None:
    """The checkpoint of an entry, its weights mapped from the file; None if there is no such."""
    if limit() <= 0:
        return None
    place = _place(sha256, precision)
    try:
        facts = json.loads((place / "entry.json").read_text(encoding="utf-8"))
        flat = np.memmap(place / "weights.bin", dtype=np.uint8, mode="r")
        os.utime(place)  # used: the last to be removed
        tensors, at = {}, 0
        for name, (kind, shape) in facts["tensors"].items():
            size = int(np.prod(shape)) * np.dtype(kind).itemsize
            tensors[name] = np.asarray(flat[at : at + size]).view(kind).reshape(shape)
            at += size + -size % _ALIGNED
        merges = [(left, right) for left, right in facts["merges"]]
        vocabulary = Vocabulary(facts["tokens"], merges, PromptRules(**facts["rules"]))
        return Checkpoint(facts["name"], Config(**facts["config"]), tensors, vocabulary)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, CheckpointError):
        return None  # no entry, one of another version, a damaged one


def _place(sha256: str, precision: str) -> Path:
    """An entry's folder; both names may come from a workbook, so that they are cut to words."""
    kept = (re.sub(r"\W", "", name) for name in (sha256[:40], precision))
    return folder() / "-".join(kept)


def _store(checkpoint: Checkpoint, sha256: str, precision: str) -> bool:
    """Write an entry; whether there was room for it."""
    kinds = {name: _kind(tensor) for name, tensor in checkpoint.tensors.items()}
    needed = sum(t.size * np.dtype(kinds[name]).itemsize for name, t in checkpoint.tensors.items())
    place = _place(sha256, precision)
    unfinished = place.with_name(f"{place.name}.{os.getpid()}")
    facts = {
        "name": checkpoint.name,
        "config": checkpoint.config.sizes_and_options,
        "tokens": checkpoint.vocabulary.tokens,
        "merges": checkpoint.vocabulary.merges,
        "rules": asdict(replace(checkpoint.vocabulary.rules, cut_special=False)),
        "tensors": {name: (kinds[name], t.shape) for name, t in checkpoint.tensors.items()},
    }
    try:
        if not _make_room(needed):
            return False
        unfinished.mkdir(parents=True)
        with (unfinished / "weights.bin").open("wb") as file, Later(_AHEAD) as later:
            for name, tensor in checkpoint.tensors.items():
                rows = tensor if tensor.ndim > 1 else tensor[None]
                for start in range(0, len(rows), _ROWS):
                    piece = rows[start : start + _ROWS]
                    piece = as_written(piece) if kinds[name] == FLOAT else piece
                    later.do(file.write, np.ascontiguousarray(piece).data)
                later.do(_align, file)
                forget_pages(tensor)
        (unfinished / "entry.json").write_text(json.dumps(facts), encoding="utf-8")
        shutil.rmtree(place, ignore_errors=True)
        unfinished.rename(place)
    except OSError:  # a full disk or a folder that is not ours: a cache is never needed
        shutil.rmtree(unfinished, ignore_errors=True)
        return False
    return True


def _align(file: IO[bytes]) -> None:
    """Go on to where the next tensor may start."""
    file.write(bytes(-file.tell() % _ALIGNED))


def _kind(tensor: np.ndarray) -> str:
    """How a tensor is stored: whole numbers as they are, all others as float64."""
    return WHOLE if tensor.dtype == np.int8 else FLOAT


def _make_room(needed: int) -> bool:
    """Remove the entries that were not used for the longest time until `needed` bytes fit."""
    if needed > limit():
        return False
    entries = sorted(_entries(), key=lambda path: path.stat().st_mtime)
    while entries and size() + needed > limit():
        shutil.rmtree(entries.pop(0), ignore_errors=True)
    folder().mkdir(parents=True, exist_ok=True)
    return shutil.disk_usage(folder()).free > 2 * needed
