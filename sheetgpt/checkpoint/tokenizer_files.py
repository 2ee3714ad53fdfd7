"""Vocabularies from vocab.json and merges.txt (GPT-2's own pair of files) or tokenizer.json."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sheetgpt.checkpoint.vocabulary import Vocabulary
from sheetgpt.errors import CheckpointError


def read_vocabulary(folder: Path) -> Vocabulary:
    """The vocabulary of a folder; the pair of files wins where tokenizer.json is there too."""
    pair = folder / "vocab.json", folder / "merges.txt"
    if all(path.is_file() for path in pair):
        return read_pair(*pair)
    whole = folder / "tokenizer.json"
    if whole.is_file():
        return _read_whole(whole)
    raise CheckpointError(
        f"{folder} holds no tokenizer; put vocab.json and merges.txt (or tokenizer.json) "
        "of the model beside its weights."
    )


def read_pair(vocab: Path, merges: Path) -> Vocabulary:
    """The vocabulary in vocab.json ({token: id}) and merges.txt (a pair of tokens a line)."""
    lines = merges.read_text(encoding="utf-8").split("\n")
    pairs = [line for line in lines if line and not line.startswith("#version")]
    return _vocabulary(vocab, _read_json(vocab), pairs)


def _read_whole(path: Path) -> Vocabulary:
    """The vocabulary in the tokenizers library's one-file format."""
    content = _read_json(path)
    model = content.get("model")
    if not isinstance(model, dict) or model.get("type") != "BPE":
        raise CheckpointError(f"{path} holds no BPE model; GPT-2's tokenizer is byte-level BPE.")
    added = {token["content"]: token["id"] for token in content.get("added_tokens") or ()}
    return _vocabulary(path, model["vocab"] | added, model["merges"])


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise CheckpointError(f"{path} cannot be read as JSON: {error}.") from error
    if not isinstance(content, dict):
        raise CheckpointError(f"{path} holds no JSON object.")
    return content


def _vocabulary(path: Path, ids: dict[str, int], merges: Iterable[Any]) -> Vocabulary:
    """Put tokens in id order; a merge is `"a b"` or, in newer files, `["a", "b"]`."""
    tokens = sorted(ids, key=ids.__getitem__)
    if [ids[token] for token in tokens] != list(range(len(tokens))):
        raise CheckpointError(f"The token ids in {path} are not 0 to {len(tokens) - 1} once each.")
    pairs: list[tuple[str, str]] = []
    for merge in merges:
        parts = merge.split(" ") if isinstance(merge, str) else merge
        if len(parts) != 2:
            raise CheckpointError(
                f"Merge {len(pairs) + 1} of the tokenizer in {path.parent} is {merge!r}; "
                "a merge is two tokens with one space between them."
            )
        pairs.append((parts[0], parts[1]))
    return Vocabulary(tokens, pairs)
