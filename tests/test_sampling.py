"""Drawing the next token: against a slow loop, Hugging Face's numbers, and cases done by hand."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from sheetgpt.errors import InputError
from sheetgpt.reference import Sampling, candidates, pick

GOLDEN = np.load(Path(__file__).parent / "golden" / "sampling.npz")
#: Tokens 2, 0, 3, 1 have the probabilities 0.5, 0.25, 0.125, 0.125.
LOGITS = np.log([0.25, 0.125, 0.5, 0.125])


def one_by_one(
    logits: list[float], sampling: Sampling, random: float, count: int
) -> list[list[float]]:
    """The columns of the list of candidates, by the words of the definition."""
    order = sorted(range(len(logits)), key=lambda i: (-logits[i], i))
    if sampling.temperature:
        weights = [math.exp((x - max(logits)) / sampling.temperature) for x in logits]
    else:
        weights = [float(i == order[0]) for i in range(len(logits))]
    order, rows = order[:count], range(count)
    chances = [weights[i] / sum(weights) for i in order]
    in_k = [float(not sampling.top_k or r < sampling.top_k) for r in rows]
    share_k = parts([in_k[r] * chances[r] for r in rows])
    before_k = [sum(share_k[:r]) for r in rows]
    keep = [before_k[r] < sampling.top_p or r == 0 or sampling.top_p == 1 for r in rows]
    in_p = [in_k[r] * keep[r] for r in rows]
    share = parts([in_p[r] * share_k[r] for r in rows])
    before = [sum(share[:r]) for r in rows]
    row = max(r for r in rows if share[r] and before[r] <= random)
    picked = [float(r == row) for r in rows]
    scores, ids = [logits[i] for i in order], [float(i) for i in order]
    return [scores, ids, chances, in_k, share_k, before_k, in_p, share, before, picked]


def parts(values: list[float]) -> list[float]:
    """Each value's part of their sum."""
    return [value / sum(values) for value in values]


COLUMNS = ["logit", "id", "probability", "in_top_k", "share_k", "before_k", "in_top_p", "share",
           "before", "picked"]  # fmt: skip


def test_random_cases_are_those_of_a_loop() -> None:
    rng = np.random.default_rng(1)
    for _ in range(300):
        logits = rng.normal(scale=3, size=12)
        temperature = rng.choice([0, 0.2, 1, 3])
        sampling = Sampling(temperature, int(rng.integers(0, 15)), rng.choice([0, 0.5, 0.9, 1]))
        random, count = rng.random(), int(rng.integers(1, 13))
        found = candidates(logits, sampling, random, count)
        assert [*found] == COLUMNS
        wanted = one_by_one(logits.tolist(), sampling, random, count)
        np.testing.assert_allclose([*found.values()], wanted, rtol=1e-12, atol=1e-14)


def test_the_shares_are_those_of_hugging_face() -> None:
    rows = zip(*(GOLDEN[name] for name in ("logits", "settings", "probabilities")), strict=True)
    for logits, (temperature, top_k, top_p), probabilities in rows:
        found = candidates(logits, Sampling(temperature, int(top_k), top_p), 0.5)
        share = np.zeros(len(logits))
        share[found["id"].astype(int)] = found["share"]
        np.testing.assert_allclose(share, probabilities, rtol=1e-12, atol=1e-15)
        worth = probabilities > 1e-15  # less than that is lost in a sum of 1
        assert ((share > 0) == (probabilities > 0))[worth].all()


ALMOST_ONE = math.nextafter(1, 0)


