"""What the parts hold that can be left out of a workbook, for given values of their input cells.

Each part is a class: its fields are what its cells on the tabs ask for, `answers` are the cells
that stay blank for a prompt that does not fit, `steps` what the others must hold.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sheetgpt.reference import Sampling, Switches, candidates, forward, softmax
from sheetgpt.reference.embeddings import arithmetic, neighbours, on_maps, vectors_of
from sheetgpt.reference.inside import lengths, lens, most_attended, residual
from sheetgpt.verification.scene import Scene, pass_steps
from sheetgpt.verification.step import TOLERANCE, Expected, apart, cell, in_order, whole
from sheetgpt.verification.typed import rows_of, token_of


class Part(ABC):
    """One part of a workbook."""

    answers: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def steps(self, scene: Scene) -> Iterator[Expected]:
        """What its steps must hold, in the order of the report."""


@dataclass(frozen=True)
class SamplingPart(Part):
    """Drawing the next token from a list of candidates."""

    answers = ("sampled_token_id", "sampled_token")
    settings: Sampling
    random: float
    count: int

    def steps(self, scene: Scene) -> Iterator[Expected]:
        """One row per candidate; what two numbers decide is compared only if they are apart."""
        rows = candidates(scene.logits, self.settings, self.random, self.count)
        order, ordered = in_order(scene.logits, self.count)
        inside = apart(rows["before_k"], self.settings.top_p)
        inside[0] = True  # the first candidate is kept whatever top-p
        # Whether rounding may move the cut past a candidate that has a share worth the name.
        weighty = rows["share_k"] > TOLERANCE
        moved = self.settings.top_p < 1 and bool((weighty & ~inside).any())
        kept = int((rows["share"] > 0).sum())
        drawn = not moved and bool(apart(self.random, rows["before"][1:kept]).all())
        decided: dict[str, np.ndarray | bool] = {"id": ordered, "in_top_p": inside, "picked": drawn}
        decided |= dict.fromkeys(("share", "before"), not moved)
        for key, values in rows.items():
            yield whole(f"sampling.{key}", values, decided.get(key, True))
            if key == "id":
                yield scene.shown("sampling.token", order, ordered)
        for key in ("probability", "share"):
            shares = np.zeros(scene.capacity.best)  # of the first candidates; 0 where there is none
            shares[: self.count] = rows[key][: scene.capacity.best]
            yield whole(f"sampling.first.{key}", shares, decided.get(key, True))
        row = int(rows["picked"].argmax())
        yield from scene.chosen("sampled_token", int(order[row]), drawn and bool(ordered[row]))


@dataclass(frozen=True)
class AttentionPart(Part):
    """All attention patterns on one page, and one of them close up."""

    block: int
    head: int

    def steps(self, scene: Scene) -> Iterator[Expected]:
        """Blocks from top to bottom, heads from left to right."""
        config, size, live = scene.checkpoint.config, scene.capacity.tokens, scene.live
        rows = [block * size + row for block in range(config.n_layer) for row in live]
        cols = [head * size + col for head in range(config.n_head) for col in live]
        patterns = [scene.values[f"h.{b}.attn.pattern"] for b in range(config.n_layer)]
        maps = np.block([[*pattern] for pattern in patterns])  # (L * T, H * T)
        yield Expected("attention.maps", rows, cols, maps)
        pattern = patterns[self.block][self.head]  # (T, T)
        most, share = most_attended(pattern)
        decided = np.array([in_order(row, 1)[1][0] for row in pattern])
        yield whole("attention.viewed", pattern)
        yield whole("attention.most", most.astype(float), decided)
        yield whole("attention.most_share", share)
        yield scene.shown("attention.most_token", np.array(scene.token_ids)[most], decided)


@dataclass(frozen=True)
class LensPart(Part):
    """What the model would say after each block."""

    guesses: int

    def steps(self, scene: Scene) -> Iterator[Expected]:
        """Scores run down, blocks run right."""
        answer, clear = scene.answer
        seen = lens(scene.checkpoint, scene.values, answer)
        logits, chances = seen["logits"], seen["probabilities"]  # (V, L)
        for key in ("last", "normalized", "ln_f", "logits"):
            yield whole(f"lens.{key}", seen[key])
        for key in ("peak", "total"):
            yield whole(f"lens.{key}", seen[key][None])
        order, decided = (
            np.column_stack(found)
            for found in zip(*(in_order(block, self.guesses) for block in logits.T), strict=True)
        )  # (G, L) each
        yield whole("lens.best.score", np.take_along_axis(logits, order, axis=0))
        yield whole("lens.best.id", order.astype(float), decided)
        yield whole("lens.best.probability", np.take_along_axis(chances, order, axis=0))
        tokens = scene.shown("lens.best.token", order.ravel(), True).values
        yield whole("lens.best.token", tokens.reshape(order.shape), decided)
        alone = apart(logits, logits[answer]).sum(axis=0) == len(logits) - 1  # (L,)
        yield whole("lens.answer.rank", seen["answer.rank"][None], alone & clear)
        yield whole("lens.answer.probability", seen["answer.probability"][None], clear)


@dataclass(frozen=True)
class SwitchesPart(Part):
    """A second forward pass with parts turned off."""

    answers = ("switched.next_token_id", "switched.next_token")
    switches: Switches

    def steps(self, scene: Scene) -> Iterator[Expected]:
        """The pass from the first block on, and what became of the answer."""
        values = forward(scene.checkpoint, scene.token_ids, self.switches)
        for step in pass_steps(values, scene.capacity.tokens, "switched."):
            if step.name.removeprefix("switched.") not in ("wte_lookup", "wpe_lookup", "embedded"):
                yield step
        second = Scene(scene.checkpoint, scene.capacity, scene.token_ids, values)
        yield from second.chosen("switched.next_token", *second.answer)
        chances = softmax(second.logits)
        answer, clear = scene.answer
        yield cell("switched.probability", chances.max())
        yield cell("switched.answer_probability", chances[answer], clear)


@dataclass(frozen=True)
class NeighboursPart(Part):
    """Tokens that are alike, and sums of tokens.

    `words` are what the cells of the token to compare and of a, b and c hold, None for an empty
    one. `scale` (V,) is what each row of the embedding table as it is stored is multiplied by.
    """

    position: int
    words: Sequence[str | float | None]
    scale: np.ndarray

    def steps(self, scene: Scene) -> Iterator[Expected]:
        """The chosen token, then a - b + c."""
        wte = scene.weights("wte.weight")
        typed = [token_of(scene.checkpoint.vocabulary, word) for word in self.words]
        yield whole("neighbours.row", rows_of(typed))
        yield whole("neighbours.vector", vectors_of(wte, typed))
        position = min(self.position, len(scene.token_ids) - 1)
        near = neighbours(wte, scene.token_ids[position] if typed[0] is None else typed[0])
        yield whole("neighbours.chosen", near["chosen"])
        yield whole("neighbours.length", near["length"])
        yield whole("neighbours.norm", lengths(wte) / self.scale)
        yield whole("neighbours.cosine", near["cosine"])
        yield from scene.best("neighbours.best", near["cosine"], scene.capacity.best)
        total = arithmetic(wte, typed[1:])
        for key in ("vector", "length", "cosine"):
            yield whole(f"arithmetic.{key}", total[key])
        yield from scene.best("arithmetic.best", total["cosine"], scene.capacity.best)


@dataclass(frozen=True)
class PositionsPart(Part):
    """Positions and three tokens on maps; the projections are (C, 2) each.

    `words` are what the cells of the tokens hold, None for an empty one.
    """

    words: Sequence[str | float | None]
    of_positions: np.ndarray
    of_words: np.ndarray

    def steps(self, scene: Scene) -> Iterator[Expected]:
        """Points, a row each."""
        wte, wpe = scene.weights("wte.weight"), scene.weights("wpe.weight")
        typed = [token_of(scene.checkpoint.vocabulary, word) for word in self.words]
        found = on_maps(wte, wpe, typed, self.of_positions, self.of_words)
        yield whole("positions.xy", found["positions"])
        yield whole("mapped.row", rows_of(typed))
        yield whole("mapped.vector", found["vectors"])
        yield whole("mapped.xy", found["tokens"])
        yield whole("mapped.at", found["at"])


@dataclass(frozen=True)
class ResidualPart(Part):
    """How long the vectors are, and what is added to them."""

    def steps(self, scene: Scene) -> Iterator[Expected]:
        """Tokens run down, blocks run right; then the last token alone."""
        found = residual(scene.values, scene.checkpoint.config.n_layer)
        for key, sizes in found.items():
            yield whole(f"residual.{key}", sizes)
        for key in ("attn", "mlp", "post"):
            yield whole(f"residual.last.{key}", found[key][-1:])
