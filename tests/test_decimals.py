"""Shortest decimals of float32 against those of NumPy and of Python themselves."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sheetgpt.book.decimals import as_written, shortest

HALVES = np.arange(1 << 16, dtype=np.uint16).view(np.float16)
POWERS = np.ldexp(1.0, np.arange(-149, 128)).astype(np.float32)
Make = Callable[[], np.ndarray]

#: float32 of every kind.
NUMBERS: dict[str, Make] = {
    "every float16": lambda: HALVES[np.isfinite(HALVES)].astype(np.float32),
    "powers of two": lambda: POWERS,
    "beside powers of two": lambda: np.concatenate(
        [np.nextafter(POWERS, np.float32(side)) for side in (0, np.float32(3e38))]
    ),
    "powers of ten": lambda: np.array([float(f"1e{e}") for e in range(-45, 39)], dtype=np.float32),
    "random bits": lambda: _finite(np.random.default_rng(0).integers(0, 1 << 32, 40_000)),
    "denormals": lambda: _finite(np.random.default_rng(1).integers(0, 1 << 23, 2_000)),
    "as large as weights": lambda: np.random.default_rng(2).normal(0, 0.13, 60_000),
    "few digits": lambda: np.random.default_rng(3).integers(-9999, 9999, 20_000) / 10_000,
    "whole numbers": lambda: np.arange(-20_000, 20_000),
    "large whole numbers": lambda: np.array([9_999_999, 1e7, 16_777_216, 16_777_218, 2**31]),
    "around the bounds": lambda: np.array([1e-14, 9.99e-15, 1.01e-14, 1e7, 9.999999e6]),
    "zeros": lambda: np.array([0.0, -0.0]),
}


def _finite(bits: np.ndarray) -> np.ndarray:
    numbers = bits.astype(np.uint32).view(np.float32)
    return numbers[np.isfinite(numbers)]


@pytest.mark.parametrize("make", NUMBERS.values(), ids=NUMBERS)
def test_shortest(make: Make) -> None:
    """NumPy's text of a float32 is the shortest that Python reads as the same float32."""
    numbers = make().astype(np.float32)
    wanted = np.array([float(str(number)) for number in numbers])
    found = shortest(numbers)
    bad = found.view(np.uint64) != wanted.view(np.uint64)  # bits: -0 is not 0
    assert numbers[bad].tolist() == []


def test_any_shape() -> None:
    numbers = np.arange(120_000, dtype=np.float32).reshape(200, 30, 20) / 7
    assert np.array_equal(shortest(numbers), shortest(numbers.ravel()).reshape(numbers.shape))
    assert np.array_equal(shortest(numbers[::3, :, ::2]), shortest(numbers)[::3, :, ::2])
    assert shortest(np.zeros((0, 5), dtype=np.float32)).shape == (0, 5)
    assert float(shortest(np.array(0.1, dtype=np.float32))) == 0.1


@pytest.mark.parametrize(
    ("numbers", "wanted"),
    [
        (np.array([0.1, -2.5], dtype=np.float32), [0.1, -2.5]),
        (np.array([0.1, 1 / 3]), [0.1, 1 / 3]),
        (np.array([-127, 0, 127], dtype=np.int8), [-127, 0, 127]),
    ],
    ids=["float32", "float64", "int8"],
)
def test_as_written(numbers: np.ndarray, wanted: list[float]) -> None:
    found = as_written(numbers)
    assert found.dtype == np.float64
    assert found.tolist() == wanted
