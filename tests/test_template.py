"""Every mistake in the templates is refused, with file and place, all of them at once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sheetgpt import build, verify
from sheetgpt.checkpoint import Checkpoint
from sheetgpt.errors import TemplateError
from sheetgpt.layout.workbook import Capacity, plan
from sheetgpt.template.load import default_folder, load_templates

SUM, ADD, STEP = '"x[T,C] + y[T,C]"', "ops/add.toml", "model.toml, tab block.{L}, step h.{L}"
FORMULA = f"{ADD}, formula sum[T,C]: "
EMBEDDED = f"{ADD}, tab position_embeddings, step embedded: "

#: File, text in it, the mistake in its place, and what the message must say, a line each.
MISTAKES: dict[str, tuple[str, str, str, list[str]]] = {
    # an operation
    "unknown key": (ADD, "summary", "sumary", [
        f"{ADD}: unknown key 'sumary' (known: axes, equation, explanation, formulas, inputs, show, "
        "summary, title)", f"{ADD}: 'summary' is missing"]),
    "not TOML": (ADD, SUM, '"x[T,C]', [f"{ADD}: is not TOML: "]),
    "wrong kind": (ADD, 'inputs = ["x[t,c]", "y[t,c]"]', "inputs = 3", [
        f"{ADD}: 'inputs' must be a list of texts, not 3"]),
    "shifted input": (ADD, '"y[t,c]"', '"y[t,c+1]"', [
        f"{ADD}: input y[t,c+1]: its subscripts must be lower-case letters"]),
    "no formula": (ADD, f'"sum[T,C]" = {SUM}', "", [
        f"{ADD}: there is no formula"]),
    "empty formula": (ADD, SUM, '" "', [f"{FORMULA}the formula is empty"]),
    "unknown tensor": (ADD, SUM, '"x[T,C] + z[T,C]"', [
        f"{FORMULA}unknown tensor 'z' (known: sum, x, y)", f"{ADD}: input y[t,c] is never used"]),
    "same name twice": (ADD, "[formulas]", '[formulas]\n"y[T,C]" = "x[T,C]"', [
        f"{ADD}, formula y[T,C]: a second 'y'"]),
    "too few axes": (ADD, SUM, '"x[T] + y[T,C]"', [f"{FORMULA}x[T] needs 2 subscripts, not 1"]),
    "unbound axis on the left": (ADD, "sum[T,C]", "sum[T,D]", [
        f"{ADD}, formula sum[T,D]: axis d is in no input and not under axes"]),
    "unbound axis on the right": (ADD, SUM, '"x[T,D] + y[T,C]"', [
        f"{FORMULA}x[T,D]: 'D' is no axis here"]),
    "unbound bare letter": (ADD, SUM, '"x[T,C] + y[T,C] + Z"', [f"{FORMULA}'Z' is no axis here"]),
    "no position": (ADD, SUM, '"x[t,C] + y[T,C] + c"', [
        f"{FORMULA}x[t,C]: 't' has no single position, use upper case",
        f"{FORMULA}'c' has no single position, use upper case"]),
    "unknown own axis": (ADD, "[formulas]", '[axes]\nd = "depth"\n[formulas]', [
        f"{ADD}: axis d = 'depth' is not in model.toml"]),
    "unknown show": (ADD, "[formulas]", '[show]\nsum = "red"\n[formulas]', [
        f"{ADD}, show: 'sum' must be one of decimal, integer, "]),
    "show of nothing": (ADD, "[formulas]", '[show]\nsun = "text"\n[formulas]', [
        f"{ADD}, show: unknown key 'sun' (known: sum)"]),
    "open parenthesis": (ADD, SUM, '"(x[T,C] + y[T,C]"', [f"{FORMULA}unbalanced parentheses"]),
    "reversed parentheses": (ADD, SUM, '")x[T,C] + y[T,C]("', [f"{FORMULA}unbalanced parenth"]),
    "open bracket": (ADD, SUM, '"x[T,C + y[T,C]"', [f"{FORMULA}a bracket without a tensor"]),
    "division": (ADD, SUM, '"x[T,C/2] + y[T,C]"', [
        f"{FORMULA}subscript 'C/2': only +, -, * of letters, names, integers"]),
    "power": (ADD, SUM, '"x[T,C**2] + y[T,C]"', [f"{FORMULA}subscript 'C**2': only +, -, *"]),
    "letter times letter": (ADD, SUM, '"x[T,C*t] + y[T,C]"', [
        f"{FORMULA}subscript 'C*t': a letter times a letter"]),
    "two whole axes": (ADD, SUM, '"x[T,C+T] + y[T,C]"', [
        f"{FORMULA}subscript 'C+T': at most one upper-case letter"]),
    "unknown whole number": (ADD, SUM, '"x[T,n_foo+C] + y[T,C]"', [
        f"{EMBEDDED}formula sum[T,C]: 'n_foo+C': there is no whole number n_foo (known: d_head, "]),
    "off the axis": (ADD, SUM, '"x[T,C+1] + y[T,C]"', [
        f"{EMBEDDED}formula sum[T,C]: x[T,C+1]: 'C+1' runs from 1 to 8, wte_lookup has 0 to 7"]),
    "two lengths": (ADD, '"y[t,c]"', '"y[c,t]"', [
        f"{EMBEDDED}axis c is 8 long, but 4 in y[c,t] = wpe_lookup"]),
    "unknown word": (ADD, SUM, '"x[T,C] + y[T,C] + epsilon"', [
        f"{FORMULA}there is no cell or tensor named 'epsilon'"]),
    "unknown function": (ADD, SUM, '"STDEV(x[T,C]) + y[T,C]"', [
        f"{FORMULA}STDEV is not among the functions that all programs share: AND, AVERAGE, "]),
    # the wiring
    "unknown op": ("model.toml", '"copy"', '"copie"', [
        f"{STEP}.resid_pre: there is no ops/copie.toml"]),
    "unknown input": ("model.toml", 'x = "h.{L}.ln_1"', 'z = "h.{L}.ln_1"', [
        f"{STEP}.attn.qkv: input 'x' is not wired", "input 'z' is no input of linear"]),
    "input of the wrong kind": ("model.toml", '"h.{L}.ln_1",', "3,", [
        f"{STEP}.attn.qkv: input 'x' must be a tensor, {{first = ..., then = ...}} or {{each = "]),
    "unknown source": ("model.toml", '"h.{L}.ln_1",', '"h.{L}.ln_9",', [
        "ops/linear.toml, tab block.0, step h.0.attn.qkv: input x: there is no tensor 'h.0.ln_9'"]),
    "source of another shape": ("model.toml", '"h.{L}.ln_1",', '"h.{L}.ln_1.bias",', [
        "step h.0.attn.qkv: input x[t,i] is wired to h.0.ln_1.bias, which is 8"]),
    "unknown letter": ("model.toml", '"h.{L}.ln_1",', '"h.{M}.ln_1",', [
        f"{STEP}.attn.qkv: 'M': M is not known here (known: L, d_head, "]),
    "unknown loop": ("model.toml", "L in 0..n_layer-1", "L from 0", [
        "model.toml, tab block.{L}: each = 'L from 0' is not of the form 'L in 0..n_layer-1'"]),
    "unknown end of a loop": ("model.toml", "L in 0..n_layer-1", "L in 0..layers", [
        "model.toml, tab block.{L}: 'layers': layers is not known here (known: "]),
    "unknown size": ("model.toml", '{ size = "n_embd" }', '{ size = "width" }', [
        "model.toml, axis n_embd: 'width': width is not known here (known: "]),
    "unknown count": ("model.toml", 'live = "n_bytes"', 'live = "n_octets"', [
        "model.toml, axis byte: live = 'n_octets': there is no cell or tensor of this name"]),
    "unknown direction": ("model.toml", '"right"', '"left"', [
        "model.toml, tab tokens: 'direction' must be one of down, right, not 'left'"]),
    "unknown part": ("model.toml", '"text"', '"txt"', [
        "model.toml, tab tokens: 'group' must be one of start, text, "]),
    "same step twice": ("model.toml", '"h.{L}.resid_mid"', '"H.{L}.Attn.Out"', [
        "ops/add.toml, tab block.0, step H.0.Attn.Out: there is a second 'H.0.Attn.Out'",
        "step h.0.ln_2.normalized: input x: there is no tensor 'h.0.resid_mid' before it"]),
    "name like a cell": ("model.toml", 'name    = "embedded"', 'name    = "h{n_layer}"', [
        "step h1: 'h1' cannot be a defined name", "there is no tensor 'embedded' before it"]),
    "same tab twice": ("model.toml", 'name    = "ln_f"', 'name    = "Tokens"', [
        "model.toml, tab Tokens: there is a second tab of this name"]),
    "tab with a bad name": ("model.toml", 'name    = "ln_f"', 'name    = "ln:f"', [
        "model.toml, tab ln:f: the name of a tab has 1 to 31 characters and none of"]),
    "too many names": ("model.toml", 'name   = "h.{L}.attn.z"', 'name   = ["a", "h.{L}.z"]', [
        f"{STEP}.z: 2 names for the 1 formulas of block/mix"]),
    # the forms
    "unknown key in a row": ("forms/start.toml", 'label = "Your', 'lable = "Your', [
        "forms/start.toml, band 1, panel rows, row 1: unknown key 'lable' (known: checks, each, "]),
    "cell to type into without a name": ("model.toml", 'name  = "top_k"\n', "", [
        "model.toml, tab sampling, row 2: a cell to type into needs a 'name'"]),
    "panel that lacks something": ("forms/start.toml", "across = 5\n", "", [
        "forms/start.toml, band 3, panel map: 'across' is missing"]),
    "row of no part": ("forms/start.toml", 'optional = "attention"', 'optional = "attentive"', [
        "forms/start.toml: no tab has optional = 'attentive' (known: sampling, attention, lens, "]),
    "step that replaces none": (
        "model.toml", '8\nmark   = "mix"\nname   = "sw', '28\nmark   = "mix"\nname   = "sw', [
        "model.toml, tab switched.{L}: there is no step 28 in block.{L}"]),
    "unknown fact": ("forms/about.toml", "{version}", "{vision}", [
        "forms/about.toml, row Generator: there is no fact {vision} (known: d_head, "]),
    "unknown column": ("forms/start.toml", 'from = "best.token"', 'from = "best.word"', [
        "forms/start.toml, panel The best next tokens: there is no tensor 'best.word'"]),
    "lost constant": ("forms/constants.toml", '"gelu_cubic"', '"gelu_cube"', [
        "ops/block/gelu.toml, formula y[T,M]: there is no cell or tensor named 'gelu_cubic'"]),
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the templates."""
    return Path(shutil.copytree(default_folder(), tmp_path / "templates"))


