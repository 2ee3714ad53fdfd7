"""Find a model: the embedded one, a folder, the predecessor's CSV files or a hub id."""

from __future__ import annotations

from pathlib import Path

from sheetgpt.checkpoint.config import read_config
from sheetgpt.checkpoint.hub import download, is_hub_id
from sheetgpt.checkpoint.model import Checkpoint, make_checkpoint
from sheetgpt.checkpoint.parameter_csv import is_parameter_csv, load_parameter_csv
from sheetgpt.checkpoint.safetensors_files import SINGLE_FILE, has_weights, read_weights
from sheetgpt.checkpoint.tokenizer_files import read_vocabulary
from sheetgpt.errors import CheckpointError

#: The models that come with the package, as folders in Hugging Face's layout.
EMBEDDED = {"tiny": Path(__file__).resolve().parent.parent / "models" / "tiny"}


def load(model: str | Path, revision: str | None = None, *, local: bool = False) -> Checkpoint:
    """Load a GPT-2.

    `model` is, in this order: `"tiny"`, the embedded model; a folder in Hugging Face's layout; a
    folder or zip of parameter CSV files; the id of a model on the Hugging Face hub, of which
    `revision` picks a branch, tag or commit; with `local` it is not downloaded. float32 weights
    stay on disk, memory-mapped. Raises CheckpointError.
    """
    if model in EMBEDDED:
        return load_folder(EMBEDDED[str(model)], str(model))
    path = Path(model)
    if path.exists() and is_parameter_csv(path):
        return load_parameter_csv(path, path.resolve().stem)
    if path.is_dir():
        return load_folder(path, path.resolve().name)
    if isinstance(model, str) and not path.exists() and is_hub_id(model):
        return load_folder(download(model, revision, local=local), model)
    raise CheckpointError(
        f"{model} is no model folder; give tiny for the embedded model, a folder with config.json, "
        f"{SINGLE_FILE}, vocab.json and merges.txt, or the id of a model on the Hugging Face hub."
    )


def load_folder(folder: Path, name: str) -> Checkpoint:
    """Load config.json, safetensors weights and tokenizer files from one folder."""
    if not (folder / "config.json").is_file():
        raise CheckpointError(f"{folder} holds no config.json, so its shape is unknown; add it.")
    config, tied = read_config(folder / "config.json")
    if not has_weights(folder):
        pickles = sorted(path.name for path in folder.glob("*.bin"))
        if pickles:
            raise CheckpointError(
                f"{folder} holds its weights only as {pickles[0]}, a pickle, which can run code "
                'when it is opened. Convert it where you trust it: python -c "from transformers '
                f"import GPT2LMHeadModel as G; G.from_pretrained('{folder}').save_pretrained("
                "'converted')\"; then copy the tokenizer files into the new folder and give that."
            )
        raise CheckpointError(f"{folder} holds no weights; {SINGLE_FILE} is expected there.")
    return make_checkpoint(name, config, read_weights(folder), read_vocabulary(folder), tied=tied)
