"""Plan the workbook of lessons: a first tab, a tab or more for each lesson, a glossary."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from textwrap import wrap

from sheetgpt._version import VERSION
from sheetgpt.book import Book
from sheetgpt.book.area import Area, quote_sheet
from sheetgpt.layout.bands import ZOOM, BandTab, lay_out_together
from sheetgpt.layout.builder import SheetBuilder
from sheetgpt.layout.context import Context
from sheetgpt.layout.exercises import CORRECT, verdict_name
from sheetgpt.layout.lesson_data import SOURCES
from sheetgpt.layout.names import Names, check_tabs, check_words
from sheetgpt.layout.rows import LETTERS, LINE, PADDING, Columns, RowWriter
from sheetgpt.layout.single import without_single
from sheetgpt.layout.tensor import Tensor
from sheetgpt.layout.workbook import wired_axes
from sheetgpt.template.expand import Tab, expand
from sheetgpt.template.lessons import Lesson, Lessons
from sheetgpt.template.load import START_TAB, hash_folder
from sheetgpt.template.panels import Panel
from sheetgpt.template.rows import Row
from sheetgpt.template.tables import Problems

GLOSSARY = "glossary"
#: The cell that says which lessons a workbook holds; by it, it is known to be one of lessons.
CONTENTS = "lessons"
#: Columns of the first tab: number, lesson, question, minutes, solved, of how many.
COLUMNS: Mapping[int, tuple[str, float, str]] = {
    1: ("", 5, "column_right"),
    2: ("lesson", 34, "column"),
    3: ("the question", 78, "column"),
    4: ("minutes", 9, "column_right"),
    5: ("solved", 9, "column_right"),
    6: ("exercises", 10, "column_right"),
}
NUMBER, TITLE, QUESTION, MINUTES, SOLVED, COUNT = COLUMNS
#: Columns of the glossary: word, meaning, lesson.
WORD, MEANING, WHERE = 1, 2, 3
WORD_WIDTHS = {WORD: 26, MEANING: 110, WHERE: 34}
MARGIN = 2
#: The workbook of the embedded model, to which links lead: beside the one of the lessons.
MODEL_FILE = "tiny.xlsx"


def plan_lessons(lessons: Lessons, names: Collection[str]) -> Book:
    """The Book of the lessons of these names; formula cells have no values yet.

    The same names of the same templates give the same Book. Raises TemplateError with all problems
    of the templates.
    """
    problems = Problems()
    chosen = [lesson for lesson in lessons.lessons if lesson.name in names]
    numbers = {lesson.name: number for number, lesson in enumerate(lessons.lessons, 1)}
    tabs = {x.name: expand(x.wiring, lessons.ops, {}, (), (), problems) for x in chosen}
    problems.raise_any(lessons.folder)
    tensors: dict[str, Tensor] = {}
    asked = [item for lesson in chosen for item in lesson.data.items()]
    data = [sheet for source, texts in asked for sheet in SOURCES[source](texts, tensors)]
    tab_names = [START_TAB, *(tab.name for several in tabs.values() for tab in several), GLOSSARY]
    tab_names += [sheet.name for sheet in data]
    facts = {
        CONTENTS: ", ".join(lesson.name for lesson in chosen),
        "version": VERSION,
        "templates_sha256": hash_folder(Path(lessons.folder), lessons=True),
    }
    context = Context(
        facts,
        tensors,
        Names([*tensors]),
        frozenset(tab_names),
        frozenset(),
        {},
        lambda _: 0,
        problems,
    )
    sheets: list[SheetBuilder] = []
    for lesson, after in zip(chosen, [*chosen[1:], None], strict=True):
        axes = wired_axes(lesson.wiring.axes, {}, problems)
        first, *others = tabs[lesson.name]
        together = [
            BandTab(replace(x, title=f"{numbers[lesson.name]}. {x.title}"), axes, context)
            for x in (_closed(first, lesson, after), *others)
        ]
        sheets += lay_out_together(together)
    start = _start(lessons, chosen, numbers, context)
    order = [start, *sheets, *data, _glossary(lessons, chosen)]
    known = {*context.tensors, *context.failed, *context.cells}
    ops = [step.op for several in tabs.values() for tab in several for step in tab.steps]
    every_axis = [axis for lesson in chosen for axis in lesson.wiring.axes.values()]
    check_words(every_axis, ops, known, context.formulas, problems)
    places = {tab.name: tab.place for several in tabs.values() for tab in several}
    check_tabs([sheet.name for sheet in order], places, problems)
    problems.raise_any(lessons.folder)
    book = Book({s.name: s.build() for s in order}, looks={s.name: s.look for s in order})
    book.names |= {name: tensor.area for name, tensor in context.tensors.items()}
    book.names |= context.cells
    return without_single(book)


def _closed(tab: Tab, lesson: Lesson, after: Lesson | None) -> Tab:
    """The first tab of a lesson with where the same happens in a model, and what comes next."""
    where = f"{lesson.name}, the end"
    rows = [Row(where, heading="In the workbook of the model"), Row(where, text=lesson.model)]
    rows += [
        Row(where, text=f"{MODEL_FILE}, tab {tab} ▸", to=f"{MODEL_FILE}#{tab}", show="link")
        for tab in lesson.places
    ]
    if after is not None:
        first = after.wiring.tabs[0].name
        rows.append(Row(where, text=f"Next lesson: {after.title} ▸", to=first, show="link"))
    return replace(tab, bands=(*tab.bands, (Panel(where, "rows", 1, rows=tuple(rows)),)))


def _start(
    lessons: Lessons, chosen: Sequence[Lesson], numbers: Mapping[str, int], context: Context
) -> SheetBuilder:
    """The first tab: how to use it, then the lessons in order with what was solved."""
    sheet = SheetBuilder(START_TAB, "start", lessons.title)
    sheet.look.widths |= {0: MARGIN, **{col: width for col, (_, width, _) in COLUMNS.items()}}
    sheet.text(0, NUMBER, lessons.title, "title")
    sheet.text(1, NUMBER, lessons.summary, "summary")
    row = 3
    for col, (title, _, style) in COLUMNS.items():
        sheet.text(row, col, title, style)
    first = row + 1
    for row, lesson in enumerate(chosen, first):
        place = f"{quote_sheet(lesson.wiring.tabs[0].name)}!A1"
        verdicts = [f'IF({verdict_name(x)}="{CORRECT}",1,0)' for x in lesson.exercises]
        sheet.number(row, NUMBER, numbers[lesson.name], "wrapped_number")
        sheet.link(row, TITLE, lesson.title, place, "wrapped_link")
        _broken(sheet, row, QUESTION, lesson.question)
        sheet.number(row, MINUTES, lesson.minutes, "wrapped_number")
        sheet.cell_formula(row, SOLVED, "+".join(verdicts) or "0", "wrapped_number")
        sheet.number(row, COUNT, len(verdicts), "wrapped_number")
    count = len(chosen)
    for name, col in (("minutes", MINUTES), ("solved", SOLVED), ("exercises", COUNT)):
        area = Area(START_TAB, first, col, count)
        context.cells[f"{CONTENTS}.{name}"] = area
        sheet.cell_formula(first + count, col, f"SUM({CONTENTS}.{name})", "integer")
    sheet.text(first + count, TITLE, "All together", "form_label")
    row = first + count + 2
    for lesson in lessons.lessons:
        if lesson.apart and lesson not in chosen:
            sheet.number(row, NUMBER, numbers[lesson.name], "integer")
            sheet.text(row, TITLE, lesson.title, "plain")
            how = f"sheetgpt lessons --only {lesson.name} -o {lesson.name}.xlsx"
            sheet.text(row, QUESTION, f"A workbook of its own, as it is large: {how}", "note")
            row += 1
    columns = Columns(TITLE, QUESTION, None)
    RowWriter(sheet, columns, row + 1, context).write(lessons.rows)
    return sheet


def _glossary(lessons: Lessons, chosen: Sequence[Lesson]) -> SheetBuilder:
    """The last tab: every word in the order of the alphabet, and the lesson that explains it."""
    sheet = SheetBuilder(GLOSSARY, "about", lessons.glossary)
    sheet.look.widths |= {0: MARGIN, **WORD_WIDTHS}
    sheet.look.freeze, sheet.look.zoom = (3, 0), ZOOM
    sheet.text(0, WORD, lessons.glossary, "title")
    sheet.link(0, WHERE, "Start", "'Start'!A1")
    for col, title in ((WORD, "word"), (MEANING, "what it means"), (WHERE, "explained in")):
        sheet.text(2, col, title, "column")
    words = [(word, lesson) for lesson in chosen for word in lesson.words]
    ordered = sorted(words, key=lambda pair: pair[0].word.lower())
    for row, (word, lesson) in enumerate(ordered, 3):
        sheet.text(row, WORD, word.word, "wrapped")
        _broken(sheet, row, MEANING, word.means)
        sheet.link(
            row,
            WHERE,
            lesson.title,
            f"{quote_sheet(lesson.wiring.tabs[0].name)}!A1",
            "wrapped_link",
        )
    return sheet


def _broken(sheet: SheetBuilder, row: int, col: int, text: str) -> None:
    """A text that is broken into lines at the width of its column."""
    sheet.text(row, col, text, "wrapped")
    lines = len(wrap(text, int(LETTERS * sheet.look.widths[col])))
    if lines > 1:
        sheet.look.heights[row] = LINE * lines + PADDING
