"""Read a templates folder: operations (`ops/`), the model, its optional parts, the forms."""

from __future__ import annotations

import tomllib
from collections.abc import Container, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from sheetgpt.errors import TemplateError
from sheetgpt.template.expand import FillError, expand, integer
from sheetgpt.template.forms import FORMS, Form, Panel, read_form
from sheetgpt.template.formula import SIZES
from sheetgpt.template.op import Op, read_op
from sheetgpt.template.rows import Row, wanted
from sheetgpt.template.tables import Problems
from sheetgpt.template.wiring import MODEL, Wiring, read_wiring

#: Loops are tried with as many rounds: a first one and one after it.
TRIAL_SIZE = 2


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
        panels = [panel for form in self.forms.values() for panel in form.panels]
        tables = [
            *(form.rows for form in self.forms.values()),
            *(panel.rows for panel in wanted(panels, left_out)),
            *(tab.rows for tab in wanted(self.wiring.tabs, left_out)),
        ]
        return [row for rows in tables for row in wanted(rows, left_out)]

    @property
    def entries(self) -> set[str]:
        """The names of the cells to type a number into."""
        rows = (row for row in self.rows() if row.entry and row.entry.kind != "text")
        return {row.name for row in rows if row.name}


def default_folder() -> Path:
    """The templates that came with sheetgpt: inside an installed package, else the checkout's."""
    inside = Path(str(resources.files("sheetgpt"))) / "templates"
    return inside if inside.is_dir() else Path(__file__).parents[2] / "templates"


def load_templates(folder: Path | None = None) -> Templates:
    """Read and check a templates folder; raises TemplateError with every problem found."""
    folder = folder or default_folder()
    if not (folder / MODEL).is_file():
        raise TemplateError(f"There is no {MODEL} in {folder}; give a copy of the templates.")
    problems = Problems()
    ops: dict[str, Op | None] = {}
    for path in sorted((folder / "ops").rglob("*.toml")):
        key = path.relative_to(folder / "ops").with_suffix("").as_posix()
        table = _toml(folder, path, problems)
        ops[key] = None if table is None else read_op(key, table, problems)
    model = _toml(folder, folder / MODEL, problems)
    files = sorted((folder / "parts").glob("*.toml"))
    parts = {path.stem: _toml(folder, path, problems) for path in files}
    wiring = read_wiring(model, parts, ops, problems)
    forms = {}
    for name in FORMS:
        table = _toml(folder, folder / "forms" / f"{name}.toml", problems)
        if table is not None:
            forms[name] = read_form(name, table, problems)
    _check_loops(wiring, {key: op for key, op in ops.items() if op}, problems)
    problems.raise_any(str(folder))
    _check_parts(wiring, forms, problems)
    problems.raise_any(str(folder))
    return Templates({key: op for key, op in ops.items() if op}, wiring, forms, str(folder))


def _check_loops(wiring: Wiring, ops: Mapping[str, Op], problems: Problems) -> None:
    """Axes, loops and names use numbers that every workbook has, whatever their values."""
    sizes = dict.fromkeys(SIZES, TRIAL_SIZE)
    for axis in wiring.axes.values():
        with problems.at(axis.place, FillError):
            integer(axis.size, sizes)
    expand(wiring, ops, sizes, (), (), problems)


def _check_parts(wiring: Wiring, forms: Mapping[str, Form], problems: Problems) -> None:
    """Rows and panels can only go with a part that there is."""
    panels = [panel for form in forms.values() for panel in form.panels]
    tables = [
        *(tab.rows for tab in wiring.tabs),
        *(form.rows for form in forms.values()),
        *(panel.rows for panel in panels),
    ]
    places: list[Panel | Row] = [*panels, *(row for rows in tables for row in rows)]
    for place in places:
        if place.part is not None and place.part not in wiring.parts:
            known = ", ".join(wiring.parts)
            problems.add(place.where, f"there is no part '{place.part}' (known: {known})")


def _toml(folder: Path, path: Path, problems: Problems) -> dict[str, Any] | None:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        problems.add(path.relative_to(folder).as_posix(), f"cannot be read: {error.strerror}")
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        problems.add(path.relative_to(folder).as_posix(), f"is not TOML: {error}")
    return None
