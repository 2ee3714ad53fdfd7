"""Prompts, settings and checkpoints that hypothesis makes up."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from hypothesis import strategies as st

#: Any text that a command line can carry.
PROMPTS = st.text(st.characters(exclude_characters="\0"), max_size=60).filter(
    lambda text: not text.startswith("-")
)
NUMBERS = st.one_of(
    st.integers(-(10**20), 10**20).map(str), st.floats().map(str), st.sampled_from(["", "x", "٣"])
)
SETTINGS = st.tuples(
    st.sampled_from(["temperature", "top_k", "top_p", "random", "switch.0.mlp", "word_a", "no"]),
    NUMBERS,
).map("=".join)
#: What stands in config.json: another value of a key, or none.
CHANGES = st.dictionaries(
    st.sampled_from(
        ["n_layer", "n_head", "n_embd", "n_positions", "vocab_size", "n_inner", "model_type",
         "layer_norm_epsilon", "activation_function", "tie_word_embeddings", "eos_token_id"]
    ),
    st.one_of(st.none(), st.integers(-(10**18), 10**18), st.floats(), st.text(max_size=5),
              st.lists(st.integers(), max_size=3)),
    max_size=2,
)  # fmt: skip
#: Damage to one file: its name, where, and what stands there (None: the file ends there).
DAMAGE = st.tuples(
    st.sampled_from(["config.json", "model.safetensors", "vocab.json", "merges.txt"]),
    st.floats(0, 1, exclude_max=True),
    st.one_of(st.none(), st.binary(min_size=1, max_size=9)),
)


def damaged_checkpoint(
    model: Path,
    folder: Path,
    changes: Mapping[str, object],
    damage: tuple[str, float, bytes | None],
) -> Path:
    """A copy of a model's folder with other values in config.json and damage to one file."""
    shutil.copytree(model, folder)
    config = folder / "config.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), **changes}))
    name, where, new = damage
    data = (folder / name).read_bytes()
    at = int(where * min(len(data), 4000) if new else where * len(data))
    rest = b"" if new is None else new + data[at + len(new) :]
    (folder / name).write_bytes(data[:at] + rest)
    return folder
