"""Find a model: the embedded one or a folder in Hugging Face's layout."""

from __future__ import annotations

from pathlib import Path

from ..errors import CheckpointError
from .config import read_config
from .model import Checkpoint, make_checkpoint
from .safetensors_files import SINGLE_FILE, has_weights, read_weights
from .tokenizer_files import read_vocabulary

#: The models that come with the package, as folders in Hugging Face's layout.
EMBEDDED = {"tiny": Path(__file__).resolve().parent.parent / "models" / "tiny"}


def load(model: str | Path) -> Checkpoint:
    """Load a GPT-2: `"tiny"`, the embedded model, or a folder in Hugging Face's layout.

    Weights stay on disk (memory-mapped) if they are float32. Raises CheckpointError.
    """
    if isinstance(model, str) and model in EMBEDDED:
        return load_folder(EMBEDDED[model], model)
    folder = Path(model)
    if not folder.is_dir():
        raise CheckpointError(
            f'There is no model folder {folder}; give "tiny" for the embedded model, or a folder '
            f"with config.json, {SINGLE_FILE}, vocab.json and merges.txt."
        )
    return load_folder(folder, folder.resolve().name)


def load_folder(folder: Path, name: str) -> Checkpoint:
    """Load config.json, safetensors weights and tokenizer files from one folder."""
    if not (folder / "config.json").is_file():
        raise CheckpointError(f"{folder} holds no config.json, so its shape is unknown; add it.")
    config, tied = read_config(folder / "config.json")
    if not has_weights(folder):
        pickled = sorted(path.name for path in folder.glob("*.bin"))
        if pickled:
            raise CheckpointError(
                f"{folder} holds its weights only as {pickled[0]}, a pickle, which can run code "
                'when it is opened. Convert it where you trust it: python -c "from transformers '
                f"import GPT2LMHeadModel as G; G.from_pretrained('{folder}').save_pretrained("
                "'converted')\", and give the new folder with the tokenizer files beside it."
            )
        raise CheckpointError(f"{folder} holds no weights; {SINGLE_FILE} is expected there.")
    return make_checkpoint(name, config, read_weights(folder), read_vocabulary(folder), tied=tied)
