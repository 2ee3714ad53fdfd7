"""Folders of other origins: the same model under other names is read, what is none is named."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from checkpoints import make_checkpoint, random_tensors, write_safetensors
from safetensors.numpy import save_file

from sheetgpt.checkpoint import Config, load
from sheetgpt.checkpoint.config import read_ends
from sheetgpt.errors import CheckpointError

SMALL = Config(n_layer=2, n_head=2, n_embd=8, n_positions=16, vocab_size=320, n_inner=32)
Tensors = dict[str, np.ndarray]


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return make_checkpoint(tmp_path / "small", SMALL)


def openai(tensors: Tensors) -> Tensors:
    """Under the names of OpenAI's src/model.py, matrices as convolutions of width 1."""
    stored = {}
    for name, tensor in tensors.items():
        *path, last = name.split(".")
        if path[0] == "h":
            path[:2] = [f"h{path[1]}"]
        if path[-1].startswith("c_"):
            path.append({"weight": "w", "bias": "b"}[last])
        elif path[-1].startswith("ln_"):
            path.append({"weight": "g", "bias": "b"}[last])
        wide = path[-1] == "w"
        stored["/".join(["model", *path])] = tensor[None] if wide else tensor
    return stored


def prefixed(prefix: str) -> Callable[[Tensors], Tensors]:
    return lambda tensors: {prefix + name: tensor for name, tensor in tensors.items()}


def with_heads(tensors: Tensors) -> Tensors:
    head = {"v_head.summary.weight": np.ones((1, 8), "f4"), "score.weight": np.ones((2, 8), "f4")}
    return tensors | head


def with_masks(tensors: Tensors) -> Tensors:
    mask = np.tri(16, dtype=bool)[None, None]
    return tensors | {"h.0.attn.bias": mask, "transformer.h.1.attn.bias": mask.astype("u1")}


def head_alone(tensors: Tensors) -> Tensors:
    return {("lm_head.weight" if k == "wte.weight" else k): t for k, t in tensors.items()}


def linear(tensors: Tensors) -> Tensors:
    """As torch.nn.Linear holds them, (outputs, inputs): nanoGPT and minGPT."""
    return {k: t.T if ".c_" in k and t.ndim == 2 else t for k, t in tensors.items()}


def nanogpt(tensors: Tensors) -> Tensors:
    kept = with_masks(linear(tensors))
    return prefixed("_orig_mod.transformer.")(kept) | {
        "_orig_mod.lm_head.weight": kept["wte.weight"]
    }


def mingpt(tensors: Tensors) -> Tensors:
    """minGPT of 2020: names of its own, queries, keys and values apart."""
    found: Tensors = {}
    for name, tensor in linear(tensors).items():
        renamed = re.sub(r"^h\.", "blocks.", name.replace("ln_1", "ln1").replace("ln_2", "ln2"))
        renamed = renamed.replace("mlp.c_fc", "mlp.0").replace("mlp.c_proj", "mlp.2")
        renamed = renamed.replace("attn.c_proj", "attn.proj")
        if "c_attn" in renamed:
            thirds = zip(("query", "key", "value"), np.split(tensor, 3), strict=True)
            found |= {renamed.replace("c_attn", part): third for part, third in thirds}
        else:
            found[renamed] = tensor
    found["tok_emb.weight"] = found.pop("wte.weight")
    found["pos_emb"] = found.pop("wpe.weight")[None]
    found["blocks.0.attn.mask"] = np.tri(16, dtype="f4")[None, None]
    return found | {"head.weight": found["tok_emb.weight"]}


def unfinished(tensors: Tensors) -> Tensors:
    state = {"model/wpe/Adam_1": tensors["wpe.weight"], "beta1_power": np.ones((), "f4")}
    return openai(tensors) | state


#: The same weights, stored as others do.
SAME: dict[str, Callable[[Tensors], Tensors]] = {
    "OpenAI's TensorFlow names": openai,
    "with the optimizer's": unfinished,
    "nanoGPT": nanogpt,
    "minGPT": lambda tensors: prefixed("transformer.")(linear(tensors)),
    "minGPT of 2020": mingpt,
    "Lightning": prefixed("model.transformer."),
    "compiled": prefixed("_orig_mod.transformer."),
    "in parallel": prefixed("module.transformer."),
    "TRL": prefixed("pretrained_model.transformer."),
    "heads of other tasks": with_heads,
    "masks of other types": with_masks,
    "lm_head alone of a tied pair": head_alone,
    "float64": lambda tensors: {name: t.astype("f8") for name, t in tensors.items()},
}


@pytest.mark.parametrize("stored", SAME.values(), ids=list(SAME))
def test_the_same_weights_under_other_names(
    small: Path, stored: Callable[[Tensors], Tensors]
) -> None:
    tensors = random_tensors(SMALL, 5)
    save_file(
        {k: np.ascontiguousarray(t) for k, t in stored(tensors).items()},
        small / "model.safetensors",
    )
    found = load(small).tensors
    assert list(found) == list(tensors)
    for name, tensor in tensors.items():
        np.testing.assert_array_equal(found[name], tensor)
        assert found[name].dtype == np.float32


