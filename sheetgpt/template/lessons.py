"""The lessons: `templates/lessons.toml`, their order, and a file for each below `lessons/`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from sheetgpt.errors import TemplateError
from sheetgpt.template.load import LESSONS, check_fill, default_folder, read_ops, read_toml, stamp
from sheetgpt.template.op import Op
from sheetgpt.template.rows import Row, read_rows
from sheetgpt.template.tables import (
    TABLE,
    TABLES,
    TEXT,
    TEXTS,
    TRUE,
    WHOLE,
    Problems,
    Table,
    entries,
)
from sheetgpt.template.wiring import AxisWiring, TabWiring, Wiring, read_axis, read_tab

FILE = f"{LESSONS}.toml"
#: The tables that a lesson can take from a model.
SOURCES = ("scores", "vocabulary")


class Word(NamedTuple):
    """A word of the glossary and what it means."""

    word: str
    means: str


@dataclass(frozen=True)
class Lesson:
    """One lesson: its tabs with axes of their own, and the words that it explains.

    Title and question are those of its first tab. `minutes` is how long it takes, `model` where the
    same happens in the workbook of a model, and `places` its tabs to look at. One that is `apart`
    is written only if it is asked for by name: it would make the others heavy. `data` are tables
    that come from a model, by name, each with the texts that it is about.
    """

    name: str
    minutes: int
    model: str
    wiring: Wiring
    words: tuple[Word, ...]
    apart: bool = False
    places: tuple[str, ...] = ()
    data: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """What it is called."""
        return self.wiring.tabs[0].title

    @property
    def question(self) -> str:
        """What it answers."""
        return self.wiring.tabs[0].summary

    @property
    def exercises(self) -> list[str]:
        """The names of its exercises."""
        panels = (panel for tab in self.wiring.tabs for panel in tab.panels)
        return [panel.exercise.name for panel in panels if panel.exercise]


@dataclass(frozen=True)
class Lessons:
    """All lessons in their order, and the words of the first tab and of the glossary."""

    ops: dict[str, Op]
    lessons: tuple[Lesson, ...]
    title: str
    summary: str
    rows: tuple[Row, ...]
    glossary: str
    folder: str


def load_lessons(folder: Path | None = None) -> Lessons:
    """Read and check the lessons of a templates folder; TemplateError has every problem found.

    What was read before is given again where its files still hold the same.
    """
    folder = folder or default_folder()
    return _lessons(folder, stamp(folder, lessons=True))


@lru_cache(maxsize=4)
def _lessons(folder: Path, _stamp: str) -> Lessons:
    if not (folder / FILE).is_file():
        raise TemplateError(f"There is no {FILE} in {folder}; give a copy of the templates.")
    problems = Problems()
    ops = read_ops(folder, problems)
    known = entries(
        read_toml(folder, folder / FILE, problems) or {},
        FILE,
        problems,
        {**dict.fromkeys(("title", "summary", "glossary"), TEXT), LESSONS: TEXTS, "row": TABLES},
    )
    listed = known.get(LESSONS, [])
    for path in sorted((folder / LESSONS).glob("*.toml")):
        if path.stem not in listed:
            problem = f"'{path.stem}' is not among the lessons of {FILE}"
            problems.add(f"{LESSONS}/{path.name}", problem)
    read = []
    for name in listed:
        table = read_toml(folder, folder / LESSONS / f"{name}.toml", problems)
        if table is not None:
            read.append(_lesson(name, table, ops, problems))
    rows = read_rows(known.get("row", []), FILE, problems)
    tabs = [tab for lesson in read for tab in lesson.wiring.tabs]
    panels = [panel for tab in tabs for panel in tab.panels]
    tables = [tab.rows for tab in tabs] + [panel.rows for panel in panels]
    charts = [tab.charts for tab in tabs] + [panel.charts for panel in panels]
    check_fill(
        [*rows, *(row for table in tables for row in table)],
        [chart for several in charts for chart in several],
        problems,
    )
    problems.raise_any(str(folder))
    return Lessons(
        {key: op for key, op in ops.items() if op},
        tuple(read),
        known["title"],
        known["summary"],
        rows,
        known["glossary"],
        str(folder),
    )


def _lesson(name: str, table: Table, ops: Mapping[str, Op | None], problems: Problems) -> Lesson:
    """One lesson; what is wrong with it goes into `problems`."""
    file = f"{LESSONS}/{name}.toml"
    known = entries(
        table,
        file,
        problems,
        {
            "model": TEXT,
            "minutes": WHOLE,
            "axes": TABLE,
            "tab": TABLES,
            "word": TABLES,
        },
        {"apart": TRUE, "data": TABLE, "places": TEXTS},
    )
    data = entries(
        known.get("data", {}), f"{file}, data", problems, {}, dict.fromkeys(SOURCES, TEXTS)
    )
    known["places"] = tuple(known.get("places", ()))
    known["data"] = {source: tuple(texts) for source, texts in data.items()}
    axes: dict[str, AxisWiring] = {
        axis: read_axis(file, axis, content, problems)
        for axis, content in known.pop("axes", {}).items()
    }
    tabs = tuple(read_tab(tab, file, ops, problems) for tab in known.pop("tab", []))
    _check_axes(tabs, axes, ops, problems)
    words = [
        entries(word, f"{file}, word", problems, {"word": TEXT, "means": TEXT})
        for word in known.pop("word", [])
    ]
    if not tabs:
        problems.add(file, "there is no tab")
    blank: dict[str, Any] = {"model": "", "minutes": 0}
    return Lesson(
        name,
        **{**blank, **known},
        wiring=Wiring(axes, tabs, ()),
        words=tuple(Word(word.get("word", ""), word.get("means", "")) for word in words),
    )


def _check_axes(
    tabs: tuple[TabWiring, ...],
    axes: Mapping[str, AxisWiring],
    ops: Mapping[str, Op | None],
    problems: Problems,
) -> None:
    """The axes that operations and tables name are those of the lesson."""
    known = ", ".join(sorted(axes))
    for tab in tabs:
        for step in tab.steps:
            op = ops.get(step.op)
            for axis in op.axes.values() if op else ():
                if axis not in axes:
                    problem = f"there is no axis '{axis}' (known: {known})"
                    problems.add(step.place, problem)
        for panel in tab.panels:
            own = [axis for table in panel.entries for axis in table.axes]
            for axis in (*panel.axes, *own):
                if axis not in axes:
                    problems.add(panel.where, f"there is no axis '{axis}' (known: {known})")
