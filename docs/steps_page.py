"""docs/steps.md from the templates: every tab and step, every cell to type into, every constant."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping

from sheetgpt.book.equation import runs
from sheetgpt.checkpoint import load
from sheetgpt.checkpoint.traits import Trait, lacking, traits_of
from sheetgpt.commands.options import DEFAULT_MODEL, DEFAULT_PROMPT, USUAL_CAPACITY
from sheetgpt.layout.rows import filled, limits
from sheetgpt.layout.switches import OFF, ON, switch_names
from sheetgpt.layout.unicode import CODE_BASE
from sheetgpt.layout.workbook import sizes, text_facts
from sheetgpt.template.load import Templates, load_templates
from sheetgpt.template.op import Op
from sheetgpt.template.rows import Row
from sheetgpt.template.steps import StepWiring
from sheetgpt.template.wiring import TabWiring

HEAD = """\
# Every step

<!-- Written by docs/generate.py from templates/. Do not edit. -->

This page lists what a workbook computes, tab by tab, in the order of the data. Each step says what
it does, its equation, its formulas as they stand in `templates/`, and the names of its results. A
name such as `ln_f` works in any formula of the workbook, and in the name box.

How to read it:

- `{L}` stands for the number of a block, `{r}` for that of a merge round; both count up.
- In a formula a small letter is the position of the cell, a capital letter the whole axis:
  `AVERAGE(x[t,C])` is the mean of one row. [Adding a step](adding-a-step.md) has all the rules.
- The last formula of a step is its result and has the step's name, others can have names of their
  own. The rest are workings and are called `NAME.formula`, after the result.
- "In models ..." marks what is different in some relatives of GPT-2, see
  [checkpoints](checkpoints.md).
- "Int8" marks what is different in a workbook with `--precision int8`: its equation and formulas.
"""
ENTRIES = """\
# Cells to type into

Everything yellow. `sheetgpt build --set NAME=VALUE` gives them other values from the start; the
prompt is what `build` is given first.

| cell | tab | takes | begins as | |
|---|---|---|---|---|
"""
CONSTANTS = """\
# Constants

