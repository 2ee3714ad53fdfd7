"""Vocabularies from vocab.json and merges.txt (GPT-2's own pair of files) or tokenizer.json."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sheetgpt.checkpoint.tokenizer_rules import (
    config_words,
    problems_of_config,
    problems_of_whole,
    special_tokens,
)
from sheetgpt.checkpoint.vocabulary import Vocabulary
from sheetgpt.errors import CheckpointError

#: A list of added words in a message stops here; the rest is counted.
_SHOWN_WORDS = 5


def read_vocabulary(folder: Path) -> Vocabulary:
    """The vocabulary of a folder: tokenizer.json, or else the pair of files.

    Raises CheckpointError for a tokenizer that the files do not describe whole, or whose ids would
    not be those of GPT-2's way from text to ids: what it asks for is named.
    """
    pair, whole = (folder / "vocab.json", folder / "merges.txt"), folder / "tokenizer.json"
    has_pair = all(path.is_file() for path in pair)
    if not has_pair and not whole.is_file():
        raise CheckpointError(
            f"{folder} holds no tokenizer; put vocab.json and merges.txt (or tokenizer.json) "
            "of the model beside its weights."
        )
    added = _require_plain(folder)
    if not whole.is_file():
        return _vocabulary(pair[0], _joined(pair[0], _ids(pair[0]), added), _lines(pair[1]))
    ids, merges = _whole(whole)
    if has_pair:
        _require_same(pair, whole, ids, merges)
    return _vocabulary(whole, _joined(whole, ids, added), merges)


def read_pair(vocab: Path, merges: Path) -> Vocabulary:
    """The vocabulary in vocab.json ({token: id}) and merges.txt (a pair of tokens a line)."""
    return _vocabulary(vocab, _ids(vocab), _lines(merges))


def _require_plain(folder: Path) -> dict[str, int]:
    """The added tokens of a folder's files, text to id; raise unless all that they say is GPT-2's.

    Special tokens are read as ordinary text in a prompt; added words that are not special would be
    cut out of it by other programs, so that a tokenizer with such words is refused.
    """
    names = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json")
    content = {name: _read_optional(folder / name) for name in (*names, "added_tokens.json")}
    whole, config = content[names[0]], content[names[1]]
    if "tokenizer_class" not in config:  # transformers looks there next
        config = config | {
            key: value
            for key, value in _read_optional(folder / "config.json").items()
            if key == "tokenizer_class" and value is not None
        }
    problems = [*(problems_of_whole(whole) if whole else ()), *problems_of_config(config)]
    special = special_tokens(config, content[names[2]])
    listed = _added_of_whole(folder / names[0], whole)
    special |= {text for text, (_, is_special) in listed.items() if is_special}
    added = config_words(config) | _numbers(folder / "added_tokens.json", content)
    added = _joined(folder, added, {text: id_ for text, (id_, _) in listed.items()})
    words = [repr(text) for text in sorted(added, key=added.__getitem__) if text not in special]
    if words:
        more = f" and {len(words) - _SHOWN_WORDS} more" * (len(words) > _SHOWN_WORDS)
        problems.append(
            f"added words cut out of a prompt before it is split: {', '.join(words[:_SHOWN_WORDS])}"
            f"{more} (special tokens have to be named in special_tokens_map.json)"
        )
    if problems:
        raise CheckpointError(
            f"The tokenizer in {folder} asks for what sheetgpt does not compute, so its token ids "
            f"would be wrong: {'; '.join(dict.fromkeys(problems))}. Use a model whose tokenizer is "
            "GPT-2's own kind; where the model was not trained with these, remove them."
        )
    return added


def _numbers(path: Path, content: dict[str, dict[str, Any]]) -> dict[str, int]:
    """added_tokens.json, text to id."""
    added = content[path.name]
    if not all(type(id_) is int for id_ in added.values()):
        raise CheckpointError(f"{path} gives an id that is no whole number.")
    return added


def _added_of_whole(path: Path, content: dict[str, Any]) -> dict[str, tuple[int, bool]]:
    """The added tokens of a tokenizer.json: text to id, and whether it is special."""
    try:
        return {
            token["content"]: (int(token["id"]), bool(token.get("special")))
            for token in content.get("added_tokens") or ()
        }
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CheckpointError(f"{path} lists an added token without content or id.") from error


def _whole(path: Path) -> tuple[dict[str, int], list[Any]]:
    """Ids and merges in the tokenizers library's one-file format."""
    model = _read_json(path).get("model")
    # Files of old versions of the library name no type.
    if not isinstance(model, dict) or model.get("type", "BPE") != "BPE":
        raise CheckpointError(f"{path} holds no BPE model; GPT-2's tokenizer is byte-level BPE.")
    ids, merges = model.get("vocab"), model.get("merges")
    if not isinstance(ids, dict) or not isinstance(merges, list):
        raise CheckpointError(f"{path} holds a BPE model without vocab or merges.")
    return ids, merges


def _joined(path: Path, ids: dict[str, int], added: dict[str, int]) -> dict[str, int]:
    """Both in one; a text with two ids is refused, because either could be meant."""
    for text, id_ in added.items():
        if ids.get(text, id_) != id_:
            raise CheckpointError(
                f"The tokenizer in {path} gives {text!r} the ids {ids[text]} and {id_}; "
                "keep the files of one tokenizer only."
            )
    return ids | added


def _require_same(
    pair: tuple[Path, Path], whole: Path, ids: dict[str, int], merges: list[Any]
) -> None:
    """Raise unless the pair of files says what tokenizer.json says, up to its added tokens."""
    listed = _joined(
        whole, ids, {t: i for t, (i, _) in _added_of_whole(whole, _read_json(whole)).items()}
    )
    same_ids = _ids(pair[0]).items() <= listed.items()
    joined = [merge if isinstance(merge, str) else " ".join(merge) for merge in merges]
    if not same_ids or joined != _lines(pair[1]):
        raise CheckpointError(
            f"{pair[0].name} and {pair[1].name} in {whole.parent} are not the tokenizer of "
            "tokenizer.json beside them; remove what is not the model's."
        )


def _lines(merges: Path) -> list[str]:
    lines = merges.read_text(encoding="utf-8").split("\n")
    return [line for line in lines if line and not line.startswith("#version")]


def _ids(vocab: Path) -> dict[str, int]:
    return _read_json(vocab)


def _read_optional(path: Path) -> dict[str, Any]:
    return _read_json(path) if path.is_file() else {}


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
