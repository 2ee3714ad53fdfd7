"""The references of the lessons against methods of another kind: differences, PyTorch, solvers."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sheetgpt.checkpoint import load
from sheetgpt.checkpoint.gpt2_tokenizer import PACKAGE, gpt2_vocabulary
from sheetgpt.layout.lessons import plan_lessons
from sheetgpt.reference.forward import forward
from sheetgpt.reference.lessons import backprop, downhill, maze, preferences, tree
from sheetgpt.template.lessons import load_lessons

RANDOM = np.random.default_rng(11)
Scalar = Callable[[Any, Any], Any]


def scores(xp: Any) -> dict[str, tuple[Scalar, list[np.ndarray]]]:
    """By lesson: its loss of weights, in NumPy or PyTorch, and its other numbers."""
    x, target = RANDOM.normal(size=(2, 7))
    pairs, wanted = RANDOM.normal(size=(2, 4)), RANDOM.normal(size=4)
    choices = RANDOM.normal(size=(8, 3))

    def two_neurons(w: Any, data: Any) -> Any:
        x, target = data
        zero = x * 0
        left, right = xp.maximum(zero, w[1] - x), xp.maximum(zero, x - w[3])
        return ((w[0] * left + w[2] * right - target) ** 2).mean()

    def three_neurons(w: Any, data: Any) -> Any:
        x, target = data
        h = xp.tanh(w[0][:, None] * x[0] + w[1][:, None] * x[1] + w[2][:, None])
        return ((w[3] @ h - target) ** 2).mean()

    def preferred(w: Any, data: Any) -> Any:
        chances = 1 / (1 + xp.exp(-(data[0] @ w)))
        return -xp.log(chances).mean() + 0.05 * (w @ w)

    return {
        "downhill": (two_neurons, [x, target]),
        "backprop": (three_neurons, [pairs, wanted]),
        "preferences": (preferred, [choices]),
    }


def slopes(name: str, w: np.ndarray, data: list[np.ndarray]) -> np.ndarray:
    """The gradient as the reference has it."""
    if name == "downhill":
        return downhill.gradient(data[0], data[1], w)
    if name == "preferences":
        return preferences.gradient(w, data[0], 0.1)
    off = backprop.forward(w, data[0])[2] - data[1]
    return backprop.backward(w, data[0], 2 * off / len(off))


SHAPES = {"downhill": (4,), "backprop": (4, 3), "preferences": (3,)}


@pytest.mark.parametrize("name", SHAPES)
def test_gradients_are_those_of_finite_differences(name: str) -> None:
    little = 1e-6
    for _ in range(20):
        loss, data = scores(np)[name]
        w = RANDOM.normal(size=SHAPES[name])
        found = np.empty_like(w)
        for place in np.ndindex(w.shape):
            step = np.zeros_like(w)
            step[place] = little
            found[place] = (loss(w + step, data) - loss(w - step, data)) / (2 * little)
        np.testing.assert_allclose(slopes(name, w, data), found, rtol=0, atol=1e-7)


@pytest.mark.parametrize("name", SHAPES)
def test_gradients_are_those_of_pytorch(name: str) -> None:
    torch = pytest.importorskip("torch", reason="needs PyTorch: pip install 'sheetgpt[train]'")
    for _ in range(20):
        loss, data = scores(torch)[name]
        w = RANDOM.normal(size=SHAPES[name])
        tensor = torch.tensor(w, requires_grad=True)
        loss(tensor, [torch.tensor(x) for x in data]).backward()
        wanted = tensor.grad.numpy()
        np.testing.assert_allclose(slopes(name, w, data), wanted, rtol=0, atol=1e-12)


def solved(field: maze.Maze, discount: float, slip: float, cost: float) -> np.ndarray:
    """The values of a maze by policy iteration: each policy's linear equations solved exactly."""
    count = len(field.prizes)
    policy = np.zeros(count, dtype=int)
    while True:
        matrix, right = np.eye(count), np.where(field.walls, 0.0, field.prizes)
        for state in np.flatnonzero(~field.ends):
            right[state] = -cost
            for move in range(4):
                chance = slip / 4 + (1 - slip) * (policy[state] == move)
                matrix[state, field.moves[move, state]] -= discount * chance
        values = np.linalg.solve(matrix, right)
        around = values[field.moves]
        better = around.max(axis=0) > around[policy, np.arange(count)] + 1e-10
        if not better.any():
            return np.asarray(values)
        policy = np.where(better, around.argmax(axis=0), policy)


