"""How often a checkpoint is right on the corpus's held-out sentences, by the NumPy reference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sheetgpt.checkpoint import Checkpoint
from sheetgpt.reference import forward
from sheetgpt.training.corpus import FAMILIES, held_out


class Accuracy(NamedTuple):
    """Held-out prompts of one family, and how many of them were continued rightly."""

    prompts: int
    right: int

    @property
    def share(self) -> float:
        """The part that is right, 0 to 1."""
        return self.right / self.prompts


def evaluate(checkpoint: Checkpoint, sentences: int = 200) -> dict[str, Accuracy]:
    """Accuracy per family on up to `sentences` held-out sentences of each.

    Every word that follows from the text before it is a prompt of its own, given alone from
    position 0. Right means that greedy prediction gives exactly the word, all of its tokens.
    """
    result = {}
    for family in FAMILIES:
        prompts = [prompt for one in held_out(family, sentences) for prompt in one.prompts]
        right = sum(is_right(checkpoint, prompt, word) for prompt, word in prompts)
        result[family] = Accuracy(len(prompts), right)
    return result


def is_right(checkpoint: Checkpoint, prompt: str, word: str) -> bool:
    """Whether greedy prediction after `prompt` gives `word`, which starts with its space."""
    known = checkpoint.vocabulary.encode(prompt)
    wanted = checkpoint.vocabulary.encode(word)
    for number, token_id in enumerate(wanted):
        values = forward(checkpoint, known + wanted[:number])
        if int(values["next_token_id"].item()) != token_id:
            return False
    return True


def accuracy_table(accuracy: Mapping[str, Accuracy]) -> str:
    """A table in Markdown: each family with its share that is right, and an example."""
    lines = [
        "| family | prompts | right | an example, with the word to predict |",
        "|---|---|---|---|",
    ]
    for family, result in accuracy.items():
        prompt, word = held_out(family, 1)[0].prompts[-1]
        lines.append(
            f"| {family} | {result.prompts} | {result.share:.1%} | {prompt} **{word.strip()}** |"
        )
    return "\n".join(lines)
