"""Weights as a workbook holds them: each float32 as its shortest decimal.

The float32 nearest to 0.1 is 0.100000001490116...; a file that says `0.1` is shorter, and `0.1`
read back as a float32 is the very same weight. A spreadsheet computes with the 0.1 of the file,
so everything here that meets a float32 weight computes with `shortest` of it.
"""

from __future__ import annotations

import numpy as np

#: Elements worked on at a time: few enough to stay in the processor's cache.
CHUNK = 1 << 14
#: Decimal places at which a float32 of binary exponent e (as stored, 0 to 255) has at least nine
#: significant digits, which always tell one float32 from the next (IEEE 754).
PLACES = np.array([8 - int(np.floor(np.log10(2.0) * (e - 127))) for e in range(256)])
#: The powers of ten that float64 holds exactly: an integer over one of them is rounded once.
POWERS = 10.0 ** np.arange(23)
#: Magnitudes outside these bounds need other powers; there are few of them.
SMALLEST, LARGEST = 1e-14, 1e7
#: Most float32 need the two or three longest forms: those are tried on all elements at once.
WHOLE_ROUNDS = 3


def shortest(numbers: np.ndarray) -> np.ndarray:
    """The float64 nearest to the shortest decimal of each float32, any shape; about 30 ns each."""
    flat = np.ascontiguousarray(numbers, dtype=np.float32).ravel()
    out = np.empty(flat.size)
    for start in range(0, flat.size, CHUNK):
        _shorten(flat[start : start + CHUNK], out[start : start + CHUNK])
    return out.reshape(np.shape(numbers))


def as_written(numbers: np.ndarray) -> np.ndarray:
    """Numbers as a workbook's formulas see them, float64: a float32 is its `shortest` decimal."""
    if numbers.dtype == np.float32:
        return shortest(numbers)
    return numbers.astype(np.float64, copy=False)


def _shorten(numbers: np.ndarray, out: np.ndarray) -> None:
    """Drop decimal places as long as the float32 stays the same."""
    out[:] = numbers
    size = np.abs(out)
    odd = (size > 0) & ((size < SMALLEST) | (size >= LARGEST))
    odd_numbers = numbers[odd]
    exact = out.copy()
    places = PLACES.take((numbers.view(np.uint32) >> 23) & 255)
    np.clip(places, 0, len(POWERS) - 1, out=places)
    still = np.arange(len(numbers))  # the elements that the last round could shorten
    for round_ in range(len(POWERS)):
        scale = POWERS.take(places)
        text = np.rint(exact * scale)
        text /= scale
        same = text.astype(np.float32) == numbers
        if round_ < WHOLE_ROUNDS:
            np.copyto(out, text, where=same)
        if round_ >= WHOLE_ROUNDS - 1:
            kept = np.flatnonzero(same)
            still = still[kept]
            out[still] = text[kept]
            numbers, exact, places = numbers[kept], exact[kept], places[kept]
        if not len(still) or not places.any():
            break
        places = np.maximum(places - 1, 0)
    if len(odd_numbers):
        out[odd] = [float(str(number)) for number in odd_numbers]
