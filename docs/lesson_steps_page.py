"""docs/lesson-steps.md from the templates: what every lesson computes, and what can be typed in."""

from __future__ import annotations

from collections.abc import Iterator

from steps_page import KINDS, deeper, prose, step_lines

from sheetgpt.layout.rows import limits
from sheetgpt.template.lessons import Lesson, Lessons, load_lessons
from sheetgpt.template.rows import EntryWiring
from sheetgpt.template.wiring import TabWiring

HEAD = """\
# Every step of the lessons

<!-- Written by docs/generate.py from templates/. Do not edit. -->

This page lists what the workbook of [the lessons](lessons.md) computes, tab by tab: the cells to
type into, the exercises, and each step as [the steps of the model](steps.md) are told.

"""


def lesson_steps_page() -> str:
    """The whole page."""
    lessons = load_lessons()
    parts = [HEAD, "| lesson | tabs |\n|---|---|\n"]
    for number, lesson in enumerate(lessons.lessons, 1):
        tabs = ", ".join(f"[{x.name}](#tab-{_anchor(x.name)})" for x in lesson.wiring.tabs)
        parts.append(f"| {number}. {lesson.title} | {tabs} |\n")
    for number, lesson in enumerate(lessons.lessons, 1):
        parts.append(f"\n## {number}. {lesson.title}\n\n{prose(lesson.question)}\n\n")
        parts.append("\n".join(_tab(tab, lesson, lessons) for tab in lesson.wiring.tabs))
    return "".join(parts)


def _anchor(name: str) -> str:
    return name.replace(".", "")


def _tab(tab: TabWiring, lesson: Lesson, lessons: Lessons) -> str:
    """One tab below the heading of its lesson."""
    lines = [f"### Tab {tab.name}", ""]
    if tab is not lesson.wiring.tabs[0]:
        lines += [prose(tab.summary), ""]
    entries = [*_entries(tab)]
    if entries:
        lines += ["| cells | takes | begins as |", "|---|---|---|", *entries, ""]
    for panel in tab.panels:
        for chart in panel.charts:
            lines += [f"Chart: **{chart.title}**. {chart.alt}", ""]
        if panel.exercise:
            lines += [f"{panel.title} (`{panel.exercise.name}`): {prose(panel.exercise.task)}", ""]
    for step in tab.steps:
        lines.append(deeper(deeper("\n".join(step_lines(step, lessons.ops)))))
    return "\n".join(lines)


def _entries(tab: TabWiring) -> Iterator[str]:
    """A line of the table for every name of cells to type into."""
    for panel in tab.panels:
        for row in panel.rows:
            if row.entry is not None:
                begins = prose(str(row.value))
                yield f"| `{row.name}` | {_takes(row.entry)} | {begins} |"
        for table in panel.entries:
            if table.entry is not None:
                begins = ", ".join(prose(str(x)) for x in table.values if x != "") or "blank"
                yield f"| `{table.name}` | {_takes(table.entry)} | {begins} |"


def _takes(entry: EntryWiring) -> str:
    low, high = limits(entry)
    if entry.kind == "text":
        return f"up to {high} characters"
    return f"{KINDS[entry.kind]} from {low} to {high}"
