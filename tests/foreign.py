"""Small checkpoints such as other people have, written to disk: name -> how it differs.

The same bytes on every machine, so that golden values of them can be kept.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from checkpoints import SHORT_VOCABULARY, make_checkpoint

from sheetgpt.checkpoint import Config

SMALL = Config(2, 2, 8, 16, SHORT_VOCABULARY, 1e-5, 32)
#: Near relatives of GPT-2: entries of config.json.
RELATIVES: dict[str, dict[str, Any]] = {
    "exact-gelu": {"activation_function": "gelu"},
    "unscaled": {"scale_attn_weights": False},
    "scaled-by-block": {"scale_attn_by_inverse_layer_idx": True},
    "block-alone": {"scale_attn_by_inverse_layer_idx": True, "scale_attn_weights": False},
    "narrow-mlp": {"n_inner": 20},
    "upcast": {"reorder_and_upcast_attn": True},
}
PROMPT = "Ice is"


def make_relative(folder: Path, name: str) -> Path:
    """Write one of RELATIVES into a folder and return it."""
    options = RELATIVES[name]
    config = replace(SMALL, n_inner=options.get("n_inner", SMALL.n_inner))
    return make_checkpoint(folder, config, seed=3, options=options)
