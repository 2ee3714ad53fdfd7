"""In which ways models of GPT-2's family differ, each by a name.

Templates say by these names which operations, steps and rows a workbook gets.
"""

from __future__ import annotations

from enum import StrEnum

from sheetgpt.checkpoint.config import EXACT_GELU, SWITCHES, TANH_GELU, Config


class Trait(StrEnum):
    """One way; its value is the word of templates."""

    TANH_GELU = "tanh_gelu"  # GELU as GPT-2 has it, which needs two constants
    EXACT_GELU = "exact_gelu"  # GELU by the normal distribution
    DIVIDED_SCORES = "divided_scores"  # scores over another number than sqrt(d_head)


def traits_of(config: Config) -> frozenset[Trait]:
    """The traits of a model."""
    held = {
        Trait.TANH_GELU: config.activation_function == TANH_GELU,
        Trait.EXACT_GELU: config.activation_function == EXACT_GELU,
        Trait.DIVIDED_SCORES: any(getattr(config, x) != usual for x, usual in SWITCHES.items()),
    }
    return frozenset(trait for trait, is_held in held.items() if is_held)


def lacking(traits: frozenset[Trait]) -> frozenset[str]:
    """The words of templates that say nothing of a model with these traits."""
    return frozenset(map(str, frozenset(Trait) - traits))
