"""Is this checkpoint really OpenAI's GPT-2 small? By the SHA-256 of each of its tensors."""

from __future__ import annotations

import re
from enum import Enum
from functools import cache
from pathlib import Path
from typing import NamedTuple

from sheetgpt.checkpoint.config import Config
from sheetgpt.checkpoint.model import Checkpoint


class Verdict(Enum):
    """What a checkpoint is."""

    GENUINE = "OpenAI's GPT-2 small, weight for weight"
    ALTERED = "not OpenAI's GPT-2 small, although it has the name and the shape"
    OTHER = "not OpenAI's GPT-2 small"


class Identity(NamedTuple):
    """A verdict, and the tensors that differ from GPT-2 small where that was the claim."""

    verdict: Verdict
    differing: tuple[str, ...] = ()


def identify(checkpoint: Checkpoint) -> Identity:
    """Compare every tensor with GPT-2 small's, if the checkpoint has its shape."""
    if checkpoint.config != Config():
        return Identity(Verdict.OTHER)
    known = gpt2_small_sha256()
    found = checkpoint.tensor_sha256
    differing = tuple(name for name in found if found[name] != known.get(name))
    if not differing:
        return Identity(Verdict.GENUINE)
    last = checkpoint.name.lower().rpartition("/")[2]
    claims = re.fullmatch(r"gpt-?_?2([-_]?small|[-_]?124m)?", last) is not None
    return Identity(Verdict.ALTERED, differing) if claims else Identity(Verdict.OTHER)


@cache
def gpt2_small_sha256() -> dict[str, str]:
    """The hashes in gpt2-small.sha256 beside this file: {tensor: SHA-256 of its float32 bytes}."""
    lines = (Path(__file__).parent / "gpt2-small.sha256").read_text(encoding="utf-8").splitlines()
    pairs = (line.split() for line in lines if line and not line.startswith("#"))
    return {name: sha256 for sha256, name in pairs}
