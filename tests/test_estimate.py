"""What an estimate says, held against the books that are planned and the files that are built."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from sheetgpt import build
from sheetgpt.book import MAX_COLUMNS, Book
from sheetgpt.book.capacity import Capacity
from sheetgpt.checkpoint import Checkpoint, Config, Shape, load, shape_in, shape_of
from sheetgpt.commands.options import USUAL_CAPACITY
from sheetgpt.errors import TemplateError
from sheetgpt.estimate import Storage, estimate, refusal, short
from sheetgpt.estimate.storage import name_length
from sheetgpt.layout.workbook import plan
from sheetgpt.template.load import load_templates
from sheetgpt.verification.contents import number

TEMPLATES = load_templates()
LIGHT = Storage("float32", "fast", cell_refs=False)
#: The number of weights of each model on the hub, as their model cards and papers give them.
WEIGHTS = {
    "gpt2": 124_439_808,
    "openai-community/gpt2": 124_439_808,
    "gpt2-medium": 354_823_168,
    "gpt2-large": 774_030_080,
    "gpt2-xl": 1_557_611_200,
    "distilgpt2": 81_912_576,
    "distilbert/distilgpt2": 81_912_576,
}


def counts(book: Book) -> dict[str, tuple[int, int, int]]:
    """Formulas, cells that they fill, and columns of every tab."""
    return {
        name: (
            len(sheet.formulas),
            sum(formula.rows * formula.cols for formula in sheet.formulas),
            sheet.numbers.shape[1],
        )
        for name, sheet in book.sheets.items()
    }


@pytest.mark.parametrize("capacity", [Capacity(8, 32, 12), Capacity(16, 20, 3)])
def test_counts_are_those_of_the_plan(small: Checkpoint, capacity: Capacity) -> None:
    planned = estimate(shape_in(small), capacity, TEMPLATES, Storage())
    assert planned.weights == small.n_weights
    assert {tab.name: (tab.formulas, tab.values, tab.columns) for tab in planned.tabs} == counts(
        plan(small, "Mike", capacity, TEMPLATES)
    )


def test_rows_are_nearly_those_of_the_plan() -> None:
    planned = estimate(shape_of("tiny"), Capacity(), TEMPLATES, Storage())
    book = plan(load("tiny"), "Mike", Capacity(), TEMPLATES)
    for tab in planned.tabs:
        assert abs(tab.rows - book.sheets[tab.name].numbers.shape[0]) <= 20, tab.name


def test_file_size(tiny_file: Path, tiny_book: Book) -> None:
    capacity = Capacity(
        *(number(tiny_book, f"max_{what}") for what in ("tokens", "chars", "rounds"))
    )
    planned = estimate(shape_of("tiny"), capacity, TEMPLATES, Storage())
    # Half of the room is empty here: zeros take less than what may stand there.
    assert planned.file_size == pytest.approx(tiny_file.stat().st_size, rel=0.15)


@pytest.mark.parametrize("model", WEIGHTS)
def test_known_models_need_no_network(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sheetgpt.checkpoint.loading.download", None)
    shape = shape_of(model)
    assert shape.n_weights == WEIGHTS[model]
    assert short(estimate(shape, USUAL_CAPACITY, TEMPLATES, LIGHT)).startswith(f"{model}: ")


def test_other_hub_models_need_their_configuration_alone(
    small_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def download(*arguments: object, local: bool) -> Path:
        asked.append(arguments)
        return small_model

    monkeypatch.setattr("sheetgpt.checkpoint.loading.download", download)
    assert shape_of("somebody/small", "main").config == load(small_model).config
    assert asked == [("somebody/small", "main", ["config.json"])]


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("model.toml", 'size = "n_head"', 'size = "n_heads"'),
        ("model.toml", 'table = "wte.weight"', 'table = "wtf.weight"'),
        ("forms/checks.toml", "L in 0..n_layer-1", "L in 0..n_layers"),
        ("forms/start.toml", 'from = "best.token"', 'from = "best.word"'),
    ],
)
def test_mistakes_in_templates_are_the_plans_to_report(
    small_model: Path, tmp_path: Path, file: str, old: str, new: str
) -> None:
    folder = copytree(TEMPLATES.folder, tmp_path / "templates")
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1))
    with pytest.raises(TemplateError, match=f"{file}|embedding/lookup.toml"):
        build("Mike", small_model, tmp_path / "a.xlsx", tokens=4, chars=8, templates=folder)


def test_gpt2_small_stays_below_30000_formulas() -> None:
    everything = TEMPLATES.wiring.parts
    planned = estimate(shape_of("gpt2"), USUAL_CAPACITY, TEMPLATES, LIGHT, everything)
    assert planned.capacity.tokens == 16
    assert planned.formulas <= 30_000


GPT2 = Config()
FLOAT32_SMALL = Storage("float32", "small", cell_refs=False)
NO_WORKBOOK = [
    # model, room, storage, what the sentence says
    (replace(GPT2, n_inner=20_000), {}, LIGHT, ["block.0", "20,003", "16,384"]),
    (replace(GPT2, n_embd=6_144, n_head=96), {}, LIGHT, ["block.0", "18,437", "smaller model"]),
    (replace(GPT2, vocab_size=1_048_576), {}, LIGHT, ["1,048,576", "logits"]),
    (GPT2, {"rounds": 2_000}, LIGHT, ["tokens", "fewer --rounds"]),
    (GPT2, {"tokens": 1_025}, LIGHT, ["--tokens 1025", "1024 or fewer"]),
    (replace(GPT2, n_embd=3_072, n_head=48), {}, Storage(), ["weights.wte", "5.8 GB of XML",
     "use --no-cell-refs."]),
    (replace(GPT2, n_layer=96), {}, LIGHT, ["4.3 GB", "use --compression small."]),
    (replace(GPT2, n_layer=128), {}, FLOAT32_SMALL, ["4.3 GB", "use --precision int8."]),
    (replace(GPT2, n_layer=400), {}, LIGHT, ["4.3 GB", "use a smaller model"]),
    (replace(GPT2, n_layer=6), {"tokens": 1_024}, Storage("int8", "small", cell_refs=False), [
        "5.5 GB", "use --without switches."]),
    (replace(GPT2, n_head=16), {"tokens": 1_024}, LIGHT, [
        "attention.maps", "16,389", "use --without attention."]),
]  # fmt: skip


@pytest.mark.parametrize(("config", "room", "storage", "words"), NO_WORKBOOK)
def test_what_cannot_be_a_workbook(
    config: Config, room: dict[str, Any], storage: Storage, words: list[str]
) -> None:
    capacity = replace(USUAL_CAPACITY, **room)
    sentence = refusal(estimate(Shape("made up", config), capacity, TEMPLATES, storage))
    assert sentence is not None
    assert [word for word in words if word not in sentence] == [], sentence


@pytest.mark.parametrize(
    ("model", "storage", "least", "most"),
    [("tiny", Storage(), 1, 20), ("gpt2", LIGHT, 20, 120), ("gpt2", FLOAT32_SMALL, 100, 600)],
)
def test_seconds_to_build(model: str, storage: Storage, least: float, most: float) -> None:
    """Bounds that measurements stay within; a part adds to them, and so does a token."""
    shape = shape_of(model)
    planned = estimate(shape, USUAL_CAPACITY, TEMPLATES, storage)
    assert least < planned.build_seconds < most
    fewer = estimate(shape, Capacity(8, 64, 16), TEMPLATES, storage, ["switches"])
    assert 0 < fewer.build_seconds < planned.build_seconds


@pytest.mark.parametrize("room", [{}, {"tokens": 512}])
def test_what_can(room: dict[str, Any]) -> None:
    capacity = replace(USUAL_CAPACITY, **room)
    assert refusal(estimate(shape_of("gpt2"), capacity, TEMPLATES, LIGHT, ["switches"])) is None


ALL = ["Excel, 64-bit", "Excel, 32-bit", "Google Sheets", "Numbers", "LibreOffice 7.4+",
       "IronCalc", "Gnumeric"]  # fmt: skip


@pytest.mark.parametrize(
    ("model", "storage", "programs"),
    [
        ("tiny", Storage(), ALL),
        ("tiny", LIGHT, ALL[:5]),
        ("gpt2", LIGHT, ["Excel, 64-bit", "LibreOffice 7.4+"]),
        ("gpt2", Storage(), ["Excel, 64-bit", "LibreOffice 7.4+", "IronCalc", "Gnumeric"]),
    ],
)
def test_programs(model: str, storage: Storage, programs: list[str]) -> None:
    planned = estimate(shape_of(model), USUAL_CAPACITY, TEMPLATES, storage)
    assert [program.program for program in planned.programs if program.ok] == programs


@pytest.mark.parametrize(
    ("rows", "columns", "length"),
    [(9, 26, 5 + 1 + 1), (1, 27, 5 + (26 + 2) / 27 + 1), (10, 1, 5 + 1 + (9 + 2) / 10)],
)
def test_length_of_cell_names(rows: int, columns: int, length: float) -> None:
    """Of ` r="A1"`; the longest name is ` r="XFD1048576"`."""
    assert name_length(rows, columns) == pytest.approx(length)
    assert name_length(1_048_576, MAX_COLUMNS) < len(' r="XFD1048576"')
