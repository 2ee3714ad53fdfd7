"""Learn a byte-level BPE vocabulary as GPT-2's, and write it as programs read it."""

from __future__ import annotations

import json
from collections.abc import Iterable

from tokenizers import AddedToken, Tokenizer
from tokenizers.decoders import ByteLevel as ByteLevelDecoder
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel
from tokenizers.trainers import BpeTrainer

from sheetgpt.checkpoint.vocabulary import BYTE_ALPHABET, Vocabulary
from sheetgpt.reference.generate import END_OF_TEXT

#: A pair of tokens that was seen once is no rule.
_LEAST_SEEN = 2


def learn(texts: Iterable[str], vocab_size: int) -> Vocabulary:
    """The 256 bytes, then merged tokens by rank, then `<|endoftext|>`.

    Ids are laid out as GPT-2's: bytes in the alphabet's order, merge r gives token 256 + r. A text
    with few pairs that repeat gives fewer tokens than asked for.
    """
    tokenizer = Tokenizer(BPE())
    tokenizer.pre_tokenizer = ByteLevel(add_prefix_space=False)
    trainer = BpeTrainer(
        vocab_size=vocab_size - 1,
        min_frequency=_LEAST_SEEN,
        initial_alphabet=BYTE_ALPHABET,
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    content = json.loads(tokenizer.to_str())["model"]["merges"]
    merges: dict[str, tuple[str, str]] = {}
    for left, right in content:
        merges.setdefault(left + right, (left, right))  # two pairs may make the same token
    return Vocabulary([*sorted(BYTE_ALPHABET), *merges, END_OF_TEXT], list(merges.values()))


def tokenizer_files(vocabulary: Vocabulary, n_positions: int) -> dict[str, bytes]:
    """GPT-2's own pair of files, and the two that the tokenizers library and transformers read."""
    lines = ["#version: 0.2", *(f"{left} {right}" for left, right in vocabulary.merges)]
    whole = Tokenizer(BPE(vocab=vocabulary.ids, merges=vocabulary.merges))
    whole.pre_tokenizer = ByteLevel(add_prefix_space=False, use_regex=True)
    whole.decoder = ByteLevelDecoder()
    whole.add_special_tokens([AddedToken(END_OF_TEXT, special=True, normalized=False)])
    config = {
        "tokenizer_class": "GPT2Tokenizer",
        "add_prefix_space": False,
        "model_max_length": n_positions,
        **dict.fromkeys(("bos_token", "eos_token", "unk_token"), END_OF_TEXT),
    }
    return {
        "vocab.json": json.dumps(vocabulary.ids, ensure_ascii=False).encode(),
        "merges.txt": ("\n".join(lines) + "\n").encode(),
        "tokenizer.json": whole.to_str(pretty=True).encode(),
        "tokenizer_config.json": (json.dumps(config, indent=2) + "\n").encode(),
    }
