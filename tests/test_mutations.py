"""Proof that verification can fail: a token of a built file is changed, and that step is named."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from html import escape
from pathlib import Path
from zipfile import ZipFile

import pytest
from checkpoints import SHORT_VOCABULARY, make_checkpoint
from command_line import runner
from needs import PROGRAMS, needs

from sheetgpt import build, verify
from sheetgpt.book import Book
from sheetgpt.book.area import Area, column_index
from sheetgpt.checkpoint import Config
from sheetgpt.template.load import load_templates
from sheetgpt.xlsx.read import read

PROMPT = "She'told the é"

#: In the cells of this name, this text becomes that, and verify blames this step. `{name:i}` is
#: the text of the name's formula number i.
MUTATIONS = [
    ("h.1.mlp.post", "TANH(", "SQRT(", "h.1.mlp.post"),
    ("merge.0.char", ", 1), 0)", ", 0), 0)", "bytes"),
    ("token_ids", "+ 1)", "+ 2)", "token_ids"),
    ("contractions", "= apostrophe", "= space", "word_starts"),
    ("contractions", "* code_base, ", "* vocab_size, ", "word_starts"),
    ("word_starts", "= 2,", "= 3,", "word_starts"),
    ("classes", "unicode.class", "unicode.first", "word_starts"),
    ("words", " + ", " - ", "words"),
    ("utf.count", "2", "3", "utf8_lengths"),
    ("utf8_base", "64", "63", "bytes"),
    ("bytes", "utf8_next + ", "", "bytes"),
    ("merge.0", "+ 1)", "+ 2)", "merge.0"),
    ("merge.1.token", "vocab_size", "code_base", "merge.1.word"),
    ("merge.1.token", "merges.key, 0", "merges.key, 1", "merge.1.word"),
    ("merge.1.low", "MIN", "MAX", "merge.1.word"),
    ("merge.2.slot", "> 0", "> 1", "merge.2.word"),
    ("n_tokens", "> 0", "> 1", "n_tokens"),
    ("token_ids", "< n_tokens", "= n_tokens", "token_ids"),
    ("wte_lookup", "+ 1, ", "+ 2, ", "wte_lookup"),
    ("wpe_lookup", "< n_tokens", "= n_tokens", "wpe_lookup"),
    ("embedded", " + ", " - ", "embedded"),
    ("h.0.ln_1.normalized.mean", "AVERAGE", "MAX", "h.0.ln_1.normalized"),
    ("h.0.ln_1.normalized.var", "VARP", "AVERAGE", "h.0.ln_1.normalized"),
    ("h.1.ln_2.normalized", " + eps", "", "h.1.ln_2.normalized"),
    ("h.0.ln_1", "ln_1.weight", "ln_2.weight", "h.0.ln_1"),
    ("h.0.attn.qkv", " + h.0.attn.c_attn.bias", "", "h.0.attn.qkv"),
    ("h.0.attn.q", "{h.0.attn.q:0}", "{h.0.attn.k:0}", "h.0.attn.q"),
    ("h.1.attn.v", "{h.1.attn.v:0}", "{h.1.attn.k:0}", "h.1.attn.v"),
    ("h.0.attn.scores", "<=", "<", "h.0.attn.scores"),
    ("h.0.attn.scores", " / SQRT(d_head)", "", "h.0.attn.scores"),
    ("h.1.attn.scores", "{h.1.attn.scores:1}", "{h.1.attn.scores:0}", "h.1.attn.scores"),
    ("h.0.attn.pattern.total", "SUM", "MAX", "h.0.attn.pattern"),
    ("h.0.attn.z", "{h.0.attn.z:1}", "{h.0.attn.z:0}", "h.0.attn.z"),
    ("h.0.resid_mid", "h.0.resid_pre", "h.0.ln_1", "h.0.resid_mid"),
    ("h.1.mlp.pre", " + h.1.mlp.c_fc.bias", "", "h.1.mlp.pre"),
    ("gelu_cubic", "0.044715", "0.044714", "h.0.mlp.post"),
    ("h.1.mlp.post", "TANH", "SIN", "h.1.mlp.post"),
    ("h.0.mlp.out", "mlp.c_proj.bias", "attn.c_proj.bias", "h.0.mlp.out"),
    ("h.1.resid_post", "h.1.resid_mid", "h.1.resid_pre", "h.1.resid_post"),
    ("h.1.resid_pre", "h.0.resid_post", "h.0.resid_mid", "h.1.resid_pre"),
    ("ln_f", " + ln_f.bias", "", "ln_f"),
    ("last_vector", "n_tokens - 1", "n_tokens - 2", "last_vector"),
    ("probabilities", "logits_total", "logits_peak", "probabilities"),
    ("best.score", "LARGE", "INDEX", "best.score"),
    ("next_token_id", "MAX", "MIN", "next_token_id"),
    ("next_token", "+ 1)", "+ 2)", "next_token"),
]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two blocks, two heads and eight columns, with a short vocabulary."""
    folder = tmp_path_factory.mktemp("mutations") / "model"
    return make_checkpoint(folder, Config(2, 2, 8, 16, SHORT_VOCABULARY, 1e-5, 32), seed=1)


@pytest.fixture(scope="module")
def file(model: Path) -> Path:
    """Its workbook; not to be written to."""
    path = model.with_name("good.xlsx")
    build(PROMPT, model, path, tokens=12, chars=16, rounds=5)
    return path


