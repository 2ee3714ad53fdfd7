"""One prompt in one model: what the expectations of all parts of a workbook are made from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sheetgpt.book.capacity import Capacity
from sheetgpt.checkpoint import Checkpoint
from sheetgpt.reference import softmax
from sheetgpt.verification.step import Expected, cell, in_order, whole, words


@dataclass(frozen=True)
class Scene:
    """A prompt that fits; `values` are the steps of the forward pass."""

    checkpoint: Checkpoint
    capacity: Capacity
    token_ids: list[int]
    values: Mapping[str, np.ndarray]

    @property
    def live(self) -> range:
        """The rows of the prompt's tokens."""
        return range(len(self.token_ids))

    @property
    def logits(self) -> np.ndarray:
        """(V,)."""
        return self.values["logits"][:, 0]

    @cached_property
    def answer(self) -> tuple[int, bool]:
        """The model's next token, and whether rounding cannot change it."""
        order, decided = in_order(self.logits, 1)
        return int(order[0]), bool(decided[0])

    def weights(self, name: str) -> np.ndarray:
        """A tensor of the model in float64."""
        return self.checkpoint.tensors[name].astype(np.float64, copy=False)

    def shown(self, name: str, token_ids: Iterable[int], decided: np.ndarray | bool) -> Expected:
        """A column of tokens as a workbook shows them."""
        vocabulary = self.checkpoint.vocabulary
        texts = [vocabulary.shown(int(token_id)) for token_id in token_ids]
        return words(name, texts, decided)

    def best(self, prefix: str, scores: np.ndarray, count: int) -> Iterator[Expected]:
        """The `count` greatest of scores (V,): `score`, `id` and `token`, each (count,)."""
        order, decided = in_order(scores, count)
        yield whole(f"{prefix}.score", scores[order])
        yield whole(f"{prefix}.id", order.astype(float), decided)
        yield self.shown(f"{prefix}.token", order, decided)

    def chosen(self, prefix: str, token_id: int, decided: bool) -> Iterator[Expected]:
        """`PREFIX_id` and the token itself, the latter if it is whole characters."""
        yield cell(f"{prefix}_id", token_id, decided)
        vocabulary = self.checkpoint.vocabulary
        text = vocabulary.token_bytes(token_id).decode("utf-8", errors="replace")
        text = text or vocabulary.shown(token_id)
        if "\ufffd" not in text:
            yield cell(prefix, text, decided)


def pass_steps(
    values: Mapping[str, np.ndarray], max_tokens: int, prefix: str = ""
) -> Iterator[Expected]:
    """A forward pass in its own order, up to the probabilities: the live rows (and columns)."""
    live = range(len(values["embedded"]))
    for name, value in values.items():
        if name == "next_token_id":
            continue
        if name == "logits":
            yield whole(f"{prefix}last_vector", values["ln_f"][-1])
        if value.ndim == 3:  # heads stacked: (H, T, T)
            rows = [head * max_tokens + row for head in range(len(value)) for row in live]
            yield Expected(prefix + name, rows, live, value.reshape(-1, len(live)))
        else:
            yield whole(prefix + name, value)
    yield whole(f"{prefix}probabilities", softmax(values["logits"][:, 0]))
