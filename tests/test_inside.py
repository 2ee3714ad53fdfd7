"""Parts turned off, the lens, attention, lengths, neighbours and maps: against the plain words."""

from __future__ import annotations

import numpy as np
import pytest
from checkpoints import RANDOM_MODELS, make_checkpoint

from sheetgpt.checkpoint import Checkpoint, load
from sheetgpt.reference import Switches, embeddings, forward, inside, softmax
from sheetgpt.reference.forward import block, normalize

IDS = [5, 6, 7, 300, 9]
LAYERS, HEADS, WIDTH = 2, 2, 24


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Checkpoint:
    """Two blocks of two heads, 24 columns, 1,024 tokens, 32 positions."""
    folder = tmp_path_factory.mktemp("inside")
    return load(make_checkpoint(folder / "two-blocks", **RANDOM_MODELS["two-blocks"]))


@pytest.fixture(scope="module")
def values(model: Checkpoint) -> dict[str, np.ndarray]:
    return forward(model, IDS)


def switches(**off: int | tuple[int, int]) -> Switches:
    """All on but `mlp=block` and `head=(block, head)`; `heads=block` is all heads of a block."""
    on = Switches(np.ones((LAYERS, HEADS)), np.ones(LAYERS))
    for key, place in off.items():
        (on.mlps if key == "mlp" else on.heads)[place] = 0
    return on


def test_all_parts_on_is_the_model_bit_for_bit(
    model: Checkpoint, values: dict[str, np.ndarray]
) -> None:
    on = forward(model, IDS, Switches.on(model.config))
    assert on.keys() == values.keys()
    assert all(np.array_equal(on[name], values[name]) for name in values)


