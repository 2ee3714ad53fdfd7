"""A prompt that goes on, token by token, and the workbook of the whole text."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sheetgpt.checkpoint import Checkpoint, load
from sheetgpt.commands.build import build_from
from sheetgpt.commands.options import DEFAULT_MODEL, Options
from sheetgpt.commands.progress import Progress, quiet
from sheetgpt.commands.written import Built, require_writable
from sheetgpt.errors import CapacityError
from sheetgpt.reference import Ended, GeneratedToken, Generation, Sampling, Stops, tokenise
from sheetgpt.xlsx.patch import require_text


@dataclass(frozen=True)
class Generated:
    """A prompt that went on: its own tokens, those that were added, and how they were drawn."""

    prompt: str
    token_ids: list[int]
    tokens: list[GeneratedToken]
    ended: Ended
    end: str
    sampling: Sampling
    seed: int
    workbook: Built | None

    @property
    def text(self) -> str:
        """The prompt and what was added, whole characters alone."""
        return self.prompt + "".join(token.text for token in self.tokens)


def generate(
    prompt: str,
    model: str | Path = DEFAULT_MODEL,
    n: int = 20,
    *,
    temperature: float = 1.0,
    top_k: int = 0,
    top_p: float = 1.0,
    seed: int | None = None,
    stop: Sequence[str] = (),
    sentence: bool = False,
    revision: str | None = None,
    special_tokens: bool = False,
    workbook: str | Path | None = None,
    force: bool = False,
    on_text: Callable[[str], None] = quiet,
    progress: Progress = quiet,
) -> Generated:
    """Go on with a prompt by up to `n` tokens, by the NumPy reference alone.

    It ends earlier after a token that ends the model's texts, after one with which what was added
    holds one of the texts in `stop`, or, with `sentence`, at the end of a sentence; `ended` and
    `end` of the result say which. A `seed` of None is a fresh one. With
    `special_tokens`, those such as <|endoftext|> in the prompt are cut out of it whole.

    `on_text` gets the prompt, then what each token adds to the text, then a line break. `workbook`
    is a file for the workbook of the whole text; that it cannot be written, exists without `force`,
    or has no room is said before anything else.
    Raises InputError for settings and prompts that cannot be used.
    """
    sampling = Sampling(temperature, top_k, top_p)
    require_text(prompt)
    path = None if workbook is None else Path(workbook)
    if path is not None:
        require_writable(path, force)
    progress("Loading the model")
    checkpoint = load(model, revision).cutting(special_tokens)
    seed = secrets.randbelow(1 << 32) if seed is None else seed
    generation = Generation(checkpoint, prompt, n, sampling, seed, Stops(stop, sentence))
    if path is not None:
        _require_positions(generation, checkpoint)
    progress(f"Generating with --seed {seed}")
    on_text(prompt)
    tokens = []
    for token in generation:
        tokens.append(token)
        on_text(token.text)
    on_text("\n")
    generated = Generated(
        prompt,
        generation.token_ids,
        tokens,
        generation.ended,
        generation.end,
        sampling,
        seed,
        None,
    )
    if path is None:
        return generated
    options = _options_for(generated.text, checkpoint)
    built = build_from(checkpoint, model, generated.text, path, options, progress)
    return replace(generated, workbook=built)


def _require_positions(generation: Generation, checkpoint: Checkpoint) -> None:
    """Raise CapacityError unless a workbook can hold as many tokens as there may be."""
    positions, most = checkpoint.config.n_positions, len(generation.token_ids) + generation.n
    if most > positions:
        raise CapacityError(
            f"The text may grow to {most} tokens and a workbook of this model takes {positions}; "
            "shorten the prompt or ask for fewer tokens."
        )


def _options_for(text: str, checkpoint: Checkpoint) -> Options:
    """The usual room of a workbook, or more if the text needs it and the model has it.

    A text may be more tokens than were generated: bytes that are no character have become U+FFFD.
    """
    usual = Options().capacity(checkpoint.config)
    stages = tokenise(checkpoint.vocabulary, text)
    return Options(
        special_tokens=checkpoint.vocabulary.rules.cut_special,
        tokens=min(max(usual.tokens, len(stages.ids)), checkpoint.config.n_positions),
        chars=max(usual.chars, len(stages.text_bytes)),  # a character is a byte or more
        rounds=max(usual.rounds, len(stages.rounds)),  # the last must have nothing left to merge
    )
