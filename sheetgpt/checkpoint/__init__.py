"""GPT-2 checkpoints in memory: hyper-parameters, weights and vocabulary.

Modules, each importing only those above it: `config`, `vocabulary`, `model` (the Checkpoint);
one reader per file format: `safetensors_files`, `tokenizer_files`; and `loading`, which finds
out what it was given.
"""

from .config import Config
from .loading import load
from .model import Checkpoint
from .vocabulary import Vocabulary

__all__ = ["Checkpoint", "Config", "Vocabulary", "load"]
