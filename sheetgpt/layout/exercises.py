"""The rows of an exercise, which marks itself by formulas."""

from __future__ import annotations

from textwrap import wrap

from sheetgpt.template.panels import Exercise
from sheetgpt.template.rows import Row

#: What an exercise says of the answer.
NOT_DONE, CORRECT, NOT_YET = "NOT DONE", "CORRECT", "NOT YET"


def verdict_name(exercise: str) -> str:
    """The name of the cell that marks an exercise."""
    return f"{exercise}.verdict"


def exercise_rows(exercise: Exercise, where: str) -> list[Row]:
    """The task, a cell for the answer if it is typed, and the mark; `where` is for messages."""
    rows = [Row(where, text=exercise.task)]
    if exercise.entry is not None:
        rows.append(
            Row(
                where,
                label="Your answer",
                name=exercise.name,
                entry=exercise.entry,
                note="type it here",
            )
        )
    if exercise.within:
        near = f"{exercise.name}.within"
        rows.append(Row(where, label="Near enough", name=near, value=exercise.within, show="plain"))
    verdict = verdict_name(exercise.name)
    marked = Row(where, label="Marked", name=verdict, formula=marking(exercise), show="message")
    return [*rows, marked]


def hint_rows(exercise: Exercise, where: str, width: int) -> list[Row]:
    """The hint in lines of so many characters, each there only while the answer is wrong."""
    wrong = f'{verdict_name(exercise.name)} = "{NOT_YET}"'
    return [
        Row(where, formula=f'IF({wrong}, {quoted(line)}, "")', show="message")
        for line in wrap(f"Hint: {exercise.hint}", width)
    ]


def marking(exercise: Exercise) -> str:
    """The formula that marks an exercise, with names alone."""
    name = exercise.name
    done, right = f"LEN({name}) > 0", f"{name} = {exercise.answer}"
    if exercise.entry is None:
        done, right = exercise.done, exercise.right
    elif exercise.within:
        right = f"({name} - ({exercise.answer}))^2 <= {name}.within^2"
    marked = f'IF(IFERROR({right}, 0 = 1), "{CORRECT}", "{NOT_YET}")'
    return f'IF({done}, {marked}, "{NOT_DONE}")'


def quoted(text: str) -> str:
    """A text as a formula holds it."""
    return '"' + text.replace('"', '""') + '"'
