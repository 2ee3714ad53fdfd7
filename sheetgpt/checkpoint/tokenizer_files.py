"""Vocabularies from vocab.json and merges.txt (GPT-2's own pair of files) or tokenizer.json."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NoReturn

from sheetgpt.checkpoint.added_tokens import AddedToken, added_token, misnumbered, rules_of
from sheetgpt.checkpoint.prompt_rules import PLAIN, PromptRules
from sheetgpt.checkpoint.tokenizer_rules import (
    END,
    MADE_ANEW,
    digits_apart,
    end_problem,
    listed_tokens,
    prefix_space,
    problems_of_config,
    problems_of_whole,
    special_tokens,
    start_token,
)
from sheetgpt.checkpoint.vocabulary import Vocabulary
from sheetgpt.errors import CheckpointError

#: GPT-2's pair of files, under Hugging Face's names and OpenAI's.
PAIRS = (("vocab.json", "merges.txt"), ("encoder.json", "vocab.bpe"))
#: Files of other kinds of tokenizers, as patterns.
OTHERS = {
    "*spiece.model": "SentencePiece",
    "*sentencepiece*.model": "SentencePiece",
    "tokenizer.model": "SentencePiece",
    "vocab.txt": "WordPiece",
}
#: No sheet has more rows, so no vocabulary more tokens.
MOST_TOKENS = 1 << 20


def has_tokenizer(folder: Path) -> bool:
    """Whether a folder holds files of a tokenizer, be it one that is refused."""
    names = ("tokenizer.json", "tokenizer_config.json", "vocab.json")
    return any((folder / name).is_file() for name in names)


def read_vocabulary(folder: Path) -> Vocabulary:
    """The vocabulary of a folder: tokenizer.json, or else the pair of files.

    Added tokens, a space before the prompt and a start token are part of it. Raises
    CheckpointError for a tokenizer that the files do not describe whole, or that asks for what is
    not computed: that is named.
    """
    whole, config = folder / "tokenizer.json", _config(folder)
    pairs = [(folder / vocab, folder / merges) for vocab, merges in PAIRS]
    pair = next((x for x in pairs if all(path.is_file() for path in x)), None)
    problems = list(problems_of_config(config))
    if pair is None and not whole.is_file():
        _refuse_without(folder, problems)
    content = _read_optional(whole)
    where = whole
    if pair and not content:
        problems += end_problem(config)
        where, (ids, merges) = pair[0], (_ids(pair[0]), _lines(pair[1]))
    else:
        ids, merges = _whole(whole)
        problems += problems_of_whole(content)
        if pair:
            _require_same(pair, whole, ids, merges)
    added = _added(folder, where, content, config, ids)
    joined = _joined(where, ids, {token.text: token.id for token in added})
    _require_ids(where, joined)
    problems += misnumbered(added, ids)
    ids = joined
    start = start_token(content, config)
    if start and start not in ids:
        problems.append(f"{start} before the prompt, which is no token of the vocabulary")
    start_id = ids.get(start) if start else None
    rules, more = rules_of(added, prefix_space(content, config), digits_apart(content), start_id)
    if problems := [*problems, *more]:
        _refuse(folder, problems)
    return _vocabulary(where, ids, merges, rules)


def read_pair(vocab: Path, merges: Path) -> Vocabulary:
    """The vocabulary in vocab.json ({token: id}) and merges.txt (a pair of tokens a line)."""
    ids = _ids(vocab)
    _require_ids(vocab, ids)
    return _vocabulary(vocab, ids, _lines(merges), PLAIN)


def _refuse_without(folder: Path, problems: list[str]) -> NoReturn:
    """Say what a folder without a byte-level BPE tokenizer has instead."""
    for pattern, kind in OTHERS.items():
        for path in folder.glob(pattern):
            problems.append(f"a {kind} tokenizer ({path.name})")
    if problems:
        _refuse(folder, problems)
    raise CheckpointError(
        f"{folder} holds no tokenizer; put vocab.json and merges.txt (or tokenizer.json) "
        "of the model beside its weights."
    )


def _refuse(folder: Path, problems: Iterable[str]) -> NoReturn:
    raise CheckpointError(
        f"The tokenizer in {folder} asks for what sheetgpt does not compute, so its token ids "
        f"would be wrong: {'; '.join(dict.fromkeys(problems))}. Use a model whose tokenizer is "
        "GPT-2's own kind; where the model was not trained with these, remove them."
    )


def _config(folder: Path) -> dict[str, Any]:
    """tokenizer_config.json, with the class of config.json if it has none, as in transformers."""
    config = _read_optional(folder / "tokenizer_config.json")
    if "tokenizer_class" not in config:
        found = _read_optional(folder / "config.json").get("tokenizer_class")
        config = config | ({} if found is None else {"tokenizer_class": found})
    return config


def _added(
    folder: Path,
    where: Path,
    content: dict[str, Any],
    config: dict[str, Any],
    ids: dict[str, int],
) -> list[AddedToken]:
    """The added tokens of all files of a folder, in the order in which libraries add them.

    What tokenizer.json states of one counts first.
    """
    named = special_tokens(config, _read_optional(folder / "special_tokens_map.json"))
    if config.get("tokenizer_class") in (None, *MADE_ANEW):
        named |= {END}
    sources: tuple[Mapping[str, tuple[int, Mapping[str, Any]]], ...] = (
        _added_of_whole(where, content),
        listed_tokens(config),
        {text: (id_, {}) for text, id_ in _numbers(folder / "added_tokens.json").items()},
        {text: (ids[text], {}) for text in named if text in ids},
    )
    found: dict[str, AddedToken] = {}
    for source in sources:
        # tokenizer.json lists them as they are added; transformers adds those of others by id
        in_order = source.items() if source is sources[0] else _by_id(source)
        for text, (id_, stated) in in_order:
            if text in found and found[text].id != id_:
                _refuse_two(where, text, found[text].id, id_)
            if text and text not in found:
                found[text] = added_token(text, id_, stated, text in named)
    return list(found.values())


def _by_id(
    source: Mapping[str, tuple[int, Mapping[str, Any]]],
) -> list[tuple[str, tuple[int, Mapping[str, Any]]]]:
    return sorted(source.items(), key=lambda token: token[1][0])


def _numbers(path: Path) -> dict[str, int]:
    """added_tokens.json, text to id."""
    added = _read_optional(path)
    if not all(type(id_) is int for id_ in added.values()):
        raise CheckpointError(f"{path} gives an id that is no whole number.")
    return added


def _added_of_whole(path: Path, content: dict[str, Any]) -> dict[str, tuple[int, dict[str, Any]]]:
    """The added tokens of a tokenizer.json: text to id and what it states of them."""
    try:
        return {
            token["content"]: (int(token["id"]), dict(token))
            for token in content.get("added_tokens") or ()
        }
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CheckpointError(f"{path} lists an added token without content or id.") from error


def _whole(path: Path) -> tuple[dict[str, int], list[Any]]:
    """Ids and merges in the tokenizers library's one-file format."""
    model = _read_json(path).get("model")
    # Files of old versions of the library name no type.
    kind = model.get("type", "BPE") if isinstance(model, dict) else None
    if not isinstance(model, dict) or kind != "BPE":
        found = "no BPE model" if kind is None else f"a model of type {kind}, no BPE model"
        raise CheckpointError(f"{path} holds {found}; GPT-2's tokenizer is byte-level BPE.")
    ids, merges = model.get("vocab"), model.get("merges")
    if not isinstance(ids, dict) or not isinstance(merges, list):
        raise CheckpointError(f"{path} holds a BPE model without vocab or merges.")
    return ids, merges