@pytest.mark.parametrize(("sampling", "random", "token", "probability"), [
    (Sampling(), 0.0, 2, 0.5),
    (Sampling(), 0.4999, 2, 0.5),
    (Sampling(), 0.5001, 0, 0.25),
    (Sampling(), 0.8, 1, 0.125),  # of equal logits the lower id comes first
    (Sampling(), ALMOST_ONE, 3, 0.125),
    (Sampling(0), ALMOST_ONE, 2, 1.0),
    (Sampling(0.5), 0.7, 2, 16 / 22),  # squares: 16, 4, 1, 1 of 22
    (Sampling(0.5), 0.74, 0, 4 / 22),
    (Sampling(1e-300), ALMOST_ONE, 2, 1.0),
    (Sampling(1e300), 0.26, 0, 0.25),
    (Sampling(top_k=1), ALMOST_ONE, 2, 0.5),
    (Sampling(top_k=2), 0.66, 2, 0.5),
    (Sampling(top_k=2), 0.67, 0, 0.25),
    (Sampling(top_k=2), ALMOST_ONE, 0, 0.25),
    (Sampling(top_k=99), 0.99, 3, 0.125),
    (Sampling(top_p=0), ALMOST_ONE, 2, 0.5),
    (Sampling(top_p=1e-12), ALMOST_ONE, 2, 0.5),
    (Sampling(top_p=0.51), ALMOST_ONE, 0, 0.25),
    (Sampling(top_p=0.8), ALMOST_ONE, 1, 0.125),
    (Sampling(top_k=3, top_p=0.6), 0.99, 0, 0.25),  # shares of the three: 4/7, 2/7, 1/7
    (Sampling(top_k=3, top_p=0.5), 0.99, 2, 0.5),
])  # fmt: skip
def test_picks_by_hand(sampling: Sampling, random: float, token: int, probability: float) -> None:
    found = pick(LOGITS, sampling, random)
    assert found[0] == token
    assert found[1] == pytest.approx(probability)


def test_a_sum_below_one_does_not_run_past_the_last_candidate() -> None:
    logits = np.zeros(10)  # ten times 0.1 added up is 0.9999999999999999
    assert candidates(logits, Sampling(), ALMOST_ONE)["before"][-1] + 0.1 < 1
    for top_k in range(1, 11):
        assert pick(logits, Sampling(top_k=top_k), ALMOST_ONE).token_id == top_k - 1


def test_a_temperature_of_zero_with_all_logits_alike() -> None:
    found = candidates(np.zeros(4), Sampling(0), 0.5)
    assert found["probability"].tolist() == [1, 0, 0, 0]
    assert found["id"].tolist() == [0, 1, 2, 3]


def test_the_list_of_all_candidates_is_what_the_pick_is_made_from() -> None:
    rng = np.random.default_rng(2)
    logits = rng.normal(size=50)
    for random in rng.random(20):
        rows = candidates(logits, Sampling(0.8, 9, 0.9), random, 50)
        (row,) = np.flatnonzero(rows["picked"])
        assert pick(logits, Sampling(0.8, 9, 0.9), random) == (
            rows["id"][row], rows["probability"][row],
        )  # fmt: skip


@pytest.mark.parametrize("sampling", [Sampling(), Sampling(0.7, 4), Sampling(1.5, 0, 0.8)], ids=str)
def test_tokens_come_as_often_as_their_share_says(sampling: Sampling) -> None:
    logits, draws = np.random.default_rng(3).normal(size=6), 4000
    numbers = np.random.default_rng(4).random(draws)
    counts = np.bincount([pick(logits, sampling, x).token_id for x in numbers], minlength=6)
    rows = candidates(logits, sampling, 0.5)
    share = np.zeros(6)
    share[rows["id"].astype(int)] = rows["share"]
    spread = np.sqrt(draws * share * (1 - share))  # of a binomial distribution
    assert (np.abs(counts - draws * share) <= 4 * spread).all()


@pytest.mark.parametrize(("settings", "words"), [
    ({"temperature": -0.1}, "The temperature is -0.1; it must be a number from 0"),
    ({"temperature": math.inf}, "The temperature is inf"),
    ({"temperature": math.nan}, "The temperature is nan"),
    ({"top_k": -1}, "top-k is -1; it must be the number of tokens to choose among, or 0"),
    ({"top_p": -0.1}, "top-p is -0.1; it must be from 0 to 1"),
    ({"top_p": 1.1}, "top-p is 1.1"),
    ({"top_p": math.nan}, "top-p is nan"),
])  # fmt: skip
def test_settings_without_a_meaning(settings: dict[str, float], words: str) -> None:
    with pytest.raises(InputError, match=words):
        Sampling(**settings)  # type: ignore[arg-type]
