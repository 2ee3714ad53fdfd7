"""Read a templates folder: operations (`ops/`), the model, its optional parts, the forms."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib import resources
from pathlib import Path
from typing import Any
from uuid import uuid4

from sheetgpt.checkpoint.traits import Trait
from sheetgpt.errors import TemplateError
from sheetgpt.template.alike import alike
from sheetgpt.template.expand import FillError, expand, fill, integer, loop
from sheetgpt.template.forms import FORMS, Form, read_form
from sheetgpt.template.formula import SIZES
from sheetgpt.template.op import Op, read_op
from sheetgpt.template.panels import Panel
from sheetgpt.template.rows import ChartWiring, Row, wanted
from sheetgpt.template.tables import Problems
from sheetgpt.template.wiring import MODEL, Wiring, read_wiring

#: Loops are tried with as many rounds: a first one and one after it.
TRIAL_SIZE = 2
#: The name of the tab with the prompt.
START_TAB = "Start"
#: What the files of the lessons, or the folders that hold them, are called.
LESSONS = "lessons"
#: Tabs that no template declares, as patterns: links may lead to these, too.
UNDECLARED_TABS = ("vocabulary", "merges", "unicode", "byte_table", "projections", r"weights\..+")


@dataclass(frozen=True)
class Templates:
    """Everything below a templates folder."""

    ops: dict[str, Op]
    wiring: Wiring
    forms: dict[str, Form]
    folder: str

    def rows(self, left_out: Container[str] = ()) -> list[Row]:
        """The rows of forms, of the panels of Start, and above the steps of tabs.

        Without those that are left out, alone or with their panel or tab.
        """
        panels = _all_panels(self.wiring, self.forms)
        tables = [
            *(form.rows for form in self.forms.values()),
            *(panel.rows for panel in wanted(panels, left_out)),
            *(tab.rows for tab in wanted(self.wiring.tabs, left_out)),
        ]
        return [row for rows in tables for row in wanted(rows, left_out)]

    def makes_tab(self, name: str) -> bool:
        """Whether a tab of this name can be in a workbook, with all of its parts."""
        tabs = (_pattern(tab.name) for tab in self.wiring.tabs)
        return any(pattern.fullmatch(name) for pattern in tabs)

    @cached_property
    def entries(self) -> frozenset[str]:
        """The names of the cells to type a number into."""
        rows = (row for row in self.rows() if row.entry and row.entry.kind != "text")
        return frozenset(row.name for row in rows if row.name)


def default_folder() -> Path:
    """The templates that came with sheetgpt: inside an installed package, else the checkout's."""
    inside = Path(str(resources.files("sheetgpt"))) / "templates"
    return inside if inside.is_dir() else Path(__file__).parents[2] / "templates"


def load_templates(folder: Path | None = None) -> Templates:
    """Read and check a templates folder; raises TemplateError with every problem found.

    What was read before is given again where its files still hold the same.
    """
    folder = folder or default_folder()
    return _templates(folder, stamp(folder))


@lru_cache(maxsize=4)
def _templates(folder: Path, _stamp: str) -> Templates:
    if not (folder / MODEL).is_file():
        raise TemplateError(f"There is no {MODEL} in {folder}; give a copy of the templates.")
    problems = Problems()
    ops = read_ops(folder, problems)
    ops = {key: op for key, op in ops.items() if not is_lesson(Path(key))}
    model = read_toml(folder, folder / MODEL, problems)
    files = sorted((folder / "parts").glob("*.toml"))
    parts = {path.stem: read_toml(folder, path, problems) for path in files}
    wiring = read_wiring(model, parts, ops, problems)
    forms = {}
    for name in FORMS:
        table = read_toml(folder, folder / "forms" / f"{name}.toml", problems)
        if table is not None:
            forms[name] = read_form(name, table, problems)
    _check_loops(wiring, {key: op for key, op in ops.items() if op}, problems)
    _check_rows(wiring, forms, problems)
    problems.raise_any(str(folder))
    _check_parts(wiring, forms, problems)
    _check_links(wiring, forms, problems)
    problems.raise_any(str(folder))
    return Templates({key: op for key, op in ops.items() if op}, wiring, forms, str(folder))


def stamp(folder: Path, *, lessons: bool = False) -> str:
    """What a folder holds, in short: its hash, or a text of its own where a file is unreadable."""
    try:
        return hash_folder(folder, lessons=lessons)
    except OSError:
        return uuid4().hex


