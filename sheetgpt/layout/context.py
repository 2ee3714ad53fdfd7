"""What rows, charts and steps of all tabs share while a workbook is laid out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from sheetgpt.book.area import Area
from sheetgpt.layout.names import Names
from sheetgpt.layout.tensor import Consequence, PlacementError, Tensor
from sheetgpt.template.expand import FillError
from sheetgpt.template.formula import Token
from sheetgpt.template.tables import Problems

Facts = Mapping[str, str | int | float]


@dataclass(frozen=True)
class Context:
    """What rows may name: facts of the model, tensors, other cells; and what was chosen for them.

    `tensors` collects the tensors of all tabs, `cells` the named cells of all forms and tabs, and
    `names` holds both. `tabs` are the names of all tabs. `settings` holds values for entries by
    name, as text. `token` gives the first of some words that is a token of the vocabulary, else 0.
    """

    facts: Facts
    tensors: MutableMapping[str, Tensor]
    names: Names
    tabs: frozenset[str]
    left_out: frozenset[str]
    settings: Mapping[str, str]
    token: Callable[[Sequence[str]], str | int]
    problems: Problems
    cells: dict[str, Area] = field(default_factory=dict)
    #: The names of all cells to type into, with what they may hold.
    entries: dict[str, str] = field(default_factory=dict)
    #: The formulas of the rows that were written, by the place of the row.
    formulas: dict[str, list[Sequence[Token]]] = field(default_factory=dict)
    #: The names of tensors whose steps could not be laid out.
    failed: set[str] = field(default_factory=set)

    @property
    def whole(self) -> dict[str, int]:
        """The facts that are whole numbers."""
        return {key: value for key, value in self.facts.items() if isinstance(value, int)}

    def tensor(self, name: str) -> Tensor:
        """The tensor of a name; raises PlacementError if there is none."""
        if name in self.failed:
            raise Consequence(f"the step of '{name}' has a problem")
        if name not in self.tensors:
            raise PlacementError(f"there is no tensor '{name}'")
        return self.tensors[name]

    @contextmanager
    def at(self, where: str) -> Iterator[None]:
        """Note what goes wrong in the `with` block as a problem at this place."""
        with self.problems.at(where, FillError, PlacementError), suppress(Consequence):
            yield
