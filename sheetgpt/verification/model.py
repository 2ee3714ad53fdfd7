"""The model inside a workbook: configuration, weights and room, read from its tabs.

A workbook describes itself, so that checking one needs nothing from the time it was built.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from sheetgpt.book import Book
from sheetgpt.book.capacity import Capacity
from sheetgpt.book.texts import MAX_TEXT
from sheetgpt.checkpoint import Checkpoint, Config
from sheetgpt.checkpoint.config import EXACT_GELU, SWITCHES, TANH_GELU
from sheetgpt.checkpoint.model import expected_shapes
from sheetgpt.checkpoint.precision import LOOKED_UP, SCALE, restored
from sheetgpt.errors import WorkbookError
from sheetgpt.verification.contents import area, number, real, text, values
from sheetgpt.verification.vocabulary import vocabulary_in


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
