"""A model of one's own, trained on plain text files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from sheetgpt.checkpoint import Checkpoint, Vocabulary
from sheetgpt.commands.progress import Progress, quiet
from sheetgpt.errors import InputError
from sheetgpt.printed import on_one_line
from sheetgpt.training.card import Account, Measured
from sheetgpt.training.loop import Learner
from sheetgpt.training.make import Subject, Watch, make, require_pytorch, torch_learner
from sheetgpt.training.recipe import (
    Recipe,
    Report,
    learning_rate,
    require_possible,
    steps_for,
    with_steps,
)
from sheetgpt.training.rows import Material, TextRows, prompts, rows_to_test
from sheetgpt.training.texts import Split, Text, read_text, split
from sheetgpt.training.unfinished import require_free

_PURPOSE = """\
A small GPT-2 of {n_weights:,} weights, trained by `sheetgpt train` on the text below. It goes on
with texts of that kind:

```sh
sheetgpt build --model {folder}                      # as a spreadsheet
sheetgpt generate "..." --model {folder}             # as text
```"""
_LIMITS = """\
It knows the spelling, the words and the turns of its text, and little of its sense. It has never
read anything else, does not know what is true, and a prompt on another matter gets an answer all
the same. Of what it read it may repeat whole phrases, so do not hand on a model of a text that you
would not hand on. It sees at most {n_positions} tokens."""


@dataclass(frozen=True)
class Trained:
    """A model that was trained: its folder, what was used, how it went, and what to know."""

    path: Path
    asked: Mapping[str, Any]
    recipe: Recipe
    n_weights: int
    measured: Measured
    notes: tuple[str, ...]


def train(
    texts: Sequence[str | Path],
    output: str | Path,
    *,
    layers: int = Recipe().n_layer,
    heads: int = Recipe().n_head,
    width: int = Recipe().n_embd,
    vocab: int = Recipe().vocab_size,
    tokens: int = Recipe().n_positions,
    steps: int | None = None,
    seed: int = Recipe().seed,
    threads: int = Recipe().threads,
    join_lines: bool = False,
    report: Callable[[Report, Recipe], None] = lambda report, recipe: None,
    progress: Progress = quiet,
    learner: Callable[[Recipe], tuple[Learner, str]] | None = None,
) -> Trained:
    """Train a GPT-2 on plain text files and write it to a new folder, for `build` and others.

    `tokens` is how many it sees at most (n_positions), `vocab` how many there are at most; `steps`
    of None are as many as suit the length of the text. `join_lines` makes one line of the lines of
    a paragraph. `report` is called up to twenty times, `learner` stands in for PyTorch.

    A training that was stopped goes on when the same is asked for again. Raises InputError for
    texts, sizes and folders that cannot be used, and where PyTorch is missing.
    """
    output = Path(output)
    recipe = Recipe(seed, threads, vocab, layers, heads, width, tokens)
    if steps is not None:
        recipe = with_steps(recipe, steps)
    require_possible(recipe)
    recipe = recipe._replace(learning_rate=learning_rate(width))
    require_free(output)
    if learner is None:
        require_pytorch()
    progress("Reading the text")
    read = [read_text(Path(path), join_lines=join_lines) for path in texts]
    if not read:
        raise InputError("There is no text to train on; name at least one file.")
    parts = split(read)
    notes = []

    def material(vocabulary: Vocabulary, recipe: Recipe) -> tuple[Material, Recipe]:
        rows = TextRows(parts.training, vocabulary, recipe.n_positions, seed)
        if steps is None:
            recipe = with_steps(recipe, steps_for(rows.n_tokens, recipe))
        if len(vocabulary) < vocab:
            notes.append(
                f"The text gives {len(vocabulary):,} tokens, not {vocab:,}: no more pairs repeat."
            )
        held_out = rows_to_test(parts.held_out, vocabulary, recipe.n_positions)
        return Material(vocabulary, rows.rows, held_out, prompts(parts.held_out)), recipe

    def account(checkpoint: Checkpoint) -> Account:
        return Account(
            checkpoint.name,
            _PURPOSE.format(n_weights=checkpoint.n_weights, folder=output.name),
            _data(read, parts),
            _LIMITS.format(n_positions=checkpoint.config.n_positions),
        )

    asked = {
        "texts": [[text.name, text.sha256] for text in read],
        "join-lines": join_lines,
        **{"layers": layers, "heads": heads, "width": width, "vocab": vocab, "tokens": tokens},
        **{"steps": steps, "seed": seed, "threads": threads},
    }
    subject = Subject(asked, lambda: _lines(parts.training), material, account)
    learned = make(output, subject, recipe, Watch(progress, report), learner or torch_learner)
    if (best := learned.measured.course.best).step < learned.recipe.steps / 2:
        notes.append(
            f"After step {best.step:,} it learned its text by heart and got worse on text that is "
            "held out, so the weights of that step were kept; more text would help."
        )
    return Trained(
        output,
        asked,
        learned.recipe,
        learned.checkpoint.n_weights,
        learned.measured,
        tuple(notes),
    )


def _lines(passages: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """The segments as the tokenizer learns from them."""
    return chain.from_iterable(passages)


def _data(texts: Sequence[Text], parts: Split) -> str:
    """The files and how they were split, as a table in Markdown."""
    rows = [
        f"| `{_shown(text.name)}` | {text.characters:,} | {len(text.passages):,} |"
        for text in texts
    ]
    training, held_out = (
        sum(len(segment) for passage in passages for segment in passage)
        for passages in (parts.training, parts.held_out)
    )
    return "\n".join(
        [
            "| file | characters | passages |",
            "|---|---|---|",
            *rows,
            "",
            f"A passage is what stands between blank lines, or a line. {len(parts.held_out):,} "
            f"passages ({held_out:,} characters) were held out, {len(parts.training):,} "
            f"({training:,} characters) trained on.",
        ]
    )


def _shown(name: str) -> str:
    """A file's name that cannot end a cell of a table or a piece of code."""
    return re.sub(r"[|`]", "\ufffd", on_one_line(name))
