"""The cache of weights: what it keeps, what it finds again, what it removes."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from shutil import _ntuple_diskusage as usage

import numpy as np
import pytest

from sheetgpt.book.decimals import shortest
from sheetgpt.checkpoint import Checkpoint, cache
from sheetgpt.checkpoint.precision import PRECISIONS, rounded

Change = Callable[[Path], object]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache for each test, in a folder that holds other things too."""
    folder = tmp_path / "cache"
    (folder / "not-ours").mkdir(parents=True)
    (folder / "not-ours" / "weights.bin").write_bytes(b"precious")
    (folder / "a-file").write_bytes(b"precious")
    monkeypatch.setenv(cache.FOLDER_VARIABLE, str(folder))
    return folder


def key(number: int) -> str:
    """Stands for the SHA-256 of a model."""
    return str(number) * 64


def entries(folder: Path) -> list[str]:
    """The keys in the cache, and that everything else is untouched."""
    others = [folder / "not-ours" / "weights.bin", folder / "a-file"]
    assert [path.read_bytes() for path in others] == [b"precious"] * 2
    return sorted(path.name for path in folder.iterdir() if path.name not in ("not-ours", "a-file"))


@pytest.mark.parametrize("precision", PRECISIONS)
def test_an_entry_is_found_again(folder: Path, small: Checkpoint, precision: str) -> None:
    model = rounded(small, precision)
    assert cache.entry(key(1), precision) is None
    for found in (cache.decimal(model, key(1), precision), cache.entry(key(1), precision)):
        assert found is not None
        assert (found.name, found.config) == (small.name, small.config)
        assert found.vocabulary.tokens == small.vocabulary.tokens
        assert found.vocabulary.merges == small.vocabulary.merges
        assert found.tensors.keys() == model.tensors.keys()
        for name, tensor in model.tensors.items():
            whole = tensor.dtype == np.int8
            wanted = tensor if whole else shortest(tensor)
            assert found.tensors[name].dtype == (np.int8 if whole else np.float64)
            assert np.array_equal(found.tensors[name], wanted), name
    assert entries(folder) == [f"{key(1)[:40]}-{precision}"]
    assert cache.entry(key(2), precision) is None


def test_an_entry_is_written_once(folder: Path, small: Checkpoint) -> None:
    cache.decimal(small, key(1), "float32")
    (weights,) = folder.glob("*-float32/weights.bin")
    before = weights.stat().st_ino
    found = cache.decimal(replace(small, name="renamed"), key(1), "float32")
    assert weights.stat().st_ino == before
    assert found.name == "renamed"


def test_the_entry_not_used_for_longest_goes(
    folder: Path, small: Checkpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2, 3):
        cache.decimal(small, key(number), "float32")
        (place,) = folder.glob(f"{key(number)[:40]}-*")
        os.utime(place, (number, number))
    one = cache.size() // 3
    assert cache.entry(key(1), "float32") is not None  # used, so now it is the newest
    monkeypatch.setenv(cache.LIMIT_VARIABLE, str(3.5 * one / 1e9))
    cache.decimal(small, key(4), "float32")
    assert entries(folder) == [f"{key(number)[:40]}-float32" for number in (1, 3, 4)]


