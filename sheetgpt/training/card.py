"""The model card that stands beside the embedded model, its figures from the training itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sheetgpt.checkpoint import Checkpoint
from sheetgpt.training.corpus import FAMILIES, HELD_OUT, held_out
from sheetgpt.training.evaluate import Accuracy
from sheetgpt.training.recipe import Loss, Recipe

_CARD = """\
# tiny: the embedded model

A GPT-2 of {n_weights:,} weights that continues short English sentences of six kinds. It exists so
that a whole language model fits into a small workbook and still says something sensible. Written
by `python -m sheetgpt.training`; every figure below is that run's.

## Shape

| n_layer | n_head | n_embd | n_positions | vocab_size |
|---|---|---|---|---|
{shape}

GPT-2's own layout, tensor names and arithmetic, in float32: transformers'
`GPT2LMHeadModel.from_pretrained` loads the folder. The tokenizer is byte-level BPE as GPT-2's,
learned on the same corpus. A prompt starts at position 0, with no token in front of it.

## Data

Sentences made by code from the words in `sheetgpt/training/words.toml` and the patterns in
`sheetgpt/training/corpus.py`, no outside text. One in {one_in} pairs of words that
a rule joins (a name with an adjective: "Mike is quick" is one of them) and one wording of each
fact are kept out of training and used for the test.

## Training

| steps | rows a step | tokens a row | peak learning rate | weight decay | seed | CPU minutes |
|---|---|---|---|---|---|---|
{course}

AdamW; the learning rate rises linearly for {recipe.warm_up} steps, then falls along a cosine to 0.

| step | loss (nats per token) |
|---|---|
{losses}

Most of what is left is chance that nothing can foresee: which sentence comes next, and about whom.

## Accuracy on held-out prompts

Greedy prediction gives exactly the word that follows, the prompt given alone:

| family | prompts | right | an example, with the word to predict |
|---|---|---|---|
{accuracies}

## Limits

It knows the words of its corpus and the patterns that they stand in, and nothing else: outside of
them its predictions mean nothing, numbers are words from zero to twenty, and its facts are few. It
was never taught to tell two people in one prompt apart.
"""


def model_card(
    checkpoint: Checkpoint,
    recipe: Recipe,
    curve: Sequence[Loss],
    accuracy: Mapping[str, Accuracy],
    minutes: float,
) -> str:
    """The text of README.md, in Markdown."""
    config = checkpoint.config
    examples = {family: held_out(family, 1)[0].prompts[-1] for family in FAMILIES}
    return _CARD.format(
        n_weights=checkpoint.n_weights,
        shape=_row(
            config.n_layer, config.n_head, config.n_embd, config.n_positions, config.vocab_size
        ),
        one_in=HELD_OUT,
        recipe=recipe,
        course=_row(
            f"{recipe.steps:,}",
            recipe.batch,
            recipe.n_positions,
            recipe.learning_rate,
            recipe.weight_decay,
            recipe.seed,
            f"{minutes:.0f}",
        ),
        losses="\n".join(_row(f"{step:,}", f"{loss:.3f}") for step, loss in curve),
        accuracies="\n".join(
            _row(
                family,
                accuracy[family].prompts,
                f"{accuracy[family].share:.1%}",
                f"{prompt} **{word.strip()}**",
            )
            for family, (prompt, word) in examples.items()
        ),
    )


def _row(*cells: object) -> str:
    return "| " + " | ".join(map(str, cells)) + " |"
