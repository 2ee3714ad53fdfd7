"""Read a templates folder: operations (`ops/`), the model, its optional parts, the forms."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from sheetgpt.errors import TemplateError
from sheetgpt.template.expand import FillError, expand, integer
from sheetgpt.template.forms import FORMS, read_form
from sheetgpt.template.formula import SIZES
from sheetgpt.template.op import Op, read_op
from sheetgpt.template.tables import Problems
from sheetgpt.template.wiring import MODEL, Wiring, read_wiring

#: Loops are tried with as many rounds: a first one and one after it.
TRIAL_SIZE = 2


@dataclass(frozen=True)
class Templates:
    """Everything below a templates folder."""

    ops: dict[str, Op]
    wiring: Wiring
    forms: dict[str, dict[str, Any]]
    folder: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Every row: of the forms, of the panels of Start, and above the steps of tabs."""
        panels = [
            panel
            for form in self.forms.values()
            for band in form.get("band", [])
            for panel in band["panel"]
        ]
        tables = [*(form["row"] for form in self.forms.values()), *(x["row"] for x in panels)]
        return [row for rows in (*tables, *(x.rows for x in self.wiring.tabs)) for row in rows]

    @property
    def entries(self) -> set[str]:
        """The names of the cells to type a number into."""
        rows = (row for row in self.rows if row.get("entry", {}).get("kind", "text") != "text")
        return {row["name"] for row in rows}


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
        forms[name] = {} if table is None else read_form(name, table, problems)
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


def _check_parts(
    wiring: Wiring, forms: Mapping[str, Mapping[str, Any]], problems: Problems
) -> None:
    """Rows and panels can only go with a part that there is."""
    places = {tab.place: tab.rows for tab in wiring.tabs}
    for name, form in forms.items():
        panels = [panel for band in form.get("band", []) for panel in band["panel"]]
        rows = (row for panel in panels for row in panel["row"])
        places[f"forms/{name}.toml"] = (*form["row"], *panels, *rows)
    for place, tables in places.items():
        for part in (table["part"] for table in tables if "part" in table):
            if part not in wiring.parts:
                problems.add(place, f"there is no part '{part}' (known: {', '.join(wiring.parts)})")


def _toml(folder: Path, path: Path, problems: Problems) -> dict[str, Any] | None:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        problems.add(path.relative_to(folder).as_posix(), f"cannot be read: {error.strerror}")
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        problems.add(path.relative_to(folder).as_posix(), f"is not TOML: {error}")
    return None
