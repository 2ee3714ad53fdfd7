"""One number and the products behind it: the reference against the forward pass, workbooks."""

from __future__ import annotations

import numpy as np
import pytest
from checkpoints import RANDOM_MODELS, make_checkpoint

from sheetgpt.book.capacity import Capacity
from sheetgpt.checkpoint import Checkpoint, load
from sheetgpt.checkpoint.precision import rounded
from sheetgpt.evaluator import Recalculation
from sheetgpt.layout.workbook import plan
from sheetgpt.reference import forward
from sheetgpt.reference.follow import Place, follow
from sheetgpt.template.load import load_templates
from sheetgpt.verification.compare import compare
from sheetgpt.verification.expected import expect
from sheetgpt.verification.inputs import parts_in
from sheetgpt.verification.model import model_in

PROMPT, SIZE = "Mike is quick.", Capacity(6, 16, 6)
CELLS = ("follow_block", "follow_step", "follow_token", "follow_column", "follow_head")
#: Places in a model of two blocks, two heads and 24 columns; how many products stand behind them.
PLACES = {
    Place(1, 4, 2, 71, 0): 25,
    Place(0, 6, 3, 1, 1): 12,
    Place(1, 6, 2, 3, 0): 0,  # masked
    Place(1, 7, 3, 2, 1): 4,
    Place(0, 7, 1, 3, 0): 4,  # a later token: its share is 0
    Place(1, 8, 3, 13, 0): 4,
    Place(0, 8, 3, 24, 0): 0,  # no such column
    Place(0, 9, 0, 23, 0): 25,
    Place(1, 13, 3, 95, 0): 25,
    Place(1, 15, 1, 0, 0): 97,
    Place(0, 15, 5, 0, 0): 0,  # beyond the prompt
    Place(0, 2, 0, 0, 0): 0,  # no sum of products
}
RESULTS = {4: "attn.qkv", 6: "attn.scores", 7: "attn.pattern", 8: "attn.z", 9: "attn.out",
           13: "mlp.pre", 15: "mlp.out"}  # fmt: skip


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Checkpoint:
    folder = tmp_path_factory.mktemp("follow")
    return load(make_checkpoint(folder / "two-blocks", **RANDOM_MODELS["two-blocks"]))


@pytest.fixture(scope="module", params=["float32", "int8"])
def formulas(model: Checkpoint, request: pytest.FixtureRequest) -> Recalculation:
    """A workbook without the parts that are not looked at here."""
    parts = [part for part in load_templates().wiring.parts if part != "follow"]
    held = rounded(model, request.param)
    return Recalculation(plan(held, PROMPT, SIZE, load_templates(), left_out=parts))


@pytest.mark.parametrize(("place", "count"), PLACES.items(), ids=str)
def test_products_add_up_to_the_number(model: Checkpoint, place: Place, count: int) -> None:
    values = forward(model, [5, 6, 7, 300])
    found = follow(model, values, place)
    if found is None:
        assert count == 0
        return
    result = values[f"h.{place.block}.{RESULTS[place.step]}"]
    number = result[place.head] if result.ndim == 3 else result
    assert len(found.left) == len(found.right) == count
    assert found.number == number[place.row, place.column]
    np.testing.assert_allclose(found.left @ found.right, found.number, rtol=1e-9, atol=1e-12)


def test_workbooks_agree(formulas: Recalculation) -> None:
    """Every place, in both precisions; the sum, the number and the live check."""
    for place, count in PLACES.items():
        fresh = formulas.evaluate(dict(zip(CELLS, map(float, place), strict=False)))
        steps = expect(model_in(fresh), PROMPT, SIZE, parts_in(fresh)).steps
        values = {step.name: fresh.named(step.name) for step in steps}
        results = compare(steps, values, fresh.names)
        assert [result.name for result in results if not result.ok] == []
        assert fresh.named("checks_failed").item() == 0
        said = str(fresh.named("follow.says").item())
        assert said.endswith(f"the sum of {count} products.") is (count > 0), said


def test_a_number_that_is_another_is_found(formulas: Recalculation) -> None:
    fresh = formulas.evaluate({"follow_token": 3.0})
    steps = expect(model_in(fresh), PROMPT, SIZE, parts_in(fresh)).steps
    values = {step.name: fresh.named(step.name) for step in steps}
    for name in ("follow.sum", "follow.list.left", "follow.most.product"):
        off = values[name].copy()
        off[0, 0] += 1e-6
        results = compare(steps, values | {name: off}, fresh.names)
        assert [result.name for result in results if not result.ok] == [name]
