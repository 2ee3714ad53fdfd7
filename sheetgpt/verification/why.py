"""What the part `why` must hold: the score of the answer and that of its rival, taken apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sheetgpt.reference import Switches, forward
from sheetgpt.reference.why import attribution, neuron_writes
from sheetgpt.verification.parts import Part
from sheetgpt.verification.scene import Scene
from sheetgpt.verification.step import Expected, in_order, whole, words
from sheetgpt.verification.typed import rows_of, token_of

#: The answer and its rival.
ANSWER, RIVAL = 0, 1


@dataclass(frozen=True)
class WhyPart(Part):
    """The account of an answer: of the pass with `switches`, if the workbook has that.

    `rival` is what its cell holds, None for an empty one. `deciding`, `neurons` and `written` are
    how many parts, neurons of a block and tokens of a neuron are listed.
    """

    rival: str | float | None
    switches: Switches | None
    deciding: int
    neurons: int
    written: int

    def steps(self, scene: Scene) -> Iterator[Expected]:
        """The two tokens, the points of all parts, then those that are listed."""
        checkpoint = scene.checkpoint
        values = scene.values
        if self.switches is not None:
            values = forward(checkpoint, scene.token_ids, self.switches)
        logits = values["logits"][:, 0]
        best, clear = in_order(logits, 2)
        chosen = token_of(checkpoint.vocabulary, self.rival)
        rival_clear = bool(clear[1]) if chosen is None else True
        targets = [int(best[0]), int(best[1]) if chosen is None else chosen]
        sure = np.array([bool(clear[0]), rival_clear])  # (S,)
        yield whole("why.rival_row", rows_of([chosen]))
        yield whole("why.id", np.array(targets, float), sure)
        yield scene.shown("why.token", targets, sure)
        yield whole("why.score", logits[targets], sure)

        a = attribution(checkpoint, values, targets, self.switches)
        yield whole("why.scale", a["scale"])
        for key in ("token", "place", "bias"):
            yield whole(f"why.points.{key}", a[key], sure)
        for key in ("head", "mlp", "attention_bias", "mlp_bias"):
            yield _rows(f"why.points.{key}", a[key], sure)
        for key in ("answer", "rival"):
            target = (ANSWER, RIVAL)[key == "rival"]
            points = a["source"][..., target].reshape(-1, len(scene.token_ids))  # (L * H, T)
            yield whole(f"why.source.{key}", points, np.full(points.shape, sure[target]))
        yield _rows("why.source.total", a["head"], sure)

        names, points = _parts(scene, a)
        both = bool(sure.all())
        lead = points[:, ANSWER] - points[:, RIVAL]
        yield words("why.part", names)
        yield _rows("why.points", points, sure)
        yield _rows("why.all.points", points, sure)
        yield whole("why.lead", lead, both)
        yield whole("why.total", a["total"], sure)
        yield whole("why.missing", np.zeros(2), sure)
        order, decided = in_order(np.abs(lead), self.deciding)
        decided = decided & both
        yield words("why.deciding", [names[row] for row in order], decided)
        yield _rows("why.deciding.points", points[order], decided[:, None] & sure)
        others = a["total"] - points[order].sum(axis=0)
        bars = np.vstack([points[order], others, a["total"]])  # (B, S)
        sure_bars = np.append(decided, [decided.all(), both])
        yield words("why.bar", [*(names[r] for r in order), "all others", "score"], sure_bars)
        for target, key in enumerate(("answer", "rival")):
            yield whole(f"why.bar.{key}", bars[:, target], sure_bars)
        yield whole("why.bar.lead", bars[:, ANSWER] - bars[:, RIVAL], sure_bars)

        for target, key in enumerate(("answer", "rival")):
            points = a["neuron"][..., target].T  # (I, L)
            yield whole(f"why.neuron.{key}", points, np.full(points.shape, sure[target]))
        yield whole("why.neuron.active", a["active"].T)
        yield from self._neurons(scene, a, bool(sure[ANSWER]), both)

    def _neurons(
        self, scene: Scene, a: dict[str, np.ndarray], sure: bool, both: bool
    ) -> Iterator[Expected]:
        """The strongest neurons of each block, and the tokens that they write for and against."""
        answer = a["neuron"][..., ANSWER]  # (L, I)
        found = [in_order(block, self.neurons) for block in answer]
        order = np.stack([places for places, _ in found])  # (L, N)
        decided = np.stack([clear for _, clear in found]) & sure
        columns = {
            "neuron": (order.astype(float), decided),
            "active": (np.take_along_axis(a["active"], order, axis=1), decided),
            "answer": (np.take_along_axis(answer, order, axis=1), decided),
            "rival": (np.take_along_axis(a["neuron"][..., RIVAL], order, axis=1), decided & both),
        }
        for key, (column, clear) in columns.items():
            yield whole(f"why.neurons.{key}", column.ravel(), clear.ravel())
        vectors, points = neuron_writes(scene.checkpoint, a, order)
        flat = decided.ravel()
        columns_sure = np.broadcast_to(flat, (points.shape[-1], len(flat)))
        yield whole(
            "why.vector",
            vectors.reshape(len(flat), -1),
            np.repeat(flat[:, None], vectors.shape[-1], axis=1),
        )
        written = points.reshape(len(flat), -1)  # (L * N, V)
        yield whole("why.written", written.T, columns_sure)
        for key, sign in (("writes_for", 1), ("against", -1)):
            ranked = [in_order(sign * column, self.written) for column in written]
            tokens = np.stack([places for places, _ in ranked])  # (L * N, W)
            clear = np.stack([clear for _, clear in ranked]) & flat[:, None]
            texts = scene.shown("", tokens.ravel(), True).values.reshape(tokens.shape)
            yield whole(f"why.neurons.{key}", texts, clear)


def _rows(name: str, values: np.ndarray, sure: np.ndarray) -> Expected:
    """A tensor (..., S) whose last axis runs right."""
    rows = values.reshape(-1, values.shape[-1])
    return whole(name, rows, np.array(np.broadcast_to(sure, rows.shape)))


def _parts(scene: Scene, a: dict[str, np.ndarray]) -> tuple[list[str], np.ndarray]:
    """The names of all parts in the order of the data, and their points (P, S)."""
    config = scene.checkpoint.config
    last = scene.checkpoint.vocabulary.shown(scene.token_ids[-1])
    names = [f"token {last}", f"place {len(scene.token_ids) - 1}"]
    points = [a["token"], a["place"]]
    for block in range(config.n_layer):
        names += [f"block {block} head {head}" for head in range(config.n_head)]
        points += [*a["head"][block]]
        names.append(f"block {block} MLP")
        points.append(a["mlp"][block])
    return [*names, "biases"], np.stack([*points, a["bias"] + a["attention_bias"].sum(axis=0)])
