"""From what is to be learned to the model's folder: what all trainings have in common."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from safetensors.numpy import save

from sheetgpt.checkpoint import Checkpoint, Config, Vocabulary
from sheetgpt.checkpoint.model import expected_shapes
from sheetgpt.checkpoint.safetensors_files import SINGLE_FILE
from sheetgpt.checkpoint.tokenizer_files import read_vocabulary
from sheetgpt.errors import InputError
from sheetgpt.training.bpe import learn, tokenizer_files
from sheetgpt.training.card import CURVE, Account, Measured, model_card
from sheetgpt.training.curve import loss_curve
from sheetgpt.training.loop import Learner, checkpoint_of, train
from sheetgpt.training.recipe import SMALLEST_VOCABULARY, Recipe, Report
from sheetgpt.training.rows import Material, frequency_loss
from sheetgpt.training.unfinished import Unfinished

CARD, CONFIG, RECORD = "README.md", "config.json", "training.json"
RECORD_SCHEMA = "sheetgpt.train/1"


@dataclass(frozen=True)
class Subject:
    """What a model is to learn.

    `asked` is all that decides on it, in words of JSON; `texts` what the tokenizer is learned
    from; `material` makes rows for a vocabulary, and the recipe with what is known by then;
    `account` says on the card what the finished model is.
    """

    asked: Mapping[str, Any]
    texts: Callable[[], Iterable[str]]
    material: Callable[[Vocabulary, Recipe], tuple[Material, Recipe]]
    account: Callable[[Checkpoint], Account]


class Learned(NamedTuple):
    """A model whose folder was written, and how that went; `measured.tested` counts tokens."""

    checkpoint: Checkpoint
    recipe: Recipe
    measured: Measured


@dataclass(frozen=True)
class Watch:
    """Who is told: of what begins, and of each report with the recipe and the step of the start."""

    progress: Callable[[str], None]
    report: Callable[[Report, Recipe], None]


def require_pytorch() -> None:
    """Raise InputError with the command that installs what is missing."""
    missing = [name for name in ("torch", "transformers") if find_spec(name) is None]
    if missing:
        raise InputError(
            f"Training needs {' and '.join(missing)}, which are not installed here: run "
            "pip install 'sheetgpt[train]' (in a checkout: pip install '.[train]')."
        )


def torch_learner(recipe: Recipe) -> tuple[Learner, str]:
    """A GPT-2 that learns, and the device that it learns on."""
    require_pytorch()
    try:
        from sheetgpt.training.learner import TorchLearner, device  # noqa: PLC0415 - an extra
    except (ImportError, OSError) as error:
        raise InputError(
            f"PyTorch is installed but cannot be used: {error}. Install it anew: "
            "pip install --force-reinstall 'sheetgpt[train]'."
        ) from error
    where = device()
    return TorchLearner(recipe, where), where


def make(
    output: Path,
    subject: Subject,
    recipe: Recipe,
    watch: Watch,
    make_learner: Callable[[Recipe], tuple[Learner, str]] = torch_learner,
) -> Learned:
    """Train, or go on where a command of the same was stopped, and write the model's folder.

    The recipe that was used has what the text decided: its own number of tokens and steps. Raises
    InputError for a folder that is taken or cannot be written, KeyboardInterrupt once Ctrl-C has
    been pressed and the last step is saved.
    """
    unfinished = Unfinished(output, subject.asked, n_weights(recipe.config))
    vocabulary = _vocabulary(unfinished, subject, recipe, watch)
    watch.progress("Cutting the text into tokens")
    recipe = recipe._replace(vocab_size=len(vocabulary))
    material, recipe = subject.material(vocabulary, recipe)
    watch.progress("Loading PyTorch")
    learner, device = make_learner(recipe)
    course, state, best = unfinished.load()
    if state:
        learner.restore(state)
        watch.progress(f"Going on after step {course.step:,} of {recipe.steps:,}")
    else:
        watch.progress(f"Training on {device}, {recipe.steps:,} steps")
    best = train(
        learner,
        material,
        recipe,
        course,
        best,
        save=unfinished.save,
        report=lambda report: watch.report(report, recipe),
        progress=watch.progress,
    )
    watch.progress("Writing the model")
    checkpoint = checkpoint_of(best, material, recipe, output.resolve().name)
    tested = sum(len(row) - 1 for row in material.held_out)
    measured = Measured(device, course, tested, frequency_loss(material))
    account = subject.account(checkpoint)
    unfinished.finish(
        tokenizer_files(vocabulary, recipe.n_positions)
        | {
            CONFIG: _json(config_of(recipe)),
            SINGLE_FILE: save(dict(best), metadata={"format": "pt"}),
            CARD: model_card(account, recipe, checkpoint.n_weights, measured).encode(),
            CURVE: loss_curve(course.reports, course.best, account.title).encode(),
            RECORD: _json(record(subject.asked, recipe, measured)),
        }
    )
    return Learned(checkpoint, recipe, measured)


def n_weights(config: Config) -> int:
    """Weights of a model of this shape."""
    return sum(int(np.prod(shape)) for shape in expected_shapes(config).values())


def config_of(recipe: Recipe) -> dict[str, Any]:
    """config.json as transformers reads it; what it leaves out has GPT-2's usual value."""
    end = recipe.vocab_size - 1
    return {
        "architectures": ["GPT2LMHeadModel"],
        "model_type": "gpt2",
        "activation_function": "gelu_new",
        "n_layer": recipe.n_layer,
        "n_head": recipe.n_head,
        "n_embd": recipe.n_embd,
        "n_positions": recipe.n_positions,
        "vocab_size": recipe.vocab_size,
        "layer_norm_epsilon": recipe.config.layer_norm_epsilon,
        **dict.fromkeys(("attn_pdrop", "embd_pdrop", "resid_pdrop"), 0.0),
        "bos_token_id": end,
        "eos_token_id": end,
        "tie_word_embeddings": True,
    }


def record(asked: Mapping[str, Any], recipe: Recipe, measured: Measured) -> dict[str, Any]:
    """training.json: all figures of the training, for programs."""
    course = measured.course
    return {
        "schema": RECORD_SCHEMA,
        "asked": asked,
        "weights": n_weights(recipe.config),
        "recipe": recipe._asdict(),
        "device": measured.device,
        "processor_seconds": round(course.seconds, 1),
        "kept_step": course.best.step,
        "held_out": {
            "tokens": measured.tested,
            "loss": course.best.held_out,
            "right": course.best.right,
            "loss_by_frequency": measured.by_frequency,
        },
        "reports": [report._asdict() for report in course.reports],
    }


def _vocabulary(
    unfinished: Unfinished, subject: Subject, recipe: Recipe, watch: Watch
) -> Vocabulary:
    """The tokenizer that an earlier run has learned, or a new one, which is kept."""
    if not (unfinished.folder / "tokenizer.json").exists():
        watch.progress("Learning the tokenizer")
        learned = learn(subject.texts(), recipe.vocab_size)
        if len(learned) < SMALLEST_VOCABULARY:
            raise InputError("No two letters stand together twice, so there is nothing to learn.")
        unfinished.keep(tokenizer_files(learned, recipe.n_positions))
    return read_vocabulary(unfinished.folder)


def _json(content: Mapping[str, Any]) -> bytes:
    return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()
