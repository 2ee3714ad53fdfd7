"""What tokenizer files ask for beyond GPT-2's own way from text to ids, each thing by name.

The files are those of the `tokenizers` and `transformers` libraries. Whatever in them would change
an id is a sentence here; `tokenizer_files` refuses a folder for which there is one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sheetgpt.checkpoint.prompt_rules import DigitsApart

#: The classes of transformers that do what the tokenizer's files say, and nothing else.
PLAIN_CLASSES = {
    "GPT2Tokenizer",
    "GPT2TokenizerFast",
    "PreTrainedTokenizerFast",
    "TokenizersBackend",
}
#: Of these, the ones that transformers makes anew from the vocabulary in a tokenizer.json.
MADE_ANEW = ("GPT2Tokenizer", "GPT2TokenizerFast")
#: How GPT-2 splits a text into words (OpenAI's encoder.py).
GPT2_PATTERN = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
#: The token that these call their beginning and end, unless the config says otherwise.
END = "<|endoftext|>"
#: Entries of tokenizer_config.json and special_tokens_map.json that name no special token.
_NO_TOKEN = ("add_bos_token", "add_eos_token")


def problems_of_whole(content: Mapping[str, Any]) -> Iterator[str]:
    """What a tokenizer.json asks for that GPT-2's tokenizer does not do."""
    for part in _parts(content.get("normalizer"), "normalizers"):
        yield f"the normalizer {_type(part)}, which changes the text first"
    yield from _problems_of_splits(list(_parts(content.get("pre_tokenizer"), "pretokenizers")))
    for part in _parts(content.get("post_processor"), "processors"):
        yield from _problems_after(part)
    for part in _parts(content.get("decoder"), "decoders"):
        if _type(part) != "ByteLevel":
            yield f"the decoder {_type(part)} instead of ByteLevel"
    yield from _problems_of_model(content.get("model") or {})


def problems_of_config(config: Mapping[str, Any]) -> Iterator[str]:
    """What a tokenizer_config.json asks for that GPT-2's tokenizer does not do."""
    kind = config.get("tokenizer_class")
    if kind is not None and kind not in PLAIN_CLASSES:
        yield f"the class {kind} (tokenizer_class) instead of GPT2Tokenizer"
    if config.get("auto_map"):
        yield "code of its own (auto_map)"


def prefix_space(whole: Mapping[str, Any], config: Mapping[str, Any]) -> bool:
    """Whether a space stands before each piece of a prompt.

    Where both files say something, the config's word counts for GPT2Tokenizer, as in transformers,
    which makes that class anew from the vocabulary; else that of tokenizer.json.
    """
    stated = config.get("add_prefix_space")
    splits = list(_parts(whole.get("pre_tokenizer"), "pretokenizers"))
    if not splits or (stated is not None and config.get("tokenizer_class") in MADE_ANEW):
        return bool(stated)
    return bool(splits[-1].get("add_prefix_space", True))


def digits_apart(whole: Mapping[str, Any]) -> DigitsApart:
    """Whether a tokenizer.json cuts digits off before it splits into words."""
    splits = list(_parts(whole.get("pre_tokenizer"), "pretokenizers"))
    if not splits or _type(splits[0]) != "Digits":
        return DigitsApart.NO
    return DigitsApart.EACH if splits[0].get("individual_digits") else DigitsApart.RUNS


def start_token(whole: Mapping[str, Any], config: Mapping[str, Any]) -> str:
    """The token before every prompt, "" for none: of tokenizer.json, or else of the config."""
    if not whole:
        return token_text(config.get("bos_token", END)) if config.get("add_bos_token") else ""
    for part in _parts(whole.get("post_processor"), "processors"):
        for piece in part.get("single") or [] if _type(part) == "TemplateProcessing" else []:
            if "SpecialToken" in piece:
                return str(piece["SpecialToken"]["id"])
    return ""


def end_problem(config: Mapping[str, Any]) -> Iterator[str]:
    """A token after the prompt, which only the config of a pair of files can ask for."""
    if config.get("add_eos_token"):
        token = token_text(config.get("eos_token", END))
        yield f"{token} after the prompt (add_eos_token)"


