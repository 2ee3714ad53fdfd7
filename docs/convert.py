"""Make a folder that sheetgpt reads of weights that it does not open: they could run code, or need
a library of their own. Use it where you trust the file.

python docs/convert.py SOURCE TARGET

SOURCE is one of these, and each needs its package beside safetensors:

- a folder with pytorch_model.bin (or its shards), or a file .pt, .pth or .bin: torch
- a folder with an adapter (adapter_config.json): peft, transformers and torch
- a folder with OpenAI's TensorFlow checkpoint (model.ckpt...): tensorflow
- a folder with Keras weights of transformers (tf_model.h5): h5py

Names and layouts stay as they are: sheetgpt reads them. config.json and the tokenizer are copied
where SOURCE has them, and made of nanoGPT's `model_args` and meta.pkl.
"""

from __future__ import annotations

import argparse
import json
import pickle
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

#: What is copied as it is: any of these sets of files, and those below.
TOKENIZERS = (("tokenizer.json",), ("vocab.json", "merges.txt"), ("encoder.json", "vocab.bpe"))
TOKENS = ("tokenizer_config.json", "special_tokens_map.json", "added_tokens.json")
CONFIGS = ("config.json", "hparams.json")
PICKLES = ("*.bin", "*.pt", "*.pth")
#: Where programs keep the weights in what they save beside them: nanoGPT, Lightning, others.
INSIDE = ("model", "state_dict", "model_state_dict")
_KERAS = re.compile(r"h_\._(\d+)/")
_ASCII = 128


def main() -> None:
    """Convert as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path, help="a folder that is not there yet")
    parser.add_argument(
        "--tokenizer", type=Path, help="a folder with the tokenizer's files, or nanoGPT's meta.pkl"
    )
    parser.add_argument("--heads", type=int, help="n_head, where the source does not say it")
    parser.add_argument(
        "--activation",
        choices=("gelu", "gelu_new"),
        help="of nanoGPT (gelu, before June 2023 gelu_new) and minGPT (gelu_new, 2020: gelu)",
    )
    asked = parser.parse_args()
    source, target = asked.source, asked.target
    if not source.exists():
        stop(f"There is no {source}.")
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        stop(f"{target} exists already; give another name.")
    folder = source if source.is_dir() else source.parent
    if (folder / "adapter_config.json").is_file():
        merge_adapter(folder, target)
    else:
        tensors, saved = read(source)
        config = None
        if not any((folder / name).is_file() for name in CONFIGS):
            config = config_of(tensors, saved.get("model_args"), asked)
        store(tensors, target)
        copy(folder, target, *CONFIGS, "generation_config.json")
        if config:
            (target / "config.json").write_text(json.dumps(config, indent=1), encoding="utf-8")
    if asked.tokenizer:
        take_tokenizer(asked.tokenizer, target)
    print(f"Wrote {target}. Try it: sheetgpt predict 'Once upon a time' --model {target}")
    if not has_tokenizer(target):
        print("It has no tokenizer yet: put vocab.json and merges.txt of the model into it.")


def stop(sentence: str) -> NoReturn:
    """End with a sentence."""
    raise SystemExit(sentence)


def read(source: Path) -> tuple[dict[str, Any], Mapping[str, Any]]:
    """The tensors of a source by name, and what a pickle holds beside them."""
    if source.is_file():
        return read_pickle(source)
    if pickles := sorted(path for kind in PICKLES for path in source.glob(kind)):
        weights = [path for path in pickles if path.name != "training_args.bin"]
        tensors: dict[str, Any] = {}
        saved: Mapping[str, Any] = {}
        for path in weights:
            found, saved = read_pickle(path)
            tensors |= found
        return tensors, saved
    if (source / "tf_model.h5").is_file():
        return dict(read_keras(source / "tf_model.h5")), {}
    if any(source.glob("*.index")):
        return dict(read_tensorflow(source)), {}
    stop(f"{source} holds nothing to convert: no {', '.join(PICKLES)}, tf_model.h5 or *.index.")


def read_pickle(path: Path) -> tuple[dict[str, Any], Mapping[str, Any]]:
    """What torch.save wrote, read without running what it may hold beside tensors."""
    import torch  # noqa: PLC0415

    try:
        saved = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        stop(f"{path} holds more than tensors and plain values, and is not opened: {error}")
    if not isinstance(saved, Mapping):
        stop(f"{path} holds a {type(saved).__name__}, not a state dict.")
    state = next((saved[key] for key in INSIDE if isinstance(saved.get(key), Mapping)), saved)
    tensors = {name: x for name, x in state.items() if isinstance(x, torch.Tensor)}
    return tensors, {} if state is saved else saved


def read_tensorflow(folder: Path) -> Iterator[tuple[str, Any]]:
    """OpenAI's variables; what the optimizer keeps has names of its own."""
    import tensorflow as tf  # noqa: PLC0415

    index = max(folder.glob("*.index"), key=lambda path: path.stat().st_mtime)
    reader = tf.train.load_checkpoint(str(index.with_suffix("")))
    for name in sorted(reader.get_variable_to_shape_map()):
        if name.startswith("model/") and "/Adam" not in name:
            yield name, reader.get_tensor(name)


