"""The model inside a workbook: configuration, weights and vocabulary, read from its tabs.

A workbook describes itself, so that checking one needs nothing from the time it was built.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from sheetgpt.book import MAX_TEXT, Book, CellError
from sheetgpt.book.area import Area
from sheetgpt.book.capacity import Capacity
from sheetgpt.checkpoint import Checkpoint, Config, Vocabulary
from sheetgpt.checkpoint.config import EXACT_GELU, SWITCHES, TANH_GELU
from sheetgpt.checkpoint.model import expected_shapes
from sheetgpt.checkpoint.precision import LOOKED_UP, SCALE, restored
from sheetgpt.checkpoint.prompt_rules import PLAIN, DigitsApart, PromptRules
from sheetgpt.checkpoint.vocabulary import (
    ADDED,
    BYTE_ALPHABET,
    KEPT_AS_TEXT,
    NO_TOKEN,
    SPECIAL,
    no_text,
)
from sheetgpt.errors import InputError, WorkbookError
from sheetgpt.evaluator.values import to_text

#: The largest number that describes a workbook; the longest token, in bytes.
MOST, MAX_TOKEN = 1 << 31, 1 << 10
LONE_HALF = re.compile("[\ud800-\udfff]")
#: Names that every workbook of sheetgpt has; without them a file is something else.
SIGNATURE = ("prompt", "status", "n_tokens", "token_ids", "logits", "n_layer", "wte.weight")


def require_file(path: Path) -> None:
    """Raise WorkbookError if there is no such file, or if it is a folder."""
    if path.is_dir():
        held = sorted(file.name for file in path.iterdir() if file.suffix.lower() == ".xlsx")
        one = f", such as {path / held[0]}" if held else "; there is none in it"
        raise WorkbookError(f"{path} is a folder; give a workbook{one}.")
    if not path.is_file():
        raise WorkbookError(f"There is no file {path}; build one with: sheetgpt build -o {path}")


def require_sheetgpt(book: Book, path: str) -> None:
    """Raise WorkbookError unless the workbook is one that sheetgpt built."""
    missing = [name for name in SIGNATURE if name not in book.names]
    if missing:
        raise WorkbookError(
            f"{path} is not a workbook of sheetgpt: it has no defined name {missing[0]}. "
            "Build one with: sheetgpt build"
        )


def number(book: Book, name: str, low: int = 0, high: int = MOST) -> int:
    """The whole number in a named cell that describes the workbook, such as n_layer."""
    value = _cell(book, name)
    if not (isinstance(value, float) and low <= value <= high and value % 1 == 0):
        raise WorkbookError(
            f"The cell named {name} holds {_held(value)}, not a whole number from {low:,} to "
            f"{high:,}. Build the workbook again."
        )
    return int(value)


def real(book: Book, name: str, low: float, high: float = math.inf) -> float:
    """The number in a named cell that a reader may change, from `low` to `high`."""
    return _within(_cell(book, name), name, "number", low, high)


def whole(book: Book, name: str, low: int, high: float = math.inf) -> int:
    """The whole number in a named cell that a reader may change, from `low` to `high`."""
    return int(_within(_cell(book, name), name, "whole number", low, high))


def switches(book: Book, name: str) -> np.ndarray:
    """The switches in a named row of cells, each 1 (on) or 0 (off)."""
    cells = values(book, name).ravel()
    return np.array([_within(cell, name, "whole number", 0, 1) for cell in cells])


def _within(value: object, name: str, kind: str, low: float, high: float) -> float:
    """The value if it is a number of that kind and in its range, else an InputError."""
    if isinstance(value, float) and low <= value <= high and (kind == "number" or value % 1 == 0):
        return float(value)
    span = f"from {low:g} to {high:g}" if high < math.inf else f"from {low:g} upwards"
    raise InputError(f"The cell named {name} holds {_held(value)}; it must be a {kind} {span}.")


def _held(value: object) -> str:
    """What a cell holds, for a message."""
    if value is None:
        return "nothing"
    return f"{value:.15g}" if isinstance(value, float) else repr(value)[:60]


def text(book: Book, name: str) -> str:
    """A named cell as text; a number typed into the prompt cell is text to the formulas too.

    Raises InputError for an error value, which is no text to them.
    """
    value = _cell(book, name)
    if isinstance(value, CellError):
        raise InputError(f"The cell named {name} holds the error {value}; type a text into it.")
    return as_text(value)


def value(book: Book, name: str) -> str | float | None:
    """What is in a named cell that takes a text or a number; None if it is empty."""
    held = _cell(book, name)
    return held if isinstance(held, float) else as_text(held) or None


def as_text(value: object) -> str:
    """The value of a cell as formulas join it to a text."""
    if isinstance(value, float | str | bool | None):
        return to_text(value)
    return str(value)


def _cell(book: Book, name: str) -> object:
    return values(book, name)[0, 0]


def area(book: Book, name: str) -> Area:
    """The cells of a name, whose tab need not have been read; raises WorkbookError without them."""
    found = book.names.get(name)
    if found is None:
        raise _missing(name)
    return found


def values(book: Book, name: str) -> np.ndarray:
    """The values of a name, as `Book.get` gives them; raises WorkbookError without them."""
    found = area(book, name)
    if found.sheet not in book.sheets:
        raise _missing(name)
    return book.get(found)


def _missing(name: str) -> WorkbookError:
    return WorkbookError(
        f"The workbook has no cell named {name}, which this version of sheetgpt writes; "
        "build it again."
    )


def capacity_in(book: Book) -> Capacity:
    """What the workbook has room for; no more than its steps have cells."""
    return Capacity(
        tokens=number(book, "max_tokens", 1, area(book, "token_ids").rows),
        chars=number(book, "max_chars", 1, MAX_TEXT),
        rounds=number(book, "max_rounds", 1, len(book.names)),
        best=number(book, "n_best", 1, area(book, "logits").rows),
    )


def config_in(book: Book) -> Config:
    """The configuration of the model, from the constants tab and the shape of one weight."""
    embedding = area(book, "wte.weight")
    config = Config(
        n_layer=number(book, "n_layer", 1, len(book.names)),
        n_head=number(book, "n_head", 1, embedding.cols),
        n_embd=number(book, "n_embd", 1, embedding.cols),
        n_positions=number(book, "n_positions", 1, area(book, "wpe.weight").rows),
        vocab_size=number(book, "vocab_size", 1, embedding.rows),
        layer_norm_epsilon=real(book, "eps", 0, 1),
        n_inner=area(book, "h.0.mlp.c_fc.weight").cols,
        activation_function=TANH_GELU if "gelu_scale" in book.names else EXACT_GELU,
        **{name: bool(number(book, name)) for name in SWITCHES if name in book.names},
    )
    if config.n_embd % config.n_head:
        raise WorkbookError(
            f"The workbook has {config.n_embd} columns for {config.n_head} heads, which do not "
            "share them evenly. Build it again."
        )
    return config


def shapes_in(book: Book) -> dict[str, tuple[int, ...]]:
    """The shape of every tensor of the model, scales left out."""
    shapes = expected_shapes(config_in(book))
    if "lm_head.weight" in book.names:
        shapes["lm_head.weight"] = shapes["wte.weight"]
    return shapes


def stored_model_in(book: Book) -> Checkpoint:
    """The checkpoint as it is stored: whole numbers and their scales stand side by side."""
    tensors = {}
    for name, shape in shapes_in(book).items():
        tensors[name] = _numbers(book, name, shape)
        if name + SCALE in book.names:
            size = shape[0] if name in LOOKED_UP else shape[1]
            tensors[name + SCALE] = _numbers(book, name + SCALE, (size,))
    return Checkpoint(text(book, "model_name"), config_in(book), tensors, vocabulary_in(book))


def model_in(book: Book) -> Checkpoint:
    """The checkpoint in a workbook; weights are float64, exactly what the formulas make of them."""
    stored = stored_model_in(book)
    return replace(stored, tensors=restored(stored.tensors))


def _numbers(book: Book, name: str, shape: tuple[int, ...]) -> np.ndarray:
    numbers = values(book, name)
    if numbers.dtype == object or numbers.size != math.prod(shape):
        raise WorkbookError(f"{name} in the workbook is not {' x '.join(map(str, shape))} numbers.")
    return numbers.reshape(shape)


def vocabulary_in(book: Book) -> Vocabulary:
    """The vocabulary, rebuilt from the token of each byte and the table of merges.

    Tokens that no merge makes, such as <|endoftext|>, keep the text of the vocabulary tab. Raises
    WorkbookError where a table holds no token or no pair of tokens.
    """
    tokens = [_token(text) for text in values(book, "vocabulary.raw")[:, 0]]
    size = len(tokens)
    tokens = ["" if text == no_text(i) else text for i, text in enumerate(tokens)]
    rules = _rules_in(book, tokens)
    byte_ids = _column(book, "byte_ids", size, len(BYTE_ALPHABET), NO_TOKEN)
    for character, token_id in zip(BYTE_ALPHABET, byte_ids, strict=True):
        if token_id != NO_TOKEN:
            tokens[token_id] = character
    keys = _column(book, "merges.key", size**2 + 1)
    merged = _column(book, "merges.token", size, len(keys))
    keys, merged = keys[keys < size**2], merged[keys < size**2]  # a row that stands for no merges
    left, right = np.divmod(keys, size)
    ranks = merged
    if "merges.rank" in book.names:
        ranks = _column(book, "merges.rank", len(keys), len(keys))
    made = {*merged.tolist()}
    pending = np.argsort(merged).tolist()  # as a rule, the parts of a token have smaller ids
    while pending:
        later = []
        for merge in pending:
            if left[merge] in made or right[merge] in made:
                later.append(merge)
                continue
            tokens[merged[merge]] = _token(tokens[left[merge]] + tokens[right[merge]])
            made.discard(int(merged[merge]))
        if len(later) == len(pending):
            raise WorkbookError("The merges in the workbook go in circles; build it again.")
        pending = later
    pairs = [(tokens[left[merge]], tokens[right[merge]]) for merge in np.argsort(ranks)]
    return Vocabulary(tokens, pairs, rules)


def _rules_in(book: Book, tokens: Sequence[str]) -> PromptRules:
    """What the tokenizer does around the splitting into words."""
    if "vocabulary.kind" not in book.names:
        return PLAIN
    kinds = values(book, "vocabulary.kind")[:, 0].tolist()
    of = {
        kind: {tokens[i]: i for i, found in enumerate(kinds) if found == kind}
        for kind in (ADDED, SPECIAL, KEPT_AS_TEXT)
    }
    return PromptRules(
        prefix_space="prefix_space" in book.names and bool(number(book, "prefix_space")),
        digits_apart=_digits_in(book),
        start_id=number(book, "start_token") if "start_token" in book.names else None,
        added=of[ADDED],
        special=of[SPECIAL] | of[KEPT_AS_TEXT],
        special_problem="they are of kinds that a workbook cannot hold" if of[KEPT_AS_TEXT] else "",
        cut_special="special_tokens" in book.names and bool(number(book, "special_tokens")),
    )


def _digits_in(book: Book) -> DigitsApart:
    if "digits_apart" not in book.names:
        return DigitsApart.NO
    return DigitsApart(number(book, "digits_apart", high=max(DigitsApart)))


def _token(value: object) -> str:
    """The text of a token; raises WorkbookError for one that no model has."""
    text = as_text(value)
    if len(text) > MAX_TOKEN or LONE_HALF.search(text):
        raise WorkbookError(f"The workbook has a token {text[:40]!r}, which no model has.")
    return text


def _column(
    book: Book, name: str, end: int, count: int | None = None, least: int = 0
) -> np.ndarray:
    """A named column of whole numbers from `least` to below `end`, as int64 (N,), of a length."""
    column = values(book, name)[:, 0]
    if count not in (None, len(column)):
        raise WorkbookError(f"{name} in the workbook has {len(column):,} rows, not {count:,}.")
    for value in column:
        if not (isinstance(value, float) and least <= value < end and value % 1 == 0):
            held = f"{value:.15g}" if isinstance(value, float) else repr(value)
            raise WorkbookError(
                f"{name} in the workbook holds {held}; it must be a whole number below {end:,}. "
                "Build it again."
            )
    return column.astype(np.int64)
