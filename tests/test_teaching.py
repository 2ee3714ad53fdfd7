"""The tabs that teach: optional parts, cells to type into, charts, cards, switches, maps."""

from __future__ import annotations

import numpy as np
import pytest

from sheetgpt.book import Book, CellError
from sheetgpt.book.area import Area
from sheetgpt.book.capacity import Capacity
from sheetgpt.checkpoint import Checkpoint
from sheetgpt.errors import InputError
from sheetgpt.evaluator import Recalculation
from sheetgpt.evaluator.lint import lint
from sheetgpt.layout.projections import components, projections
from sheetgpt.layout.workbook import plan
from sheetgpt.template.load import load_templates

TEMPLATES = load_templates()
ROOM = Capacity(8, 16, 4)
PARTS = ["sampling", "attention", "lens", "switches", "neighbours", "positions", "residual", "why",
         "follow"]  # fmt: skip
#: A name on the tabs of each part.
SIGNS = ["sampling.share", "attention.maps", "lens.logits", "switched.logits", "neighbours.cosine",
         "positions.xy", "residual.post", "why.points", "follow.sum"]  # fmt: skip


def planned(checkpoint: Checkpoint, **options: object) -> Book:
    return plan(checkpoint, "Ice is", ROOM, TEMPLATES, **options)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def book(small: Checkpoint) -> Book:
    """A workbook with all parts; not to be changed."""
    return planned(small)


def test_the_parts() -> None:
    assert list(TEMPLATES.wiring.parts) == PARTS


@pytest.mark.parametrize("left_out", [*([part] for part in PARTS), PARTS, []], ids=str)
def test_what_is_left_out(small: Checkpoint, left_out: list[str]) -> None:
    book = planned(small, left_out=left_out)
    present = [part for part, sign in zip(PARTS, SIGNS, strict=True) if sign in book.names]
    assert present == [part for part in PARTS if part not in left_out]
    assert lint(book) == []
    assert book.named("left_out")[0, 0] == (", ".join(left_out) or "nothing")
    places = {place for look in book.looks.values() for place in look.links.values()}
    tabs = {place.rpartition("!")[0].strip("'") for place in places}
    assert tabs <= {*book.sheets}


@pytest.mark.parametrize(
    ("name", "value", "cells"),
    [
        ("temperature", "0.7", [[0.7]]),
        ("top_k", "0", [[0]]),
        ("random", "1", [[1]]),
        ("view_head", "1", [[1]]),
        ("word_a", "319", [[319]]),
        ("rival", "319", [[319]]),
        ("rival", " the", [[" the"]]),
        ("switch.0.heads", "1,0", [[1, 0]]),
        ("switch.0.mlp", "0", [[0]]),
    ],
)
def test_settings(small: Checkpoint, name: str, value: str, cells: list[list[float]]) -> None:
    book = planned(small, settings={name: value})
    assert book.named(name).tolist() == cells


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("temperature", "-1", "temperature must be a number from 0 to 100, not '-1'."),
        ("temperature", "", "temperature must be a number from 0 to 100, not ''."),
        ("top_k", "2.5", "top_k must be a whole number from 0 to 320, not '2.5'."),
        ("top_k", "inf", "top_k must be a whole number from 0 to 320, not 'inf'."),
        ("top_p", "nan", "top_p must be a number from 0 to 1, not 'nan'."),
        ("view_block", "1", "view_block must be a whole number from 0 to 0, not '1'."),
        ("word_c", "320", "word_c must be a whole number from 0 to 319, not '320'."),
        ("rival", "320", "rival must be a whole number from 0 to 319, not '320'."),
        ("switch.0.heads", "1,0,1", "switch.0.heads takes 2 of 0 and 1 with commas between"),
        ("switch.0.mlp", "2", "switch.0.mlp takes 1 of 0 and 1"),
        ("eps", "1", "There is no cell named eps to set; there are: "),
        ("prompt", "Ice", "There is no cell named prompt to set; there are: "),
    ],
)
def test_settings_that_no_cell_takes(small: Checkpoint, name: str, value: str, words: str) -> None:
    with pytest.raises(InputError) as error:
        planned(small, settings={name: value})
    assert str(error.value).startswith(words)


@pytest.fixture(scope="module")
def least(small: Checkpoint) -> Recalculation:
    """A workbook with room for two tokens."""
    return Recalculation(plan(small, "", Capacity(2, 12, 6), TEMPLATES))


@pytest.mark.parametrize("prompt", ["I", "Ice is cold", ""])
def test_the_least_room(least: Recalculation, prompt: str) -> None:
    sheets = least.evaluate({"prompt": prompt}).sheets.values()
    cells = [value for sheet in sheets for value in sheet.others.values()]
    assert not any(isinstance(value, CellError) for value in cells)


def test_limits_are_numbers_to_those_who_type(book: Book) -> None:
    (entry,) = (e for e in book.looks["attention"].entries if e.title == "Head")
    assert (entry.high, entry.problem) == (
        "n_head - 1", "Head must be a whole number from 0 to 1."
    )  # fmt: skip


def test_every_entry_is_an_unlocked_style_and_has_help(book: Book) -> None:
    entries = [(name, entry) for name, look in book.looks.items() for entry in look.entries]
    areas = {Area(tab, e.row, e.col, e.rows, e.cols) for tab, e in entries}
    switches = {name for name in book.names if name.startswith("switch.")}
    assert areas == {book.names[name] for name in {"prompt", *TEMPLATES.entries, *switches}}
    assert all(entry.title and entry.problem for _, entry in entries)


