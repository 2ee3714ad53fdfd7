"""Compute what transformers makes of other people's checkpoints: `python make_foreign.py`.

Needs transformers and PyTorch. Writes foreign.json beside this file: for every folder that
tests/foreign.py makes the token ids of its prompts, without and with special tokens cut out, and
the ids and logits of the best next tokens, in float64.
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import torch
from transformers import AutoTokenizer, GPT2LMHeadModel

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from foreign import PROMPT, RELATIVES, TEXTS, TOKENIZERS, make_relative, make_tokenizer

BEST = 5


def right(folder: Path, prompt: str, special: bool = False) -> dict[str, Any]:
    """Token ids, and the ids and logits of the best next tokens."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    ids = tokenizer(prompt, split_special_tokens=not special).input_ids
    model = GPT2LMHeadModel.from_pretrained(folder, dtype=torch.float64).eval()
    with torch.no_grad():
        logits, best = model(torch.tensor([ids])).logits[0, -1].topk(BEST)
    return {"prompt": prompt, "ids": ids, "best": best.tolist(), "logits": logits.tolist()}


def main() -> None:
    golden: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as temporary:
        for name in RELATIVES:
            golden[name] = right(make_relative(Path(temporary) / name, name), PROMPT)
        for name in TOKENIZERS:
            folder = make_tokenizer(Path(temporary) / name, name)
            for text in TEXTS:
                golden[f"{name}: {text}"] = right(folder, text)
                golden[f"{name}, special tokens: {text}"] = right(folder, text, special=True)
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(case)}" for name, case in golden.items())
    (Path(__file__).parent / "foreign.json").write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