@pytest.mark.parametrize(
    ("kind", "note"),
    [("heads of other tasks", "Left out, as logits do not need them: score"), ("float64", "round")],
)
def test_what_is_left_out_is_said(
    small: Path, caplog: pytest.LogCaptureFixture, kind: str, note: str
) -> None:
    save_file(SAME[kind](random_tensors(SMALL, 5)), small / "model.safetensors")
    with caplog.at_level(logging.WARNING):
        load(small)
    assert note in caplog.text


def test_upcast_attention_is_the_same_function(tmp_path: Path) -> None:
    folder = make_checkpoint(tmp_path / "m", SMALL, options={"reorder_and_upcast_attn": True})
    assert load(folder).config == SMALL


def stored(change: Callable[[Tensors], Tensors]) -> Callable[[Path], None]:
    return lambda folder: write_safetensors(folder, change(random_tensors(SMALL, 0)))


def turned(tensors: Tensors) -> Tensors:
    return linear(tensors) | {"h.0.attn.c_proj.weight": tensors["h.0.attn.c_proj.bias"]}


def unsaid(folder: Path) -> None:
    """nanoGPT's weights beside a config.json that does not say the activation."""
    stored(nanogpt)(folder)
    config = json.loads((folder / "config.json").read_text())
    del config["activation_function"]
    (folder / "config.json").write_text(json.dumps(config))


def emptied(*files: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        for path in folder.iterdir():
            path.unlink()
        for name in files:
            (folder / name).write_text("{}")

    return change


def pointer(name: str) -> Callable[[Path], None]:
    text = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n"

    def change(folder: Path) -> None:
        (folder / name).write_text(text)

    return change


NONE: list[tuple[Callable[[Path], None], str]] = [
    (pointer("model.safetensors"), "model.safetensors is a Git LFS pointer"),
    (pointer("config.json"), "config.json is a Git LFS pointer"),
    (pointer("vocab.json"), "`git lfs pull`"),
    (unsaid, "activation_function is missing; it is gelu in nanoGPT"),
    (stored(turned), "h.0.attn.c_proj.weight has shape (8,), expected (8, 8)"),
    (stored(lambda t: t | {"h.0.attn.c_attn.lora_A.weight": t["wpe.weight"]}), "of an adapter (L"),
    (stored(lambda t: t | {"module.wpe.weight": t["wpe.weight"]}), "holds wpe.weight twice"),
    (stored(lambda t: t | {"lm_head.bias": t["ln_f.bias"]}), "lm_head.bias is unknown"),
    (emptied("adapter_config.json"), "no model by itself. Convert it where you trust it: python "),
    (emptied("hparams.json", "model.ckpt.index"), "as model.ckpt.index, a TensorFlow checkpoint."),
    (emptied("config.json", "model.ckpt-9.meta"), "as model.ckpt-9.meta, a TensorFlow checkpoint."),
    (emptied("config.json", "tf_model.h5"), "as tf_model.h5, Keras weights."),
    (emptied("ckpt.pt"), "only as ckpt.pt, a pickle"),
    (emptied("config.json", "pytorch_model.bin"), "only as pytorch_model.bin, a pickle"),
]


@pytest.mark.parametrize(("change", "sentence"), NONE, ids=[row[1] for row in NONE])
def test_what_is_no_model_is_named(
    small: Path, change: Callable[[Path], None], sentence: str
) -> None:
    change(small)
    with pytest.raises(CheckpointError) as refusal:
        load(small)
    assert sentence in str(refusal.value)


def test_a_folder_that_hides_a_hub_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gpt2").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CheckpointError, match="the folder of that name hides it"):
        load("gpt2")


@pytest.mark.parametrize("missing", ["model.safetensors", "config.json", "vocab.json"])
def test_a_part_of_a_hub_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    root = tmp_path / "hub" / "models--gpt2"
    make_checkpoint(root / "snapshots" / "c0ffee", SMALL)
    (root / "refs").mkdir()
    (root / "refs" / "main").write_text("c0ffee")
    (root / "snapshots" / "c0ffee" / missing).unlink()
    with pytest.raises(CheckpointError) as refusal:
        load("gpt2")
    assert f"Only part of gpt2 is here: {missing} is missing. Run `hf download gpt2`" in str(
        refusal.value
    )


@pytest.mark.parametrize(
    ("config", "generation", "ends"),
    [
        ({"eos_token_id": 2}, None, (2,)),
        ({"eos_token_id": 2}, {"eos_token_id": [3, 4]}, (3, 4)),
        ({"eos_token_id": 2}, {"do_sample": True}, (2,)),
        ({"eos_token_id": 50256}, None, ()),
        ({"eos_token_id": None}, None, ()),
        ({}, {"eos_token_id": [3, 50256]}, (3,)),
    ],
)
def test_the_ends_of_texts(
    tmp_path: Path, config: dict[str, object], generation: dict[str, object] | None, ends: object
) -> None:
    (tmp_path / "config.json").write_text(json.dumps(config))
    if generation is not None:
        (tmp_path / "generation_config.json").write_text(json.dumps(generation))
    assert read_ends(tmp_path, 320) == ends
