"""Numbers that are the shortest text of a float32: how weights look in a workbook."""

from __future__ import annotations

import numpy as np

#: Significant digits that always tell one float32 from the next (IEEE 754), and the fewest worth
#: trying: a shorter text has the same value as its six-digit one.
MOST_DIGITS, FEWEST_DIGITS = 9, 6


def shortest(numbers: np.ndarray) -> np.ndarray:
    """The float64 nearest to the shortest decimal text of each float32, any shape.

    The float32 nearest to 0.1 is 0.100000001490116; its shortest text is `0.1`, so a program that
    reads that text computes with 0.1. For magnitudes from 1E-14 to 1E+22 a decimal of nine digits
    is an integer times or over a power of ten that float64 holds, so one rounding gives the exact
    answer; NumPy prints the few numbers outside.
    """
    exact = numbers.astype(np.float64)
    out = exact.copy()
    size = np.abs(exact)
    open_ = size > 0
    with np.errstate(divide="ignore"):
        exponent = np.floor(np.log10(size, where=open_, out=np.zeros_like(size)))
    for digits in range(FEWEST_DIGITS, MOST_DIGITS + 1):
        if not open_.any():
            break
        places = digits - 1 - exponent
        scale = 10.0 ** np.abs(places)
        down = np.rint(exact * np.where(places >= 0, scale, 1) / np.where(places < 0, scale, 1))
        text = down / np.where(places >= 0, scale, 1) * np.where(places < 0, scale, 1)
        hit = open_ & (text.astype(np.float32) == numbers)
        out[hit] = text[hit]
        open_ &= ~hit
    extreme = (size > 0) & ((size < 1e-14) | (size > 1e22))
    if extreme.any():
        out[extreme] = [float(str(number)) for number in numbers[extreme]]
    return out
