"""Rows found by a key of two numbers: an agreement and a register."""

import numpy as np
from numpy.typing import NDArray

from gridhall.columns.law import compiled

Ints = NDArray[np.int64]


@compiled
def _find(first: Ints, second: Ints, wanted_first: Ints, wanted_second: Ints, out: Ints) -> None:
    for i in range(len(out)):
        low, high = 0, len(first)
        while low < high:
            middle = (low + high) // 2
            if first[middle] < wanted_first[i] or (
                first[middle] == wanted_first[i] and second[middle] <= wanted_second[i]
            ):
                low = middle + 1
            else:
                high = middle
        here = low - 1
        out[i] = here if low and first[here] == wanted_first[i] and second[here] == wanted_second[i] else -1


def places_of_pairs(first: Ints, second: Ints, wanted_first: Ints, wanted_second: Ints) -> Ints:
    """Where each wanted pair stands among the pairs, which are sorted by both; the last of equals, -1 where it is not.

    By halving: both numbers are looked at in place, where `np.unique` of pairs sorts bytes, fifty times slower.
    """
    out = np.empty(len(wanted_first), np.int64)
    _find(first, second, wanted_first, wanted_second, out)
    return out
