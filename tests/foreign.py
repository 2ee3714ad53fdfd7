"""Small checkpoints such as other people have, written to disk: name -> how it differs.

The same bytes on every machine, so that golden values of them can be kept.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from checkpoints import SHORT_VOCABULARY, make_checkpoint

from sheetgpt.checkpoint import Config
from sheetgpt.checkpoint.tokenizer_files import read_pair

SMALL = Config(2, 2, 8, 48, SHORT_VOCABULARY, 1e-5, 32)
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
END = "<|endoftext|>"
#: Texts that tell tokenizers apart: spaces, added words that touch, a special token, a byte that
#: only some have, digits.
TEXTS = ("Ice is", "quickquickly  is\n x's", f"he{END} {END}is", " is é", "in 1999,  23 a  1'll")

Change = Callable[[Path], None]


def files(**content: Any) -> Change:
    """Write JSON files beside the pair: `tokenizer_config={...}`."""

    def change(folder: Path) -> None:
        for name, values in content.items():
            (folder / f"{name}.json").write_text(json.dumps(values), encoding="utf-8")

    return change


#: The ids of the bytes of é and of most that are not ASCII.
FOREIGN_BYTES = range(94, 188)


def whole(
    *words: dict[str, Any],
    space: bool = False,
    start: bool = False,
    without: range = range(0),
    digits: bool | None = None,
) -> Change:
    """tokenizer.json in place of the pair, `without` some ids; added words and the rest.

    `digits` are cut off one by one or in runs.

    The later merges come first in the file, so that ids do not rise with their ranks.
    """

    def change(folder: Path) -> None:
        pair = read_pair(folder / "vocab.json", folder / "merges.txt")
        for name in ("vocab.json", "merges.txt"):
            (folder / name).unlink()
        ids = {t: i for t, i in pair.ids.items() if i not in without}
        merges = [m for m in pair.merges if all(part in ids for part in (*m, "".join(m)))]
        added = [{"id": ids[END], "content": END, "special": True}, *words]
        flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
        before = [{"SpecialToken": {"id": END, "type_id": 0}}] * start
        template = {
            "type": "TemplateProcessing",
            "single": [*before, {"Sequence": {"id": "A", "type_id": 0}}],
            "pair": [{"Sequence": {"id": x, "type_id": 0}} for x in "AB"],
            "special_tokens": {END: {"id": END, "ids": [ids[END]], "tokens": [END]}},
        }
        level = {"type": "ByteLevel", "add_prefix_space": space, "trim_offsets": True}
        splits = [{"type": "Digits", "individual_digits": digits}, level]
        apart = {"type": "Sequence", "pretokenizers": splits}
        content = {
            "version": "1.0",
            "added_tokens": [flags | token for token in added],
            "normalizer": None,
            "pre_tokenizer": level if digits is None else apart,
            "post_processor": template if start else None,
            "decoder": level,
            "model": {"type": "BPE", "vocab": ids, "merges": [*merges[30:], *merges[:30]]},
        }
        files(tokenizer=content, tokenizer_config={"tokenizer_class": "PreTrainedTokenizerFast"})(
            folder
        )

    return change


def characters(folder: Path) -> None:
    """A token for each ASCII character that prints and for the end, no merges: as nanoGPT has."""
    letters = ["Ġ", "Ċ", *map(chr, range(0x21, 0x7F)), END]
    ids = {letter: i for i, letter in enumerate(letters)}
    (folder / "vocab.json").write_text(json.dumps(ids), encoding="utf-8")
    (folder / "merges.txt").write_text("#version: 0.2\n", encoding="utf-8")


def word(text: str, id_: int = SHORT_VOCABULARY) -> dict[str, Any]:
    return {"id": id_, "content": text, "special": False}


#: Tokenizers: (rows of the embedding, what is changed in the folder).
TOKENIZERS: dict[str, tuple[int, Change]] = {
    "pair": (320, files()),
    "padded": (336, files()),
    "prefix-space": (320, files(tokenizer_config={"add_prefix_space": True})),
    "start-token": (320, files(tokenizer_config={"add_bos_token": True})),
    "pad-token": (
        321,
        files(added_tokens={"[PAD]": 320}, special_tokens_map={"pad_token": "[PAD]"}),
    ),
    "added-words": (
        322,
        files(
            tokenizer_config={
                "tokenizer_class": "GPT2Tokenizer",
                "added_tokens_decoder": {
                    "319": {"content": END, "special": True},
                    "320": {"content": "quickly", "normalized": True},
                    "321": {"content": "quick", "normalized": True},
                },
            }
        ),
    ),
    "one-file": (320, whole()),
    "one-file-words": (322, whole(word("quick"), word("is\n", 321))),
    "no-alphabet": (320, whole(without=FOREIGN_BYTES)),
    "characters": (97, characters),
    "digits": (320, whole(digits=True)),
    "everything": (330, whole(word("quick"), word("quickly", 321), space=True, start=True)),
    "everything-else": (330, whole(word("quick"), word("12", 321), digits=False)),
}


def make_relative(folder: Path, name: str) -> Path:
    """Write one of RELATIVES into a folder and return it."""
    options = RELATIVES[name]
    config = replace(SMALL, n_inner=options.get("n_inner", SMALL.n_inner))
    return make_checkpoint(folder, config, seed=3, options=options)


def make_tokenizer(folder: Path, name: str) -> Path:
    """Write one of TOKENIZERS, with a model, into a folder and return it.

    Those of "everything" are also relatives of GPT-2, together in every way that there is.
    """
    rows, change = TOKENIZERS[name]
    options: dict[str, Any] = {"eos_token_id": SHORT_VOCABULARY - 1}
    if name == "everything":
        options |= RELATIVES["exact-gelu"] | RELATIVES["scaled-by-block"] | {"n_inner": 20}
    elif name == "everything-else":
        options |= RELATIVES["unscaled"]
    config = replace(SMALL, n_inner=options.get("n_inner", SMALL.n_inner))
    make_checkpoint(folder, config, seed=4, rows=rows, options=options)
    change(folder)
    return folder
