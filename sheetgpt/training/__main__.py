"""`python -m sheetgpt.training`: make the embedded model anew."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import click

from sheetgpt.checkpoint import Checkpoint, Vocabulary
from sheetgpt.errors import SheetgptError
from sheetgpt.training import corpus
from sheetgpt.training.card import Account
from sheetgpt.training.evaluate import accuracy_table, evaluate
from sheetgpt.training.make import Subject, Watch, make
from sheetgpt.training.recipe import Recipe, Report
from sheetgpt.training.rows import Material, document_rows, rows_to_test

#: The embedded model's shape and course; one thread, as the order of sums decides on last digits.
#: Its corpus has no end, so there is nothing to learn by heart and dropout would only disturb.
RECIPE = Recipe(threads=1, vocab_size=1024, n_embd=48, dropout=0.0)
#: Documents that the tokenizer is learned from, and held-out sentences of each family.
_BPE_DOCUMENTS, _SENTENCES = 20_000, 60

_PURPOSE = """\
A GPT-2 of {n_weights:,} weights that continues short English sentences of six kinds. It exists so
that a whole language model fits into a small workbook and still says something sensible. Written
by `python -m sheetgpt.training`; every figure below is that run's."""
_DATA = """\
Sentences made by code from the words in `sheetgpt/training/words.toml` and the patterns in
`sheetgpt/training/corpus.py`, no outside text. One in {one_in} pairs of words that
a rule joins (a name with an adjective: "Mike is quick" is one of them) and one wording of each
fact are kept out of training and used for the test."""
_RESULTS = """
Most of the loss is chance that nothing can foresee: which sentence comes next, and about whom.
Greedy prediction gives exactly the word that follows, the prompt given alone:

{accuracies}
"""
_LIMITS = """\
It knows the words of its corpus and the patterns that they stand in, and nothing else: outside of
them its predictions mean nothing, numbers are words from zero to twenty, and its facts are few. It
was never taught to tell two people in one prompt apart."""


@click.command()
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default="tiny",
    show_default=True,
    help="New folder for the model, in Hugging Face's layout.",
)
@click.option("--seed", default=1, show_default=True, help="Seed of the weights and the corpus.")
def main(out: Path, seed: int) -> None:
    """Learn a tokenizer, train a model on the corpus, test it and write it with its card."""
    try:
        make(out, subject(seed), RECIPE._replace(seed=seed), Watch(click.echo, _show))
    except SheetgptError as error:
        raise click.ClickException(str(error)) from error


def subject(seed: int, sentences: int = 200) -> Subject:
    """The corpus as something to learn; the card tests so many sentences of each family."""
    return Subject(
        {"corpus": "embedded", **RECIPE._replace(seed=seed)._asdict()},
        lambda: islice(corpus.documents(seed), _BPE_DOCUMENTS),
        _material,
        lambda checkpoint: _account(checkpoint, sentences),
    )


def _texts() -> Iterator[str]:
    return (one.text for family in corpus.FAMILIES for one in corpus.held_out(family, _SENTENCES))


def _material(vocabulary: Vocabulary, recipe: Recipe) -> tuple[Material, Recipe]:
    def rows(first: int) -> Iterator[list[int]]:
        made = document_rows(corpus.documents(recipe.seed), vocabulary, recipe.n_positions)
        return islice(made, first, None)

    held_out = [(text,) for text in _texts()]
    prompts = [one.prompts[-1][0] for f in corpus.FAMILIES for one in corpus.held_out(f, 1)]
    tested = rows_to_test(held_out, vocabulary, recipe.n_positions)
    return Material(vocabulary, rows, tested, prompts), recipe


def _account(checkpoint: Checkpoint, sentences: int) -> Account:
    accuracy = accuracy_table(evaluate(checkpoint, sentences))
    return Account(
        "tiny: the embedded model",
        _PURPOSE.format(n_weights=checkpoint.n_weights),
        _DATA.format(one_in=corpus.HELD_OUT),
        _LIMITS,
        _RESULTS.format(accuracies=accuracy),
    )


def _show(report: Report, recipe: Recipe) -> None:
    click.echo(
        f"step {report.step:5} of {recipe.steps}  loss {report.loss:.3f}  "
        f"held out {report.held_out:.3f}"
    )


if __name__ == "__main__":
    main()
