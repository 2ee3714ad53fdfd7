"""GPT-2 checkpoints in memory: hyper-parameters, weights and vocabulary.

Modules, each importing only those above it: `config`, `vocabulary`, `model` (the Checkpoint);
one reader per file format: `safetensors_files`, `tokenizer_files`, `parameter_csv`; `hub`; and
`shapes` (a model without its weights); `loading`, which finds out what it was given. `genuine`
compares with OpenAI's weights.
"""

from sheetgpt.checkpoint.config import Config
from sheetgpt.checkpoint.genuine import Identity, Verdict, identify
from sheetgpt.checkpoint.loading import load, shape_of
from sheetgpt.checkpoint.model import Checkpoint
from sheetgpt.checkpoint.shapes import Shape, shape_in
from sheetgpt.checkpoint.vocabulary import Vocabulary

__all__ = [
    "Checkpoint",
    "Config",
    "Identity",
    "Shape",
    "Verdict",
    "Vocabulary",
    "identify",
    "load",
    "shape_in",
    "shape_of",
]
