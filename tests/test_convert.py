"""docs/convert.py: the command that a refusal names makes a folder that is read, same weights.

Each kind needs its own packages and is skipped where they are missing.
"""

from __future__ import annotations

import json
import pickle
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from checkpoints import SHORT_VOCABULARY, make_checkpoint, random_tensors
from test_foreign_folders import linear, openai

from sheetgpt import predict
from sheetgpt.checkpoint import Config, load
from sheetgpt.errors import CheckpointError

sys.path.insert(0, str(Path(__file__).parents[1] / "docs"))
from convert import take_tokenizer

pytestmark = pytest.mark.filterwarnings("ignore")  # of packages that are not ours

SMALL = Config(n_layer=2, n_head=2, n_embd=8, n_positions=16, vocab_size=320, n_inner=32)
TENSORS = random_tensors(SMALL, 5)
Tensors = dict[str, Any]


def pickled(folder: Path) -> Tensors:
    torch = pytest.importorskip("torch")
    state = {f"transformer.{name}": torch.tensor(x) for name, x in TENSORS.items()}
    torch.save(state | {"lm_head.weight": state["transformer.wte.weight"]}, folder / "a.bin")
    return TENSORS


def nanogpt(folder: Path) -> Tensors:
    torch = pytest.importorskip("torch")
    (folder / "config.json").unlink()
    model = {f"_orig_mod.transformer.{k}": torch.tensor(x) for k, x in linear(TENSORS).items()}
    sizes = {"n_layer": 2, "n_head": 2, "n_embd": 8, "block_size": 16, "vocab_size": 320}
    saved = {"model": model, "model_args": sizes | {"bias": True}, "iter_num": 3}
    torch.save(saved, folder / "ckpt.pt")
    return TENSORS


def tensorflow(folder: Path) -> Tensors:
    tf = pytest.importorskip("tensorflow")
    (folder / "config.json").unlink()
    sizes = {"n_vocab": 320, "n_ctx": 16, "n_embd": 8, "n_head": 2, "n_layer": 2}
    (folder / "hparams.json").write_text(json.dumps(sizes))
    (folder / "vocab.json").rename(folder / "encoder.json")
    (folder / "merges.txt").rename(folder / "vocab.bpe")
    variables = openai(TENSORS) | {"global_step": np.zeros((), "i8")}
    tf.raw_ops.SaveV2(
        prefix=str(folder / "model.ckpt"),
        tensor_names=list(variables),
        shape_and_slices=[""] * len(variables),
        tensors=list(variables.values()),
    )
    return TENSORS


def keras(folder: Path) -> Tensors:
    h5py = pytest.importorskip("h5py")
    with h5py.File(folder / "tf_model.h5", "w") as file:
        for name, tensor in TENSORS.items():
            place = name.replace(".", "/")
            place = place.replace("h/", "h_._", 1) if name.startswith("h.") else place
            if "ln_" in name:
                place = place.replace("weight", "gamma").replace("bias", "beta")
            bias = "c_" in name and name.endswith("bias")
            place = f"transformer/tfgp_t2lm_head_model/transformer/{place}:0"
            file[place] = tensor[None] if bias else tensor
    return TENSORS


def adapter(folder: Path) -> Tensors:
    peft = pytest.importorskip("peft")
    transformers = pytest.importorskip("transformers")
    torch = pytest.importorskip("torch")
    base = make_checkpoint(folder.parent / "base", SMALL, seed=5)
    model = transformers.GPT2LMHeadModel.from_pretrained(base)
    settings = peft.LoraConfig(task_type="CAUSAL_LM", r=2, lora_alpha=6, target_modules=["c_attn"])
    model = peft.get_peft_model(model, settings)
    torch.manual_seed(0)
    tensors = {**TENSORS}
    with torch.no_grad():
        for layer, block in enumerate(model.base_model.model.transformer.h):
            a, b = (
                x["default"].weight for x in (block.attn.c_attn.lora_A, block.attn.c_attn.lora_B)
            )
            b.normal_()
            name = f"h.{layer}.attn.c_attn.weight"
            tensors[name] = tensors[name] + 3 * (b @ a).T.numpy()  # lora_alpha / r
    for path in folder.iterdir():
        path.unlink()
    model.save_pretrained(folder)
    return tensors


KINDS: list[Callable[[Path], Tensors]] = [pickled, nanogpt, tensorflow, keras, adapter]


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS, ids=[kind.__name__ for kind in KINDS])
def test_the_command_of_the_refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: Callable[[Path], Tensors]
) -> None:
    folder = make_checkpoint(tmp_path / "a source", SMALL, seed=5)
    (folder / "model.safetensors").unlink()
    right = kind(folder)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CheckpointError) as refusal:
        load(folder)
    command = str(refusal.value).partition("where you trust it: ")[2].partition(" (docs/")[0]
    python, *rest = shlex.split(command)
    assert python == "python"
    subprocess.run([sys.executable, *rest], check=True)
    found = load("converted")
    assert found.config.activation_function == ("gelu" if kind is nanogpt else "gelu_new")
    assert len(found.vocabulary) == SHORT_VOCABULARY
    assert list(found.tensors) == list(right)
    for name, tensor in right.items():
        np.testing.assert_allclose(found.tensors[name], tensor, rtol=1e-6, atol=1e-7)


def test_characters_of_nanogpt_as_a_vocabulary(tmp_path: Path) -> None:
    """shakespeare_char and its like: a token for each character, and no merges."""
    ids = {
        character: i for i, character in enumerate(sorted("\n !,.:abcdefghijklmnopqrstuvwxyzAW"))
    }
    (tmp_path / "meta.pkl").write_bytes(pickle.dumps({"vocab_size": len(ids), "stoi": ids}))
    folder = make_checkpoint(tmp_path / "m", SMALL, rows=len(ids))
    for name in ("vocab.json", "merges.txt"):
        (folder / name).unlink()
    take_tokenizer(tmp_path / "meta.pkl", folder)
    text = "the\nrest: Wow!"
    assert predict(text, folder).token_ids == [ids[character] for character in text]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [({"stoi": {"é": 0}}, "has 'é' as one token"), (Path(), "asks for pathlib")],
)
def test_what_no_vocabulary_is_made_of(tmp_path: Path, content: object, sentence: str) -> None:
    (tmp_path / "meta.pkl").write_bytes(pickle.dumps(content))
    with pytest.raises(SystemExit, match=sentence):
        take_tokenizer(tmp_path / "meta.pkl", tmp_path)