@pytest.mark.parametrize("limit", ["0", "0.00001"])
def test_no_room(
    folder: Path, small: Checkpoint, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setenv(cache.LIMIT_VARIABLE, limit)
    assert cache.decimal(small, key(1), "float32") is small
    assert entries(folder) == []


def test_a_limit_of_nothing_is_no_cache(small: Checkpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.decimal(small, key(1), "float32")
    monkeypatch.setenv(cache.LIMIT_VARIABLE, "0")
    assert cache.entry(key(1), "float32") is None
    monkeypatch.setenv(cache.LIMIT_VARIABLE, "much")  # no number: as if it were not there
    assert cache.limit() == cache.DEFAULT_LIMIT_GB * 1e9
    assert cache.entry(key(1), "float32") is not None


def test_a_folder_that_cannot_be_written_to(
    small: Checkpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv(cache.FOLDER_VARIABLE, str(tmp_path / "file" / "cache"))
    assert cache.decimal(small, key(1), "float32") is small
    assert (cache.size(), cache.clear()) == (0, 0)


def full_by_the_count(patch: pytest.MonkeyPatch) -> None:
    """The disk says beforehand that it has too little room."""
    patch.setattr("shutil.disk_usage", lambda _: usage(10**12, 10**12 - 1_000, 1_000))


def full_while_writing(patch: pytest.MonkeyPatch) -> None:
    def no_space(*_: object) -> None:
        raise OSError(28, "No space left on device")

    patch.setattr(cache, "as_written", no_space)


@pytest.mark.parametrize("fill", [full_by_the_count, full_while_writing])
def test_a_full_disk_stops_nothing(
    folder: Path,
    small: Checkpoint,
    monkeypatch: pytest.MonkeyPatch,
    fill: Callable[[pytest.MonkeyPatch], None],
) -> None:
    fill(monkeypatch)
    assert cache.decimal(small, key(1), "float32") is small
    assert entries(folder) == []


def facts(place: Path, **changes: object) -> None:
    path = place / "entry.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


DAMAGED: dict[str, Change] = {
    "no weights": lambda place: (place / "weights.bin").unlink(),
    "empty weights": lambda place: (place / "weights.bin").write_bytes(b""),
    "half the weights": lambda place: os.truncate(place / "weights.bin", 8_000),
    "no facts": lambda place: (place / "entry.json").unlink(),
    "half the facts": lambda place: os.truncate(place / "entry.json", 1_000),
    "other facts": lambda place: (place / "entry.json").write_text("[]"),
    "no tensors": lambda place: facts(place, tensors=None),
    "other configuration": lambda place: facts(place, config={"n_layers": 1}),
}


@pytest.mark.parametrize("damage", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_entry_is_written_anew(folder: Path, small: Checkpoint, damage: Change) -> None:
    cache.decimal(small, key(1), "float32")
    (place,) = folder.glob("*-float32")
    damage(place)
    assert cache.entry(key(1), "float32") is None
    assert cache.decimal(small, key(1), "float32") is not small
    assert cache.entry(key(1), "float32") is not None


@pytest.mark.parametrize(
    ("sha256", "precision"), [("../" + key(1), "float32"), (key(1), "x/../../float32")]
)
def test_names_lead_nowhere_else(
    folder: Path, small: Checkpoint, sha256: str, precision: str
) -> None:
    """They come from a workbook, which may be anybody's."""
    cache.decimal(small, sha256, precision)
    assert [path.parent for path in folder.parent.rglob("entry.json")] == [
        folder / name for name in entries(folder)
    ]


def test_clear(folder: Path, small: Checkpoint) -> None:
    cache.decimal(small, key(1), "float32")
    unfinished = folder / f"{key(2)[:40]}-int8.1234"
    unfinished.mkdir()
    (unfinished / "weights.bin").write_bytes(bytes(100))
    weights = 8 * small.n_weights
    assert weights + 100 < cache.size() == cache.clear() < 2 * weights
    assert (entries(folder), cache.size(), cache.clear()) == ([], 0, 0)


@pytest.mark.parametrize(
    ("variables", "wanted"),
    [
        ({"SHEETGPT_CACHE": "/a/b"}, "/a/b"),
        ({"SHEETGPT_CACHE": "", "XDG_CACHE_HOME": "/c"}, "/c/sheetgpt"),
        ({"SHEETGPT_CACHE": "", "XDG_CACHE_HOME": "", "HOME": "/home/me"},
         "/home/me/.cache/sheetgpt"),
    ],
)  # fmt: skip
def test_where_it_lies(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], wanted: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert cache.folder() == Path(wanted)
