"""What a workbook will be, before anything is written: cells, size, time, memory, programs.

Modules, each importing only those above it: `tally` (cells per tab), `storage`
(bytes), `costs` (seconds and memory), `programs` (who can open it).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from sheetgpt.book import MAX_COLUMNS, MAX_ROWS
from sheetgpt.book.capacity import Capacity
from sheetgpt.checkpoint import Shape
from sheetgpt.estimate.costs import build_memory, build_seconds, office_memory, office_seconds
from sheetgpt.estimate.programs import Opens, openers
from sheetgpt.estimate.storage import Storage, file_bytes, xml_bytes
from sheetgpt.estimate.tally import TabTally, tally
from sheetgpt.template.load import Templates
from sheetgpt.xlsx.members import MAX_PART

GIB = 2**30

__all__ = [
    "Estimate",
    "Option",
    "Storage",
    "estimate",
    "refusal",
    "short",
    "size",
]


@dataclass(frozen=True)
class Option:
    """What an optional part of the workbook adds; the name is what `--without` takes."""

    name: str
    left_out: bool
    formulas: int
    cells: int
    file_size: float
    build_seconds: float
    office_seconds: float


@dataclass(frozen=True)
class Estimate:
    """What to expect of a workbook; sizes in bytes, times in seconds of processor time.

    `cells` counts what is not blank: weights, `values` (cells that formulas fill) and other
    constants. LibreOffice's time is for loading and one recalculation.
    """

    shape: Shape
    capacity: Capacity
    storage: Storage
    tabs: list[TabTally]
    file_size: float
    build_seconds: float
    build_memory: float
    office_seconds: float
    office_memory: float
    programs: list[Opens]
    options: list[Option]

    @property
    def weights(self) -> int:
        """Cells that hold a weight."""
        return sum(tab.weights for tab in self.tabs)

    @property
    def formulas(self) -> int:
        """Formulas; an array formula counts once."""
        return sum(tab.formulas for tab in self.tabs)

    @property
    def values(self) -> int:
        """Cells that formulas fill, each with its value in the file."""
        return sum(tab.values for tab in self.tabs)

    @property
    def cells(self) -> int:
        """All cells that are not blank."""
        return sum(tab.cells for tab in self.tabs)


def estimate(
    shape: Shape,
    capacity: Capacity,
    templates: Templates,
    storage: Storage,
    left_out: Collection[str] = (),
) -> Estimate:
    """What the workbook of a model will be; takes milliseconds and reads no weights."""
    every = tally(shape, capacity, templates)
    tabs = tally(shape, capacity, templates, left_out) if left_out else every
    cells = sum(tab.cells for tab in tabs)
    return Estimate(
        shape,
        capacity,
        storage,
        tabs,
        file_bytes(tabs, storage),
        build_seconds(tabs, shape, storage),
        build_memory(tabs, shape, storage),
        office_seconds(cells, sum(tab.products for tab in tabs)),
        office_memory(cells),
        openers(tabs, storage.cell_refs, writable=_too_large(tabs, storage) is None),
        [_option(name, name in left_out, every, shape, storage) for name in templates.wiring.parts],
    )


def _option(
    name: str, left_out: bool, every: list[TabTally], shape: Shape, storage: Storage
) -> Option:
    """What the tabs of one optional part add to a workbook that has all of them."""
    own = [tab for tab in every if tab.part == name]
    rest = [tab for tab in every if tab.part != name]
    cells = sum(tab.cells for tab in own)
    return Option(
        name,
        left_out,
        sum(tab.formulas for tab in own),
        cells,
        file_bytes(every, storage) - file_bytes(rest, storage),
        build_seconds(every, shape, storage) - build_seconds(rest, shape, storage),
        office_seconds(cells, sum(tab.products for tab in own)) - office_seconds(0, 0),
    )


def refusal(planned: Estimate) -> str | None:
    """Why this cannot be a workbook, in a sentence; None if it can."""
    shape, room = planned.shape, planned.shape.config.n_positions
    if planned.capacity.tokens > room:
        return (
            f"--tokens {planned.capacity.tokens} is more than the {room} positions of this model, "
            f"{shape.name}; give {room} or fewer."
        )
    for tab in planned.tabs:
        if tab.columns > MAX_COLUMNS or tab.rows > MAX_ROWS:
            way = "fewer --rounds" if tab.name == "tokens.workings" else "a smaller model"
            way = _without(planned, tab.part) if tab.part else way
            return (
                f"Tab {tab.name} would need {tab.rows:,} rows and {tab.columns:,} columns, and a "
                f"sheet holds {MAX_ROWS:,} and {MAX_COLUMNS:,}; use {way}."
            )
    problem = _too_large(planned.tabs, planned.storage)
    return f"{problem}; use {_remedy(planned)}." if problem else None


def _too_large(tabs: list[TabTally], storage: Storage) -> str | None:
    """Which part of the file, or that the file itself, is larger than zip's 32 bits can say."""
    for tab in tabs:
        xml = xml_bytes(tab, storage)
        if xml > MAX_PART:
            return (
                f"Tab {tab.name} would be {size(xml)} of XML, and a part of a workbook ends at "
                f"{size(MAX_PART)}"
            )
    whole = file_bytes(tabs, storage)
    if whole > MAX_PART:
        return f"The file would be {size(whole)}, and a workbook ends at {size(MAX_PART)}"
    return None


def _remedy(planned: Estimate) -> str:
    """The options that make it fit, the harmless ones first."""
    tabs, storage = planned.tabs, planned.storage
    options = []
    for option, lighter in (
        ("--no-cell-refs", replace(storage, cell_refs=False)),
        ("--compression small", replace(storage, cell_refs=False, compression="small")),
        ("--precision int8", Storage("int8", "small", cell_refs=False)),
    ):
        if lighter != storage:
            options.append(option)
        storage = lighter
        if options and _too_large(tabs, storage) is None:
            return " ".join(options)
    for part in planned.options:
        if _too_large([tab for tab in tabs if tab.part != part.name], planned.storage) is None:
            return _without(planned, part.name)
    return "a smaller model or fewer --tokens"


def _without(planned: Estimate, name: str) -> str:
    """The option that leaves out one part more than are left out now."""
    names = (part.name for part in planned.options if part.left_out or part.name == name)
    return f"--without {','.join(names)}"


def short(planned: Estimate) -> str:
    """One line for the terminal."""
    return (
        f"{planned.shape.name}: {planned.cells:,} cells and {planned.formulas:,} formulas on "
        f"{len(planned.tabs)} tabs, about {size(planned.file_size)}; building takes about "
        f"{planned.build_seconds:.0f} s and {size(planned.build_memory)} of memory"
    )


def size(in_bytes: float) -> str:
    """`3.2 MB`, `793 MB`, `2.2 GB`."""
    number, unit = (in_bytes / 1e9, "GB") if in_bytes >= 1e9 else (in_bytes / 1e6, "MB")
    return f"{number:.{1 if number < 10 else 0}f} {unit}"
