"""Write the workbook of lessons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sheetgpt.commands.progress import Progress, quiet
from sheetgpt.commands.written import require_writable
from sheetgpt.errors import InputError
from sheetgpt.evaluator import finish
from sheetgpt.layout.lessons import plan_lessons
from sheetgpt.layout.properties import properties
from sheetgpt.template.lessons import Lessons, load_lessons
from sheetgpt.xlsx.write import write

DEFAULT = Path("output") / "lessons.xlsx"


@dataclass(frozen=True)
class BuiltLessons:
    """A workbook of lessons that was written; `apart` are those that only `only` asks for."""

    path: Path
    size: int
    tabs: int
    formulas: int
    lessons: tuple[str, ...]
    apart: tuple[str, ...]


def lessons(
    output: str | Path | None = None,
    *,
    only: str | Sequence[str] | None = None,
    force: bool = False,
    templates: str | Path | None = None,
    progress: Progress = quiet,
) -> BuiltLessons:
    """Write the workbook of lessons, to output/lessons.xlsx unless told otherwise.

    `only` names some of them, as a list or with commas between; they stay in their order.
    `templates` is a folder. Raises InputError for a lesson that does not exist and for an existing
    file without `force`, TemplateError for templates that cannot be used.
    """
    path = Path(output or DEFAULT)
    require_writable(path, force)
    declared = load_lessons(None if templates is None else Path(templates))
    names = chosen(declared, only)
    progress("Planning the lessons")
    book = plan_lessons(declared, names)
    progress("Computing every formula")
    book = finish(book)
    progress("Writing the file")
    write(book, path, *properties(book))
    return BuiltLessons(
        path,
        path.stat().st_size,
        len(book.sheets),
        sum(len(sheet.formulas) for sheet in book.sheets.values()),
        names,
        tuple(x.name for x in declared.lessons if x.apart and x.name not in names),
    )


def chosen(declared: Lessons, only: str | Sequence[str] | None) -> tuple[str, ...]:
    """The names of the lessons to write, in their order; raises InputError."""
    known = [lesson.name for lesson in declared.lessons]
    if only is None:
        return tuple(lesson.name for lesson in declared.lessons if not lesson.apart)
    asked = [name.strip() for name in (only.split(",") if isinstance(only, str) else only)]
    if unknown := [name for name in asked if name not in known]:
        raise InputError(
            f"There is no lesson {unknown[0]!r}; choose some of {', '.join(known)}, with commas "
            "between."
        )
    return tuple(name for name in known if name in asked)