def _joined(path: Path, ids: dict[str, int], added: dict[str, int]) -> dict[str, int]:
    """Both in one; a text with two ids is refused, because either could be meant."""
    for text, id_ in added.items():
        if ids.get(text, id_) != id_:
            _refuse_two(path, text, ids[text], id_)
    return ids | added


def _refuse_two(path: Path, text: str, id_: int, other: int) -> NoReturn:
    raise CheckpointError(
        f"The tokenizer in {path} gives {text!r} the ids {id_} and {other}; keep the files of one "
        "tokenizer only."
    )


def _require_same(
    pair: tuple[Path, Path], whole: Path, ids: dict[str, int], merges: list[Any]
) -> None:
    """Raise unless the pair of files says what tokenizer.json says, up to its added tokens."""
    added = _added_of_whole(whole, _read_json(whole))
    listed = _joined(whole, ids, {text: id_ for text, (id_, _) in added.items()})
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


def _require_ids(path: Path, ids: Mapping[str, int]) -> None:
    """Raise unless the ids are whole numbers that tell tokens apart."""
    if not all(type(id_) is int and 0 <= id_ < MOST_TOKENS for id_ in ids.values()):
        raise CheckpointError(
            f"The token ids in {path} are not all whole numbers from 0 to {MOST_TOKENS - 1:,}."
        )
    if len({*ids.values()}) < len(ids):
        raise CheckpointError(f"{path} gives two tokens the same id, so ids cannot be told apart.")


def _vocabulary(
    path: Path, ids: dict[str, int], merges: Iterable[Any], rules: PromptRules
) -> Vocabulary:
    """Put tokens in id order, "" where there is none; a merge is `"a b"` or `["a", "b"]`."""
    tokens = [""] * (max(ids.values(), default=-1) + 1)
    for token, id_ in ids.items():
        tokens[id_] = token
    pairs: list[tuple[str, str]] = []
    for merge in merges:
        parts = merge.split(" ") if isinstance(merge, str) else merge
        if len(parts) != 2:
            raise CheckpointError(
                f"Merge {len(pairs) + 1} of the tokenizer in {path.parent} is {merge!r}; "
                "a merge is two tokens with one space between them."
            )
        pairs.append((parts[0], parts[1]))
    return Vocabulary(tokens, pairs, rules)
