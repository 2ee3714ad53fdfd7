"""Shape of the embedded model, course of its training, and what the training reports."""

from __future__ import annotations

from typing import NamedTuple


class Recipe(NamedTuple):
    """Everything that decides the result; a batch is rows of n_positions tokens."""

    seed: int = 1
    threads: int = 1
    vocab_size: int = 1024
    n_layer: int = 3
    n_head: int = 4
    n_embd: int = 48
    n_positions: int = 64
    steps: int = 4000
    batch: int = 48
    learning_rate: float = 4e-3
    warm_up: int = 100
    weight_decay: float = 0.1
    bpe_documents: int = 20_000


class Loss(NamedTuple):
    """Mean cross-entropy per token, in nats, over the steps since the report before."""

    step: int
    loss: float
