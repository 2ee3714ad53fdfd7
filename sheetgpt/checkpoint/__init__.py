"""GPT-2 checkpoints in memory: hyper-parameters, weights and vocabulary.

Modules, each importing only those above it: `config`, `vocabulary`, `model` (the Checkpoint);
one reader per file format: `safetensors_files`, `tokenizer_files`, `parameter_csv`; `hub`; and
`loading`, which finds out what it was given. `genuine` compares with OpenAI's weights.
"""

from sheetgpt.checkpoint.config import Config
from sheetgpt.checkpoint.genuine import Identity, Verdict, identify
from sheetgpt.checkpoint.loading import load
from sheetgpt.checkpoint.model import Checkpoint
from sheetgpt.checkpoint.vocabulary import Vocabulary

__all__ = ["Checkpoint", "Config", "Identity", "Verdict", "Vocabulary", "identify", "load"]
