"""A whole workbook compared with what it must be: its cells, names and tabs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from sheetgpt.book import Book
from sheetgpt.checkpoint import Checkpoint
from sheetgpt.layout.lessons import plan_lessons
from sheetgpt.layout.switches import is_switch
from sheetgpt.reference.lessons import LESSONS
from sheetgpt.template.lessons import load_lessons
from sheetgpt.template.load import hash_folder, load_templates
from sheetgpt.verification.cells import compare_formulas, compare_texts
from sheetgpt.verification.finding import Comparison, Finding
from sheetgpt.verification.frame import compare_frame
from sheetgpt.verification.halves import counts_halves
from sheetgpt.verification.lessons import lessons_in
from sheetgpt.verification.looks import compare_looks
from sheetgpt.verification.pretenders import pretended
from sheetgpt.verification.replan import other_templates, planned
from sheetgpt.verification.settings import compare_settings
from sheetgpt.xlsx.seen import Seen

#: The cell that holds the prompt.
PROMPT = "prompt"


@dataclass(frozen=True)
class Content:
    """What a workbook is made of.

    `findings` is None where nothing says what it must be; `notes` are sentences on what could not
    be compared. `own_tabs` are a reader's own; `book` is the workbook without them.
    """

    book: Book
    findings: list[Finding] | None = None
    notes: list[str] = field(default_factory=list)
    own_tabs: list[str] = field(default_factory=list)

    @property
    def differs(self) -> bool:
        """Whether something is not as it must be."""
        return any(not finding.ok for finding in self.findings or ())


def compare_model(
    book: Book, folder: Path | None, model: Checkpoint | None, seen: Seen | None = None
) -> Content:
    """Compare the workbook of a model with one planned anew; `model` is a trusted one.

    `seen` is what the file shows beside the values; without it that is not compared. `folder` are
    the templates, None for those that come along. Raises WorkbookError or CapacityError where what
    the workbook says of itself makes none.
    """
    templates = load_templates(folder)
    if other := other_templates(book, hash_folder(Path(templates.folder))):
        return Content(book, notes=[f"{other}: only values were compared."])
    plan = planned(book, templates, model)
    inputs = {PROMPT, *filter(is_switch, plan.names), *templates.entries}
    return compare_content(book, plan, inputs, templates.makes_tab, seen)


def compare_lessons(book: Book, folder: Path | None, seen: Seen | None = None) -> Content:
    """The same for a workbook of lessons."""
    lessons = load_lessons(folder)
    if other := other_templates(book, hash_folder(Path(lessons.folder), lessons=True)):
        return Content(book, notes=[f"{other}: only values were compared."])
    names = lessons_in(book)
    inputs = {cell for name in names for cell in LESSONS[name].inputs}
    tabs = {tab.name for lesson in lessons.lessons for tab in lesson.wiring.tabs}
    return compare_content(book, plan_lessons(lessons, names), inputs, tabs.__contains__, seen)


def compare_content(
    book: Book,
    plan: Book,
    inputs: Collection[str],
    makes_tab: Callable[[str], bool],
    seen: Seen | None = None,
) -> Content:
    """Compare formulas, texts, names, and what is `seen`, with those of the plan.

    The cells of the names `inputs` may hold anything; `makes_tab` tells whether a tab of a name
    can be in such a workbook.
    """
    own_tabs = [name for name in book.sheets if name not in plan.sheets]
    # A program may leave sheetgpt's name in a file, and yet count characters as only others do.
    saver = "Another program" if counts_halves(book) else None
    if seen is not None and not seen.saved_by_sheetgpt:
        saver = seen.program or "Another program"
    own = saver is None
    texts = compare_texts(book, plan, inputs, own)
    findings = [
        compare_formulas(book, plan, own).finding(),
        texts.finding(),
        _compare_names(book, plan, own_tabs, makes_tab).finding(),
    ]
    notes: list[str] = []
    if seen is not None:
        looks, notes = compare_looks(seen, plan, own)
        if not own:
            notes.append(
                f"{saver} has saved this file: fonts, widths, colours that can be read, the words "
                "of charts and what inputs say when they are chosen were not compared."
            )
        elif seen.path is not None:
            typed = [plan.names[name] for name in inputs if name in plan.names]
            note = compare_frame(looks, seen.path, book, plan, own_tabs, typed)
            notes += [note] if note else []
        findings += [looks.finding(), compare_settings(seen, plan).finding()]
    if count := sum(map(len, texts.lost.values())):
        notes.append(
            "Texts that have lost characters that cannot be seen, when a program saved them: "
            f"{count:,}. What follows was computed with the whole texts."
        )
    sheets = {
        name: replace(sheet, others=sheet.others | texts.lost[name])
        for name, sheet in book.sheets.items()
        if name in plan.sheets
    }
    return Content(replace(book, sheets=sheets), findings, notes, own_tabs)


def _compare_names(
    book: Book, plan: Book, own_tabs: Iterable[str], makes_tab: Callable[[str], bool]
) -> Comparison:
    """Every defined name of the plan; and no tab of one's own may pretend to be another."""
    result = Comparison("names")
    for name, area in plan.names.items():
        found = book.names.get(name)
        if found == area:
            result.agree()
        else:
            result.differ(name, found.full() if found else "no single area", area.full())
    for name in own_tabs:
        if makes_tab(name):
            result.differ(f"the tab {name}", "a tab of what is left out", "nothing")
        elif (tab := pretended(name, plan.sheets)) is not None:
            result.differ(f"the tab {name}", f"a name that looks like {tab}", "another name")
    return result
