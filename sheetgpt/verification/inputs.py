"""The parts of a workbook that can be left out, with what its input cells ask of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sheetgpt.book import Book
from sheetgpt.checkpoint.precision import SCALE
from sheetgpt.errors import InputError, WorkbookError
from sheetgpt.reference import Sampling, Switches
from sheetgpt.reference.follow import Place
from sheetgpt.verification.contents import area, number, real, switches, text, value, values, whole
from sheetgpt.verification.follow import FollowPart
from sheetgpt.verification.parts import (
    AttentionPart,
    LensPart,
    NeighboursPart,
    Part,
    PositionsPart,
    ResidualPart,
    SamplingPart,
    SwitchesPart,
)
from sheetgpt.verification.why import WhyPart

#: How many steps a block has.
STEPS = 16
#: Below this, other than 0, a temperature makes differences of rounding visible.
LEAST_TEMPERATURE = 1e-3


def parts_in(book: Book) -> list[Part]:
    """The parts that a workbook has; none if it does not say, as older ones do.

    Raises InputError for an input cell that holds something out of its range.
    """
    if "left_out" not in book.names:
        return []
    left_out = text(book, "left_out").split(", ")
    return [read(book) for name, read in PARTS.items() if name not in left_out]


def _sampling(book: Book) -> Part:
    temperature = real(book, "temperature", 0)
    if 0 < temperature < LEAST_TEMPERATURE:
        raise InputError(
            f"The cell named temperature holds {temperature:g}, where rounding decides; it must "
            f"be 0 or at least {LEAST_TEMPERATURE:g} for a comparison."
        )
    settings = Sampling(temperature, whole(book, "top_k", 0), real(book, "top_p", 0, 1))
    return SamplingPart(
        settings,
        real(book, "random", 0, 1),
        number(book, "n_candidates", 1, area(book, "logits").rows),
    )


def _attention(book: Book) -> Part:
    return AttentionPart(
        whole(book, "view_block", 0, number(book, "n_layer") - 1),
        whole(book, "view_head", 0, number(book, "n_head") - 1),
    )


def _lens(book: Book) -> Part:
    return LensPart(number(book, "n_guesses", 1, area(book, "logits").rows))


def _switches(book: Book) -> Part:
    return SwitchesPart(_switched(book))


def _switched(book: Book) -> Switches:
    layers = range(number(book, "n_layer"))
    heads = np.stack([switches(book, f"switch.{layer}.heads") for layer in layers])
    mlps = np.concatenate([switches(book, f"switch.{layer}.mlp") for layer in layers])
    return Switches(heads, mlps)


def _neighbours(book: Book) -> Part:
    scale = "wte.weight" + SCALE
    return NeighboursPart(
        whole(book, "chosen_position", 0),
        [value(book, name) for name in ("chosen_word", "word_a", "word_b", "word_c")],
        values(book, scale).ravel() if scale in book.names else np.ones(number(book, "vocab_size")),
    )


def _positions(book: Book) -> Part:
    return PositionsPart(
        [value(book, name) for name in ("map_a", "map_b", "map_c")],
        _projection(book, "projection.positions"),
        _projection(book, "projection.words"),
    )


def _residual(_: Book) -> Part:
    return ResidualPart()


def _why(book: Book) -> Part:
    left_out = text(book, "left_out").split(", ")
    return WhyPart(
        value(book, "rival"),
        None if "switches" in left_out else _switched(book),
        number(book, "n_deciding"),
        number(book, "n_neurons"),
        number(book, "n_written"),
    )


def _follow(book: Book) -> Part:
    place = Place(
        whole(book, "follow_block", 0, number(book, "n_layer") - 1),
        whole(book, "follow_step", 1, STEPS),
        whole(book, "follow_token", 0),
        whole(book, "follow_column", 0),
        whole(book, "follow_head", 0, number(book, "n_head") - 1),
    )
    terms, largest = (area(book, f"follow.{x}.product") for x in ("term", "largest"))
    return FollowPart(place, terms.rows, largest.rows)


def _projection(book: Book, name: str) -> np.ndarray:
    numbers = values(book, name)
    if numbers.dtype == object:
        raise WorkbookError(f"The workbook has no table of numbers named {name}; build it again.")
    return numbers


#: In the order of the tabs, under the names by which `build --without` knows them.
PARTS: dict[str, Callable[[Book], Part]] = {
    "sampling": _sampling,
    "attention": _attention,
    "lens": _lens,
    "switches": _switches,
    "neighbours": _neighbours,
    "positions": _positions,
    "residual": _residual,
    "why": _why,
    "follow": _follow,
}
