"""Compute the golden logits with Hugging Face transformers: `python tests/golden/make_golden.py`.

Needs the extra `train`. Writes golden.npz beside this file: for every model and prompt the logits
of the last token, computed in float64 by transformers' GPT2LMHeadModel from the float32 weights.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import GPT2LMHeadModel

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from checkpoints import RANDOM_MODELS, make_checkpoint

from sheetgpt.checkpoint.loading import EMBEDDED
from sheetgpt.checkpoint.tokenizer_files import read_vocabulary

PROMPTS = ["Mike is quick. He moves", "The capital of France is", "Two plus two equals", "?"]


def logits(folder: Path, prompt: str) -> np.ndarray:
    """The last token's logits (V,), float64."""
    model = GPT2LMHeadModel.from_pretrained(folder, dtype=torch.float64).eval()
    ids = read_vocabulary(folder).encode(prompt)
    with torch.no_grad():
        return np.asarray(model(torch.tensor([ids])).logits[0, -1].numpy())


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folders = {"tiny": EMBEDDED["tiny"]}
        for name, arguments in RANDOM_MODELS.items():
            folders[name] = make_checkpoint(Path(temporary) / name, **arguments)
        golden: dict[str, Any] = {
            f"{name}: {prompt}": logits(folder, prompt)
            for name, folder in folders.items()
            for prompt in PROMPTS
        }
    np.savez_compressed(Path(__file__).parent / "golden.npz", **golden)


if __name__ == "__main__":
    main()
