"""GPT-2's hyper-parameters, and which config.json files describe a model that we can compute."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sheetgpt.errors import CheckpointError

#: The two forms of GELU (Hendrycks and Gimpel, 2016): 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715
#: x^3))), with which GPT-2 was trained, and x times the normal distribution's share below x.
TANH_GELU, EXACT_GELU = "gelu_new", "gelu"
#: What Hugging Face transformers calls them.
ACTIVATIONS = {
    **dict.fromkeys(("gelu_new", "gelu_pytorch_tanh", "gelu_fast", "gelu_accurate"), TANH_GELU),
    **dict.fromkeys(("gelu", "gelu_python"), EXACT_GELU),
}

#: What other decoder architectures compute that GPT-2 does not, by their `model_type`.
OTHER_ARCHITECTURES = {
    "bloom": "ALiBi attention biases",
    "codegen": "rotary position embeddings",
    "falcon": "rotary position embeddings and multi-query attention",
    "gemma": "rotary position embeddings, RMS norm and a gated MLP",
    "gpt_bigcode": "multi-query attention",
    "gpt_neo": "local attention windows and unscaled scores",
    "gpt_neox": "rotary position embeddings and parallel residuals",
    "gptj": "rotary position embeddings and parallel residuals",
    "llama": "rotary position embeddings, RMS norm and a gated MLP",
    "mamba": "state space layers",
    "mistral": "rotary position embeddings, RMS norm and a gated MLP",
    "openai-gpt": "layer norms after the residual sums",
    "opt": "ReLU and positions offset by two",
    "phi": "rotary position embeddings and parallel residuals",
    "qwen2": "rotary position embeddings, RMS norm and a gated MLP",
}

#: Other names of the sizes: those that transformers has for all models, and nanoGPT's.
ALIASES = {
    "n_layer": ("num_hidden_layers",),
    "n_head": ("num_attention_heads",),
    "n_embd": ("hidden_size",),
    "n_positions": ("max_position_embeddings", "block_size"),
}
#: The sizes in the hparams.json beside OpenAI's TensorFlow checkpoints.
HPARAMS = {"n_vocab": "vocab_size", "n_ctx": "n_positions"}
#: Options of GPT2Config that are true or false, with what they are unless they are given.
SWITCHES = {"scale_attn_weights": True, "scale_attn_by_inverse_layer_idx": False}
#: Options of GPT2Config that change the computation: the only value that is supported.
FIXED_OPTIONS = {"add_cross_attention": False}
#: nanoGPT and minGPT differ in it, and nothing else in their files tells them apart.
_NO_ACTIVATION = (
    "activation_function is missing; it is gelu in nanoGPT (gelu_new until June 2023) and "
    "gelu_new in minGPT (gelu in 2020)"
)


@dataclass(frozen=True)
class Config:
    """GPT-2's hyper-parameters under GPT-2's own names; the defaults are GPT-2 small's."""

    n_layer: int = 12
    n_head: int = 12
    n_embd: int = 768
    n_positions: int = 1024
    vocab_size: int = 50257
    layer_norm_epsilon: float = 1e-5
    n_inner: int = 3072
    activation_function: str = TANH_GELU
    scale_attn_weights: bool = True
    scale_attn_by_inverse_layer_idx: bool = False

    @property
    def sizes_and_options(self) -> dict[str, Any]:
        """The hyper-parameters as they tell models apart: options as GPT-2 has them are left out.

        So a model is known by the same hash whether or not its file gives all options.
        """
        usual = Config()
        options = ("activation_function", *SWITCHES)
        return {
            name: value
            for name, value in asdict(self).items()
            if name not in options or value != getattr(usual, name)
        }

    @property
    def d_head(self) -> int:
        """Width of one attention head: n_embd / n_head."""
        return self.n_embd // self.n_head

    def score_divisor(self, layer: int) -> float:
        """What the attention scores of a block are divided by; sqrt(d_head) in GPT-2."""
        divisor = math.sqrt(self.d_head) if self.scale_attn_weights else 1.0
        return divisor * (layer + 1 if self.scale_attn_by_inverse_layer_idx else 1)


