"""What several test files share: one small checkpoint, and one workbook of the embedded model."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from checkpoints import SHORT_VOCABULARY, make_checkpoint

from sheetgpt import build
from sheetgpt.__main__ import SELDOM, WAITING
from sheetgpt.book import Book
from sheetgpt.checkpoint import Checkpoint, Config, load
from sheetgpt.checkpoint.cache import FOLDER_VARIABLE, LIMIT_VARIABLE
from sheetgpt.xlsx.read import read

PROMPT = "Mike is quick. He moves"
#: The files that take longest, in the order of that. They begin first: a worker that takes one up
#: last keeps all others waiting.
LONGEST = (
    *("test_lessons", "test_every_cell", "test_tokens_in_engines", "test_page", "test_full_size"),
    *("test_verify", "test_page_program", "test_docs", "test_tokens_tab"),
)


def pytest_configure(config: pytest.Config) -> None:
    """Let pytest-xdist hand out files in the order below, not by their numbers of tests.

    Garbage is looked for as seldom, and threads wait as little, as the command has it.
    """
    config.option.loadscopereorder = False
    gc.set_threshold(*SELDOM)
    os.environ.setdefault(*WAITING)  # for the workers, which have not imported NumPy as yet


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, all others in their order."""
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.stem, len(LONGEST)))


@pytest.fixture(scope="session", autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep all tests, and what they start, away from the user's own cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(FOLDER_VARIABLE, str(tmp_path_factory.mktemp("cache")))
        patch.delenv(LIMIT_VARIABLE, raising=False)
        yield


@pytest.fixture(scope="session")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random GPT-2 of one block, two heads and eight columns, with 320 of the embedded tokens.

    So few tokens make workbooks of a third of the formulas, with every part.
    """
    folder = tmp_path_factory.mktemp("small")
    return make_checkpoint(folder / "small", Config(1, 2, 8, 16, SHORT_VOCABULARY, 1e-5, 32))


@pytest.fixture(scope="session")
def small(small_model: Path) -> Checkpoint:
    """The same model, loaded."""
    return load(small_model)


@pytest.fixture(scope="session")
def tiny_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The embedded model's workbook with room for 12 tokens; not to be written to."""
    path = tmp_path_factory.mktemp("tiny") / "tiny.xlsx"
    build(PROMPT, output=path, tokens=12, chars=32)
    return path


@pytest.fixture(scope="session")
def tiny_book(tiny_file: Path) -> Book:
    """The same workbook, read back; not to be changed."""
    return read(tiny_file)
