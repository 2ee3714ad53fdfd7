"""Weights as a workbook holds them: each float32 as its shortest decimal.

The float32 nearest to 0.1 is 0.100000001490116...; a file that says `0.1` is shorter, and `0.1`
read back as a float32 is the very same weight. A spreadsheet computes with the 0.1 of the file,
so everything here that meets a float32 weight computes with `shortest` of it.
"""

from __future__ import annotations

import numpy as np

#: Elements worked on at a time: few enough to stay in the processor's cache.
CHUNK = 1 << 15
#: Decimal places at which a float32 of binary exponent e (as stored, 0 to 255) has at least nine
#: significant digits, which always tell one float32 from the next (IEEE 754).
PLACES = np.array([8 - int(np.floor(np.log10(2.0) * (e - 127))) for e in range(256)])
#: The powers of ten that float64 holds exactly: an integer over one of them is rounded once.
POWERS = 10.0 ** np.arange(23)
#: Magnitudes outside these bounds need other powers; there are few of them.
SMALLEST, LARGEST = 1e-14, 1e7
#: The scales by exponent for all digits, one less and two less.
SCALES = [POWERS[np.clip(PLACES - less, 0, len(POWERS) - 1)] for less in range(3)]


def shortest(numbers: np.ndarray) -> np.ndarray:
    """The float64 nearest to the shortest decimal of each float32, any shape; about 27 ns each."""
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
    """Write the decimal with the fewest places that is still the same float32.

    Nearly all float32 need one place less than all or two: those two are tried on every element
    (27 ns each, where trying all three and their powers one by one takes 49), the other lengths
    on the few that need them.
    """
    exact = numbers.astype(np.float64)
    exponents = ((numbers.view(np.uint32) >> 23) & 255).astype(np.intp)
    usual = SCALES[1].take(exponents)
    np.rint(np.multiply(exact, usual, out=out), out=out)
    out /= usual
    longer = np.flatnonzero(out.astype(np.float32) != numbers)
    scale = SCALES[0].take(exponents[longer])
    out[longer] = np.rint(exact[longer] * scale) / scale
    scale = SCALES[2].take(exponents, out=usual, mode="clip")  # any mode but "raise" is in place
    text = np.rint(exact * scale)
    text /= scale
    still = np.flatnonzero(text.astype(np.float32) == numbers)
    out[still] = text[still]
    numbers_left, exact_left = numbers[still], exact[still]
    places = np.clip(PLACES[exponents[still]] - 2, 0, len(POWERS) - 1)
    while len(still) and places.any():
        places = np.maximum(places - 1, 0)
        scale = POWERS.take(places)
        text = np.rint(exact_left * scale) / scale
        kept = np.flatnonzero(text.astype(np.float32) == numbers_left)
        still = still[kept]
        out[still] = text[kept]
        numbers_left, exact_left, places = numbers_left[kept], exact_left[kept], places[kept]
    size = np.abs(exact)
    odd = (size > 0) & ((size < SMALLEST) | (size >= LARGEST))
    if odd.any():
        out[odd] = [float(str(number)) for number in numbers[odd]]