Named cells on the tab `constants`. The values are those of the embedded model with the room that
`build` gives it; some cells are there only for models that need them.
"""
#: In place of the value of a constant that the embedded model does without.
OTHERS_ALONE = "the model's"
#: What a trait of a model means.
TRAITS = {
    Trait.EXACT_GELU: "In models with exact GELU",
    Trait.CUT_FIRST: "In models whose prompts are cut or get spaces first",
    Trait.BY_RANK: "In models whose ids do not rise with the rank of the merge",
    Trait.START_TOKEN: "In models with a start token",
    Trait.DIVIDED_SCORES: "In models that divide their scores by another number",
}
TAGS = {"_": "sub", "^": "sup"}
KINDS = {"whole": "a whole number", "number": "a number"}


def steps_page() -> str:
    """The whole page."""
    templates = load_templates()
    tabs = templates.wiring.tabs
    parts = [_contents(tabs), _start(templates)]
    parts += [_tab(tab, tabs, templates) for tab in tabs]
    parts += [_checks(templates), _entries(templates), _constants(templates)]
    return "\n".join([HEAD, *map(deeper, parts)])


def deeper(part: str) -> str:
    """The headings of a part one level down."""
    return re.sub("^#", "##", part, flags=re.MULTILINE)


def _contents(tabs: Iterable[TabWiring]) -> str:
    lines = ["| tab | what it shows | left out by |", "|---|---|---|"]
    lines.append("| [Start](#tab-start) | the prompt and the answer | |")
    for tab in tabs:
        anchor = re.sub(r"[^\w -]", "", _heading(tab)).replace(" ", "-").lower()
        what = tab.title.partition(": ")[2]
        without = f"`--without {tab.part}`" if tab.part else ""
        lines.append(f"| [{tab.name}](#{anchor}) | {what} | {without} |")
    lines.append("| [checks](#tab-checks) | does the workbook hold together? | |")
    return "\n".join([*lines, ""])


def _heading(tab: TabWiring) -> str:
    return f"Tab {tab.name}"


def _tab(tab: TabWiring, tabs: Iterable[TabWiring], templates: Templates) -> str:
    lines = [f"# {_heading(tab)}", "", prose(tab.summary), ""]
    facts = []
    if tab.each:
        facts.append(f"One tab for each `{tab.each}`.")
    if tab.part:
        facts.append(f"Part of `{tab.part}`, which `build --without {tab.part}` leaves out.")
    steps = tab.steps
    if tab.again:
        first = next(other for other in tabs if other.name == tab.again)
        steps = tuple(s for s, old in zip(tab.steps, first.steps, strict=True) if s.op != old.op)
        facts.append(
            f"All steps of `{tab.again}` once more, with `{tab.prefix}.` before their names "
            f"instead of `{first.prefix}.`; only these differ."
        )
    if facts:
        lines += [" ".join(facts), ""]
    lines += map(_row, tab.rows)
    lines += [""] * bool(tab.rows)
    for chart in tab.charts:
        lines += [f"Chart: **{chart.title}**. {chart.alt}", ""]
    for step in steps:
        lines += step_lines(step, templates.ops)
    return "\n".join(lines)


def prose(text: str) -> str:
    """A sentence of a template in Markdown: none of its signs means anything there."""
    return html.escape(text, quote=False).replace("*", "\\*")


def _start(templates: Templates) -> str:
    form = templates.forms["start"]
    rows = (row for tab, row in _all_rows(templates) if tab == "Start" and row.label is not None)
    shown = "The ten best tokens, the tokens of the prompt and a map of the tabs are"
    lines = ["# Tab Start", "", form.summary, "", f"{shown} beside these cells:", ""]
    return "\n".join([*lines, *map(_row, rows), ""])


def _checks(templates: Templates) -> str:
    form = templates.forms["checks"]
    rows = (row for row in form.rows if row.label is not None)
    return "\n".join(["# Tab checks", "", form.summary, "", *map(_row, rows), ""])


def _row(row: Row) -> str:
    """A labelled cell of a form, or above the steps of a tab."""
    name = f" (`{row.name}`)" if row.name else ""
    what = f"`={row.formula}`" if row.formula else "a cell to type into"
    each = f", for each `{row.each}`" if row.each else ""
    return f"- {row.label}{name}{each}: {what}"


def step_lines(step: StepWiring, ops: Mapping[str, Op]) -> Iterator[str]:
    """What a step does, its equation and formulas, and the names of what it makes and reads."""
    op = ops[step.op]
    number = "" if step.number is None else f"{step.number}. "
    yield from (f"## {number}{step.title or op.title}", "", prose(step.summary or op.summary), "")
    if op.explanation:
        yield from (prose(op.explanation), "")
    yield from _formulas(op)
    if op.scaled:
        yield from (f"Int8, where `{op.scaled.scale}` is that of `{op.scaled.of}`:", "")
        yield from _formulas(op.scaled.op, op)
    for trait, other in step.instead.items():
        differs = ops[other.op]
        yield from (f"{TRAITS[Trait(trait)]}, from `templates/{differs.file}`:", "")
        yield from _formulas(differs, op)
    yield f"- Results: {', '.join(_names(step))}"
    workings = [name for name in (line.left.name for line in op.lines) if name not in step.names]
    if workings:
        yield f"- Workings: {', '.join(f'`{step.name}.{name}`' for name in workings)}"
    if step.inputs:
        yield f"- Reads: {', '.join(f'`{key}` = {_source(x)}' for key, x in step.inputs.items())}"
    if step.each:
        yield f"- Repeated: `{step.each}`"
    yield f"- Declared in: `templates/{op.file}`"
    yield ""


def _formulas(op: Op, plain: Op | None = None) -> Iterator[str]:
    """Equation and formulas of an operation, or what differs from those of the plain one."""
    if op.equation and (plain is None or plain.equation != op.equation):
        yield from (f"> {equation(op.equation)}", "")
    same = {line.declared() for line in plain.lines} if plain else ()
    lines = [text for line in op.lines if (text := line.declared()) not in same]
    yield from ("```", *lines, "```", "")


def _names(step: StepWiring) -> Iterator[str]:
    """The results' defined names, each with the formula that makes it when they differ."""
    for variable, name in step.names.items():
        yield f"`{name}`" if name.split(".")[-1] == variable else f"`{name}` ({variable})"