def read_config(path: Path) -> tuple[Config, bool | None]:
    """Read a Hugging Face config.json or OpenAI's hparams.json.

    Returns the Config, and whether the unembedding is tied to wte, None where the file does not
    say. A key that is absent has the default of transformers' GPT2Config. Raises CheckpointError
    that lists everything in the file which is not GPT-2.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{path} cannot be read as JSON: {error}.") from error
    if not isinstance(values, dict):
        raise CheckpointError(f"{path} holds no JSON object, so it is no model configuration.")
    values = {HPARAMS.get(name, name): value for name, value in values.items()}
    for name, others in ALIASES.items():
        for other in others:
            if values.get(name) is None and values.get(other) is not None:
                values[name] = values[other]
    tied = values.get("tie_word_embeddings")
    return _config(path, values), None if tied is None else bool(tied)


def require_activation(path: Path) -> None:
    """Raise CheckpointError for a config.json of nanoGPT or minGPT that does not say their GELU."""
    if "activation_function" not in json.loads(path.read_text(encoding="utf-8")):
        raise CheckpointError(
            f"{path} is beside weights as nanoGPT and minGPT store them, and {_NO_ACTIVATION}; "
            "add it."
        )


def read_ends(folder: Path, vocab_size: int) -> tuple[int, ...]:
    """The ids after which the model's own texts end: eos_token_id, one or several.

    As transformers' `generate` does, of generation_config.json where that has it, else of
    config.json. Ids outside the vocabulary (GPT-2's own in a smaller one) are none.
    """
    for name in ("generation_config.json", "config.json"):
        try:
            values = json.loads((folder / name).read_text(encoding="utf-8"))
            ends = values.get("eos_token_id")
        except (OSError, ValueError, AttributeError):
            continue
        if ends is not None:
            ids = ends if isinstance(ends, list) else [ends]
            return tuple(i for i in ids if type(i) is int and 0 <= i < vocab_size)
    return ()


def _config(path: Path, values: Mapping[str, Any]) -> Config:
    model_type = values.get("model_type", "gpt2")
    if model_type != "gpt2":
        missing = OTHER_ARCHITECTURES.get(model_type, "steps that GPT-2 does not have")
        raise CheckpointError(
            f"{path} describes a model of type {model_type}, which needs {missing}; "
            "sheetgpt computes GPT-2 (model_type gpt2) only."
        )
    problems = []
    activation = values.get("activation_function", TANH_GELU)
    if "block_size" in values and "activation_function" not in values:
        problems.append(_NO_ACTIVATION)
    if activation not in ACTIVATIONS:
        known = " and ".join(dict.fromkeys(ACTIVATIONS.values()))
        problems.append(f"activation_function is {activation}, supported are {known}")
    options = {name: values.get(name, usual) for name, usual in SWITCHES.items()}
    problems += [
        f"{name} is {value!r}, neither true nor false"
        for name, value in options.items()
        if type(value) is not bool
    ]
    for option, supported in FIXED_OPTIONS.items():
        value = values.get(option, supported)
        if value != supported:
            problems.append(f"{option} is {value}, supported is {supported}")
    sizes: dict[str, int] = {}
    for name in ("n_layer", "n_head", "n_embd", "n_positions", "vocab_size", "n_inner"):
        value = values.get(name)
        if value is None:
            value = 4 * sizes["n_embd"] if name == "n_inner" else getattr(Config, name)
        if type(value) is not int or value < 1:
            problems.append(f"{name} is {value!r}, not a whole number above 0")
            value = 1
        sizes[name] = value
    if sizes["n_embd"] % sizes["n_head"]:
        problems.append(
            f"n_embd {sizes['n_embd']} cannot be split evenly over n_head {sizes['n_head']}"
        )
    epsilon = values.get("layer_norm_epsilon", Config.layer_norm_epsilon)
    if not isinstance(epsilon, int | float) or not 0 <= epsilon < 1:
        problems.append(f"layer_norm_epsilon is {epsilon!r}, not a small number")
    if problems:
        raise CheckpointError(f"{path} is not a GPT-2 that can be computed: {'; '.join(problems)}.")
    return Config(
        layer_norm_epsilon=float(epsilon),
        activation_function=ACTIVATIONS[activation],
        scale_attn_weights=options["scale_attn_weights"],
        scale_attn_by_inverse_layer_idx=options["scale_attn_by_inverse_layer_idx"],
        **sizes,
    )
