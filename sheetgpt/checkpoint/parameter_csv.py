"""The parameter files of "Spreadsheets-are-all-you-need": one CSV per tensor, or the zip of them.

Ishan Anand publishes GPT-2 small that way (gpt2-small-csv.zip beside release v0.8.0-parameters):
`model_wte.csv`, `model_h0_attn_c_attn_w.csv`, `model_ln_f_g.csv` ... The names are those of
OpenAI's TensorFlow checkpoint with `_` for `/`: w and g are weights, b biases. The tokenizer is
`vocab_bpe.csv` (left, right, ..., score; the highest score merges first) and `bpe_token_ids.csv`
(token, id), with spaces as spaces.
"""

from __future__ import annotations

import csv
import re
import zipfile
from pathlib import Path

import numpy as np

from sheetgpt.checkpoint.config import Config
from sheetgpt.checkpoint.model import Checkpoint, Tensor, make_checkpoint
from sheetgpt.checkpoint.tokenizer_files import read_vocabulary
from sheetgpt.checkpoint.vocabulary import BYTE_ALPHABET, Vocabulary
from sheetgpt.errors import CheckpointError

#: Every GPT-2 that OpenAI published has heads of this width; the files do not hold the number.
D_HEAD = 64

File = Path | zipfile.Path

_SPACE = BYTE_ALPHABET[0x20]
_NAME = re.compile(r"model_(?:h(?P<layer>\d+)_)?(?P<part>\w+?)(?:_(?P<kind>[wgb]))?\.csv")


def is_parameter_csv(path: Path) -> bool:
    """Whether a path is a zip file or a folder with `model_wte.csv`."""
    return zipfile.is_zipfile(path) if path.is_file() else (path / "model_wte.csv").is_file()


def load_parameter_csv(path: Path, model: str) -> Checkpoint:
    """Load the CSV files of a folder or a zip; sizes follow from the shapes, heads are 64 wide.

    GPT-2's own vocab.json and merges.txt are used where they stand in the folder too. All weights
    are held in memory as float32. Raises CheckpointError.
    """
    files = _files(path)
    tensors = {}
    for name, file in sorted(files.items()):
        if match := _NAME.fullmatch(name):
            tensors[_tensor_name(match)] = _read_tensor(file, match["kind"])
    missing = {"wte.weight", "wpe.weight", "h.0.mlp.c_fc.weight"} - tensors.keys()
    if missing:
        raise CheckpointError(f"{path} holds no parameter CSV file for {', '.join(missing)}.")
    n_embd = tensors["wte.weight"].shape[1]
    if n_embd % D_HEAD:
        raise CheckpointError(
            f"{path} holds vectors of {n_embd} numbers; parameter CSV files do not say the number "
            f"of heads, and it is only known for multiples of {D_HEAD}."
        )
    config = Config(
        n_layer=1 + max(int(name.split(".")[1]) for name in tensors if name.startswith("h.")),
        n_head=n_embd // D_HEAD,
        n_embd=n_embd,
        n_positions=tensors["wpe.weight"].shape[0],
        vocab_size=tensors["wte.weight"].shape[0],
        n_inner=tensors["h.0.mlp.c_fc.weight"].shape[1],
    )
    has_pair = path.is_dir() and (path / "vocab.json").is_file()
    vocabulary = read_vocabulary(path) if has_pair else _read_vocabulary(files, path)
    return make_checkpoint(model, config, tensors, vocabulary, tied=True)


def _files(path: Path) -> dict[str, File]:
    """The files of a folder, or those anywhere in a zip, by their bare names."""
    if path.is_dir():
        return {file.name: file for file in path.iterdir()}
    archive = zipfile.ZipFile(path)
    return {
        member.rpartition("/")[2]: zipfile.Path(archive, member) for member in archive.namelist()
    }


def _tensor_name(match: re.Match[str]) -> str:
    """`model_h0_attn_c_attn_w.csv` -> `h.0.attn.c_attn.weight`."""
    part = re.sub(r"^(attn|mlp)_", r"\1.", match["part"])
    block = f"h.{match['layer']}." if match["layer"] else ""
    return f"{block}{part}.{'bias' if match['kind'] == 'b' else 'weight'}"


def _read_tensor(file: File, kind: str | None) -> Tensor:
    with file.open("r", encoding="utf-8-sig") as text:
        try:
            values: Tensor = np.loadtxt(text, dtype=np.float32, delimiter=",", ndmin=2)
        except ValueError as error:
            raise CheckpointError(f"{file} is no table of numbers: {error}.") from error
    return values.ravel() if kind in {"g", "b"} else values


def _read_vocabulary(files: dict[str, File], path: Path) -> Vocabulary:
    try:
        tokens = _read_rows(files["bpe_token_ids.csv"])
        merges = _read_rows(files["vocab_bpe.csv"])[1:]  # the first row holds labels
    except KeyError as error:
        raise CheckpointError(
            f"{path} holds no {error.args[0]}; put GPT-2's vocab.json and merges.txt there instead."
        ) from error
    try:
        tokens = sorted((row for row in tokens if row[1].isdigit()), key=lambda row: int(row[1]))
        merges.sort(key=lambda row: float(row[3]), reverse=True)
        return Vocabulary(
            [_token(row[0]) for row in tokens], [(_token(row[0]), _token(row[1])) for row in merges]
        )
    except (CheckpointError, IndexError, ValueError) as error:
        raise CheckpointError(
            f"The tokenizer files in {path} cannot be used: {error} Unpack the files into a folder "
            "and put GPT-2's vocab.json and merges.txt there as well."
        ) from error


def _read_rows(file: File) -> list[list[str]]:
    with file.open("r", encoding="utf-8-sig", newline="") as text:
        return [row for row in csv.reader(text) if row]


def _token(text: str) -> str:
    return text.replace(" ", _SPACE)