def _source(source: str | Mapping[str, str]) -> str:
    if isinstance(source, str):
        return f"`{source}`"
    if "of" in source:
        loop = source.get("each", "")
        every = (" of every block" if loop.startswith("L ") else f" for `{loop}`") if loop else ""
        instead = f", or `{source['or']}` where that is left out" if "or" in source else ""
        return f"`{source['of']}`{every}{instead}"
    return f"`{source['first']}`, in later rounds `{source['then']}`"


def equation(text: str) -> str:
    """An equation as HTML, `x_{t,c}` and `x^2` with real subscripts and superscripts."""
    pieces = ((TAGS.get(kind), html.escape(piece, quote=False)) for kind, piece in runs(text))
    return "".join(f"<{tag}>{piece}</{tag}>" if tag else piece for tag, piece in pieces)


def _entries(templates: Templates) -> str:
    lines = []
    for tab, row in _all_rows(templates):
        entry = row.entry
        if entry is None:
            continue
        low, high = limits(entry)
        takes = KINDS.get(entry.kind, "the number of a token") + f" from {low} to {high}"
        takes += ", or the text of a token" * (entry.kind == "token")
        if entry.kind == "text":
            takes = f"up to `{high}` characters"
        begins = " or ".join(f'"{word}"' for word in entry.words)
        begins = begins or str(row.value)
        begins = f'"{DEFAULT_PROMPT}"' if entry.kind == "text" else begins
        lines.append(f"| `{row.name}` | {tab} | {takes} | {begins} | {row.note or ''} |")
    heads, mlp = switch_names(0)
    for name, count in ((heads, "for each head, with commas between"), (mlp, "")):
        shown = name.replace(".0.", ".{L}.")
        takes = f"{OFF} or {ON} {count}".strip()
        lines.append(f"| `{shown}` | switches | {takes} | {ON} | {OFF} turns it off. |")
    return ENTRIES + "\n".join([*lines, ""])


def _all_rows(templates: Templates) -> Iterator[tuple[str, Row]]:
    """Every row with the tab that it is on."""
    for panel in templates.forms["start"].panels:
        yield from (("Start", row) for row in panel.rows)
    for tab in templates.wiring.tabs:
        yield from ((tab.name, row) for row in tab.rows)


def _constants(templates: Templates) -> str:
    model = load(DEFAULT_MODEL)
    absent = lacking(traits_of(model.config, model.vocabulary))
    facts = {
        **sizes(model.config, USUAL_CAPACITY),
        "layer_norm_epsilon": model.config.layer_norm_epsilon,
        "code_base": CODE_BASE,
        **text_facts(model.vocabulary),
    }
    lines: list[str] = []
    for row in templates.forms["constants"].rows:
        if row.heading is not None:
            lines += ["", f"## {row.heading}", "", "| name | value | |", "|---|---|---|"]
        else:
            value = OTHERS_ALONE if row.part in absent else row.value
            value = filled(value, facts) if isinstance(value, str) else value
            lines.append(f"| `{row.name}` | {_number(value)} | {prose(row.note or '')} |")
    return CONSTANTS + "\n".join([*lines, ""])


def _number(value: str | float) -> str:
    """A number with all of its digits, a very large or small one as spreadsheets show it."""
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, str):
        return value
    return str(value) if 1e-3 < abs(value) < 1e6 else f"{value:G}"
