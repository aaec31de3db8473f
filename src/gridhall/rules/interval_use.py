"""What the steps of a day add to the determinants of a register: energy and highest demand by period, with its time.

A day of steps is laid out in runs: stretches of steps that one period prices. The runs of a tariff's day are resolved
once (`columns.slot_table`).
"""

from collections.abc import MutableSequence, Sequence

MINUTES_OF_HOUR = 60
NO_DEMAND = -1  # of a period that no step lay in
NOT_FOUND = -1  # the time of a peak that was not come to yet

# Quality of a step: bits. A step without any is missing, and its Wh are 0.
MISSING = 0
MEASURED = 1
ESTIMATED = 2  # by us or by the meter's own system
REVISED = 4  # a later reading replaced an earlier one
SUSPECT = 8  # the source itself doubts it


def add_days(
    wh: Sequence[int], first: int, days: int, steps: int, minutes: int, runs: Sequence[int], at: int,
    by_step: MutableSequence[int], highest: MutableSequence[int], sums: MutableSequence[int],
    peaks: MutableSequence[int], base: int,
) -> None:  # fmt: skip
    """Add days that are laid out alike, of `steps` steps each and one behind the other from wh[first] on, to sums (Wh)
    and peaks (W).

    `runs` from `at` on: period and the step it ends before, by turns, until a day's steps are used up. Period p of this
    register stands at base + p. A step's power is its Wh × 60 / minutes, which divides evenly. The days are laid upon
    each other first (`by_step`, `highest`: room for the steps of a day), five at once where there are as many, so that
    a value costs an addition and a comparison.
    """
    for t in range(steps):
        by_step[t] = 0
        highest[t] = 0
    start = first
    left = days
    while left >= 5:
        _lay_upon(
            wh[start : start + steps], wh[start + steps : start + 2 * steps],
            wh[start + 2 * steps : start + 3 * steps], wh[start + 3 * steps : start + 4 * steps],
            wh[start + 4 * steps : start + 5 * steps], steps, by_step, highest,
        )  # fmt: skip
        start += 5 * steps
        left -= 5
    for _ in range(left):
        day = wh[start : start + steps]
        for t in range(steps):
            by_step[t] += day[t]
            highest[t] = max(highest[t], day[t])
        start += steps
    step = 0
    while step < steps:
        period = base + runs[at]
        end = min(runs[at + 1], steps)
        total = 0
        top = 0
        for t in range(step, end):
            total += by_step[t]
            top = max(top, highest[t])
        sums[period] += total
        peaks[period] = max(peaks[period], top * (MINUTES_OF_HOUR // minutes))
        step = end
        at += 2


def _lay_upon(
    first: Sequence[int], second: Sequence[int], third: Sequence[int], fourth: Sequence[int], fifth: Sequence[int],
    steps: int, by_step: MutableSequence[int], highest: MutableSequence[int],
) -> None:  # fmt: skip
    """Add five days to what each step of the day holds, and to its highest."""
    for t in range(steps):
        by_step[t] += first[t] + second[t] + third[t] + fourth[t] + fifth[t]
        highest[t] = max(highest[t], max(first[t], second[t], third[t]), max(fourth[t], fifth[t]))


def window_demand(wh: Sequence[int], first: int, count: int, minutes: int) -> int:
    """Demand of `count` steps of `minutes` together, the first at wh[first]: their mean power to the nearest W."""
    total = 0
    for t in range(first, first + count):
        total += wh[t]
    span = count * minutes
    return (2 * total * MINUTES_OF_HOUR + span) // (2 * span)


def add_windows(
    wh: Sequence[int], first: int, steps: int, minutes: int, count: int, runs: Sequence[int], at: int, moment: int,
    peaks: MutableSequence[int], whens: MutableSequence[int], base: int,
) -> None:  # fmt: skip
    """Add a day to peaks (W) and whens where demand is measured over `count` steps: windows one behind the other from
    the day's first step on, each of the period in which it begins. Of equal peaks the first is kept."""
    end = 0
    period = 0
    run = at
    for start in range(0, steps, count):
        while end <= start:
            period = base + runs[run]
            end = runs[run + 1]
            run += 2
        demand = window_demand(wh, first + start, min(count, steps - start), minutes)
        if demand > peaks[period]:
            peaks[period] = demand
            whens[period] = moment + start


def find_peaks(
    wh: Sequence[int], first: int, steps: int, minutes: int, runs: Sequence[int], at: int, moment: int,
    peaks: Sequence[int], whens: MutableSequence[int], base: int,
) -> None:  # fmt: skip
    """Note the peaks that this day has first (of periods whose `whens` is NOT_FOUND), as the day's first step is
    numbered `moment`; otherwise as `add_days`."""
    start = 0
    while start < steps:
        period = base + runs[at]
        end = min(runs[at + 1], steps)
        if whens[period] == NOT_FOUND:
            for t in range(start, end):
                if wh[first + t] * (MINUTES_OF_HOUR // minutes) == peaks[period]:
                    whens[period] = moment + t
                    break
        start = end
        at += 2


def add_to_load(
    wh: Sequence[int], first: int, steps: int, minutes: int, load: MutableSequence[int], at: int, wanted: int
) -> None:
    """Add a day's steps of `minutes` to the load of all registers in steps of `wanted` minutes, from `at` on.

    Shorter steps are summed; a longer one is shared out evenly, what is left going to the first of its parts. One of
    the two lengths is a multiple of the other.
    """
    if minutes <= wanted:
        for t in range(steps):
            load[at + t * minutes // wanted] += wh[first + t]
        return
    parts = minutes // wanted
    for t in range(steps):
        each = wh[first + t] // parts
        left = wh[first + t] - each * parts
        for k in range(parts):
            load[at + t * parts + k] += each + (1 if k < left else 0)


def merged_step(old: int, old_quality: int, new: int, new_quality: int) -> tuple[int, int]:
    """A step that is delivered again: (Wh, quality). What is missing in the new delivery stays as it was, what is the
    same stays untouched, and what differs is the new one, marked as revised."""
    if new_quality == MISSING:
        return old, old_quality
    if old_quality == MISSING:
        return new, new_quality
    if old == new and (old_quality & ~REVISED) == (new_quality & ~REVISED):
        return old, old_quality
    return new, new_quality | REVISED
