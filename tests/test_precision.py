"""Weights in fewer digits: what a file holds, that it is checked exactly, what rounding does."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import pytest
from checkpoints import SHORT_VOCABULARY, make_checkpoint
from needs import needs

from sheetgpt import build, verify
from sheetgpt.book import Book
from sheetgpt.book.capacity import Capacity
from sheetgpt.checkpoint import Checkpoint, Config, load
from sheetgpt.checkpoint.precision import (
    INT8_MAX,
    LOOKED_UP,
    PRECISIONS,
    Precision,
    restored,
    rounded,
)
from sheetgpt.commands.build import rounding_effects
from sheetgpt.commands.written import Built
from sheetgpt.errors import CheckpointError, InputError, WorkbookError
from sheetgpt.layout.workbook import plan
from sheetgpt.reference import predict
from sheetgpt.template.load import load_templates
from sheetgpt.verification.compare import compare_weights
from sheetgpt.xlsx.read import read

PROMPT = "Ice is"
TIED, UNTIED = "tied", "untied"
Make = Callable[[str, Precision], Built]
ReadAs = Callable[[str, Precision], Book]


@pytest.fixture(scope="module")
def models(small_model: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A model whose unembedding is its embedding, and one that has a matrix for it."""
    folder = tmp_path_factory.mktemp("precision")
    config = Config(1, 3, 12, 16, SHORT_VOCABULARY, 1e-3, 20)
    return {TIED: small_model, UNTIED: make_checkpoint(folder / UNTIED, config, 5, tied=False)}


