"""Plan a whole workbook: every tab, every formula, every defined name."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sheetgpt._version import VERSION
from sheetgpt.book import Book
from sheetgpt.book.capacity import Capacity
from sheetgpt.book.texts import MAX_TEXT
from sheetgpt.checkpoint import Checkpoint, Config, Vocabulary
from sheetgpt.checkpoint.config import SWITCHES
from sheetgpt.checkpoint.genuine import identify
from sheetgpt.checkpoint.precision import SCALE
from sheetgpt.checkpoint.traits import lacking, traits_of
from sheetgpt.errors import CapacityError, InputError
from sheetgpt.layout.added import added_tabs
from sheetgpt.layout.bands import BandTab
from sheetgpt.layout.builder import SheetBuilder
from sheetgpt.layout.cards import link_neighbours
from sheetgpt.layout.context import Context
from sheetgpt.layout.data import bytes_tab, merges_tab, unicode_tab, vocabulary_tab, weight_tabs
from sheetgpt.layout.forms import lay_out_form
from sheetgpt.layout.names import Names, check_tabs, check_words
from sheetgpt.layout.projections import projections_tab
from sheetgpt.layout.rows import CHECKS_PASSED
from sheetgpt.layout.single import without_single
from sheetgpt.layout.start import StartTab
from sheetgpt.layout.steps import StepTab
from sheetgpt.layout.switches import ALL_SWITCHES, is_switch, switch_tensors
from sheetgpt.layout.tensor import Axis, Tensor
from sheetgpt.layout.unicode import CODE_BASE, CODE_END
from sheetgpt.template.expand import FillError, Tab, expand, integer
from sheetgpt.template.load import START_TAB, Templates, hash_folder
from sheetgpt.template.rows import wanted
from sheetgpt.template.tables import Problems
from sheetgpt.template.wiring import AxisWiring

#: How many guesses the workbook lists after each block.
N_GUESSES = 5
#: How many parts of the model (token, place, biases, heads, MLPs) the account of the answer lists,
#: how many neurons of each MLP, how many tokens for and against each neuron.
N_DECIDING, N_NEURONS, N_WRITTEN = 8, 3, 3
#: How many of the products behind one number are listed as the largest.
N_LARGEST = 5
#: Tokens to draw the next one from: the whole vocabulary if it is this small, else the best ones.
ALL_CANDIDATES, BEST_CANDIDATES = 1024, 256
#: The cells with the words on the map of positions that lie farthest apart.
MAPPED = ("map_a", "map_c")
#: Some programs do not take a single cell for a list of tokens.
LEAST_TOKENS = 2
#: In place of the names of what was left out of a workbook.
NOTHING = "nothing"


@dataclass(frozen=True)
class Origin:
    """Where the weights come from, for the about tab and for rebuilding the workbook.

    `source` is what `--model` was given, `identity` says what is known about the weights.
    `n_weights` and `sha256` are those of the checkpoint before any rounding.
    """

    source: str
    precision: str
    identity: str
    n_weights: int
    sha256: str


def origin_of(checkpoint: Checkpoint, source: str, precision: str) -> Origin:
    """The origin of a checkpoint that has not been rounded."""
    verdict, differing = identify(checkpoint)
    identity = verdict.value + (f"; these tensors differ: {', '.join(differing)}" * bool(differing))
    return Origin(source, precision, identity, checkpoint.n_weights, checkpoint.sha256)


def plan(
    checkpoint: Checkpoint,
    prompt: str,
    capacity: Capacity,
    templates: Templates,
    origin: Origin | None = None,
    *,
    left_out: Collection[str] = (),
    settings: Mapping[str, str] | None = None,
) -> Book:
    """The Book of a checkpoint, rounded or not; formula cells have no values yet.

    `left_out` names the optional parts to do without, `settings` gives values to cells that can be
    typed into. Raises CapacityError when the capacity is impossible, InputError for a setting that
    no cell takes and TemplateError with all problems of the templates.
    """
    _check(checkpoint, capacity)
    origin = origin or origin_of(checkpoint, checkpoint.name, "float32")
    facts = _facts(checkpoint, prompt, capacity, templates, origin)
    facts |= {"left_out": ", ".join(left_out) or NOTHING}
    whole = {key: value for key, value in facts.items() if isinstance(value, int)}
    without = {*left_out, *lacking(traits_of(checkpoint.config, checkpoint.vocabulary))}
    problems = Problems()
    tensors: dict[str, Tensor] = {}
    vocabulary = checkpoint.vocabulary
    data = [
        vocabulary_tab(vocabulary, tensors),
        merges_tab(vocabulary, tensors),
        unicode_tab(tensors),
        bytes_tab(vocabulary, tensors),
        *added_tabs(vocabulary, tensors),
        projections_tab(checkpoint, _words_apart(templates, vocabulary), tensors),
    ]
    weights = weight_tabs(checkpoint, tensors)
    axes = wired_axes(templates.wiring.axes, whole, problems)
    scaled = {name.removesuffix(SCALE) for name in tensors if name.endswith(SCALE)}
    tabs = expand(templates.wiring, templates.ops, whole, scaled, without, problems)
    problems.raise_any(templates.folder)
    tensors |= switch_tensors(whole)
    builders = [*data, *weights]
    tab_names = [START_TAB, *templates.forms, *(x.name for x in tabs), *(x.name for x in builders)]
    context = Context(
        facts,
        tensors,
        Names([*tensors, CHECKS_PASSED, ALL_SWITCHES]),
        frozenset(tab_names),
        frozenset(without),
        settings or {},
        partial(_first_token, vocabulary),
        problems,
    )
    step_tabs = [(BandTab if tab.bands else StepTab)(tab, axes, context) for tab in tabs]
    steps = [tab.lay_out() for tab in step_tabs]
    link_neighbours([card for tab in step_tabs for card in tab.cards])
    forms = {
        name: lay_out_form(name, form, context)
        for name, form in templates.forms.items()
        if name != "start"
    }
    tour = forms.pop("tour")
    body = [*_in_order(tabs, steps), *forms.values(), *builders]
    start = StartTab(templates.forms["start"], [tour, *body], context).lay_out()
    front = [*(tab.sheet for tab in step_tabs if tab.tab.front), tour]
    order = [start, *front, *(sheet for sheet in body if sheet not in front)]
    ops = [step.op for tab in tabs for step in tab.steps]
    declared = wanted(templates.wiring.axes.values(), context.left_out)
    check_words(declared, ops, _all_names(templates, context), context.formulas, problems)
    check_tabs([sheet.name for sheet in order], {tab.name: tab.place for tab in tabs}, problems)
    problems.raise_any(templates.folder)
    _check_settings(context)
    book = Book({s.name: s.build() for s in order}, looks={s.name: s.look for s in order})
    for name, tensor in tensors.items():
        if name == tensor.name and not is_switch(name):
            book.names[name] = tensor.area
    book.names |= context.cells
    return without_single(book)


def _in_order(tabs: Sequence[Tab], sheets: Sequence[SheetBuilder]) -> list[SheetBuilder]:
    """The sheets of tabs as readers find them: workings at the end of their group."""
    groups = list(dict.fromkeys(tab.group for tab in tabs))
    both = zip(tabs, sheets, strict=True)
    ordered = sorted(both, key=lambda pair: (groups.index(pair[0].group), pair[0].workings))
    return [sheet for _, sheet in ordered]


def _all_names(templates: Templates, context: Context) -> set[str]:
    """What formulas may name: tensors and cells, those that could not be laid out included."""
    rows = {row.name for row in templates.rows(context.left_out) if row.name}
    return {*context.tensors, *context.cells, *context.failed, *rows}


def _check_settings(context: Context) -> None:
    """Raise InputError for a setting that belongs to no cell of the workbook."""
    if unknown := [name for name in context.settings if name not in context.entries]:
        known = "; ".join(f"{name} ({takes})" for name, takes in context.entries.items())
        raise InputError(f"There is no cell named {unknown[0]} to set; there are: {known}.")


def _words_apart(templates: Templates, vocabulary: Vocabulary) -> tuple[int, int]:
    """The first and the last of the words that the templates put on the map of positions."""
    words = {row.name: row.entry.words for row in templates.rows() if row.entry}
    found = (_first_token(vocabulary, words.get(name, ())) for name in MAPPED)
    first, last = (vocabulary.token_of(x) or 0 if isinstance(x, str) else x for x in found)
    return first, last


def _first_token(vocabulary: Vocabulary, words: Sequence[str]) -> str | int:
    """The first word that is one token of the vocabulary; the number 0 if none is."""
    return next((word for word in words if vocabulary.token_of(word) is not None), 0)


def _check(checkpoint: Checkpoint, capacity: Capacity) -> None:
    room = checkpoint.config.n_positions
    if not LEAST_TOKENS <= capacity.tokens <= room:
        raise CapacityError(
            f"A workbook of {checkpoint.name} can take {LEAST_TOKENS} to {room} tokens, "
            f"not {capacity.tokens}."
        )
    if not 1 <= capacity.chars <= MAX_TEXT:
        raise CapacityError(
            f"A cell holds 1 to {MAX_TEXT:,} characters, so --chars cannot be {capacity.chars}."
        )


def wired_axes(
    wiring: Mapping[str, AxisWiring], whole: Mapping[str, int], problems: Problems
) -> dict[str, Axis]:
    """All axes with their lengths; what cannot be filled in goes into `problems`."""
    axes = {}
    for name, wired in wiring.items():
        with problems.at(wired.place, FillError):
            size = integer(wired.size, whole)
            axes[name] = Axis(name, size, wired.first, wired.labels, wired.live)
    return axes


def sizes(config: Config, capacity: Capacity) -> dict[str, int]:
    """The whole numbers that axes, loops and subscripts of the templates may name."""
    size = config.vocab_size
    n_terms = 1 + max(config.n_embd, config.n_inner, capacity.tokens)
    return {
        "n_layer": config.n_layer,
        "n_head": config.n_head,
        "n_embd": config.n_embd,
        "d_head": config.d_head,
        "n_inner": config.n_inner,
        "n_positions": config.n_positions,
        "vocab_size": config.vocab_size,
        "max_tokens": capacity.tokens,
        "max_chars": capacity.chars,
        "max_bytes": capacity.bytes,
        "max_rounds": capacity.rounds,
        "n_pieces": capacity.pieces,
        "n_best": min(capacity.best, config.vocab_size),
        "n_guesses": min(N_GUESSES, config.vocab_size),
        "n_candidates": size if size <= ALL_CANDIDATES else BEST_CANDIDATES,
        "n_deciding": min(N_DECIDING, 3 + config.n_layer * (config.n_head + 1)),
        "n_neurons": min(N_NEURONS, config.n_inner),
        "n_written": min(N_WRITTEN, config.vocab_size),
        "n_terms": n_terms,
        "n_columns": max(3 * config.n_embd, config.n_inner, capacity.tokens),
        "n_largest": min(N_LARGEST, n_terms),
    }


def _facts(
    checkpoint: Checkpoint, prompt: str, capacity: Capacity, templates: Templates, origin: Origin
) -> dict[str, str | int | float]:
    """Everything that forms and loops may name in braces."""
    return {
        **sizes(checkpoint.config, capacity),
        "code_base": CODE_BASE,
        "prompt": prompt,
        "layer_norm_epsilon": checkpoint.config.layer_norm_epsilon,
        **{name: int(getattr(checkpoint.config, name)) for name in SWITCHES},
        **text_facts(checkpoint.vocabulary),
        "model_name": checkpoint.name,
        "model_source": origin.source,
        "model_identity": origin.identity,
        "n_weights": origin.n_weights,
        "model_sha256": origin.sha256,
        "precision": origin.precision,
        "templates_sha256": hash_folder(Path(templates.folder)),
        "version": VERSION,
    }


def text_facts(vocabulary: Vocabulary) -> dict[str, int]:
    """What the tokenizer does around the splitting into words."""
    rules = vocabulary.rules
    return {
        "code_end": CODE_END,
        "prefix_space": int(rules.prefix_space),
        "digits_apart": int(rules.digits_apart),
        "special_tokens": int(rules.cut_special),
        "start_token": -1 if rules.start_id is None else rules.start_id,
        "unmerged": max(len(vocabulary), len(vocabulary.merged)),  # above every id and every rank
    }