def special_tokens(*files: Mapping[str, Any]) -> set[str]:
    """The texts that tokenizer_config.json and special_tokens_map.json call special tokens."""
    found: set[str] = set()
    for content in files:
        for key, value in content.items():
            if key.endswith("_token") and key not in _NO_TOKEN:
                found.add(token_text(value))
            elif key.endswith("special_tokens"):
                many = value.values() if isinstance(value, Mapping) else value
                found.update(map(token_text, many if isinstance(many, Iterable) else ()))
        for token in _decoder(content):
            if token.get("special"):
                found.add(token_text(token))
    return found - {""}


def listed_tokens(config: Mapping[str, Any]) -> dict[str, tuple[int, Mapping[str, Any]]]:
    """The added tokens of a tokenizer_config.json: text to id and what it states of them."""
    decoder = config.get("added_tokens_decoder")
    if not isinstance(decoder, Mapping):
        return {}
    return {
        token_text(token): (int(id_), token if isinstance(token, Mapping) else {})
        for id_, token in decoder.items()
    }


def token_text(value: Any) -> str:
    """The text of a token, which is a string or an object with `content`; "" for none."""
    if isinstance(value, Mapping):
        value = value.get("content")
    return value if isinstance(value, str) else ""


def _decoder(config: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    decoder = config.get("added_tokens_decoder")
    if isinstance(decoder, Mapping):
        yield from (token for token in decoder.values() if isinstance(token, Mapping))


def _problems_of_splits(splits: list[Mapping[str, Any]]) -> Iterator[str]:
    """What a pre_tokenizer does beside GPT-2's splitting into words, alone or after Digits."""
    kinds = [*map(_type, splits)]
    if not splits:
        yield "no pre_tokenizer, so that words are not split as GPT-2 does"
    elif kinds == ["Split", "ByteLevel"] and _is_ours(splits[0], splits[1]):
        return
    elif kinds[-1] != "ByteLevel" or kinds[:-1] not in ([], ["Digits"]):
        patterns = [part.get("pattern") for part in splits if _type(part) == "Split"]
        named = "".join(f", where the pattern is {pattern}" for pattern in patterns)
        yield f"the pre_tokenizer {' + '.join(kinds)} instead of ByteLevel{named}"
    elif not splits[-1].get("use_regex", True):
        yield "no splitting into words (use_regex is false)"
    elif len(splits) > 1 and splits[-1].get("add_prefix_space", True):
        yield "a space before each run of digits (Digits + ByteLevel with add_prefix_space)"


def _is_ours(split: Mapping[str, Any], level: Mapping[str, Any]) -> bool:
    """Whether a Split and a ByteLevel that splits nothing do together what ByteLevel does alone."""
    kept = split.get("behavior") == "Isolated" and not split.get("invert")
    same = split.get("pattern") in ({"Regex": GPT2_PATTERN}, {"Regex": f"({GPT2_PATTERN})"})
    spaced = level.get("add_prefix_space", True) or level.get("use_regex", True)
    return kept and same and not spaced


def _problems_after(part: Mapping[str, Any]) -> Iterator[str]:
    """What a post-processor puts around a prompt; ByteLevel moves offsets alone."""
    if _type(part) == "ByteLevel":
        return
    if _type(part) != "TemplateProcessing":
        yield f"the post_processor {_type(part)}, which adds tokens to the prompt"
        return
    pieces = part.get("single") or []
    words = [
        str(piece["SpecialToken"]["id"]) if "SpecialToken" in piece else "the prompt"
        for piece in pieces
    ]
    several = any(
        len(known.get("ids", ())) > 1 for known in (part.get("special_tokens") or {}).values()
    )
    if words[-1:] != ["the prompt"] or words.count("the prompt") != 1 or len(words) > 2 or several:
        yield f"{', '.join(words) or 'nothing'} in place of the prompt (TemplateProcessing)"


def _problems_of_model(model: Mapping[str, Any]) -> Iterator[str]:
    if model.get("dropout"):
        yield f"merges left out at random (dropout {model['dropout']})"
    if model.get("ignore_merges"):
        yield "words looked up before they are merged (ignore_merges)"
    for name in ("continuing_subword_prefix", "end_of_word_suffix"):
        if model.get(name):
            yield f"{model[name]!r} as {name}"


def _parts(value: Any, list_name: str) -> Iterator[Mapping[str, Any]]:
    """The parts of a component: none, itself, or what its Sequence lists."""
    if isinstance(value, Mapping):
        if value.get("type") == "Sequence":
            for part in value.get(list_name) or ():
                yield from _parts(part, list_name)
        else:
            yield value


def _type(part: Mapping[str, Any]) -> str:
    return str(part.get("type"))