def charted(book: Book) -> dict[str, list[tuple[str, list[tuple[object, object]]]]]:
    """The charts of every tab: kind, and the defined names (or cells) that each series shows."""
    names = {area: name for name, area in book.names.items()}
    return {
        tab: [
            (chart.kind, [(names.get(s.categories, s.categories), names.get(s.values, s.values))
                          for s in chart.series])
            for chart in look.charts
        ]
        for tab, look in book.looks.items() if look.charts
    }  # fmt: skip


def test_charts_show_the_right_cells(book: Book) -> None:
    charts = charted(book)
    assert list(charts) == ["Start", "why", "sampling", "lens", "positions", "residual"]
    assert charts["Start"] == [("bar", [("best.token", "best.probability")])]
    assert charts["why"] == [("bar", [("why.bar", "why.bar.answer"), ("why.bar", "why.bar.rival")])]
    shares = [f"sampling.first.{key}" for key in ("probability", "share")]
    assert charts["sampling"] == [("column", [("sampling.first.token", key) for key in shares])]
    kinds = [kind for kind, _ in charts["lens"]]
    assert kinds == ["line", "line"]
    assert [values for _, ((_, values),) in charts["lens"]] == [
        "lens.answer.probability", "lens.answer.rank"
    ]  # fmt: skip
    ((_, sizes),) = charts["residual"]
    assert [v for _, v in sizes] == [
        "residual.last.attn",
        "residual.last.mlp",
        "residual.last.post",
    ]
    blocks = sizes[0][0]
    assert book.get(blocks).tolist() == [[0]]  # type: ignore[arg-type]  # positions of blocks
    first, three = charts["positions"]
    xy, at = book.names["positions.xy"], book.names["mapped.at"]
    column = xy._replace(cols=1)
    assert first == ("scatter", [(column, column._replace(col=xy.col + 1))])
    size = at.rows // 3
    assert [x for x, _ in three[1]] == [
        at._replace(row=at.row + i * size, rows=size, cols=1) for i in range(3)
    ]
    assert all(chart.alt for look in book.looks.values() for chart in look.charts)


def test_switched_steps_are_the_blocks_own(small: Checkpoint, book: Book) -> None:
    texts, again = (
        {f.text.replace("switched.", "") for f in book.sheets[tab].formulas}
        for tab in ("block.0", "switched.0")
    )
    changed = sorted(again - texts)
    assert len(changed) == small.config.n_head + 1
    assert all(" * INDEX(switch.0.heads, 1, " in text for text in changed[:-1])
    assert changed[-1] == "h.0.resid_mid + switch.0.mlp * h.0.mlp.out"


def test_cards_lead_to_each_other(book: Book) -> None:
    """Every card has a link to the one before and the one after it, across tabs."""
    back, after = [], []
    for tab, look in book.looks.items():
        for cell, place in look.links.items():
            text = str(book.sheets[tab].others[cell])
            back += [place] * text.startswith("◂ ")
            after += [place] * text.endswith(" ▸")
    looks = [look for look in book.looks.values() if look.group != "weights"]
    steps = [style for look in looks for style in look.styles if style[-1] == "step"]
    assert len(back) == len(after) == len(steps) - 1
    assert len({*back}) == len({*after}) == len(steps) - 1


def test_the_picture_marks_the_step(book: Book) -> None:
    look, sheet = book.looks["block.0"], book.sheets["block.0"]
    marks = [style for style in look.styles if style[-1] in ("mark", "mark_here")]
    here = [str(sheet.others[row, col]) for row, col, *_, style in marks if style == "mark_here"]
    assert len(marks) == 16 * 16
    assert [text.split()[:2] for text in here] == [["▸", str(i)] for i in range(1, 17)]


@pytest.mark.parametrize(
    ("rows", "spread"),
    [
        (50, [5, 1, 3, 1, 1, 1]),
        (50, [4, 9]),
        (400, [6, 1, 1, 9, *[1] * 96]),  # more columns than are iterated
        (400, [1.001, 1.002, *[1] * 96]),  # too close for iterating
        (3, [9, 4, *[1] * 96]),  # a plane, and nothing outside
    ],
)
def test_components_are_those_of_a_singular_value_decomposition(
    rows: int, spread: list[float]
) -> None:
    vectors = np.random.default_rng(0).normal(size=(rows, len(spread))) * spread
    found = components(vectors)
    _, _, right = np.linalg.svd(vectors - vectors.mean(axis=0))
    assert np.abs(found.T @ right[:2].T) == pytest.approx(np.eye(2), abs=1e-9)
    assert found.T @ found == pytest.approx(np.eye(2))
    assert (found[np.abs(found).argmax(axis=0), [0, 1]] > 0).all()
    assert (found == components(vectors)).all()


def test_components_of_a_single_row_are_any_two_directions() -> None:
    found = components(np.array([[3.0, 1.0, 2.0]]))
    assert found.T @ found == pytest.approx(np.eye(2))


def test_projections(small: Checkpoint) -> None:
    positions, words = projections(small, (5, 9))
    for directions in (positions, words):
        assert directions.shape == (small.config.n_embd, 2)
        assert directions.T @ directions == pytest.approx(np.eye(2), abs=1e-5)
    assert words[:, 0].tolist() == positions[:, 0].tolist()
    vectors = small.tensors["wte.weight"] @ words
    assert vectors[5, 1] - vectors[9, 1] > 0.9 * np.abs(vectors[5] - vectors[9]).max()
