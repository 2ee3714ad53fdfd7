"""State dicts of nanoGPT and minGPT: GPT-2's function, stored as torch.nn.Linear stores it."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping

import numpy as np

from sheetgpt.checkpoint.model import Tensor

_log = logging.getLogger(__name__)

_C_ATTN = re.compile(r"h\.\d+\.attn\.c_attn\.weight")
_MATRIX = re.compile(r"h\.\d+\.(attn|mlp)\.c_\w+\.weight")
#: The layer norms and matrices of a model, of which each has a bias.
_BIASED = re.compile(r"(?P<module>(h\.\d+\..+|ln_f))\.weight")
#: minGPT of 2020 holds queries, keys and values apart, in GPT-2's order.
_APART = re.compile(r"(?P<attn>h\.\d+\.attn\.)query\.(?P<kind>weight|bias)")


def is_linear_layout(tensors: Mapping[str, Tensor]) -> bool:
    """Whether matrices are torch.nn.Linear's, (outputs, inputs), and not Conv1D's.

    The shape of `c_attn` tells, which has three times as many outputs as inputs; that of a square
    `c_proj` does not.
    """
    shapes = [tensors[name].shape for name in tensors if _C_ATTN.fullmatch(name)]
    return bool(shapes) and all(len(shape) == 2 and shape[0] == 3 * shape[1] for shape in shapes)


def joined_attention(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Queries, keys and values that are held apart, (outputs, inputs), as one `c_attn`."""
    found = dict(tensors)
    for name in tensors:
        if match := _APART.fullmatch(name):
            parts = [f"{match['attn']}{x}.{match['kind']}" for x in ("query", "key", "value")]
            if all(part in found for part in parts):
                whole = np.concatenate([found.pop(part) for part in parts])
                found[f"{match['attn']}c_attn.{match['kind']}"] = whole
    return found


def from_linear_layout(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The same weights as Conv1D has them, (inputs, outputs), as views.

    nanoGPT leaves all biases out where its `bias` is false: they count as 0, which is logged.
    """
    found = {
        name: tensor.T if _MATRIX.fullmatch(name) and tensor.ndim == 2 else tensor
        for name, tensor in tensors.items()
    }
    if not any(name.endswith(".bias") for name in found):
        _log.warning("The model has no biases: they count as 0.")
        for name, tensor in list(found.items()):
            if match := _BIASED.fullmatch(name):
                found[f"{match['module']}.bias"] = np.zeros(tensor.shape[-1], np.float32)
    return found
