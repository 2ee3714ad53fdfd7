"""In which ways models of GPT-2's family differ, each by a name.

Templates say by these names which operations, steps and rows a workbook gets.
"""

from __future__ import annotations

from enum import StrEnum

from sheetgpt.checkpoint.config import EXACT_GELU, SWITCHES, TANH_GELU, Config
from sheetgpt.checkpoint.vocabulary import Vocabulary


class Trait(StrEnum):
    """One way; its value is the word of templates."""

    TANH_GELU = "tanh_gelu"  # GELU as GPT-2 has it, which needs two constants
    EXACT_GELU = "exact_gelu"  # GELU by the normal distribution
    CUT_FIRST = "cut_first"  # prompts are cut or get spaces before they are split into words
    START_TOKEN = "start_token"  # one token stands before every prompt
    BY_RANK = "by_rank"  # ids of merged tokens do not rise with the rank of the merge
    DIVIDED_SCORES = "divided_scores"  # scores over another number than sqrt(d_head)


def traits_of(config: Config, vocabulary: Vocabulary | None = None) -> frozenset[Trait]:
    """The traits of a model; of one whose vocabulary is not at hand, those of its shape."""
    held = {
        Trait.TANH_GELU: config.activation_function == TANH_GELU,
        Trait.EXACT_GELU: config.activation_function == EXACT_GELU,
        Trait.CUT_FIRST: vocabulary is not None and vocabulary.rules.cuts_pieces,
        Trait.START_TOKEN: vocabulary is not None and vocabulary.rules.start_id is not None,
        Trait.BY_RANK: vocabulary is not None and not vocabulary.in_order,
        Trait.DIVIDED_SCORES: any(getattr(config, x) != usual for x, usual in SWITCHES.items()),
    }
    return frozenset(trait for trait, is_held in held.items() if is_held)


def lacking(traits: frozenset[Trait]) -> frozenset[str]:
    """The words of templates that say nothing of a model with these traits."""
    return frozenset(map(str, frozenset(Trait) - traits))