def hash_folder(folder: Path, *, lessons: bool = False) -> str:
    """SHA-256 over the names and contents of all TOML files below a folder, those of the model.

    With `lessons` of theirs, too, which may use operations of the model.
    """
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.toml")):
        inside = path.relative_to(folder)
        if lessons or not is_lesson(inside):
            digest.update(inside.as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def is_lesson(path: Path) -> bool:
    """Whether a file of templates belongs to the lessons; `path` is below the templates folder."""
    return LESSONS in path.with_suffix("").parts


def read_ops(folder: Path, problems: Problems) -> dict[str, Op | None]:
    """All operations below a templates folder; None for one whose file could not be read."""
    files = sorted((folder / "ops").rglob("*.toml"))
    keys = [path.relative_to(folder / "ops").with_suffix("").as_posix() for path in files]
    tables = {key: read_toml(folder, path, problems) for key, path in zip(keys, files, strict=True)}
    return {
        key: None if table is None else read_op(key, alike(key, table, tables, problems), problems)
        for key, table in tables.items()
    }


def _check_loops(wiring: Wiring, ops: Mapping[str, Op], problems: Problems) -> None:
    """Axes, loops and names use numbers that every workbook has, whatever their values."""
    sizes = dict.fromkeys(SIZES, TRIAL_SIZE)
    for axis in wiring.axes.values():
        with problems.at(axis.place, FillError):
            integer(axis.size, sizes)
    expand(wiring, ops, sizes, (), (), problems)


def _check_rows(wiring: Wiring, forms: Mapping[str, Form], problems: Problems) -> None:
    """Rows and charts, too, and the limits of what may be typed into a row's cell."""
    panels = _all_panels(wiring, forms)
    charts = [tab.charts for tab in wiring.tabs] + [panel.charts for panel in panels]
    check_fill(_all_rows(wiring, forms), [x for several in charts for x in several], problems)


def check_fill(rows: Iterable[Row], charts: Iterable[ChartWiring], problems: Problems) -> None:
    """What is in braces in rows and charts can be filled in."""
    sizes = dict.fromkeys(SIZES, TRIAL_SIZE)
    for row in rows:
        with problems.at(row.where, FillError):
            for _, env in loop(row.each, sizes):
                fill(row.title, env)
                fill(row.formula or "", env)
            for limit in (row.entry.low, row.entry.high) if row.entry else ():
                if isinstance(limit, str):
                    integer(limit, sizes)
    for chart in charts:
        for series in chart.series:
            with problems.at(chart.where, FillError):
                for _, env in loop(series.each, sizes):
                    for text in (series.name, series.values, series.categories, series.label or ""):
                        fill(text, env)


def _all_panels(wiring: Wiring, forms: Mapping[str, Form]) -> list[Panel]:
    tables = [*(tab.panels for tab in wiring.tabs), *(form.panels for form in forms.values())]
    return [panel for panels in tables for panel in panels]


def _all_rows(wiring: Wiring, forms: Mapping[str, Form]) -> list[Row]:
    panels = _all_panels(wiring, forms)
    tables = [
        *(tab.rows for tab in wiring.tabs),
        *(form.rows for form in forms.values()),
        *(panel.rows for panel in panels),
    ]
    return [row for rows in tables for row in rows]


def _check_parts(wiring: Wiring, forms: Mapping[str, Form], problems: Problems) -> None:
    """Rows, panels and steps can only go with a part or a trait that there is."""
    places = [(panel.where, panel.part) for panel in _all_panels(wiring, forms)]
    places += [(row.where, row.part) for row in _all_rows(wiring, forms)]
    places += [(step.place, step.part) for tab in wiring.tabs for step in tab.steps]
    known = [*wiring.parts, *Trait]
    for where, part in places:
        if part is not None and part not in known:
            problems.add(where, f"there is no part '{part}' (known: {', '.join(known)})")


def _check_links(wiring: Wiring, forms: Mapping[str, Form], problems: Problems) -> None:
    """A row leads to a tab that there is, and goes with the part of that tab."""
    panels = [panel for form in forms.values() for panel in form.panels]
    tables: list[tuple[str | None, Sequence[Row]]] = [
        *((None, form.rows) for form in forms.values()),
        *((tab.part, tab.rows) for tab in wiring.tabs),
        *((panel.part, panel.rows) for panel in panels),
    ]
    parts = {_pattern(tab.name): tab.part for tab in wiring.tabs}
    others = [START_TAB, *(name for name in forms if name != "start"), *UNDECLARED_TABS]
    parts |= {re.compile(name): None for name in others}
    for holder_part, row in ((part, row) for part, rows in tables for row in rows):
        if row.to is None:
            continue
        leads = [part for name, part in parts.items() if name.fullmatch(row.to)]
        if not leads:
            problems.add(row.where, f"to = '{row.to}': there is no tab of this name")
        elif row.part in (None, *wiring.parts) and leads[0] not in (None, row.part, holder_part):
            problem = f"the row needs part = '{leads[0]}', as that tab has"
            problems.add(row.where, f"to = '{row.to}': {problem}")


def _pattern(name: str) -> re.Pattern[str]:
    """Matches the names of tabs that `block.{L}` stands for."""
    return re.compile(r"\d+".join(map(re.escape, re.split(r"\{[^{}]*\}", name))))


def read_toml(folder: Path, path: Path, problems: Problems) -> dict[str, Any] | None:
    """A file below the folder; None, and why goes into `problems`, if it cannot be read.

    Not to be changed: files that hold the same may get the same table.
    """
    try:
        return _table(path.read_text(encoding="utf-8"))
    except OSError as error:
        problems.add(path.relative_to(folder).as_posix(), f"cannot be read: {error.strerror}")
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        problems.add(path.relative_to(folder).as_posix(), f"is not TOML: {error}")
    return None


@lru_cache(maxsize=512)
def _table(text: str) -> dict[str, Any]:
    return tomllib.loads(text)