def read_keras(path: Path) -> Iterator[tuple[str, Any]]:
    """The weights of transformers' TFGPT2LMHeadModel: `.../h_._0/attn/c_attn/weight:0`."""
    import h5py  # noqa: PLC0415

    found: dict[str, Any] = {}
    with h5py.File(path) as file:
        file.visititems(
            lambda name, item: found.update({name: item[()]}) if hasattr(item, "dtype") else None
        )
    for name, tensor in found.items():
        usual = _KERAS.sub(r"h/\1/", name).removesuffix(":0").replace("/", ".")
        usual = re.sub(r"^.*?(?=(?:wte|wpe|ln_f|h\.\d+)\.)", "", usual)
        usual = re.sub(r"\.gamma$", ".weight", re.sub(r"\.beta$", ".bias", usual))
        usual = re.sub(r"^(wte|wpe)\.(weight|embeddings)$", r"\1.weight", usual)
        # Keras holds the bias of a convolution as (1, outputs).
        yield usual, tensor[0] if usual.endswith(".bias") and tensor.ndim == 2 else tensor


def merge_adapter(folder: Path, target: Path) -> None:
    """The model that an adapter belongs to, with the adapter's part added to its weights."""
    from peft import AutoPeftModelForCausalLM  # noqa: PLC0415
    from transformers import AutoTokenizer  # noqa: PLC0415

    model = AutoPeftModelForCausalLM.from_pretrained(str(folder))
    model.merge_and_unload().save_pretrained(str(target))
    copy(folder, target)
    if not has_tokenizer(target):
        settings = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
        base = settings["base_model_name_or_path"]
        if Path(base).is_dir():
            take_tokenizer(Path(base), target)
        else:
            AutoTokenizer.from_pretrained(base).save_pretrained(str(target))


def store(tensors: Mapping[str, Any], target: Path) -> None:
    """Write model.safetensors; of tensors that share their numbers the first is kept."""
    if not tensors:
        stop("There are no tensors in it.")
    target.mkdir(parents=True, exist_ok=True)
    path = str(target / "model.safetensors")
    if not hasattr(next(iter(tensors.values())), "data_ptr"):
        import numpy as np  # noqa: PLC0415
        from safetensors.numpy import save_file as save_arrays  # noqa: PLC0415

        save_arrays({name: np.ascontiguousarray(x) for name, x in tensors.items()}, path)
        return
    from safetensors.torch import save_file  # noqa: PLC0415

    kept: dict[tuple[Any, ...], str] = {}
    for name, tensor in tensors.items():
        kept.setdefault((tensor.data_ptr(), tensor.shape, tensor.stride()), name)
    save_file({name: tensors[name].clone().contiguous() for name in kept.values()}, path)


def copy(folder: Path, target: Path, *more: str) -> None:
    """Copy the tokenizer's files and `more` as far as they are there, and not yet copied."""
    for name in (*(name for names in TOKENIZERS for name in names), *TOKENS, *more):
        if (folder / name).is_file() and not (target / name).exists():
            shutil.copy(folder / name, target)


def has_tokenizer(folder: Path) -> bool:
    """Whether a folder holds all files of a tokenizer."""
    return any(all((folder / name).is_file() for name in names) for names in TOKENIZERS)


def take_tokenizer(source: Path, target: Path) -> None:
    """Copy a tokenizer, or make one of the characters of nanoGPT's meta.pkl."""
    if source.is_dir():
        copy(source, target)
        return
    with source.open("rb") as file:
        ids = PlainValues(file).load()["stoi"]
    if beyond := [character for character in ids if ord(character) >= _ASCII]:
        stop(
            f"{source} has {beyond[0]!r} as one token; a byte-level tokenizer makes more than one "
            "of a character that is not ASCII."
        )
    vocabulary = {byte_letter(ord(character)): id_ for character, id_ in ids.items()}
    (target / "vocab.json").write_text(json.dumps(vocabulary), encoding="utf-8")
    (target / "merges.txt").write_text("#version: 0.2\n", encoding="utf-8")


class PlainValues(pickle.Unpickler):
    """Reads dicts, texts and numbers; what would import anything is refused."""

    def find_class(self, module: str, name: str) -> NoReturn:
        """Nothing is imported."""
        stop(f"The pickle asks for {module}.{name}, which is no plain value; it is not opened.")


def byte_letter(byte: int) -> str:
    """The character that stands for an ASCII byte in GPT-2's files (`bytes_to_unicode`)."""
    if byte <= ord(" "):
        return chr(0x100 + byte)
    return chr(0x121) if byte == _ASCII - 1 else chr(byte)


def config_of(
    tensors: Mapping[str, Any], arguments: Mapping[str, Any] | None, asked: argparse.Namespace
) -> dict[str, Any]:
    """config.json of nanoGPT's `model_args`, or else of shapes and what was asked for."""
    stated = dict(arguments or {})
    heads = asked.heads or stated.get("n_head")
    activation = asked.activation or ("gelu" if arguments else None)
    if not heads or not activation:
        stop("The source does not say how it computes: give --heads and --activation.")
    sizes = {
        re.sub(r"^.*?\b(?=(wte|tok_emb|wpe|pos_emb)\b)", "", name): tensor.shape
        for name, tensor in tensors.items()
    }
    words = sizes.get("wte.weight", sizes.get("tok_emb.weight"))
    places = sizes.get("wpe.weight", sizes.get("pos_emb"))
    if words is None or places is None:
        stop("The source holds no embeddings wte and wpe (or tok_emb and pos_emb).")
    blocks = {
        found[1] for name in tensors if (found := re.search(r"\b(?:h|blocks)\.(\d+)\.", name))
    }
    return {
        "model_type": "gpt2",
        "n_layer": len(blocks),
        "n_head": heads,
        "n_embd": words[1],
        "n_positions": places[-2],
        "vocab_size": words[0],
        "activation_function": activation,
        "eos_token_id": None,
    }


if __name__ == "__main__":
    main()
