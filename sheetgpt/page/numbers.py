"""Constant numbers as bytes: each as the decimal that a workbook says, not as the nearest float.

Weights are float32 whose shortest decimals have up to nine digits, and a workbook computes with
those decimals. `0.1234567` is stored as 1234567 and the 7 places behind its point: five bytes in
place of eight, and exact, since an integer over a power of ten is rounded once (IEEE 754).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from sheetgpt.book.decimals import POWERS, as_written

#: Numbers that are stored together: all their integers, then all their places.
CHUNK = 1 << 16
#: Integers up to this size fit into four bytes.
LARGEST = 2**31 - 1
#: In place of the places: the integer counts into the list of numbers that are no such decimal.
ODD = 255


class Numbers:
    """Encodes arrays one after the other, in chunks across their borders."""

    def __init__(self) -> None:
        #: The numbers that need all the digits of a float64, in the order in which they come.
        self.odd: list[float] = []
        self.count = 0

    def encode(self, arrays: Iterable[np.ndarray]) -> Iterator[bytes]:
        """The bytes of all numbers: float64, or float32 for their shortest decimals."""
        pending: list[np.ndarray] = []
        size = 0
        for array in arrays:
            flat = np.ravel(array)
            while len(flat):
                part, flat = flat[: CHUNK - size], flat[CHUNK - size :]
                pending.append(as_written(part))
                size += len(part)
                if size == CHUNK:
                    yield self._chunk(np.concatenate(pending))
                    pending, size = [], 0
        if pending:
            yield self._chunk(np.concatenate(pending))

    def _chunk(self, numbers: np.ndarray) -> bytes:
        integers, places = decimals(numbers)
        (odd,) = np.nonzero(places == ODD)
        integers[odd] = len(self.odd) + np.arange(len(odd))
        self.odd += numbers[odd].tolist()
        self.count += len(numbers)
        return integers.astype("<i4").tobytes() + places.astype("u1").tobytes()


def decimals(numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Integers and numbers of decimal places (n,): integer / 10^places is the very number.

    Where there is no such decimal, the places are ODD.
    """
    integers = np.zeros(len(numbers), np.int64)
    places = np.full(len(numbers), ODD, np.int64)
    left = np.arange(len(numbers))
    for place, power in enumerate(POWERS):
        scaled = np.rint(numbers[left] * power)
        fits = (np.abs(scaled) <= LARGEST) & (scaled / power == numbers[left])
        fits &= ~((scaled == 0) & np.signbit(numbers[left]))  # -0 is no integer
        integers[left[fits]] = scaled[fits].astype(np.int64)
        places[left[fits]] = place
        left = left[~fits & (np.abs(scaled) <= LARGEST)]
        if not len(left):
            break
    return integers, places
