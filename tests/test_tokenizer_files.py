"""Tokenizer files: read as the tokenizers library reads them, or refused by the name of a thing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from checkpoints import SHORT_VOCABULARY, copy_tokenizer
from tokenizers import Tokenizer

from sheetgpt.checkpoint import load
from sheetgpt.checkpoint.tokenizer_files import read_vocabulary
from sheetgpt.checkpoint.tokenizer_rules import GPT2_PATTERN
from sheetgpt.errors import CheckpointError, InputError
from sheetgpt.reference import tokenise

END = {"id": 319, "content": "<|endoftext|>", "special": True}
WORD = {"id": 320, "content": "quickly", "special": False}
FLAGS = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
BYTE_LEVEL = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True}
EMPTY: dict[str, Any] = {"vocab": {"a": 0}, "merges": []}
SPACED = BYTE_LEVEL | {"add_prefix_space": True}
DIGITS = {"type": "Digits", "individual_digits": True}
SPLIT = {
    "type": "Split",
    "pattern": {"Regex": GPT2_PATTERN},
    "behavior": "Isolated",
    "invert": False,
}
PROMPT, BOTH = {"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}
START = {"SpecialToken": {"id": "<|endoftext|>", "type_id": 0}}
IDS = {"<|endoftext|>": {"id": "<|endoftext|>", "ids": [319], "tokens": ["<|endoftext|>"]}}


def sequence(name: str, *parts: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Sequence", name: list(parts)}


def template(*pieces: dict[str, Any]) -> dict[str, Any]:
    tokens = IDS if START in pieces else {}
    pair = [PROMPT, BOTH]
    return {
        "type": "TemplateProcessing",
        "single": list(pieces),
        "pair": pair,
        "special_tokens": tokens,
    }


def write(folder: Path, model: dict[str, Any] | None = None, **parts: Any) -> Path:
    """A tokenizer.json beside nothing else: the short vocabulary, and parts that replace ours."""
    copy_tokenizer(SHORT_VOCABULARY, folder)
    pair = read_vocabulary(folder)
    (folder / "vocab.json").unlink()
    (folder / "merges.txt").unlink()
    bpe = {"type": "BPE", "vocab": pair.ids, "merges": [list(merge) for merge in pair.merges]}
    whole: dict[str, Any] = {
        "version": "1.0",
        "added_tokens": [END],
        "normalizer": None,
        "pre_tokenizer": BYTE_LEVEL,
        "post_processor": None,
        "decoder": BYTE_LEVEL,
        "model": bpe | (model or {}),
    }
    whole |= parts
    whole["added_tokens"] = [FLAGS | token for token in whole["added_tokens"]]
    (folder / "tokenizer.json").write_text(json.dumps(whole), encoding="utf-8")
    return folder


MORE_TEXTS = (
    "Mike is quick. He moves",
    " the  end\n",
    "é🙂 they're 12",
    "He moves quickly",
    "quickquickly  quicklyquickly is quick\n",
    "a<|endoftext|> b <|endoftext|><|endoftext|>c's <|end",
    "quickl <|endoftext|>  quickly's  12",
    "in 1999,  23 a  1'll ½² x12y3's 4\n\n 5",
)
#: What changes no id: name -> parts of tokenizer.json.
HARMLESS: dict[str, dict[str, Any]] = {
    "as it is": {},
    "offsets": {"post_processor": BYTE_LEVEL | {"add_prefix_space": True}},
    "an empty template": {"post_processor": template(PROMPT)},
    "sequences of one": {
        "normalizer": sequence("normalizers"),
        "pre_tokenizer": sequence("pretokenizers", BYTE_LEVEL),
    },
    "words of no use": {"model": {"byte_fallback": True, "unk_token": "<|endoftext|>"}},
    "empty affixes": {"model": {"continuing_subword_prefix": "", "end_of_word_suffix": ""}},
    "lengths": {"truncation": None, "padding": None},
}


#: What is not GPT-2's own, but part of what sheetgpt computes: name -> parts of tokenizer.json.
COMPUTED: dict[str, dict[str, Any]] = {
    "a space before": {"pre_tokenizer": SPACED},
    "a space before, in a sequence": {"pre_tokenizer": sequence("pretokenizers", SPACED)},
    "a start token": {"post_processor": template(START, PROMPT)},
    "a start token, in a sequence": {
        "post_processor": sequence("processors", BYTE_LEVEL, template(START, PROMPT))
    },
    "added words": {"added_tokens": [END, WORD, WORD | {"id": 321, "content": "quick"}]},
    "digits one by one": {"pre_tokenizer": sequence("pretokenizers", DIGITS, BYTE_LEVEL)},
    "runs of digits": {
        "pre_tokenizer": sequence(
            "pretokenizers", DIGITS | {"individual_digits": False}, BYTE_LEVEL
        ),
    },
    "GPT-2's pattern in a part of its own": {
        "pre_tokenizer": sequence("pretokenizers", SPLIT, BYTE_LEVEL | {"use_regex": False})
    },
    "an added word with a space": {"added_tokens": [END, WORD | {"content": " is q"}]},
    "an added word of other letters": {"added_tokens": [END, WORD | {"content": "é🙂"}]},
    "all of it": {
        "added_tokens": [END, WORD, WORD | {"id": 321, "content": " "}],
        "pre_tokenizer": SPACED,
        "post_processor": template(START, PROMPT),
    },
}


@pytest.mark.parametrize("parts", (HARMLESS | COMPUTED).values(), ids=[*HARMLESS, *COMPUTED])
def test_what_is_read_gives_the_ids_of_the_tokenizers_library(
    tmp_path: Path, parts: dict[str, Any]
) -> None:
    vocabulary = read_vocabulary(write(tmp_path, **parts))
    right = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    right.encode_special_tokens = True  # special tokens as ordinary text
    for text in MORE_TEXTS:
        ids = right.encode(text).ids
        assert (vocabulary.encode(text), tokenise(vocabulary, text).ids) == (ids, ids)
    right.encode_special_tokens = False
    special = vocabulary.cutting(special=True)
    for text in MORE_TEXTS:
        ids = right.encode(text).ids
        assert (special.encode(text), tokenise(special, text).ids) == (ids, ids)


#: What changes ids and is refused: parts of tokenizer.json, and what the refusal names.
OTHERWISE: list[tuple[dict[str, Any], str]] = [
    ({"normalizer": {"type": "Lowercase"}}, "the normalizer Lowercase"),
    (
        {"normalizer": sequence("normalizers", {"type": "NFC"}, {"type": "Lowercase"})},
        "the normalizer NFC, which changes the text first; the normalizer Lowercase",
    ),
    ({"pre_tokenizer": BYTE_LEVEL | {"use_regex": False}}, "use_regex is false"),
    (
        {"added_tokens": [END, WORD | {"id": 325}]},
        "the id 325 for the added token 'quickly', to which the tokenizers library gives 320",
    ),
    (
        {"pre_tokenizer": sequence("pretokenizers", DIGITS, SPACED)},
        "a space before each run of digits",
    ),
    (
        {"pre_tokenizer": sequence("pretokenizers", BYTE_LEVEL, DIGITS)},
        "the pre_tokenizer ByteLevel + Digits instead of ByteLevel",
    ),
    (
        {
            "pre_tokenizer": sequence(
                "pretokenizers", SPLIT | {"pattern": {"Regex": "[0-9]"}}, BYTE_LEVEL
            )
        },
        "Split + ByteLevel instead of ByteLevel, where the pattern is {'Regex': '[0-9]'}",
    ),
    ({"pre_tokenizer": None}, "no pre_tokenizer"),
    (
        {"post_processor": sequence("processors", BYTE_LEVEL, template(PROMPT, START))},
        "the prompt, <|endoftext|> in place of the prompt",
    ),
    (
        {"post_processor": template(START, START, PROMPT)},
        "<|endoftext|>, <|endoftext|>, the prompt",
    ),
    ({"post_processor": template(PROMPT, PROMPT)}, "the prompt, the prompt in place of the prompt"),
    (
        {
            "post_processor": {
                "type": "BertProcessing",
                "sep": ["<|endoftext|>", 319],
                "cls": ["<|endoftext|>", 319],
            }
        },
        "the post_processor BertProcessing",
    ),
    ({"added_tokens": [WORD | {"lstrip": True}]}, "takes the spaces before it along (lstrip)"),
    (
        {"added_tokens": [WORD | {"content": "quick", "rstrip": True}]},
        "takes the spaces behind it along (rstrip): 'quick'",
    ),
    (
        {"added_tokens": [WORD | {"content": "the", "single_word": True}]},
        "a word by itself (single_word): 'the'",
    ),
    (
        {"added_tokens": [WORD, WORD | {"id": 321, "content": "quick", "normalized": True}]},
        "share characters and are cut out one after the other: 'quick', 'quickly'",
    ),
    (
        {"added_tokens": [WORD, WORD | {"id": 321, "content": "lyly", "special": True}]},
        "'quickly' and the special token 'lyly', which share characters",
    ),
    ({"model": {"ignore_merges": True}}, "ignore_merges"),
    ({"model": {"dropout": 0.5}}, "dropout 0.5"),
]
#: Rows that change ids with other merges than this short vocabulary has.
ELSEWHERE = ("use_regex is false", "ignore_merges", "ByteLevel + Digits", "Split + ByteLevel")
TEXTS = (
    "Mike is quick. He moves quickly",
    "THEY 1234 E\u0301 e\u0301 the the the the the in in in in",
    " in",
    " the",
)


@pytest.mark.parametrize(("parts", "named"), OTHERWISE, ids=[named for _, named in OTHERWISE])
def test_what_would_change_ids_is_refused_by_name(
    tmp_path: Path, parts: dict[str, Any], named: str
) -> None:
    plain, changed = tmp_path / "plain", tmp_path / "changed"
    plain.mkdir()
    changed.mkdir()
    before = read_vocabulary(write(plain))
    library = Tokenizer.from_file(str(write(changed, **parts) / "tokenizer.json"))
    if not any(words in named for words in ELSEWHERE):
        assert any(library.encode(text).ids != before.encode(text) for text in TEXTS)
    with pytest.raises(CheckpointError) as refusal:
        read_vocabulary(changed)
    assert named in str(refusal.value)


#: What other files beside the pair may say: file -> content, and what the refusal names.
BESIDE: list[tuple[str, dict[str, Any], str]] = [
    (
        "tokenizer_config.json",
        {"add_bos_token": True, "bos_token": {"content": "<s>"}},
        "<s> before the prompt, which is no token of the vocabulary",
    ),
    (
        "tokenizer_config.json",
        {"add_eos_token": True},
        "<|endoftext|> after the prompt (add_eos_token)",
    ),
    ("tokenizer_config.json", {"tokenizer_class": "RobertaTokenizer"}, "class RobertaTokenizer"),
    ("config.json", {"tokenizer_class": "BertTokenizer"}, "the class BertTokenizer"),
    ("tokenizer_config.json", {"auto_map": {"AutoTokenizer": ["a.B", None]}}, "code of its own"),
    (
        "tokenizer_config.json",
        {"added_tokens_decoder": {"320": {"content": "quickly", "lstrip": True}}},
        "(lstrip): 'quickly'",
    ),
    ("added_tokens.json", {"[PAD]": 3}, "gives two tokens the same id"),
    ("added_tokens.json", {"[PAD]": 1 << 20}, "not all whole numbers from 0 to 1,048,575"),
    ("added_tokens.json", {"he": 320}, "gives 'he' the ids"),
    ("added_tokens.json", {"[PAD]": "320"}, "an id that is no whole number"),
    ("tokenizer.json", {"model": {"type": "WordPiece"}, "pre_tokenizer": BYTE_LEVEL}, "no BPE"),
    ("tokenizer.json", {"model": {"type": "BPE"}, "pre_tokenizer": BYTE_LEVEL}, "without vocab"),
    (
        "tokenizer.json",
        {"model": EMPTY, "pre_tokenizer": BYTE_LEVEL},
        "are not the tokenizer of tokenizer.json beside them",
    ),
    (
        "tokenizer.json",
        {"added_tokens": [{"id": 3}], "pre_tokenizer": BYTE_LEVEL, "model": EMPTY},
        "without content or id",
    ),
]


@pytest.mark.parametrize(("file", "content", "named"), BESIDE, ids=[row[2] for row in BESIDE])
def test_files_beside_the_pair_are_heard(
    tmp_path: Path, file: str, content: dict[str, Any], named: str
) -> None:
    copy_tokenizer(SHORT_VOCABULARY, tmp_path)
    special = {"additional_special_tokens": ["he"]}
    (tmp_path / "special_tokens_map.json").write_text(json.dumps(special))
    (tmp_path / file).write_text(json.dumps(content))
    with pytest.raises(CheckpointError) as refusal:
        read_vocabulary(tmp_path)
    assert named in str(refusal.value)


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("special_tokens_map.json", {"pad_token": "[PAD]"}),
        ("special_tokens_map.json", {"additional_special_tokens": [{"content": "[PAD]"}]}),
        ("tokenizer_config.json", {"pad_token": "[PAD]", "add_bos_token": False}),
        (
            "tokenizer_config.json",
            {"added_tokens_decoder": {"320": {"content": "[PAD]", "special": True}}},
        ),
    ],
)
def test_an_added_special_token_is_a_token_of_the_vocabulary(
    tmp_path: Path, file: str, content: dict[str, Any]
) -> None:
    copy_tokenizer(SHORT_VOCABULARY, tmp_path)
    (tmp_path / "added_tokens.json").write_text(json.dumps({"[PAD]": 320}))
    (tmp_path / file).write_text(json.dumps(content))
    assert read_vocabulary(tmp_path).tokens[320] == "[PAD]"


@pytest.mark.parametrize(
    ("config", "read", "most"),
    [
        ({"add_prefix_space": True}, " he is", 9),
        ({"add_bos_token": True}, "<|endoftext|>he is", 9),
        ({"add_bos_token": True, "bos_token": None}, "he is", 9),
        ({"added_tokens_decoder": {"320": {"content": "he is"}}}, "he is", 1),
    ],
)
def test_what_the_config_beside_a_pair_of_files_asks_for(
    tmp_path: Path, config: dict[str, Any], read: str, most: int
) -> None:
    copy_tokenizer(SHORT_VOCABULARY, tmp_path)
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(config))
    vocabulary = read_vocabulary(tmp_path)
    ids = vocabulary.encode("he is")
    assert tokenise(vocabulary, "he is").ids == ids
    assert (vocabulary.decode(ids), len(ids) <= most) == (read, True)


def test_special_tokens_that_cannot_be_cut_out(tmp_path: Path) -> None:
    vocabulary = read_vocabulary(write(tmp_path, added_tokens=[END | {"lstrip": True}]))
    assert vocabulary.encode("<|endoftext|>") == vocabulary.cutting(special=False).encode(
        "<|endoftext|>"
    )
    with pytest.raises(InputError, match=r"cannot be cut out: an added token that .*lstrip"):
        vocabulary.cutting(special=True)


def test_the_embedded_model_is_read_as_before() -> None:
    assert len(load("tiny").vocabulary) == 1024