@pytest.fixture(scope="module")
def built(models: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Builds each model in each precision, once."""
    folder = tmp_path_factory.mktemp("built")

    @cache
    def make(model: str, precision: Precision) -> Built:
        path = folder / f"{model}-{precision}.xlsx"
        room: dict[str, Any] = {"tokens": 4, "chars": 8, "rounds": 5}
        return build(PROMPT, models[model], path, precision=precision, **room)

    return make


@pytest.fixture(scope="module")
def book(built: Make) -> ReadAs:
    """The workbook of each model in each precision, read once; not to be changed."""
    return cache(lambda model, precision: read(built(model, precision).path))


#: A weight, not what `why` makes of the biases.
OF_WEIGHTS = r"^(?!why\.).*\.(weight|bias)(\.scale)?$"


@pytest.mark.slow
@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("model", [TIED, UNTIED])
def test_every_precision_is_checked_exactly(
    built: Make, models: dict[str, Path], model: str, precision: Precision
) -> None:
    report = verify(built(model, precision).path, model=models[model])
    assert report.ok, report.first_bad
    weights = {step.name: step for step in report.steps if re.search(OF_WEIGHTS, step.name)}
    assert {step.max_abs for step in weights.values()} == {0}
    assert ("lm_head.weight" in weights) == (model == UNTIED)
    assert ("wte.weight.scale" in weights) == (precision == "int8")


def test_float16(book: ReadAs, models: dict[str, Path]) -> None:
    held = book(UNTIED, "float16")
    for name, tensor in load(models[UNTIED]).tensors.items():
        found = held.named(name).ravel()
        halves = found.astype(np.float16)
        assert np.array_equal(halves, tensor.ravel().astype(np.float16)), name
        assert found.tolist() == [float(str(half)) for half in halves], name


def test_int8(book: ReadAs, models: dict[str, Path]) -> None:
    held = book(UNTIED, "int8")
    for name, tensor in load(models[UNTIED]).tensors.items():
        found = held.named(name)
        if tensor.ndim == 1:
            assert np.array_equal(found.ravel().astype(np.float32), tensor), name
            continue
        scale = held.named(f"{name}.scale")
        assert scale.shape == ((len(tensor), 1) if name in LOOKED_UP else (1, tensor.shape[1]))
        assert np.array_equal(found, np.rint(found))
        assert np.abs(found).max(axis=1 if name in LOOKED_UP else 0).tolist() == [127] * scale.size
        assert (np.abs(found * scale - tensor) <= 0.501 * scale).all(), name


#: Tab, formula and equation on the cards of steps that read whole numbers and their scale.
INT8_CARDS = [
    ("token_embeddings", "IF(t < n_tokens, INDEX(table[V,C], id[t] + 1, c + 1)"
     " * INDEX(scale[V], id[t] + 1), 0)", "row_{t,c} = s_{id(t)} · table_{id(t),c}"),
    ("block.0", "(T < n_tokens) * (MMULT(x[T,I], w[I,O]) * scale[O] + b[O])",
     "y_{t,o} = s_o · Σ_i x_{t,i} · w_{i,o} + b_o"),
    ("lens.logits", "MMULT(w[V,C], TRANSPOSE(x[L,C])) * scale[V]",
     "logit_{v,l} = s_v · Σ_c w_{v,c} · x_{l,c}"),
    ("positions", "MMULT(table[P,C], projection[C,D]) * scale[P]",
     "xy_{p,d} = s_p · Σ_c w_{p,c} · projection_{c,d}"),
    ("positions", "MMULT(table[P,C], projection[C,D]) * scale[P] + word[s,D]",
     "at_{s,p,d} = xy_{s,d} + s_p · Σ_c w_{p,c} · projection_{c,d}"),
]  # fmt: skip


@pytest.fixture(scope="module")
def plans(small: Checkpoint) -> dict[str, Book]:
    """The workbook of whole numbers, and that of exact weights, not computed."""
    room, templates = Capacity(4, 8, 2), load_templates()
    return {x: plan(rounded(small, x), "a", room, templates) for x in ("int8", "float32")}


@pytest.mark.parametrize(("tab", "formula", "equation"), INT8_CARDS)
def test_cards_of_int8(plans: dict[str, Book], tab: str, formula: str, equation: str) -> None:
    scaled, plain = ([*plans[x].sheets[tab].others.values()] for x in ("int8", "float32"))
    assert any(str(text).endswith(f" = {formula}") for text in scaled)
    assert equation in scaled
    assert equation not in plain


def test_what_int8_cannot_scale(small: Checkpoint) -> None:
    """Zeros, and numbers whose 127th part is 0 in float32."""
    wte = small.tensors["wte.weight"].copy()
    wte[0], wte[1] = 0, 1e-44
    model = rounded(replace(small, tensors={"wte.weight": wte}), "int8")
    assert model.tensors["wte.weight.scale"][:2].tolist() == [1, 1]
    assert not model.tensors["wte.weight"][:2].any()
    back = restored(model.tensors)
    assert [*back] == ["wte.weight"]
    assert np.abs(back["wte.weight"] - wte).max() <= np.abs(wte).max() / INT8_MAX / 2 * 1.001


def test_what_float16_cannot_hold(small: Checkpoint) -> None:
    bias = small.tensors["ln_f.bias"].copy()
    bias[3] = -65504
    model = rounded(replace(small, tensors={"ln_f.bias": bias}), "float16")
    assert model.tensors["ln_f.bias"].astype(np.float16)[3] == -65504
    bias[3] = 65520
    with pytest.raises(CheckpointError, match=r"ln_f\.bias has a weight beyond 65504, .*float32"):
        rounded(replace(small, tensors={"ln_f.bias": bias}), "float16")


def test_an_unknown_precision(small: Checkpoint) -> None:
    with pytest.raises(InputError, match="no precision int4; choose of float32, float16, int8"):
        rounded(small, "int4")


def next_float(dtype: type[np.floating]) -> Callable[[str], str]:
    """The nearest number above of a type."""
    return lambda text: str(np.nextafter(dtype(text), dtype(np.inf)))


#: A change of one cell that `--model` must find: model, precision, tensor, row, column, change.
CHANGES = [
    (TIED, "float32", "wte.weight", 319, 7, next_float(np.float32)),
    (TIED, "float32", "h.0.mlp.c_fc.weight", 0, 0, next_float(np.float32)),
    (TIED, "float32", "h.0.mlp.c_fc.bias", 0, 29, lambda text: "-" + text.lstrip("-") + "1"),
    (TIED, "float16", "h.0.attn.c_attn.weight", 3, 5, next_float(np.float16)),
    (UNTIED, "float16", "lm_head.weight", 300, 11, next_float(np.float16)),
    (UNTIED, "int8", "lm_head.weight", 0, 1, lambda text: str((int(text) + 300) % 128 + 128)),
    (UNTIED, "int8", "lm_head.weight", 1, 0, lambda text: text + ".25"),
    (TIED, "int8", "h.0.mlp.c_proj.weight", 31, 0, lambda text: str(int(text) - 1)),
    (TIED, "int8", "h.0.mlp.c_proj.weight.scale", 0, 6, next_float(np.float32)),
    (TIED, "int8", "ln_f.weight", 0, 2, next_float(np.float32)),
]


def with_cell(
    source: Path, target: Path, number: int, cell: str, change: Callable[[str], str]
) -> str:
    """Change one number on the sheet of this number; returns the new one."""
    pattern = rf'(?<=<c r="{cell}")([^>]*><v>)([^<]*)(?=</v>)'
    with ZipFile(source) as old, ZipFile(target, "w") as new:
        for name in old.namelist():
            xml = old.read(name)
            if name == f"xl/worksheets/sheet{number}.xml":
                text = xml.decode()
                (found,) = re.finditer(pattern, text)
                changed = change(found[2])
                assert changed != found[2]
                xml = (text[: found.start(2)] + changed + text[found.end(2) :]).encode()
            new.writestr(name, xml)
    return changed


@pytest.mark.parametrize(
    ("model", "precision", "tensor", "row", "col", "change"),
    CHANGES,
    ids=[f"{row[1]}-{row[2]}-{row[3]}" for row in CHANGES],
)
def test_one_changed_weight_is_found(
    built: Make,
    book: ReadAs,
    models: dict[str, Path],
    tmp_path: Path,
    model: str,
    precision: Precision,
    tensor: str,
    row: int,
    col: int,
    change: Callable[[str], str],
) -> None:
    source, target = built(model, precision).path, tmp_path / "changed.xlsx"
    before = book(model, precision)
    area = before.names[tensor]
    cell = area._replace(row=area.row + row, col=area.col + col, rows=1, cols=1)
    sheet = [*before.sheets].index(area.sheet) + 1
    value = with_cell(source, target, sheet, cell.a1(), change)
    wanted = rounded(load(models[model]), precision).tensors
    (bad,) = [step for step in compare_weights(wanted, read(target)) if not step.ok]
    assert (bad.name, bad.worst_cell) == (tensor, f"{area.sheet}!{cell.a1()}")
    assert float(bad.found) == pytest.approx(float(value), rel=1e-6)


@pytest.mark.parametrize("precision", PRECISIONS)
def test_verify_names_a_changed_weight(
    built: Make, book: ReadAs, models: dict[str, Path], tmp_path: Path, precision: Precision
) -> None:
    """The formulas compute with it, and the reference too: only the model knows better."""
    source, target = built(TIED, precision).path, tmp_path / "changed.xlsx"
    before = book(TIED, precision)
    area = before.names["h.0.mlp.c_fc.weight"]
    sheet = [*before.sheets].index(area.sheet) + 1
    with_cell(source, target, sheet, area._replace(rows=1, cols=1).a1(), lambda _: "1.5")
    report = verify(target, model=models[TIED])
    assert report.first_bad is not None
    assert report.first_bad.name == "h.0.mlp.c_fc.weight"
    wrong = [step.name for step in report.steps if not step.ok]
    assert wrong == ["h.0.mlp.c_fc.weight", "cached values"]


def blanked(book: Book) -> tuple[str, str]:
    area = book.names["ln_f.bias"]
    numbers = book.sheets[area.sheet].numbers
    assert isinstance(numbers, np.ndarray)
    numbers[area.row, area.col + 1] = np.nan
    return "ln_f.bias", area._replace(col=area.col + 1, rows=1, cols=1).a1()


def made_text(book: Book) -> tuple[str, str]:
    area = book.names["ln_f.bias"]
    book.sheets[area.sheet].others[area.row, area.col] = "much"
    numbers = book.sheets[area.sheet].numbers
    assert isinstance(numbers, np.ndarray)
    numbers[area.row, area.col] = np.nan
    return "ln_f.bias", area._replace(rows=1, cols=1).a1()


@pytest.mark.parametrize("damage", [blanked, made_text])
def test_a_cell_that_is_no_number(
    built: Make, small: Checkpoint, damage: Callable[[Book], tuple[str, str]]
) -> None:
    book = read(built(TIED, "float32").path)
    wanted = damage(book)
    (bad,) = [step for step in compare_weights(small.tensors, book) if not step.ok]
    assert (bad.name, bad.worst_cell.rpartition("!")[2]) == wanted


def test_weights_of_another_shape(built: Make, models: dict[str, Path]) -> None:
    with pytest.raises(WorkbookError, match=r"weights lm_head\.weight, which the model lacks"):
        verify(built(UNTIED, "float32").path, model=models[TIED])
    with pytest.raises(WorkbookError, match=r"no weights wte\.weight of shape \(320, 12\)"):
        verify(built(TIED, "float32").path, model=models[UNTIED])


def test_notes_say_what_the_rounding_does(built: Make) -> None:
    assert built(TIED, "float32").notes == ()
    for precision in ("float16", "int8"):
        notes = built(TIED, precision).notes
        prompts = [PROMPT, "The capital of France is", "Two plus two equals"]
        begins = [f"Rounding, {prompt!r}: " for prompt in prompts]
        assert [note[: len(b)] for note, b in zip(notes, begins, strict=True)] == begins
        pattern = r"scores change by up to \d[\d.e-]*, (the same|ANOTHER) answer: '.*' \(\d"
        assert all(re.search(pattern, note) for note in notes)


def test_what_the_rounding_does_is_measured(small: Checkpoint) -> None:
    """Against a model of the opposite opinion: every score has the other sign."""
    opposite = {name: -small.tensors[name] for name in ("ln_f.weight", "ln_f.bias")}
    other = replace(small, tensors={**small.tensors, **opposite})
    scores = [score.logit for score in predict(small, PROMPT, small.config.vocab_size).top]
    worst = f"{2 * max(scores[0], -scores[-1]):.2g}"
    (same,) = rounding_effects(small, small, [PROMPT, PROMPT, "", "no " * 70])
    assert f"{PROMPT!r}: scores change by up to 0, the same answer: " in same
    (another,) = rounding_effects(small, other, [PROMPT])
    assert f"scores change by up to {worst}, ANOTHER answer: " in another
    first, last = (predict(model, PROMPT, 1).top[0].text for model in (other, small))
    assert re.search(rf"{re.escape(repr(first))} \(.*%, before {re.escape(repr(last))} ", another)


@pytest.mark.engine
@pytest.mark.parametrize("engine", ["libreoffice", "ironcalc"])
def test_int8_in_other_programs(built: Make, engine: str) -> None:
    needs(engine)
    report = verify(built(UNTIED, "int8").path, engine=engine)
    assert report.ok, report.first_bad