def edit(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1))


def problems(folder: Path, checkpoint: Checkpoint) -> list[str]:
    def read_and_plan() -> None:
        templates = load_templates(folder)
        plan(checkpoint, "a", Capacity(4, 8, 2), templates, left_out=templates.wiring.optional)

    with pytest.raises(TemplateError) as error:
        read_and_plan()
    head, *lines = str(error.value).split("\n  ")
    many = "problem" if len(lines) == 1 else "problems"
    assert head == f"The templates in {folder} have {len(lines)} {many}:"
    return lines


def test_a_step_is_not_named_as_a_cell_to_type_into(folder: Path, small: Checkpoint) -> None:
    edit(folder, "model.toml", '["lens.peak", "lens.total"]', '["lens.peak", "temperature"]')
    with pytest.raises(TemplateError, match="step temperature: there is a second 'temperature'"):
        plan(small, "a", Capacity(4, 8, 2), load_templates(folder))


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_refused(folder: Path, small: Checkpoint, name: str) -> None:
    file, old, new, words = MISTAKES[name]
    edit(folder, file, old, new)
    found = problems(folder, small)
    assert len(found) == len(words)
    assert all(word in line for word, line in zip(words, found, strict=True)), found


@pytest.mark.parametrize("names", [
    ["unknown key", "unknown op", "unknown key in a row", "unknown part"],
    ["unknown loop", "unknown size"],
    ["two lengths", "lost constant", "unknown count"],
])  # fmt: skip
def test_all_problems_at_once(folder: Path, small: Checkpoint, names: list[str]) -> None:
    for name in names:
        edit(folder, *MISTAKES[name][:3])
    found = "\n".join(problems(folder, small))
    assert [word for name in names for word in MISTAKES[name][3] if word not in found] == []


@pytest.mark.parametrize("missing", ["model.toml", "forms/checks.toml"])
def test_a_folder_that_is_not_complete(folder: Path, small: Checkpoint, missing: str) -> None:
    (folder / missing).unlink()
    with pytest.raises(TemplateError, match=missing):
        load_templates(folder)


def test_an_experiment_is_an_edited_text_file(folder: Path, small_model: Path) -> None:
    edit(folder, "ops/block/gelu.toml", "x[T,M] / 2 *", "x[T,M] / 3 *")
    output = folder.with_name("experiment.xlsx")
    build("Ice is", small_model, output, tokens=4, chars=8, templates=folder)
    first_bad = verify(output).first_bad
    assert first_bad is not None
    assert first_bad.name == "h.0.mlp.post"
