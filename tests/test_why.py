"""The account of an answer: the reference against a plain one, workbooks against the reference."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from checkpoints import RANDOM_MODELS, make_checkpoint

from sheetgpt.book import Book
from sheetgpt.book.capacity import Capacity
from sheetgpt.checkpoint import Checkpoint, load
from sheetgpt.checkpoint.precision import rounded
from sheetgpt.evaluator import Recalculation, evaluate
from sheetgpt.layout.workbook import plan
from sheetgpt.reference import Switches, forward, tokenise
from sheetgpt.reference.why import attribution, neuron_writes
from sheetgpt.template.load import load_templates
from sheetgpt.training.corpus import animals, capitals, causes, manners, numbers, opposites
from sheetgpt.verification.compare import compare, require_names
from sheetgpt.verification.expected import expect
from sheetgpt.verification.inputs import parts_in
from sheetgpt.verification.model import model_in
from sheetgpt.verification.typed import token_of

PROMPT = "Mike is quick. He moves"
SIZE = Capacity(8, 24, 6)


@pytest.fixture(scope="module")
def tiny() -> Checkpoint:
    return load("tiny")


@pytest.fixture(scope="module")
def book(tiny: Checkpoint) -> Book:
    return evaluate(plan(tiny, PROMPT, SIZE, load_templates()))


def score(model: Checkpoint, vector: np.ndarray, scale: float, token: int) -> float:
    """The logit of a token for a vector before the final layer norm, whose scale is given."""
    w = model.tensors
    normal = (vector - vector.mean()) / scale
    return float((normal * w["ln_f.weight"] + w["ln_f.bias"]) @ model.unembedding[token])


def plain(model: Checkpoint, ids: list[int], on: Switches, token: int) -> dict[str, np.ndarray]:
    """The points of each part: the score with its vector in the stream less that without it."""
    values, w = forward(model, ids, on), model.tensors
    config, last = model.config, model.config.n_layer - 1
    stream = values[f"h.{last}.resid_post"][-1]
    scale = float(np.sqrt(stream.var() + config.layer_norm_epsilon))

    def points(vector: np.ndarray) -> float:
        whole = score(model, stream, scale, token)
        return whole - score(model, stream - vector, scale, token)

    heads, sources, mlps, neurons, biases = [], [], [], [], []
    for layer in range(config.n_layer):
        p, d = f"h.{layer}.", config.d_head
        for head in range(config.n_head):
            columns = slice(head * d, (head + 1) * d)
            project = w[p + "attn.c_proj.weight"][columns].astype(float)
            heads.append(points(values[p + "attn.z"][-1, columns] @ project))
            for key in range(len(ids)):
                share = values[p + "attn.pattern"][head, -1, key] * on.heads[layer, head]
                sources.append(points(share * values[p + "attn.v"][key, columns] @ project))
        mlps.append(points(values[p + "resid_post"][-1] - values[p + "resid_mid"][-1]))
        for active, row in zip(
            values[p + "mlp.post"][-1], w[p + "mlp.c_proj.weight"].astype(float), strict=True
        ):
            neurons.append(points(on.mlps[layer] * active * row))
        biases.append(points(w[p + "attn.c_proj.bias"].astype(float)))
    return {
        "token": np.array(points(values["wte_lookup"][-1])),
        "place": np.array(points(values["wpe_lookup"][-1])),
        "head": np.array(heads),
        "source": np.array(sources),
        "mlp": np.array(mlps),
        "neuron": np.array(neurons),
        "attention_bias": np.array(biases),
        "bias": np.array(score(model, np.zeros(config.n_embd), scale, token)),
        "total": np.array(values["logits"][token, 0]),
    }


def prompts(count: int) -> list[str]:
    """The beginnings of sentences of the kind that the embedded model has learned."""
    families = (animals, capitals, causes, manners, numbers, opposites)
    rng = random.Random(9)
    return [families[i % len(families)](rng).prompts[-1][0] for i in range(count)]


def agree(model: Checkpoint, ids: list[int], on: Switches) -> None:
    values = forward(model, ids, on)
    answer = int(values["next_token_id"].item())
    found = attribution(model, values, [answer], on)
    for key, wanted in plain(model, ids, on, answer).items():
        ours = found[key][..., 0].reshape(wanted.shape)
        np.testing.assert_allclose(ours, wanted, rtol=1e-9, atol=1e-9, err_msg=key)


@pytest.mark.parametrize("prompt", prompts(50))
def test_the_reference_is_a_plain_account(tiny: Checkpoint, prompt: str) -> None:
    agree(tiny, tokenise(tiny.vocabulary, prompt).ids, Switches.on(tiny.config))


@pytest.mark.parametrize("heads", [[1, 1, 1, 0], [0, 0, 0, 0], [0, 1, 0, 1]], ids=str)
def test_the_reference_without_what_is_switched_off(tiny: Checkpoint, heads: list[float]) -> None:
    on = Switches(np.array([[1.0] * 4, heads, heads]), np.array([1.0, heads[0], heads[3]]))
    agree(tiny, tokenise(tiny.vocabulary, PROMPT).ids, on)


def test_the_reference_for_another_model(tmp_path: Path) -> None:
    for name, arguments in RANDOM_MODELS.items():
        model = load(make_checkpoint(tmp_path / name, **arguments))
        agree(model, [5, 6, 7, 300, 9], Switches.on(model.config))


def test_what_a_neuron_writes_is_what_it_gives(tiny: Checkpoint) -> None:
    """Its points for every token are those that an account of that token says."""
    values = forward(tiny, tokenise(tiny.vocabulary, PROMPT).ids)
    tokens = [883, 446, 9]
    a = attribution(tiny, values, tokens)
    neurons = np.array([[3, 77, 191], [0, 1, 2], [150, 5, 5]])
    _, points = neuron_writes(tiny, a, neurons)
    for layer, chosen in enumerate(neurons):
        np.testing.assert_allclose(points[layer][:, tokens], a["neuron"][layer][chosen], rtol=1e-9)


#: The embedded model's account of its answer, to two digits.
ACCOUNT: dict[str, list[float]] = {
    "token": [1.24], "place": [1.45], "head": [3.09, -0.36, -0.16, -0.48, -0.38, -2.23, 0.30, 0.06,
    -0.17, -0.34, 0.30, -0.69], "mlp": [5.15, 5.58, 8.16],
}  # fmt: skip


def test_the_account_of_the_first_prompt(book: Book) -> None:
    for key, points in ACCOUNT.items():
        found = book.named(f"why.points.{key}")[:, 0]
        np.testing.assert_allclose(found[: len(points)], points, atol=0.005)
    assert book.named("why.points")[:, 0].sum() == pytest.approx(17.2727693518)
    assert book.named("why.source.answer")[0, 2] == pytest.approx(3.12, abs=0.005)
    for name, sentence in {
        "result": '"␣quickly" beat "␣slow" by 9.7 points: 17.3 against 7.6.',
        "parts": "Most of that came from block 0 MLP (5.2) and block 2 MLP (5.1); "
        "most against it: biases (-4.2).",
        "head": 'Of all heads, head 0 of block 0 gave "␣quickly" the most: 3.09 points. The '
        'token "␣quick" brought 3.12 of them.',
        "switches": "All parts of the model are on.",
        "rival": 'the runner-up "␣slow", number 446',
        "neuron": "Of all neurons, number 163 of block 2 gave it the most: 1.74 points. It writes "
        'for "␣fourteen" and "␣flies", against "␣is" and "␣does".',
    }.items():
        assert book.named(f"why.says.{name}").item() == sentence


def differing(book: Book, prompt: str, size: Capacity = SIZE) -> list[str]:
    """The steps of a computed workbook that are not what the reference says."""
    steps = expect(model_in(book), prompt, size, parts_in(book)).steps
    require_names(steps, book.names)
    values = {step.name: book.named(step.name) for step in steps}
    return [result.name for result in compare(steps, values, book.names) if not result.ok]


#: Model, precision, what `plan` takes beside, prompt.
WORKBOOKS: dict[str, tuple[str, str, dict[str, object], str]] = {
    "heads off": ("tiny", "float32", {
        "settings": {"switch.0.heads": "0,1,1,0", "switch.1.mlp": "0"}}, PROMPT),
    "whole numbers": ("tiny", "int8", {"settings": {"rival": "the"}}, "Two plus two equals"),
    "without switches": ("tiny", "float32", {"left_out": ["switches", "lens"]}, "Ice is"),
    "another model": ("untied", "int8", {"settings": {"switch.0.heads": "1,1,0"}}, PROMPT),
}  # fmt: skip


@pytest.mark.parametrize(("model", "precision", "options", "prompt"), WORKBOOKS.values(),
                         ids=WORKBOOKS)  # fmt: skip
def test_workbooks_agree(
    tmp_path: Path, model: str, precision: str, options: dict[str, object], prompt: str
) -> None:
    known = RANDOM_MODELS.get(model)
    checkpoint = load(make_checkpoint(tmp_path / model, **known) if known else model)
    planned = plan(rounded(checkpoint, precision), prompt, SIZE, load_templates(), **options)  # type: ignore[arg-type]
    book = evaluate(planned)
    assert differing(book, prompt) == []
    assert book.named("checks_failed").item() == 0


@pytest.fixture(scope="module")
def formulas(small: Checkpoint) -> Recalculation:
    """A small workbook."""
    return Recalculation(plan(small, "Ice", Capacity(4, 12, 6), load_templates()))


@pytest.fixture(scope="module")
def small_book(formulas: Recalculation) -> Book:
    """The same, computed as it was built."""
    return formulas.evaluate()


@pytest.mark.parametrize(("rival", "token"), [
    (None, None), (" the", 273), ("the", 273), ("␣the", 273), ("THE", None), ("is", 257),
    (273.0, 273), (320.0, None), (-1.0, None), ("*", 9), ("no such token", None),
])  # fmt: skip
def test_rivals(
    small: Checkpoint,
    formulas: Recalculation,
    small_book: Book,
    rival: str | float | None,
    token: int | None,
) -> None:
    """By number, by text, as shown, without its space: the reference and the formulas agree."""
    runner_up = np.argsort(-small_book.named("switched.logits")[:, 0])[1]
    assert token_of(small.vocabulary, rival) == token
    found = formulas.evaluate({"rival": rival or ""})
    assert found.named("why.id")[1, 0] == (runner_up if token is None else token)
    said = str(found.named("why.says.rival").item())
    assert said.startswith("No token") is (rival is not None and token is None)


def test_a_prompt_that_does_not_fit_is_not_explained(formulas: Recalculation) -> None:
    blank = formulas.evaluate({"prompt": "a" * 13})
    said = [str(blank.named(f"why.says.{name}").item()) for name in ("result", "head", "neuron")]
    assert said == ["", "", ""]