@pytest.fixture(scope="module")
def bare(model: Path) -> Path:
    """The same without the optional parts, whose steps come behind all others."""
    path, parts = model.with_name("bare.xlsx"), load_templates().wiring.parts
    build(PROMPT, model, path, tokens=12, chars=16, rounds=5, without=parts)
    return path


@pytest.fixture(scope="module")
def bare_book(bare: Path) -> Book:
    return read(bare)


def mutate(file: Path, book: Book, target: Path, name: str, old: str, new: str) -> None:
    """Copy the workbook to `target` with `old` replaced by `new` in every cell of a name."""
    old, new = (re.sub(r"\{(.+):(\d)\}", lambda m: formula(book, m[1], int(m[2])), text)
                for text in (old, new))  # fmt: skip
    change_cells(file, book, target, name, lambda xml: xml.replace(escape(old), escape(new)))


def formula(book: Book, name: str, number: int) -> str:
    """The text of one of the formulas in the cells of a name."""
    area = book.names[name]
    inside = [f for f in book.sheets[area.sheet].formulas if holds(area, f.row, f.col)]
    return inside[number].text


def holds(area: Area, row: int, col: int) -> bool:
    return 0 <= row - area.row < area.rows and 0 <= col - area.col < area.cols


def change_cells(
    file: Path, book: Book, target: Path, name: str, change: Callable[[str], str]
) -> None:
    """Copy the workbook to `target` with a change to the XML inside the cells of a name."""
    area = book.names[name]
    part = f"xl/worksheets/sheet{[*book.sheets].index(area.sheet) + 1}.xml"

    def cell(found: re.Match[str]) -> str:
        head, column, row, content = found.groups()
        inside = holds(area, int(row) - 1, column_index(column))
        return head + (change(content) if inside else content)

    with ZipFile(file) as old, ZipFile(target, "w") as new:
        for member in old.namelist():
            xml = old.read(member)
            if member == part:
                text = xml.decode()
                text = re.sub(r'(<c r="([A-Z]+)(\d+)"[^>/]*>)(.*?)(?=</c>)', cell, text)
                assert text.encode() != xml, f"nothing to change in {name}"
                xml = text.encode()
            new.writestr(member, xml)


def test_the_files_themselves_are_right(file: Path, bare: Path) -> None:
    """The first steps of both are the same, so that what is blamed of one is blamed of the other.

    Behind the steps that both have there are two lines on the file as a whole.
    """
    report, alone = verify(file), verify(bare)
    assert report.first_bad is None
    assert alone.first_bad is None
    steps, first = ([step.name for step in x.steps] for x in (report, alone))
    assert steps[: len(first) - 2] == first[:-2]
    assert steps[-2:] == first[-2:] == ["fits", "cached values"]
    assert {step for *_, step in MUTATIONS} <= {*first[:-2]}


@pytest.mark.parametrize(("name", "old", "new", "step"), MUTATIONS)
def test_the_changed_step_is_named(
    bare: Path, bare_book: Book, tmp_path: Path, name: str, old: str, new: str, step: str
) -> None:
    bad = tmp_path / "bad.xlsx"
    mutate(bare, bare_book, bad, name, old, new)
    report = verify(bad, values_only=True)
    assert report.first_bad is not None
    assert report.first_bad.name == step
    assert not report.ok


@pytest.mark.engine
@pytest.mark.parametrize("engine", PROGRAMS)
def test_the_changed_step_is_named_by_every_engine(
    bare: Path, bare_book: Book, tmp_path: Path, engine: str
) -> None:
    needs(engine)
    bad = tmp_path / "bad.xlsx"
    mutate(bare, bare_book, bad, "h.1.attn.scores", "<=", "<")
    report = verify(bad, engine=engine, values_only=True)
    assert report.first_bad is not None
    assert report.first_bad.name == "h.1.attn.scores"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "old", "new", "step"), [MUTATIONS[3], ("gelu_cubic", "15", "14", "h.0.mlp.post")]
)
def test_the_command_line_says_so(
    bare: Path,
    bare_book: Book,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    old: str,
    new: str,
    step: str,
) -> None:
    """To people in a process of its own, to programs here."""
    bad = tmp_path / "bad.xlsx"
    mutate(bare, bare_book, bad, name, old, new)
    command = [sys.executable, "-m", "sheetgpt", "verify", str(bad)]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 1
    assert f"the first step that differs is {step}, at " in " ".join(told.stdout.split())
    answer = runner(capsys, monkeypatch)("verify", bad, "--json")
    assert answer.code == 1
    document = json.loads(answer.out)
    assert document["ok"] is False
    assert next(entry["name"] for entry in document["steps"] if not entry["ok"]) == step


@pytest.mark.parametrize("name", ["bytes", "h.0.attn.z", "logits", "next_token"])
def test_a_changed_value_in_the_file_is_found(
    bare: Path, bare_book: Book, tmp_path: Path, name: str
) -> None:
    bad = tmp_path / "bad.xlsx"
    change_cells(bare, bare_book, bad, name, lambda xml: re.sub("<v.*</v>", "<v>7</v>", xml))
    report = verify(bad, values_only=True)
    assert report.first_bad is not None
    assert report.first_bad.name == "cached values"
    assert report.first_bad.worst_cell.startswith(bare_book.names[name].sheet)
