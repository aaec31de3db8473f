"""Dividing quantities, months and prices over parts of a billing period."""

from collections.abc import MutableSequence, Sequence

from gridhall.rules.layout import DAILY, PERIOD_SHARE, THIRTIETHS
from gridhall.rules.units import mul_div


def split_largest(
    total: int,
    weights: Sequence[int],
    at: int,
    count: int,
    shares: MutableSequence[int],
    to: int,
) -> None:
    """Divide `total` (Wh, minor units…) over `weights[at:at+count]`, writing `shares[to:to+count]`.

    Each share is rounded down, then the units left over go one each to the largest remainders, the first of
    equals first: the sum is kept. Weights >= 0; with no weight at all the last share takes everything. A
    negative total is split as its mirror.
    """
    whole = 0
    for k in range(count):
        whole += weights[at + k]
    if whole == 0:
        for k in range(count):
            shares[to + k] = 0
        shares[to + count - 1] = total
        return
    sign = -1 if total < 0 else 1
    size = abs(total)
    left = size
    for k in range(count):
        quotient, _ = mul_div(size, weights[at + k], whole)
        shares[to + k] = quotient
        left -= quotient
    while left > 0:
        best = -1
        best_rest = 0
        for k in range(count):
            quotient, rest = mul_div(size, weights[at + k], whole)
            if shares[to + k] == quotient and rest > best_rest:
                best = k
                best_rest = rest
        shares[to + best] += 1
        left -= 1
    if sign < 0:
        for k in range(count):
            shares[to + k] = -shares[to + k]


def month_share(
    how: int, days: int, days_before: int, days_all: int, is_last: int, period_days: int, months: int
) -> tuple[int, int]:
    """What part of the bill's months a segment is charged, as (numerator, denominator) of one month.

    WHOLE: the months once, in the last segment. THIRTIETHS: each day is 1/30 of a month; but where the
    segments cover the whole period, the last one takes what is left of its months, so that a full period is
    neither 28 nor 31 thirtieths. PERIOD_SHARE: the segment's days of the period's days. DAILY: the days
    themselves.
    """
    if how == DAILY:
        return days, 1
    full = days_all == period_days
    if full and days == period_days:
        return months, 1
    if how == THIRTIETHS:
        if full and is_last == 1:
            return max(30 * months - days_before, 0), 30
        return days, 30
    if how == PERIOD_SHARE:
        return days * months, period_days
    return (months, 1) if is_last == 1 else (0, 1)
