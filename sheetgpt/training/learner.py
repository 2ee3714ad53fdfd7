"""A GPT-2 that learns, by PyTorch and transformers (the extra `train`); nothing else imports them.

The model class is transformers' own GPT2LMHeadModel, so that the weights are GPT-2's in name,
orientation and arithmetic.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch.nn.functional import cross_entropy
from transformers import GPT2Config, GPT2LMHeadModel

from sheetgpt.errors import SheetgptError
from sheetgpt.training.loop import Tensors
from sheetgpt.training.recipe import Recipe
from sheetgpt.training.rows import Row

_MODEL, _OPTIMIZER, _STEPS = "model.", "optimizer.", "steps"
#: More than there are steps, so that no two seeds share what dropout draws.
_MANY = 2**24


def device() -> str:
    """The GPU if there is one that PyTorch can use, else the processor."""
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


@contextmanager
def memory() -> Iterator[None]:
    """Make a lack of memory, in PyTorch's many words for it, a SheetgptError."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and not re.search(r"memory|allocate", str(error)):
            raise
        raise SheetgptError(
            "The memory is too small for a model of this size; choose a smaller --width, --vocab, "
            "--tokens or --layers."
        ) from error


class TorchLearner:
    """A model with random weights, decided by the seed, and AdamW to train it."""

    def __init__(self, recipe: Recipe, where: str) -> None:
        torch.manual_seed(recipe.seed)
        torch.set_num_threads(recipe.threads)
        config = GPT2Config(
            n_layer=recipe.n_layer,
            n_head=recipe.n_head,
            n_embd=recipe.n_embd,
            n_positions=recipe.n_positions,
            vocab_size=recipe.vocab_size,
            attn_pdrop=recipe.dropout,
            embd_pdrop=recipe.dropout,
            resid_pdrop=recipe.dropout,
            bos_token_id=recipe.vocab_size - 1,
            eos_token_id=recipe.vocab_size - 1,
        )
        self._where, self._seed, self._steps = where, recipe.seed * _MANY, 0
        with memory():
            self._model = GPT2LMHeadModel(config).to(where)
            self._optimizer = torch.optim.AdamW(
                self._model.parameters(), betas=(0.9, 0.98), weight_decay=recipe.weight_decay
            )

    def step(self, rows: list[Row], rate: float) -> float:
        """One step of AdamW on (batch, n_positions) tokens; returns their mean loss in nats."""
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        torch.manual_seed(self._seed + self._steps)  # what dropout draws, also after going on
        self._steps += 1
        self._model.train()
        with memory():
            tokens = torch.tensor(rows, device=self._where)  # (batch, n_positions)
            logits = self._model(tokens).logits  # (batch, n_positions, vocab_size)
            loss = cross_entropy(logits[:, :-1].flatten(0, 1), tokens[:, 1:].flatten())
            self._optimizer.zero_grad()
            torch.autograd.backward(loss)
            torch.nn.utils.clip_grad_norm_(self._model.parameters(), 1.0)
            self._optimizer.step()
            return float(loss.item())

    def test(self, rows: list[Row]) -> tuple[float, int]:
        """The sum of the losses of all tokens but the first of each row, and how many are right."""
        self._model.eval()
        with torch.no_grad(), memory():
            tokens = torch.tensor(rows, device=self._where)
            logits = self._model(tokens).logits[:, :-1].flatten(0, 1)
            wanted = tokens[:, 1:].flatten()
            loss = cross_entropy(logits, wanted, reduction="sum")
            return float(loss.item()), int((logits.argmax(-1) == wanted).sum().item())

    def weights(self) -> Tensors:
        """A copy of the weights, without the tied lm_head."""
        return {
            name: _numbers(tensor)
            for name, tensor in self._model.state_dict().items()
            if name != "lm_head.weight"
        }

    def state(self) -> Tensors:
        """The weights and what AdamW remembers of each."""
        state = {_MODEL + name: tensor for name, tensor in self.weights().items()}
        state[_STEPS] = np.array(self._steps)
        for number, remembered in self._optimizer.state_dict()["state"].items():
            for key, tensor in remembered.items():
                state[f"{_OPTIMIZER}{number}.{key}"] = _numbers(tensor)
        return state

    def restore(self, state: Tensors) -> None:
        """Go back to a state, to the last bit."""
        self._steps = int(state[_STEPS])
        weights = {
            name.removeprefix(_MODEL): torch.tensor(tensor)
            for name, tensor in state.items()
            if name.startswith(_MODEL)
        }
        weights["lm_head.weight"] = weights["transformer.wte.weight"]  # tied
        self._model.load_state_dict(weights)
        remembered: dict[int, dict[str, torch.Tensor]] = {}
        for name, tensor in state.items():
            if name.startswith(_OPTIMIZER):
                number, _, key = name.removeprefix(_OPTIMIZER).partition(".")
                remembered.setdefault(int(number), {})[key] = torch.tensor(tensor)
        whole = self._optimizer.state_dict()
        whole["state"] = remembered
        self._optimizer.load_state_dict(whole)


def _numbers(tensor: torch.Tensor) -> np.ndarray:
    """A copy that later steps do not change."""
    copy: np.ndarray = tensor.detach().to("cpu", copy=True).contiguous().numpy()
    return copy
