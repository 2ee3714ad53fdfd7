"""What the part `follow` must hold: the products behind one number, and that they add up to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sheetgpt.reference.follow import SHARE, Place, follow
from sheetgpt.verification.parts import Part
from sheetgpt.verification.scene import Scene
from sheetgpt.verification.step import Expected, cell, in_order, whole


@dataclass(frozen=True)
class FollowPart(Part):
    """One number; `terms` is how many products there is room for, `largest` how many are listed."""

    place: Place
    terms: int
    largest: int

    def steps(self, scene: Scene) -> Iterator[Expected]:
        """The number, every product, then the largest of them."""
        found = follow(scene.checkpoint, scene.values, self.place)
        left, right = np.zeros(self.terms), np.zeros(self.terms)
        count = 0
        if found is not None:
            count = len(found.left)
            left[:count], right[:count] = found.left, found.right
        yield cell("follow.valid", float(found is not None))
        yield cell("follow.count", count)
        yield cell("follow.number", 0.0 if found is None else found.number)
        if found is not None:
            yield cell("follow.sum", found.number)
        products = {"left": left, "right": right, "product": left * right}
        for key, values in products.items():
            yield whole(f"follow.term.{key}", values)
            yield whole(f"follow.list.{key}", values)
        size = left if self.place.step == SHARE else np.abs(products["product"])
        order, decided = in_order(size, self.largest)
        for key, values in products.items():
            yield whole(f"follow.largest.{key}", values[order], decided)
            yield whole(f"follow.most.{key}", values[order], decided)
