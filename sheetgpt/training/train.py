"""Train the embedded model with PyTorch (the extra `train`) and store it in Hugging Face's layout.

The model class is transformers' own GPT2LMHeadModel, so that the weights are GPT-2's in name,
orientation and arithmetic.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import torch
from safetensors.torch import save
from torch.nn.functional import cross_entropy
from transformers import GPT2Config, GPT2LMHeadModel

from sheetgpt.checkpoint import Vocabulary
from sheetgpt.training.corpus import END_OF_TEXT, documents
from sheetgpt.training.recipe import Loss, Recipe


def train(
    vocabulary: Vocabulary,
    recipe: Recipe,
    out: Path,
    report: Callable[[Loss], None],
) -> list[Loss]:
    """Train from random weights, write config.json and model.safetensors, return the loss curve."""
    torch.manual_seed(recipe.seed)
    torch.set_num_threads(recipe.threads)
    config = GPT2Config(
        n_layer=recipe.n_layer,
        n_head=recipe.n_head,
        n_embd=recipe.n_embd,
        n_positions=recipe.n_positions,
        vocab_size=len(vocabulary),
        attn_pdrop=0.0,
        embd_pdrop=0.0,
        resid_pdrop=0.0,
        bos_token_id=len(vocabulary) - 1,
        eos_token_id=len(vocabulary) - 1,
    )
    model = GPT2LMHeadModel(config)
    optimizer = torch.optim.AdamW(
        model.parameters(), betas=(0.9, 0.98), weight_decay=recipe.weight_decay
    )
    rows = _rows(vocabulary, recipe.n_positions, recipe.seed)
    curve: list[Loss] = []
    total = 0.0
    every = max(1, recipe.steps // 20)
    for step in range(1, recipe.steps + 1):
        for group in optimizer.param_groups:
            group["lr"] = _learning_rate(recipe, step)
        tokens = torch.tensor(list(islice(rows, recipe.batch)))  # (batch, n_positions)
        logits = model(tokens).logits  # (batch, n_positions, vocab_size)
        loss = cross_entropy(logits[:, :-1].flatten(0, 1), tokens[:, 1:].flatten())
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        total += loss.item()
        if step % every == 0:
            curve.append(Loss(step, total / every))
            report(curve[-1])
            total = 0.0
    _save(model, out)
    return curve


def _learning_rate(recipe: Recipe, step: int) -> float:
    """Linear warm-up, then a half cosine down to 0."""
    warm = min(1.0, step / recipe.warm_up)
    return recipe.learning_rate * warm * 0.5 * (1 + math.cos(math.pi * step / recipe.steps))


def _rows(vocabulary: Vocabulary, length: int, seed: int) -> Iterator[list[int]]:
    """Rows of token ids: whole documents one after the other, the last one cut.

    Every row starts with the start of a document, because that is how a prompt is used.
    """
    end = vocabulary.ids[END_OF_TEXT]
    row: list[int] = []
    for document in documents(seed):
        row += [*vocabulary.encode(document), end]
        if len(row) >= length:
            yield row[:length]
            row = []


def _save(model: GPT2LMHeadModel, out: Path) -> None:
    """Write the weights without the tied lm_head, and the configuration."""
    weights = {
        name: tensor.detach().contiguous()
        for name, tensor in model.state_dict().items()
        if name != "lm_head.weight"
    }
    (out / "model.safetensors").write_bytes(save(weights, metadata={"format": "pt"}))
    model.config.architectures = ["GPT2LMHeadModel"]
    model.config.to_json_file(out / "config.json")
