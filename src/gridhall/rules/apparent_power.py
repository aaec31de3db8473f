"""Apparent and reactive power of a load, by which kVA and kVAr are charged. Whole numbers, nearest, halves up."""

from collections.abc import Sequence
from math import isqrt

from gridhall.rules.calendar import days_in_month
from gridhall.rules.intervals import HOURS, MONTHS


def nearest_root(square: int) -> int:
    """The whole number nearest to a square root."""
    root = isqrt(square)
    return root + 1 if square - root * root > root else root


def apparent_of(wh: Sequence[int], varh: Sequence[int]) -> list[int]:
    """VA-hours of each step, from its Wh and varh."""
    return [nearest_root(p * p + q * q) for p, q in zip(wh, varh, strict=True)]


def by_power_factor(wh: Sequence[int], factor: tuple[int, int]) -> tuple[list[int], list[int]]:
    """VA-hours and varh of each step at a power factor, a fraction above 0 and up to 1; ValueError for another."""
    p, s = factor
    if not 0 < p <= s:
        raise ValueError(f"{p}/{s} is no power factor above 0 and up to 1")
    vah = [(2 * step * s + p) // (2 * p) for step in wh]
    varh = [nearest_root(step * step * (s * s - p * p) // (p * p)) for step in wh]
    return vah, varh


def highest_of_months(varh: Sequence[int], year: int, steps: int) -> list[int]:
    """The highest reactive power (var) of a step in each month."""
    result = []
    first = 0
    for month in range(MONTHS):
        last = first + days_in_month(year, month + 1) * HOURS * steps
        result.append(max(varh[first:last]) * steps)
        first = last
    return result
