"""Every mistake in the templates is refused, with file and place, all of them at once."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from sheetgpt import build, verify
from sheetgpt.book.capacity import Capacity
from sheetgpt.checkpoint import Checkpoint
from sheetgpt.errors import TemplateError
from sheetgpt.layout.workbook import plan, sizes
from sheetgpt.template.formula import SIZES
from sheetgpt.template.lessons import load_lessons
from sheetgpt.template.load import (
    START_TAB,
    UNDECLARED_TABS,
    default_folder,
    hash_folder,
    load_templates,
)

SUM, ADD, STEP = '"x[T,C] + y[T,C]"', "ops/add.toml", "model.toml, tab block.{L}, step h.{L}"
LINEAR = "ops/linear.toml"
INSTEAD = "model.toml, tab block.{L}, instead of h.{L}"
SCALED = """[scaled.formulas]
"y[T,O]" = "(T < n_tokens) * (MMULT(x[T,I], w[I,O]) * scale[O] + b[O])\""""
FORMULA = f"{ADD}, formula sum[T,C]: "
EMBEDDED = f"{ADD}, tab position_embeddings, step embedded: "

#: File, text in it, the mistake in its place, and what the message must say, a line each.
MISTAKES: dict[str, tuple[str, str, str, list[str]]] = {
    # an operation
    "unknown key": (ADD, "summary", "sumary", [
        f"{ADD}: unknown key 'sumary' (known: axes, equation, explanation, formulas, inputs, "
        "marks, scaled, show, summary, title)", f"{ADD}: 'summary' is missing"]),
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
        f"{ADD}: axis d: there is no axis 'depth' (known: bar, block, byte, "]),
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
        f"{FORMULA}'n_foo+C': there is no whole number n_foo (known: d_head, "]),
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
    "unknown input": ("model.toml", 'x = ".ln_1",', 'z = ".ln_1",', [
        f"{STEP}.attn.qkv: input 'x' is not wired", "input 'z' is no input of linear"]),
    "input of the wrong kind": ("model.toml", 'x = ".ln_1",', "x = 3,", [
        f"{STEP}.attn.qkv: input 'x' must be a tensor, {{first = ..., then = ...}}, {{each = "]),
    "unknown source": ("model.toml", 'x = ".ln_1",', 'x = ".ln_9",', [
        "ops/linear.toml, tab block.0, step h.0.attn.qkv: input x: there is no tensor 'h.0.ln_9'"]),
    "source of another shape": ("model.toml", 'x = ".ln_1",', 'x = ".ln_1.bias",', [
        "step h.0.attn.qkv: input x[t,i] is wired to h.0.ln_1.bias, which is 8"]),
    "unknown letter": ("model.toml", 'x = ".ln_1",', 'x = "h.{M}.ln_1",', [
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
        "model.toml, tab tokens.workings: 'direction' must be one of down, right, not 'left'"]),
    "unknown group": ("model.toml", '"text"', '"txt"', [
        "model.toml, tab tokens.workings: 'group' must be one of start, text, "]),
    "same step twice": ("model.toml", 'name = ".attn.z"', 'name = ".Attn.QKV"', [
        "ops/block/mix.toml, tab block.0, step h.0.Attn.QKV: there is a second 'h.0.Attn.QKV'",
        "step h.0.attn.out: input x: there is no tensor 'h.0.attn.z' before it"]),
    # what differs from model to model
    "like nothing": ("ops/block/scores_divided.toml", "block/scores", "block/score", [
        "ops/block/scores_divided.toml: like = 'block/score': there is no ops/block/score.toml",
        "'title' is missing", "'summary' is missing"]),
    "unlike": ("ops/block/scores_divided.toml", '"scores[h,Q,K]"', '"scores[h,q,K]"', [
        "formula scores[h,q,K]: there is no such formula to change (known: scores[h,Q,K])",
        "formula scores[h,q,K]: a second 'scores'"]),
    "like itself": (
        "ops/block/scores_divided.toml", '"block/scores"', '"block/scores_divided"', [
        "scores_divided.toml: like = 'block/scores_divided', which is like another one; name that",
        "'title' is missing", "'summary' is missing"]),
    "instead of nothing": ("model.toml", '".attn.scores" = {', '".attn.score" = {', [
        "model.toml, tab block.{L}, instead: there is no step '.attn.score'"]),
    "unknown trait": ("model.toml", "exact_gelu = {", "exact = {", [
        f"{INSTEAD}.mlp.post: unknown key 'exact' (known: by_rank, cut_first, divided_scores, "]),
    "instead by nothing": ("model.toml", '"block/gelu_exact"', '"block/erf"', [
        f"{INSTEAD}.mlp.post: there is no ops/block/erf.toml"]),
    "instead of a word": ("model.toml", '{ exact_gelu = { op = "block/gelu_exact" } }', '"block"', [
        f"{INSTEAD}.mlp.post: unknown key '?'"]),
    "input of no use": ("model.toml", "in = { divisor = ", "in = { number = ", [
        f"{INSTEAD}.attn.scores: input 'divisor' is not wired",
        f"{INSTEAD}.attn.scores: input 'number' is no input of block/scores_divided"]),
    "step of no part": ("model.toml", "n = 14, ", 'n = 14, part = "gelu", ', [
        f"{STEP}.mlp.post: there is no part 'gelu' (known: sampling, "]),
    "name like a cell": ("model.toml", 'name = "wpe_lookup"', 'name = "h{n_layer}"', [
        "step h1: 'h1' cannot be a defined name", "there is no tensor 'wpe_lookup' before it"]),
    "same tab twice": ("model.toml", 'name    = "ln_f"', 'name    = "Tokens"', [
        "model.toml, tab Tokens: there is a second tab of this name"]),
    "tab with a bad name": ("model.toml", 'name    = "ln_f"', 'name    = "ln:f"', [
        "model.toml, tab ln:f: the name of a tab has 1 to 31 characters and none of"]),
    "misspelt key of a step": ("model.toml", 'name = ".attn.z"', 'nam = ".attn.z"', [
        "model.toml, tab block.{L}, step 8: unknown key 'nam' (known: each, in, mark, n, name, op, "
        "part, stream)", "model.toml, tab block.{L}, step 8: 'name' is missing"]),
    "list of names": ("model.toml", 'name = ".attn.*"', 'name = ["q", "k", "v"]', [
        "model.toml, tab block.{L}, step 5: 'name' must be a text, not ['q', 'k', 'v']"]),
    "name of no formula": ("model.toml", "{ length = ", "{ lenght = ", [
        "model.toml, tab tokens.workings, step utf8_begins: text/utf8 has no formula 'lenght' "
        "beside its result (known: length, total)"]),
    "second name of a result": ("model.toml", "{ length = ", "{ begin = ", [
        "step utf8_begins: text/utf8 has no formula 'begin' beside its result"]),
    "names of no step": ("model.toml", '"utf8_begins"     = {', '"utf8_ends" = {', [
        "model.toml, tab tokens.workings, names: there is no step 'utf8_ends'"]),
    "names that are no table": ("model.toml", '{ new_word = "merge.{r}.word" }', "3", [
        "model.toml, tab tokens.workings, names of merge.{r}: must be a table of texts"]),
    "words of no step": ("model.toml", '".attn.qkv"        = {', '".attn.qvk" = {', [
        "model.toml, tab block.{L}, words: there is no step '.attn.qvk'"]),
    "unknown words": ("model.toml", "{ title = ", "{ titel = ", [
        "model.toml, tab tokens.workings, words of merge.{r}: unknown key 'titel' (known: summary, "
        "title)"]),
    "dot without a prefix": ("model.toml", 'x = "ln_f" ', 'x = ".ln_f" ', [
        "model.toml, tab ln_f: '.ln_f' begins with a dot, but there is no 'prefix'"]),
    "second number": ("model.toml", "n = 7,", "n = 6,", [
        "model.toml, tab block.{L}: there is a second step 6"]),
    # the parts
    "part without a file": ("model.toml", '"lens",', '"lens", "lense",', [
        "model.toml, parts: there is no parts/lense.toml"]),
    "part twice": ("model.toml", '"lens",', '"lens", "lens",', [
        "model.toml, parts: a second 'lens'"]),
    "part that is not listed": ("model.toml", '"lens", ', "", [
        "parts/lens.toml: 'lens' is not among the parts of model.toml"]),
    "part with a wrong tab": ("parts/lens.toml", 'title   = "lens.w', 'titel   = "lens.w', [
        "parts/lens.toml, tab lens.workings: unknown key 'titel' (known: again, band, chart, ",
        "parts/lens.toml, tab lens.workings: 'title' is missing"]),
    "part with a wrong step": ("parts/lens.toml", 'op = "lens/answer"', 'op = "lens/anser"', [
        "parts/lens.toml, tab lens, step lens.answer.probability: there is no ops/lens/anser"]),
    "part without a tab": ("parts/residual.toml", "[[tab]]", "[[table]]", [
        "parts/residual.toml: unknown key 'table' (known: axes, tab)",
        "parts/residual.toml: 'tab' must be a list of tables, not "]),
    "part that is not TOML": ("parts/lens.toml", "[[tab]]", "[[tab", [
        "parts/lens.toml: is not TOML: "]),
    "model that is not TOML": ("model.toml", "[[tab]]", "[[tab", ["model.toml: is not TOML: "]),
    "parts that are no list": ("model.toml", '["sampling", ', '[1, "sampling", ', [
        "model.toml: 'parts' must be a list of texts, not [1, "]),
    "part with the name of none": ("model.toml", '["sampling", ', '["none", "sampling", ', [
        "model.toml, parts: there is no parts/none.toml",
        "model.toml, parts: 'none' cannot be the name of a part"]),
    "second axis": ("parts/positions.toml", "word = {", "block = {", [
        "parts/positions.toml, axis block: a second 'block', after model.toml, axis block",
        "ops/positions/typed.toml: axis s: there is no axis 'word' (known: bar, block, byte, "]),
    "second tab in a part": ("parts/lens.toml", 'name    = "lens"', 'name    = "lens.logits"', [
        "parts/lens.toml, tab lens.logits: there is a second tab of this name"]),
    # weights that are whole numbers
    "scaled formula of none": (LINEAR, SCALED, SCALED.replace("y[T,O]", "z[T,O]"), [
        f"{LINEAR}, scaled, formula z[T,O]: there is no such formula to change (known: y[T,O])"]),
    "scaled input of none": (LINEAR, 'of = "w"', 'of = "v"', [
        f"{LINEAR}, scaled: of = 'v' is no input (known: b, w, x)"]),
    "scaled input twice": (LINEAR, 'input = "scale[o]"', 'input = "b[o]"', [
        f"{LINEAR}, scaled: input b[o]: a second 'b'"]),
    "scale that is not used": (LINEAR, "* scale[O] + b", "+ b", [
        f"{LINEAR}, scaled: input scale[o] is never used"]),
    "unknown tensor when scaled": (LINEAR, "* scale[O]", "* scales[O]", [
        f"{LINEAR}, scaled, formula y[T,O]: unknown tensor 'scales' (known: b, scale, w, x, y)",
        f"{LINEAR}, scaled: input scale[o] is never used"]),
    "input lost when scaled": (LINEAR, "* scale[O] + b[O]", "* scale[O]", [
        f"{LINEAR}, scaled: input b[o] is never used"]),
    "mistakes in both": (LINEAR, SCALED, SCALED.replace("x[", "z[") + '\n[show]\nz = "id"', [
        f"{LINEAR}, show: unknown key 'z' (known: y)",
        f"{LINEAR}, scaled, formula y[T,O]: unknown tensor 'z' (known: b, scale, w, x, y)",
        f"{LINEAR}, scaled: input x[t,i] is never used"]),
    "unknown key when scaled": (LINEAR, 'of = "w"', 'off = "w"', [
        f"{LINEAR}, scaled: unknown key 'off' (known: equation, explanation, formulas, input, of)",
        f"{LINEAR}, scaled: 'of' is missing"]),
    "nothing scaled": (LINEAR, SCALED.split("\n")[1], "", [
        f"{LINEAR}, scaled: there is no formula"]),
    # the forms
    "unknown key in a row": ("forms/start.toml", 'label = "Your', 'lable = "Your', [
        "forms/start.toml, band 1, panel rows, row prompt: unknown key 'lable' (known: cells, "]),
    "cell to type into without a name": ("parts/sampling.toml", 'name  = "top_k"\n', "", [
        "parts/sampling.toml, tab sampling, row Top k: a cell to type into needs a 'name'"]),
    "panel that lacks something": ("forms/start.toml", "across = 5\n", "", [
        "forms/start.toml, band 3, panel map: 'across' is missing"]),
    "row of no part": ("forms/start.toml", 'part     = "attention"', 'part = "attentive"', [
        "forms/start.toml, band 1, panel rows, row 12: there is no part 'attentive' (known: "]),
    "step that replaces none": (
        "parts/switches.toml", "n = 8,", "n = 28,", [
        "parts/switches.toml, tab switched.{L}: there is no step 28 in block.{L}"]),
    "step that replaces without a number": ("parts/switches.toml", "n = 8,", "", [
        "parts/switches.toml, tab switched.{L}: step switched.h.{L}.attn.z needs the number 'n'"]),
    "steps again without a prefix": ("parts/switches.toml", 'prefix  = "switched.h.{L}"\n', "", [
        "parts/switches.toml, tab switched.{L}: 'prefix' is missing, here or in block.{L}, or "]),
    "steps again of no tab": ("parts/switches.toml", '"block.{L}"', '"blocks.{L}"', [
        "parts/switches.toml, tab switched.{L}: there is no tab 'blocks.{L}' before it"]),
    "unknown loop of a row": ("forms/checks.toml", "L in 0..n_layer-1", "L in 0..layers", [
        "forms/checks.toml, row block.{L}: normalised rows have mean 0: 'layers': layers is not "]),
    "unknown limit": ("parts/sampling.toml", 'high = "n_candidates"', 'high = "candidates"', [
        "parts/sampling.toml, tab sampling, row top_k: 'candidates': candidates is not known "]),
    "unknown name in a row": ("forms/checks.toml", "prompt & next_token", "prompt & next_tokn", [
        "forms/checks.toml, row continued: there is no cell or tensor named "
        "'next_tokn'"]),
    "unknown name in a row that repeats": ("forms/checks.toml", "h.{L}.ln_1", "h.{L}.ln_9", [
        "forms/checks.toml, row block.{L}: normalised rows have mean 0: there is no cell or tensor "
        "named 'h.0.ln_9.normalized'"]),
    "unknown function in a row": ("forms/checks.toml", "total - SUM(", "total - STDEV(", [
        "forms/checks.toml, row checks_failed: STDEV is not among the functions that all "]),
    "open parenthesis in a row": ("forms/start.toml", "best.token, 1), ", "best.token, 1, ", [
        "forms/start.toml, band 1, panel rows, row answer: unbalanced parentheses"]),
    "part of a tensor in a row": ("forms/start.toml", "INDEX(best.token, 1)", "best.token[0]", [
        "row answer: best.token[0]: the formula of a row names whole tensors, no parts"]),
    "long note": ("forms/start.toml", 'note  = "Type', f'note  = "{"n" * 300}Type', [
        "forms/start.toml, band 1, panel rows, row prompt: the note of an input has 376 characters "
        "and Excel shows 255; shorten it: nnn"]),
    "long note of the switches": ("parts/switches.toml", "0 turns", f'{"n" * 300}0 turns', [
        "parts/switches.toml, tab switches, row Switches: the note of an input has 3"]),
    "mirror of no cell": ("forms/start.toml", 'of = "continued"', 'of = "going"', [
        "forms/start.toml, band 1, panel rows, row goes_on_as: mirror: there is no cell 'going'"]),
    "mirror at another distance": ("forms/start.toml", '= "pasted_answer"', '= "fits"', [
        "row goes_on_as: mirror: 'fits' must lie as far from 'continued' as 'prompt' from this "
        "cell: 3 rows above it, 0 columns before it"]),
    "long label": ("parts/sampling.toml", '"Temperature"', f'"{"T" * 52}"', [
        "tab sampling, row temperature: the label of an input has 52 characters and Excel "]),
    "equation that does not end": (ADD, "y_{t,c}", "y_{t,c", [
        f"{ADD}: the equation 'sum_{{t,c}} = x_{{t,c}} + y_{{t,c' cannot be read from "]),
    "scaled equation that does not end": (
        LINEAR, "s_o · Σ", "s_ · Σ", [
        f"{LINEAR}, scaled: the equation "]),
    "dead link": ("forms/start.toml", 'to       = "attention"', 'to = "atention"', [
        "forms/start.toml, band 1, panel rows, row 12: to = 'atention': there is no tab of this "]),
    "link to a tab that can be left out": (
        "forms/start.toml", 'part     = "attention"\n', "", [
        "forms/start.toml, band 1, panel rows, row 12: to = 'attention': the row needs part = "]),
    "unknown fact": ("forms/about.toml", "{version}", "{vision}", [
        "forms/about.toml, row version: there is no fact {vision} (known: code_base, "]),
    "unknown column": ("forms/start.toml", 'from = "best.token"', 'from = "best.word"', [
        "forms/start.toml, band 1, panel table: there is no tensor 'best.word'"]),
    "lost constant": ("forms/constants.toml", '"gelu_cubic"', '"gelu_cube"', [
        "ops/block/gelu.toml, formula y[T,M]: there is no cell or tensor named 'gelu_cubic'"]),
}  # fmt: skip


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the templates for all tests, each of which gets it as it was."""
    folder = tmp_path_factory.mktemp("template") / "templates"
    return Path(shutil.copytree(default_folder(), folder))


@pytest.fixture(scope="module")
def shipped(copied: Path) -> dict[Path, bytes]:
    """Its files as they were."""
    return {path: path.read_bytes() for path in copied.rglob("*.toml")}


@pytest.fixture
def folder(copied: Path, shipped: dict[Path, bytes]) -> Iterator[Path]:
    """A copy of the templates to change files of; copying all of it for every test takes longer."""
    yield copied
    added = {*copied.rglob("*.toml")} - shipped.keys()
    assert not added, "others would meet these files"
    for path, text in shipped.items():
        if not path.exists() or path.read_bytes() != text:
            path.write_bytes(text)


def edit(folder: Path, file: str, old: str, new: str) -> None:
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1))


def problems(
    folder: Path, checkpoint: Checkpoint, left_out: Sequence[str] | None = None
) -> list[str]:
    """What is said of templates when a workbook is laid out, without its parts by default."""

    def read_and_plan() -> None:
        templates = load_templates(folder)
        without = templates.wiring.parts if left_out is None else left_out
        plan(checkpoint, "a", Capacity(4, 8, 2), templates, left_out=without)

    with pytest.raises(TemplateError) as error:
        read_and_plan()
    head, *lines = str(error.value).split("\n  ")
    many = "problem" if len(lines) == 1 else "problems"
    assert head == f"The templates in {folder} have {len(lines)} {many}:"
    return lines


#: Mistakes in steps on which others, charts, panels and rows depend, and the one thing to say.
ALONE = [
    ("ops/lens/answer.toml", "peak[0,l]", "peak[0,l+1]", "peak[0,l+1]: 'l+1' runs from 1 to 1"),
    ("ops/output/best.toml", "probability[V]", "probability[V+1]", "'V+1' runs from 1 to 320"),
    ("ops/text/token_ids.toml", "shown_token[V]", "shown_token[V+1]", "'V+1' runs from 1 "),
    ("ops/switches/mix.toml", "INDEX(on[H], 1, h + 1)", "on[h]",
     "on[h]: the cells of switch.0.heads are laid out later"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "words"), ALONE)
def test_what_follows_from_a_mistake_is_not_said(
    folder: Path, small: Checkpoint, file: str, old: str, new: str, words: str
) -> None:
    edit(folder, file, old, new)
    (found,) = problems(folder, small, left_out=[])
    assert words in found


def test_a_step_is_not_named_as_a_cell_to_type_into(folder: Path, small: Checkpoint) -> None:
    edit(folder, "parts/lens.toml", 'name = "lens.last"', 'name = "temperature"')
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
    ["unknown key", "unknown op", "unknown key in a row", "unknown group",
     "part with a wrong tab", "scaled input of none", "name of no formula", "unknown loop",
     "unknown size"],
    ["two lengths", "lost constant", "unknown count", "unknown name in a row", "unknown column",
     "unknown function in a row", "unknown fact"],
    ["long note", "long label", "open parenthesis in a row", "equation that does not end",
     "unknown loop of a row"],
])  # fmt: skip
def test_all_problems_at_once(folder: Path, small: Checkpoint, names: list[str]) -> None:
    for name in names:
        edit(folder, *MISTAKES[name][:3])
    found = "\n".join(problems(folder, small))
    assert [word for name in names for word in MISTAKES[name][3] if word not in found] == []


def test_the_hash_covers_every_file(folder: Path) -> None:
    hashes = {hash_folder(folder)}
    files = [path for path in sorted(folder.rglob("*.toml")) if "lessons" not in str(path)]
    for path in files:
        path.write_text(path.read_text() + "\n")
        hashes.add(hash_folder(folder))
    assert len(hashes) == 1 + len(files) > 50
    (folder / "lessons.toml").write_text("")
    assert hash_folder(folder) in hashes
    assert hash_folder(folder, lessons=True) not in hashes


def test_a_folder_is_read_again_once_it_has_changed(folder: Path) -> None:
    for load, file in [(load_templates, folder / ADD), (load_lessons, folder / "lessons.toml")]:
        before, text = load(folder), file.read_text(encoding="utf-8")
        assert load(folder) is before
        file.write_text(text + "\n", encoding="utf-8")
        assert load(folder) is not before
        file.write_text("nothing", encoding="utf-8")
        for _ in range(2):
            with pytest.raises(TemplateError, match="is not TOML"):
                load(folder)
        file.write_text(text, encoding="utf-8")
        assert load(folder) == before


def test_links_may_lead_to_every_tab(small: Checkpoint) -> None:
    templates = load_templates()
    names = [START_TAB, *templates.forms, *(tab.name for tab in templates.wiring.tabs)]
    book = plan(small, "a", Capacity(4, 8, 2), templates, left_out=templates.wiring.parts)
    others = book.sheets.keys() - {name.replace("{L}", "0") for name in names}
    assert [x for x in others if not any(re.fullmatch(y, x) for y in UNDECLARED_TABS)] == []
    assert [y for y in UNDECLARED_TABS if not any(re.fullmatch(y, x) for x in others)] == []


def test_every_workbook_has_the_sizes_that_templates_may_name(small: Checkpoint) -> None:
    assert {*sizes(small.config, Capacity(4, 8, 2))} == {*SIZES}


@pytest.mark.parametrize("missing", ["model.toml", "forms/checks.toml"])
def test_a_folder_that_is_not_complete(folder: Path, small: Checkpoint, missing: str) -> None:
    (folder / missing).unlink()
    with pytest.raises(TemplateError, match=missing):
        load_templates(folder)


def test_an_experiment_is_an_edited_text_file(folder: Path, small_model: Path) -> None:
    edit(folder, "ops/block/gelu.toml", "x[T,M] / 2 *", "x[T,M] / 3 *")
    output = folder.with_name("experiment.xlsx")
    room: dict[str, Any] = {"tokens": 4, "chars": 8, "rounds": 4}
    parts = [*load_templates().wiring.parts]
    build("Ice is", small_model, output, **room, without=parts, templates=folder)
    first_bad = verify(output).first_bad
    assert first_bad is not None
    assert first_bad.name == "h.0.mlp.post"