def test_value_iteration_ends_where_a_solver_does() -> None:
    for _ in range(50):
        table = RANDOM.choice(np.array(["#", 0.0, 0.0, 0.0, 5.0, -2.0], dtype=object), (4, 4))
        field = maze.read_maze(table)
        discount, slip, cost = RANDOM.uniform([0.3, 0, -0.2], [0.9, 0.5, 0.5])
        values = np.zeros(16)
        for _ in range(300):
            values = maze.sweep(field, values, discount, slip, cost)
        wanted = solved(field, discount, slip, cost)
        np.testing.assert_allclose(values, wanted, rtol=0, atol=1e-9)


def test_a_tree_is_trained_as_if_whole_sentences_were() -> None:
    """The best chances for reward and pull are those before, times exp(reward / pull)."""
    for _ in range(20):
        pull, reward = RANDOM.uniform(0.2, 5), RANDOM.normal(size=(4, 2))
        weights = [RANDOM.uniform(0.1, 5, (2**i, 2)) for i in range(3)]
        cells = {f"tree.weight_{i}": w.astype(object) for i, w in enumerate(weights, 1)}
        cells |= {f"tree.word_{i}": np.full((2 ** (i - 1), 2), "x", object) for i in (1, 2, 3)}
        one = np.array([[None]], dtype=object)
        cells |= {"tree.reward": reward.astype(object), "tree.expected": one}
        found = tree.steps({**cells, "tree.pull": np.array([[pull]])})
        shares = [w / w.sum(axis=1, keepdims=True) for w in weights]
        ways = itertools.product(range(2), repeat=3)
        before = np.array(
            [shares[0][0, a] * shares[1][a, b] * shares[2][2 * a + b, c] for a, b, c in ways]
        )
        tilted = before * np.exp(reward.ravel() / pull)
        np.testing.assert_allclose(found["tree.before"], before, rtol=1e-12)
        np.testing.assert_allclose(found["tree.after"], tilted / tilted.sum(), rtol=1e-12)


def test_the_scores_of_the_sentences_are_those_of_the_embedded_model() -> None:
    """Each place by a pass of its own, which sees nothing of what follows."""
    checkpoint, (lesson,) = (
        load("tiny"),
        (x for x in load_lessons().lessons if x.data.get("scores")),
    )
    book = plan_lessons(load_lessons(), [lesson.name])
    scores, columns = book.named("surprise.scores"), book.named("surprise.text").shape[1] - 1
    for row, text in enumerate(lesson.data["scores"]):
        ids = checkpoint.vocabulary.encode(text)
        for place in range(1, len(ids)):
            wanted = forward(checkpoint, ids[:place])["logits"][:, 0]
            found = scores[:, row * columns + place - 1].astype(float)
            np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-5)


@pytest.mark.parametrize(
    ("file", "sha256"),
    [
        ("encoder.json", "196139668be63f3b5d6574427317ae82f612a97c5d1cdaf36ed2256dbf636783"),
        ("vocab.bpe", "1ce1664773c50f3e0cc8842619a93edc4624525b728b188a9e0be33b7726adc5"),
    ],
)
def test_the_vocabulary_is_the_one_that_openai_published(file: str, sha256: str) -> None:
    """The checksums that OpenAI's package tiktoken has for the same files."""
    package = find_spec(PACKAGE)
    assert package is not None
    assert package.origin is not None
    content = (Path(package.origin).parent / "data" / file).read_bytes()
    assert hashlib.sha256(content).hexdigest() == sha256


def test_gpt2_reads_the_sentence_of_the_model_as_six_tokens() -> None:
    ids = gpt2_vocabulary().encode("Mike is quick. He moves")
    assert ids == [16073, 318, 2068, 13, 679, 6100]
