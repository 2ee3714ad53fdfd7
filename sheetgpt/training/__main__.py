"""`python -m sheetgpt.training`: make the embedded model anew."""

from __future__ import annotations

import time
from itertools import islice
from pathlib import Path

import click

from sheetgpt.checkpoint import load
from sheetgpt.checkpoint.loading import EMBEDDED
from sheetgpt.checkpoint.tokenizer_files import read_vocabulary
from sheetgpt.training import bpe, corpus
from sheetgpt.training.card import model_card
from sheetgpt.training.evaluate import evaluate
from sheetgpt.training.recipe import Loss, Recipe


@click.command()
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=EMBEDDED["tiny"],
    show_default="the embedded model's folder",
    help="Folder for the model, in Hugging Face's layout.",
)
@click.option("--seed", default=1, show_default=True, help="Seed of the weights and the corpus.")
def main(out: Path, seed: int) -> None:
    """Learn a tokenizer, train a model on the corpus, test it and write it with its card."""
    try:
        from sheetgpt.training.train import train  # noqa: PLC0415 - PyTorch is an extra
    except ImportError as error:
        raise click.ClickException(
            f"Training needs PyTorch and transformers ({error}): pip install 'sheetgpt[train]'."
        ) from error
    started = time.process_time()
    recipe = Recipe(seed=seed)
    out.mkdir(parents=True, exist_ok=True)
    bpe.learn(islice(corpus.documents(seed), recipe.bpe_documents), recipe.vocab_size, out)
    curve = train(read_vocabulary(out), recipe, out, _show)
    minutes = (time.process_time() - started) / 60
    checkpoint = load(out)
    accuracy = evaluate(checkpoint)
    for family, result in accuracy.items():
        click.echo(f"{family:10} {result.right} of {result.prompts} right")
    card = model_card(checkpoint, recipe, curve, accuracy, minutes)
    (out / "README.md").write_text(card, encoding="utf-8")


def _show(loss: Loss) -> None:
    click.echo(f"step {loss.step:5}  loss {loss.loss:.3f}")


if __name__ == "__main__":
    main()
