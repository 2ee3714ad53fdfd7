"""From declared formulas to cells: the compiler's rules one by one, then the whole workbook."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import numpy as np
import pytest

from sheetgpt.book import Book
from sheetgpt.book.area import Area
from sheetgpt.book.capacity import Capacity
from sheetgpt.book.references import split, to_area
from sheetgpt.checkpoint import load
from sheetgpt.errors import CapacityError
from sheetgpt.layout.compile import PlacedStep, compile_step
from sheetgpt.layout.tensor import Axis, Tensor, stack
from sheetgpt.layout.workbook import plan
from sheetgpt.template.expand import Step
from sheetgpt.template.load import load_templates
from sheetgpt.template.op import read_op
from sheetgpt.template.tables import Problems

T, C, H, D = Axis("position", 3), Axis("n_embd", 4), Axis("head", 2), Axis("d_head", 2)
LETTERS = {"t": T, "c": C, "h": H, "d": D}
CONFIG = {"n_embd": 4, "d_head": 2}
#: What the made-up formulas may read, rows and columns from 0: `x` is D11:G13 with its positions
#: in B and row 10; `g` lies on another sheet; `word` is I11:I13 with two blank rows on both sides.
INPUTS = {
    "x": stack("h.0.x", "block.0", 10, 3, (T, C), (1, 9)),
    "g": Tensor("h.0.g", "weights.h.0", 2, 1, (C,), ((0, 1),), (1,)),
    "word": stack("word", "block.0", 10, 8, (T,), (1,), guards=(2, 2)),
}
SIGNATURES = {"x": "x[t,c]", "g": "g[c]", "word": "word[t]"}
#: Where the results lie: a matrix at D21, a column at D21, heads one below the other at D21.
RESULTS = {
    "y": stack("y", "block.0", 20, 3, (T, C), (1, 19)),
    "m": stack("m", "block.0", 20, 3, (T,), (1,), guards=(2, 2)),
    "p": stack("p", "block.0", 20, 3, (H, T, C), (0, 1, 19)),
    "s": stack("s", "block.0", 20, 3, (), ()),
}

#: Left side, declared formula, number of formulas, then a cell (or range) and its formula.
RULES = [
    # lower case: one formula per cell, references move with it
    ("y[t,c]", "x[t,c] * 2", 12, "D21", "D11 * 2"),
    ("y[t,c]", "x[t,c] * 2", 12, "G23", "G13 * 2"),
    # a row of x: its columns stay, its row moves
    ("y[t,c]", "x[t,c] / SUM(x[t,C])", 12, "E22", "E12 / SUM($D12:$G12)"),
    ("y[t,c]", "x[t,c] - x[0,c]", 12, "E22", "E12 - E$11"),
    ("y[t,c]", "word[t] * 2", 12, "G23", "$I13 * 2"),
    # another sheet
    ("y[t,c]", "x[t,c] * g[c]", 12, "E22", "E12 * 'weights.h.0'!C$3"),
    # upper case on the left: one array formula for a row, or for everything
    ("y[t,C]", "x[t,C] - 1", 3, "D22:G22", "$D12:$G12 - 1"),
    ("y[T,C]", "x[T,C] * g[C]", 1, "D21:G23", "h.0.x * h.0.g"),
    ("m[T]", "MMULT(x[T,C], TRANSPOSE(g[C]))", 1, "D21:D23", "MMULT(h.0.x, TRANSPOSE(h.0.g))"),
    ("s[]", "SUM(x[T,C])", 1, "D21", "SUM(h.0.x)"),
    ("s", "SUM(x[T,C])", 1, "D21", "SUM(h.0.x)"),
    # neighbours, also beyond the ends of the axis
    ("m[t]", "word[t-1] + word[t+2]", 3, "D21", "$I10 + $I13"),
    ("m[t]", "word[t-1] + word[t+2]", 3, "D23", "$I12 + $I15"),
    ("m[t]", "m[t-1] + word[t]", 3, "D21", "$D20 + $I11"),
    # header cells
    ("y[t,c]", "IF(c <= t, 1, 0)", 12, "E22", "IF(E$20 <= $B22, 1, 0)"),
    ("y[T,C]", "IF(C <= T, 1, 0)", 1, "D21:G23", "IF($D$20:$G$20 <= $B$21:$B$23, 1, 0)"),
    ("p[h,T,C]", "IF(C <= T, h, 0)", 2, "D24:G26", "IF($D$20:$G$20 <= $B24:$B26, $A24:$A26, 0)"),
    ("s[]", "SUM((T < 2) * x[T,0])", 1, "D21", "SUM(($B$11:$B$13 < 2) * $D$11:$D$13)"),
    # integer arithmetic in subscripts; what moves differently from the cell is absolute
    ("p[h,t,c]", "SUM(x[t,h*d_head+D])", 24, "E25", "SUM($F$12:$G$12)"),
    ("y[t,2*d+1]", "x[t,n_embd-1-d]", 6, "G22", "$F12"),
    ("m[t]", "x[2-t,3]", 3, "D21", "$G$13"),
    # all else is left alone; a power without blanks
    ("y[t,c]", 'IF(x[t,c] > eps, "x[t]", 1.5E+3)', 12, "D21", 'IF(D11 > eps, "x[t]", 1.5E+3)'),
    ("y[t,c]", "x[t,c] ^ 2", 12, "D21", "D11^2"),
    ("m[t]", "UNICODE(MID(prompt, t, 1))", 3, "D21", "_xlfn.UNICODE(MID(prompt, $B21, 1))"),
]


@pytest.mark.parametrize(("left", "declared", "count", "cells", "formula"), RULES)
def test_rules(left: str, declared: str, count: int, cells: str, formula: str) -> None:
    inputs = [text for name, text in SIGNATURES.items() if f"{name}[" in declared]
    table: dict[str, Any] = {"title": "", "summary": "", "inputs": inputs}
    table["axes"] = {letter: axis.name for letter, axis in LETTERS.items()}
    table["formulas"] = {left: declared}
    problems = Problems()
    op = read_op("made_up", table, problems)
    assert op
    assert problems.lines == []
    step = Step(op, {}, {}, "", "")
    formulas = list(compile_step(PlacedStep(step, INPUTS | RESULTS, LETTERS, CONFIG)))
    assert len(formulas) == count
    at = {Area("", f.row, f.col, f.rows, f.cols).a1(): f for f in formulas}
    assert at[cells].text == formula
    assert at[cells].array == any(letter.isupper() for letter in left)


@pytest.fixture(scope="module")
def book() -> Book:
    """The embedded model with room for 8 tokens; nothing is computed."""
    return plan(load("tiny"), "Ice is", Capacity(8, 32, 12), load_templates())


TOKENS, WIDTH, HEADS, VOCABULARY, LAYERS = 8, 48, 4, 1024, 3
PER_TOKEN = (TOKENS, WIDTH)
STACKED = (HEADS * TOKENS, TOKENS)
BLOCK = {
    "resid_pre": PER_TOKEN,
    "ln_1.normalized": PER_TOKEN,
    "ln_1": PER_TOKEN,
    "attn.qkv": (TOKENS, 3 * WIDTH),
    "attn.q": PER_TOKEN,
    "attn.k": PER_TOKEN,
    "attn.v": PER_TOKEN,
    "attn.scores": STACKED,
    "attn.pattern": STACKED,
    "attn.z": PER_TOKEN,
    "attn.out": PER_TOKEN,
    "resid_mid": PER_TOKEN,
    "ln_2.normalized": PER_TOKEN,
    "ln_2": PER_TOKEN,
    "mlp.pre": (TOKENS, 4 * WIDTH),
    "mlp.post": (TOKENS, 4 * WIDTH),
    "mlp.out": PER_TOKEN,
    "resid_post": PER_TOKEN,
}
CELL = (1, 1)
SHAPES = {
    **dict.fromkeys(["prompt", "status", "n_tokens", "next_token_id", "next_token"], CELL),
    **dict.fromkeys(["eps", "n_layer", "n_head", "n_embd", "d_head"], CELL),
    "token_ids": (TOKENS, 1),
    **dict.fromkeys(["wte_lookup", "embedded", "ln_f"], PER_TOKEN),
    **{f"h.{i}.{name}": shape for i in range(LAYERS) for name, shape in BLOCK.items()},
    "logits": (VOCABULARY, 1),
}


def test_defined_names(book: Book) -> None:
    weights = {name: (1, *tensor.shape)[-2:] for name, tensor in load("tiny").tensors.items()}
    expected = {**SHAPES, **weights}
    assert {name: book.names[name][3:] for name in expected} == expected


def test_steps_lie_on_the_tab_of_their_block(book: Book) -> None:
    for i in range(LAYERS):
        areas = [book.names[f"h.{i}.{name}"] for name in BLOCK]
        assert {area.sheet for area in areas} == {f"block.{i}"}
        assert sorted(areas, key=lambda area: (area.row, area.col)) == areas


def test_tabs(book: Book) -> None:
    assert list(book.sheets) == [
        *("Start", "why", "tour", "tokens", "tokens.workings"),
        *("token_embeddings", "position_embeddings"),
        *("block.0", "block.1", "block.2", "ln_f", "logits", "next_token"),
        *("sampling", "attention.maps", "attention", "lens", "switches", "neighbours"),
        *("positions", "residual", "follow", "lens.workings", "lens.logits"),
        *("switched.0", "switched.1", "switched.2", "switched", "switched.logits"),
        *("neighbours.vectors", "neighbours.workings", "positions.workings"),
        *("why.workings", "why.tokens", "follow.factors", "follow.workings"),
        *("checks", "about", "glossary", "constants", "vocabulary", "merges"),
        *("unicode", "byte_table", "projections"),
        *("weights.wte", "weights.wpe", "weights.h.0", "weights.h.1", "weights.h.2"),
        "weights.ln_f",
    ]


@pytest.mark.parametrize(("tab", "count"), [
    ("token_embeddings", TOKENS * WIDTH + 1),  # an INDEX per cell; + 1: words beside the rows
    ("position_embeddings", 2 + 2),
    ("logits", 5 + 1),
    ("about", 0), ("constants", 0), ("weights.wte", 0), ("vocabulary", 0),
])  # fmt: skip
def test_number_of_formulas(book: Book, tab: str, count: int) -> None:
    assert len(book.sheets[tab].formulas) == count


def test_blocks_are_alike(book: Book) -> None:
    def texts(i: int) -> list[str]:
        source = "embedded" if i == 0 else f"h.{i - 1}.resid_post"
        formulas = [f.text for f in book.sheets[f"block.{i}"].formulas]
        return [
            "source" if text == source else text.replace(f"h.{i}.", "h.L.") for text in formulas
        ]

    assert texts(0) == texts(1) == texts(2)
    assert "source" in texts(0)


def test_one_formula_per_region(book: Book) -> None:
    """All one-cell formulas of a tensor are copies of one formula."""
    names = {name.upper(): to_area(area) for name, area in book.names.items()}
    copies: Counter[str] = Counter()
    for name, (sheet, row, col, rows, cols) in book.names.items():
        inside = [
            f
            for f in book.sheets[sheet].formulas
            if row <= f.row < row + rows and col <= f.col < col + cols and not f.array
        ]
        copies[name] = len({split(f.text, f.row, f.col, names) for f in inside})
    assert copies["words"] == copies["h.0.ln_1.normalized.mean"] == 1
    # The sizes of the residual stream have a column for each block, which reads that block's tab.
    by_block = {f"residual.{part}" for part in ("pre", "attn", "mlp", "post")}
    different = {name for name, count in copies.items() if count > 1}
    # So does a round of joining: its line of pieces reads the tables of that round.
    assert different == {"checks_passed", "pieces.pairs", *by_block}
    assert {copies[name] for name in by_block} == {LAYERS}


def test_no_two_things_in_a_cell(book: Book) -> None:
    for sheet in book.sheets.values():
        filled = np.zeros(np.shape(sheet.numbers), dtype=int)
        for f in sheet.formulas:
            filled[f.row : f.row + f.rows, f.col : f.col + f.cols] += 1
        for cell in sheet.others:
            filled[cell] += 1
        assert filled.max(initial=0) <= 1, sheet.name


def test_names_that_every_program_takes(book: Book) -> None:
    for name in book.names:
        assert re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.]*", name)
        assert not re.fullmatch(r"[A-Za-z]{1,3}\d+|[Rr]\d*([Cc]\d*)?|[Cc]\d*", name)
    assert len({name.lower() for name in book.names}) == len(book.names)
    for tab in book.sheets:
        assert re.fullmatch(r"[A-Za-z0-9_.]{1,31}", tab)


@pytest.mark.parametrize(("capacity", "words"), [
    (Capacity(0, 8), "can take 2 to 64 tokens, not 0"),
    (Capacity(65, 8), "can take 2 to 64 tokens, not 65"),
    (Capacity(8, 0), "--chars cannot be 0"),
    (Capacity(8, 32_768), "--chars cannot be 32768"),
])  # fmt: skip
def test_impossible_capacities(capacity: Capacity, words: str) -> None:
    with pytest.raises(CapacityError, match=words):
        plan(load("tiny"), "Ice is", capacity, load_templates())
