"""The pages of docs/ and README.md: generated ones current, links, commands and numbers true."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import click
import numpy as np
import pytest
from needs import PROGRAMS, needs

from sheetgpt.book import Book
from sheetgpt.book.capacity import Capacity
from sheetgpt.checkpoint import Checkpoint, load
from sheetgpt.cli import all_commands
from sheetgpt.evaluator import Recalculation, evaluate
from sheetgpt.layout.lessons import plan_lessons
from sheetgpt.layout.workbook import plan
from sheetgpt.reference import predict
from sheetgpt.template.forms import read_form
from sheetgpt.template.formula import SIZES
from sheetgpt.template.lessons import load_lessons
from sheetgpt.template.load import load_templates
from sheetgpt.template.op import SHOWS, read_op
from sheetgpt.template.panels import PANELS, read_bands
from sheetgpt.template.rows import CHART_KINDS, ENTRY_KINDS, FORM_SHOWS, read_charts, read_rows
from sheetgpt.template.tables import Problems
from sheetgpt.template.wiring import GROUPS, read_wiring

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
sys.path.insert(0, str(DOCS))

import render_lessons  # noqa: E402
from generate import PAGES  # noqa: E402  # in the folder that was just added

GUIDES = [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]
PROMPT = "Mike is quick. He moves"
ROOM = Capacity(tokens=12, chars=40, rounds=8)


@pytest.mark.parametrize("name", PAGES)
def test_generated_pages_are_current(name: str) -> None:
    stored = (DOCS / name).read_text(encoding="utf-8")
    assert stored == PAGES[name](), "run: python docs/generate.py"


@pytest.mark.parametrize("name", render_lessons.PICTURES)
def test_pictures_of_lessons_show_what_the_lessons_show(name: str) -> None:
    stored = json.loads(render_lessons.SHOWN.read_text(encoding="utf-8"))
    tab, lesson = render_lessons.PICTURES[name]
    book = evaluate(plan_lessons(load_lessons(), [lesson]))
    assert (DOCS / "images" / f"{name}.png").is_file()
    assert stored[name] == render_lessons.digest(book, tab), "run: python docs/render_lessons.py"


def test_the_page_of_lessons_lists_them_with_their_minutes() -> None:
    page = (DOCS / "lessons.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| (\w+) \| .* \| (\d+) \|$", page, re.MULTILINE)
    assert listed == [(x.name, str(x.minutes)) for x in load_lessons().lessons]


def test_every_step_and_cell_has_its_place() -> None:
    page = (DOCS / "steps.md").read_text(encoding="utf-8")
    templates = load_templates()
    names = {
        name for tab in templates.wiring.tabs for step in tab.steps for name in step.names.values()
    }
    again = {tab.prefix for tab in templates.wiring.tabs if tab.again}
    own = {name for name in names if not name.startswith(tuple(again))}
    cells = {row.name for row in templates.forms["constants"].rows if row.name}
    missing = [name for name in own | cells | templates.entries if f"`{name}`" not in page]
    assert missing == []


def test_steps_in_the_text_are_those_of_the_model() -> None:
    model = (ROOT / "templates" / "model.toml").read_text(encoding="utf-8")
    said = re.findall(r"^ *(\{ n = .*)$", (ROOT / "README.md").read_text(encoding="utf-8"), re.M)
    lines = {" ".join(line.split()) for line in model.splitlines()}
    assert len(said) == 3
    assert [line for line in said if " ".join(line.split()) not in lines] == []


def test_every_command_and_option_has_its_place() -> None:
    page = (DOCS / "commands.md").read_text(encoding="utf-8")
    for name, command in all_commands().items():
        section = page.partition(f"## sheetgpt {name}\n")[2].partition("\n## ")[0]
        options = [o for p in command.params for o in p.opts if isinstance(p, click.Option)]
        assert [option for option in options if f"`{option}`" not in section] == []
    variables = {
        name
        for path in (ROOT / "sheetgpt").rglob("*.py")
        for name in re.findall(r'"(SHEETGPT_\w+)"', path.read_text(encoding="utf-8"))
    }
    assert [name for name in variables if f"`{name}`" not in page] == []


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.name)
def test_links_and_pictures_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    links = re.findall(r"\]\(([^)\s]+)\)", text)
    local = [link for link in links if not re.match(r"https?:", link)]
    broken = []
    for link in local:
        file, _, anchor = link.partition("#")
        target = page.parent / file if file else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives to the headings of a page."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).replace(" ", "-").lower() for heading in headings}


def test_every_picture_is_small_and_shown() -> None:
    shown = " ".join(page.read_text(encoding="utf-8") for page in GUIDES)
    for picture in (DOCS / "images").iterdir():
        assert picture.stat().st_size < 150_000, picture
        assert f"images/{picture.name}" in shown


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.name)
def test_command_lines_are_understood(page: Path) -> None:
    for words in commands(page):
        if "--help" not in words:
            all_commands()[words[0]].make_context(words[0], words[1:])  # raises UsageError


def commands(page: Path) -> Iterator[list[str]]:
    """The arguments of every `sheetgpt` in the code blocks of a page."""
    for block in re.findall(
        r"```(?:sh|yaml)\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL
    ):
        for line in block.splitlines():
            for part in re.split(r"&&|[|>]", line):
                words = shlex.split(re.sub(r"^\s*(- )?(run:|time)", "", part), comments=True)
                if words[:1] == ["sheetgpt"]:
                    yield words[1:]


class Claim(NamedTuple):
    """A number or text in a page, and in the comment behind it the formula that gives it."""

    said: str
    percent: bool
    settings: str
    formula: str


CLAIM = re.compile(
    r'(?P<said>`[^`]+`|"[^"]*"|-?[\d.,]*\d)(?P<percent> ?%)?'
    r"<!-- ((?P<settings>[^>]*?=[^>]*?): )?(?P<formula>[^>]+?) -->"
)


def claims(page: Path) -> list[Claim]:
    """Everything in a page that names its formula."""
    found = CLAIM.finditer(page.read_text(encoding="utf-8"))
    return [Claim(m["said"], bool(m["percent"]), m["settings"] or "", m["formula"]) for m in found]


CLAIMS = {page: claims(page) for page in (DOCS / "walkthrough.md", DOCS / "classroom.md")}
#: Each is a workbook to compute; together they take a while.
SETTINGS = [
    pytest.param(settings, marks=[pytest.mark.slow] * bool(settings))
    for settings in sorted({claim.settings for found in CLAIMS.values() for claim in found})
]


@cache
def tiny() -> Checkpoint:
    """The embedded model."""
    return load("tiny")


@cache
def reading() -> Recalculation:
    """Its workbook with room for 12 tokens, ready to be computed for many settings."""
    return Recalculation(plan(tiny(), PROMPT, ROOM, load_templates()))


def book(settings: str) -> Book:
    """The workbook with cells set as in `prompt=Ice; temperature=2; switch.0.heads=0,1,1,1`."""
    values = dict(part.split("=") for part in settings.split("; ") if part)
    prompt = {"prompt": values.pop("prompt")} if "prompt" in values else {}
    return reading().evaluate(prompt | {name: typed(text) for name, text in values.items()})


def typed(text: str) -> list[str | float]:
    """What stands in the cells of a name."""
    return [float(x) if re.fullmatch(r"[\d.]+", x) else x for x in text.split(",")]


def value(book: Book, formula: str) -> object:
    """The value of `NAME`, `MAX(NAME)` or `INDEX(NAME, row, column)`."""
    call = re.fullmatch(
        r"(?:(?P<function>MAX|INDEX)\()?(?P<name>[\w.]+)(?:, (\d+), (\d+)\)|\))?", formula
    )
    assert call, formula
    values = book.named(call["name"])
    if call["function"] == "MAX":
        return values.max()
    row, column = (int(x) - 1 for x in call.group(3, 4)) if call["function"] else (0, 0)
    return values[row, column]


@pytest.mark.parametrize("settings", SETTINGS)
def test_numbers_in_the_text_are_true(settings: str) -> None:
    computed = book(settings)
    for page, found in CLAIMS.items():
        for claim in found:
            if claim.settings == settings:
                true = value(computed, claim.formula)
                assert says(claim, true), f"{page.name}: {claim}, not {true!r}"


def says(claim: Claim, true: object) -> bool:
    """Whether a claim is the value, rounded to as many digits as it has."""
    if isinstance(true, str):
        return claim.said[1:-1] == true
    digits = len(claim.said.partition(".")[2])
    said = claim.said.replace(",", "")
    return said == f"{float(str(true)) * (100 if claim.percent else 1):.{digits}f}"


def test_every_comment_behind_a_number_is_a_claim() -> None:
    for page, found in CLAIMS.items():
        comments = re.findall(r"<!-- ", page.read_text(encoding="utf-8"))
        assert len(comments) == len(found)


def rows(page: Path, head: str) -> list[list[str]]:
    """The cells of all tables of a page that begin with these headings."""
    text = page.read_text(encoding="utf-8")
    bodies = re.findall(rf"^{re.escape(head)}.*\n\|[-:| ]+\n((?:\|.*\n)+)", text, re.MULTILINE)
    return [re.split(r" *\| *", line.strip("| ")) for body in bodies for line in body.splitlines()]


def test_answers_of_the_exercises() -> None:
    answers = rows(DOCS / "classroom.md", "| prompt | next token | probability |")
    assert len(answers) > 10
    for prompt, token, probability, *_ in answers:
        best = predict(tiny(), prompt.strip("`"), 1).top[0]
        shown = f"`{visible(best.text)}`"
        assert (token, probability) == (shown, f"{best.probability:.1%}".replace("%", " %")), prompt


def test_tokens_of_the_exercises() -> None:
    answers = rows(DOCS / "classroom.md", "| text | tokens |")
    assert len(answers) > 5
    for text, tokens, *_ in answers:
        vocabulary = tiny().vocabulary
        ids = vocabulary.encode(text[1:-1].replace("␣", " "))
        assert tokens == " ".join(f"`{visible(vocabulary.text(i))}`" for i in ids), text


def visible(token: str) -> str:
    """A token with its spaces as the workbook shows them."""
    return token.replace(" ", "␣")


def test_every_word_of_the_language_is_explained() -> None:
    page = (DOCS / "adding-a-step.md").read_text(encoding="utf-8")
    wrong = {
        **{"?": 1, "chart": [{"?": 1, "series": [{"?": 1}]}], "row": [{"?": 1}]},
        **{"steps": [{"?": 1}], "words": {"?": {"?": 1}}},
    }
    problems = Problems()
    model = {"?": 1, "axes": {"?": {"?": 1}}, "tab": [wrong], "parts": ["?"]}
    read_wiring(model, {"?": {"?": 1}}, {}, problems)
    read_rows([{"entry": {"?": 1}}], "", problems)
    read_op("?", {"?": 1}, problems)
    copied = {"title": "", "summary": "", "inputs": ["x[t]"], "formulas": {"y[t]": "x[t]"}}
    read_op("?", {**copied, "scaled": {"?": 1}}, problems)
    for kind in PANELS:
        read_form("start", {"band": [{"panel": [{"?": 1, "kind": kind}]}]}, problems)
    read_bands([{"panel": [{"kind": "entries", "entries": [{"?": 1}]}]}], "", problems)
    read_charts([{"series": [{"?": 1}]}], "", problems)
    known = {word for line in problems.lines for word in re.findall(r"known: (.*)\)", line)}
    words = {word for found in known for word in found.split(", ")}
    words |= {*SIZES, *SHOWS, *FORM_SHOWS, *ENTRY_KINDS, *CHART_KINDS, *GROUPS, *PANELS}
    assert len(words) > 80
    inside = {*re.findall(r"\w+", " ".join(re.findall(r"```.*?```|`[^`]*`", page, re.DOTALL)))}
    missing = sorted(words - inside)
    assert missing == [], missing


def test_the_example_of_a_step(tmp_path: Path) -> None:
    page = (DOCS / "adding-a-step.md").read_text(encoding="utf-8")
    shutil.copytree(ROOT / "templates", tmp_path / "my-templates")
    for file, text in re.findall(r"```toml\n# (my-templates/\S+)\n(.*?)```", page, re.DOTALL):
        path = tmp_path / file
        old = path.read_text(encoding="utf-8") if path.exists() else ""
        before, last, after = old.partition('y = ".mlp.out" } },\n')
        path.write_text(f"{before}{last}{text}{after}", encoding="utf-8")
    templates = load_templates(tmp_path / "my-templates")
    planned = plan(tiny(), PROMPT, ROOM, templates, left_out=templates.wiring.parts)
    for prompt, n in [(PROMPT, 6), ("", 0), ("I", 1), ("one two three four five six seven", 0)]:
        book = evaluate(planned, {"prompt": prompt})
        assert book.named("checks_failed")[0, 0] == 0
        pattern = book.named("h.0.attn.pattern").reshape(4, ROOM.tokens, ROOM.tokens)
        received = book.named("h.0.attn.received")
        assert received.dtype == float  # no error anywhere
        if n:
            assert np.allclose(received[:, :n], pattern[:, :n, :n].mean(axis=1), atol=1e-12)


@pytest.mark.slow
@pytest.mark.engine
def test_the_workflow_runs(tmp_path: Path) -> None:
    needs(*PROGRAMS)
    page = (DOCS / "verify-in-ci.md").read_text(encoding="utf-8")
    workflow = re.search(r"```yaml\n(.*?)```", page, re.DOTALL)
    assert workflow
    lines = re.findall(r"(?:run: |^ {10,})(sheetgpt .*)$", workflow[1], re.MULTILINE)
    assert len(lines) >= 3
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    for line in lines:
        run = subprocess.run(
            ["bash", "-ec", line],
            cwd=tmp_path,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, f"{line}\n{run.stderr}"