def test_a_head_that_is_off_leaves_nothing_in_its_columns(
    model: Checkpoint, values: dict[str, np.ndarray]
) -> None:
    off = forward(model, IDS, switches(head=(0, 1)))
    z = values["h.0.attn.z"] * (np.arange(WIDTH) < WIDTH // HEADS)
    np.testing.assert_array_equal(off["h.0.attn.z"], z)
    np.testing.assert_array_equal(off["h.0.attn.pattern"], values["h.0.attn.pattern"])
    assert not np.allclose(off["logits"], values["logits"])


def test_a_block_without_heads_and_mlp_adds_one_vector_to_every_token(model: Checkpoint) -> None:
    off = forward(model, IDS, switches(heads=1, mlp=1))
    assert (off["h.1.attn.z"] == 0).all()
    assert not (off["h.1.mlp.out"] == 0).all()
    bias = model.tensors["h.1.attn.c_proj.bias"]
    np.testing.assert_array_equal(off["h.1.resid_post"], off["h.0.resid_post"] + bias)
    np.testing.assert_array_equal(off["h.1.attn.out"], np.tile(bias, (len(IDS), 1)))


def test_an_mlp_that_is_off_changes_what_comes_after_it_alone(
    model: Checkpoint, values: dict[str, np.ndarray]
) -> None:
    off = forward(model, IDS, switches(mlp=0))
    changed = [name for name in values if not np.array_equal(off[name], values[name])]
    assert changed[0] == "h.0.resid_post"
    np.testing.assert_array_equal(off["h.0.resid_post"], values["h.0.resid_mid"])
    weights = {
        name.removeprefix("h.1."): tensor.astype(np.float64)
        for name, tensor in model.tensors.items()
        if name.startswith("h.1.")
    }
    after = block(values["h.0.resid_mid"], weights, model.config, 1, np.ones(HEADS), 1.0)
    np.testing.assert_array_equal(off["h.1.resid_post"], after["resid_post"])


def test_the_lens_on_the_last_block_is_the_model(
    model: Checkpoint, values: dict[str, np.ndarray]
) -> None:
    answer = int(values["next_token_id"][0, 0])
    seen = inside.lens(model, values, answer)
    logits = values["logits"][:, 0]
    np.testing.assert_allclose(seen["logits"][:, -1], logits, rtol=1e-12)
    np.testing.assert_allclose(seen["probabilities"][:, -1], softmax(logits), rtol=1e-12)
    assert seen["answer.rank"][-1] == 1
    assert seen["answer.probability"][-1] == pytest.approx(softmax(logits).max())


def test_the_lens_on_the_first_block(model: Checkpoint, values: dict[str, np.ndarray]) -> None:
    answer, w = 17, model.tensors
    seen = inside.lens(model, values, answer)
    x = normalize(values["h.0.resid_post"], model.config.layer_norm_epsilon)
    logits = ((x * w["ln_f.weight"] + w["ln_f.bias"]) @ w["wte.weight"].T)[-1]
    np.testing.assert_allclose(seen["logits"][:, 0], logits, rtol=1e-12)
    assert seen["answer.rank"][0] == sorted(logits, reverse=True).index(logits[answer]) + 1
    assert seen["answer.probability"][0] == pytest.approx(
        np.exp(logits[answer] - seen["peak"][0]) / seen["total"][0]
    )


def test_what_each_token_looks_at_most() -> None:
    pattern = np.array([[1, 0, 0, 0], [0.5, 0.5, 0, 0], [0.2, 0.5, 0.3, 0], [0, 0.4, 0.2, 0.4]])
    most, share = inside.most_attended(pattern)
    assert most.tolist() == [0, 0, 1, 1]  # the first of equal ones
    assert share.tolist() == [1, 0.5, 0.5, 0.4]


def test_lengths_along_the_residual_stream(values: dict[str, np.ndarray]) -> None:
    found = inside.residual(values, LAYERS)
    steps = {"pre": "resid_pre", "attn": "attn.out", "mlp": "mlp.out", "post": "resid_post"}
    assert found.keys() == steps.keys()
    for key, step in steps.items():
        wanted = [np.linalg.norm(values[f"h.{layer}.{step}"], axis=1) for layer in range(LAYERS)]
        np.testing.assert_allclose(found[key], np.transpose(wanted), rtol=1e-14)


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    length = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / length if length else 0.0


WTE = np.array([[3.0, 4], [-3, -4], [0, 0], [4, -3], [6, 8], [1, 0]])


@pytest.mark.parametrize("token_id", range(len(WTE)))
def test_neighbours_are_those_of_a_loop(token_id: int) -> None:
    found = embeddings.neighbours(WTE, token_id)
    assert found["chosen"].tolist() == WTE[token_id].tolist()
    assert found["length"] == pytest.approx(np.linalg.norm(WTE[token_id]))
    wanted = [cosine(row, WTE[token_id]) for row in WTE]
    wanted[token_id] = -1
    np.testing.assert_allclose(found["cosine"], wanted, rtol=1e-14)


def test_arithmetic_is_that_of_a_loop() -> None:
    found = embeddings.arithmetic(WTE, [0, 3, 5])
    vector = WTE[0] - WTE[3] + WTE[5]
    assert found["vector"].tolist() == vector.tolist() == [0, 7]
    assert found["length"].tolist() == [7]
    wanted = [-1 if row in (0, 3, 5) else cosine(WTE[row], vector) for row in range(len(WTE))]
    np.testing.assert_allclose(found["cosine"], wanted, rtol=1e-14)


def test_a_word_that_is_no_token_adds_nothing() -> None:
    found = embeddings.arithmetic(WTE, [0, None, 5])
    assert found["vector"].tolist() == (WTE[0] + WTE[5]).tolist()
    assert np.flatnonzero(found["cosine"] == embeddings.EXCLUDED).tolist() == [0, 5]
    assert embeddings.arithmetic(WTE, [None] * 3)["cosine"].tolist() == [0] * len(WTE)


def test_maps_place_each_token_in_each_position() -> None:
    rng = np.random.default_rng(0)
    wpe, places, words = rng.normal(size=(4, 2)), rng.normal(size=(2, 2)), rng.normal(size=(2, 2))
    found = embeddings.on_maps(WTE, wpe, [4, 0, 4], places, words)
    np.testing.assert_allclose(found["positions"], wpe @ places)
    assert found["vectors"].tolist() == WTE[[4, 0, 4]].tolist()
    np.testing.assert_allclose(found["tokens"], WTE[[4, 0, 4]] @ words)
    assert found["at"].shape == (12, 2)
    for s, token in enumerate([4, 0, 4]):
        for p in range(4):
            np.testing.assert_allclose(found["at"][s * 4 + p], (WTE[token] + wpe[p]) @ words)
