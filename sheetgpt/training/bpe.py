"""Learn a byte-level BPE vocabulary in GPT-2's two files, vocab.json and merges.txt."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from tokenizers import Tokenizer
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel
from tokenizers.trainers import BpeTrainer

from sheetgpt.checkpoint.vocabulary import BYTE_ALPHABET
from sheetgpt.training.corpus import END_OF_TEXT


def learn(texts: Iterable[str], vocab_size: int, out: Path) -> None:
    """Write the two files: 256 bytes, then merged tokens by rank, then `<|endoftext|>`.

    Ids are laid out as GPT-2's: bytes in the alphabet's order, merge r gives token 256 + r.
    """
    tokenizer = Tokenizer(BPE())
    tokenizer.pre_tokenizer = ByteLevel(add_prefix_space=False)
    trainer = BpeTrainer(
        vocab_size=vocab_size - 1, initial_alphabet=BYTE_ALPHABET, show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    merges = json.loads(tokenizer.to_str())["model"]["merges"]
    tokens = sorted(BYTE_ALPHABET) + [left + right for left, right in merges] + [END_OF_TEXT]
    ids = {token: number for number, token in enumerate(tokens)}
    lines = ["#version: 0.2", *(f"{left} {right}" for left, right in merges)]
    (out / "vocab.json").write_text(json.dumps(ids, ensure_ascii=False), encoding="utf-8")
    (out / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
