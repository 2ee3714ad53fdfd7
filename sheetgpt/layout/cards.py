"""Write the card of a step: what it does, its equation and formulas, its place in the model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap

from sheetgpt.book.area import Area, quote_sheet
from sheetgpt.layout.builder import SheetBuilder
from sheetgpt.layout.tensor import Axis
from sheetgpt.template.expand import Step

TIMES = " × "
#: A card lists this many of its step's names.
MANY_NAMES = 8
#: The residual stream between two steps that lie on it.
ARROW = "───────▸"
HERE = "▸ "
BACK, NEXT = "◂ ", " ▸"


@dataclass(frozen=True)
class CardLine:
    """A line of text on a card and its style."""

    text: str
    style: str


def sentences(step: Step) -> list[CardLine]:
    """What the step does: summary, explanation, equation."""
    lines = [
        CardLine(step.summary, "summary"),
        CardLine(step.op.explanation, "note"),
        CardLine(step.op.equation, "equation"),
    ]
    return [line for line in lines if line.text]


def wrapped(lines: Sequence[CardLine], width: int) -> list[CardLine]:
    """The lines broken where they would be wider than a card; an equation stays whole."""
    return [
        CardLine(text, line.style)
        for line in lines
        for text in ([line.text] if line.style == "equation" else wrap(line.text, width))
    ]


def describe(step: Step, axes: tuple[Axis, ...]) -> str:
    """`32 × 64 (position × n_embd), named h.0.ln_1, from h.0.resid_pre, h.0.ln_1.weight`."""
    sizes = TIMES.join(str(axis.size) for axis in axes) or "one cell"
    words = TIMES.join(axis.name for axis in axes)
    shape = f"{sizes} ({words})" if axes else sizes
    results = [name for name in step.names.values() if not name.startswith(f"{step.name}.")]
    if len(results) > MANY_NAMES:
        results = [*results[:MANY_NAMES], f"and {len(results) - MANY_NAMES} more"]
    read = [_family(x) for x in step.inputs.values()]
    sources = f", from {', '.join(read)}" if read else ""
    return f"{shape}, named {', '.join(results)}{sources}"


def _family(source: str | tuple[str, ...]) -> str:
    """A family by its first and last member."""
    if isinstance(source, str) or len(source) == 1:
        return source if isinstance(source, str) else source[0]
    return f"{source[0]} to {source[-1]}"


@dataclass(frozen=True)
class Card:
    """A step's card on its tab: where it begins, and where its links and its picture go.

    `back` and `next` are cells, `picture` the upper of the two rows of the picture.
    """

    step: Step
    sheet: SheetBuilder
    row: int
    col: int
    back: tuple[int, int]
    next: tuple[int, int]
    picture: int

    @property
    def place(self) -> str:
        """Where a link to the card leads."""
        return f"{quote_sheet(self.sheet.name)}!{Area('', self.row, self.col).a1()}"

    @property
    def words(self) -> str:
        """The step in a link: its number, if it has one, and its title."""
        number = "" if self.step.number is None else f"{self.step.number}. "
        return number + self.step.title


def link_neighbours(cards: Sequence[Card]) -> None:
    """Give every card links to the one before and the one after it, across tabs."""
    for i, card in enumerate(cards):
        if i:
            card.sheet.link(*card.back, f"{BACK}{cards[i - 1].words}", cards[i - 1].place, "nav")
        if i + 1 < len(cards):
            card.sheet.link(*card.next, f"{cards[i + 1].words}{NEXT}", cards[i + 1].place, "nav")


def draw_block(cards: Sequence[Card], col: int) -> None:
    """Draw the block on the card of each of its numbered steps, this step marked.

    The upper line is the residual stream with the steps that lie on it, the lower one holds the
    steps that branch off. Every other box leads to its step.
    """
    for card in cards:
        upper, lower = card.picture, card.picture + 1
        for i, other in enumerate(cards):
            box = f"{other.step.number} {other.step.mark}"
            row = upper if other.step.stream else lower
            if other is card:
                card.sheet.text(row, col + i, HERE + box, "mark_here")
            else:
                card.sheet.link(row, col + i, box, other.place, "mark")
            if not other.step.stream:
                card.sheet.text(upper, col + i, ARROW, "stream")


def marked(cards: Sequence[Card]) -> bool:
    """Whether the steps of a tab make a picture."""
    return bool(cards) and all(card.step.mark for card in cards)
