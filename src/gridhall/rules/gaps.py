"""Steps of a load that nobody measured, estimated in whole Wh: short gaps by a straight line, long ones by like days.

A gap of at most two hours between two measured steps is filled by the straight line between them. A longer one takes,
step by step, the mean of the same step of like days: the nearest days (four of them, at most 28 days away) of the same
kind (working day, day off) in which that step was measured; where there is none, of any kind. What cannot be estimated
stays missing. Only measured steps are looked at: an estimate never rests on another.
"""

from collections.abc import MutableSequence, Sequence

from gridhall.rules.interval_use import ESTIMATED, MISSING

LINE_MINUTES_MOST = 120
LIKE_DAYS_MOST = 4
LIKE_DAYS_REACH = 28  # days before and after
NO_VALUE = -1


def on_line(before: int, after: int, k: int, count: int) -> int:
    """Step k (1..count) of a gap of `count` steps between two measured values, halves up."""
    span = count + 1
    return (2 * (before * (span - k) + after * k) + span) // (2 * span)


def mean(total: int, count: int) -> int:
    """Halves up."""
    return (2 * total + count) // (2 * count)


def like_value(
    wh: Sequence[int], measured: Sequence[int], kinds: Sequence[int], days: int, steps: int, day: int, step: int,
    same_kind: int,
) -> int:  # fmt: skip
    """Mean of the step over like days, NO_VALUE where there is none. The days stand one behind the other, `steps` each;
    `measured` is 1 where a step was measured. Of days equally near the earlier is taken first."""
    total = 0
    found = 0
    for away in range(1, LIKE_DAYS_REACH + 1):
        for side in range(2):
            other = day - away if side == 0 else day + away
            if other < 0 or other >= days or found == LIKE_DAYS_MOST:
                continue
            if same_kind == 1 and kinds[other] != kinds[day]:
                continue
            if measured[other * steps + step] == 1:
                total += wh[other * steps + step]
                found += 1
    return mean(total, found) if found else NO_VALUE


def fill_gaps(
    wh: MutableSequence[int], quality: MutableSequence[int], measured: Sequence[int], kinds: Sequence[int], days: int,
    steps: int, minutes: int,
) -> int:  # fmt: skip
    """Estimate what is missing in `days` days of `steps` steps; returns how many steps were filled.

    `quality` is MISSING where a step is missing and becomes ESTIMATED; `measured` is as it was before (1 or 0) and is
    not changed; `kinds`: 0 a working day, 1 a day off.
    """
    filled = 0
    count = days * steps
    t = 0
    while t < count:
        if quality[t] != MISSING:
            t += 1
            continue
        end = t
        while end < count and quality[end] == MISSING:
            end += 1
        short = (end - t) * minutes <= LINE_MINUTES_MOST
        if short and t > 0 and end < count and measured[t - 1] == 1 and measured[end] == 1:
            for k in range(t, end):
                wh[k] = on_line(wh[t - 1], wh[end], k - t + 1, end - t)
                quality[k] = ESTIMATED
            filled += end - t
        else:
            for k in range(t, end):
                day = k // steps
                value = like_value(wh, measured, kinds, days, steps, day, k - day * steps, 1)
                if value == NO_VALUE:
                    value = like_value(wh, measured, kinds, days, steps, day, k - day * steps, 0)
                if value != NO_VALUE:
                    wh[k] = value
                    quality[k] = ESTIMATED
                    filled += 1
        t = end
    return filled
