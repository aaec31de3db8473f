"""What the steps of a day add to the determinants of a register: energy and highest demand by period, with its time.

A day of steps is laid out in runs: stretches of steps that one period prices. The runs of a tariff's day are resolved
once (`columns.slot_table`), so that a step costs an addition and a comparison.
"""

from collections.abc import MutableSequence, Sequence

MINUTES_OF_HOUR = 60
NO_DEMAND = -1  # of a period that no step lay in

# Quality of a step: bits. A step without any is missing, and its Wh are 0.
MISSING = 0
MEASURED = 1
ESTIMATED = 2  # by us or by the meter's own system
REVISED = 4  # a later reading replaced an earlier one
SUSPECT = 8  # the source itself doubts it


def add_day(
    wh: Sequence[int], first: int, steps: int, minutes: int, runs: Sequence[int], at: int, moment: int,
    sums: MutableSequence[int], peaks: MutableSequence[int], whens: MutableSequence[int], base: int,
) -> None:  # fmt: skip
    """Add the day of `steps` steps that begins at wh[first] to sums (Wh), peaks (W) and whens.

    `runs` from `at` on: period and the step it ends before, by turns, until the day's steps are used up. `moment`: what
    the day's first step is numbered in `whens`. Period p of this register stands at base + p. Of equal peaks the first
    is kept. A step's power is its Wh × 60 / minutes, which divides evenly.
    """
    steps_an_hour = MINUTES_OF_HOUR // minutes
    start = 0
    while start < steps:
        period = base + runs[at]
        end = min(runs[at + 1], steps)
        total = 0
        top = wh[first + start]
        for t in range(first + start, first + end):
            value = wh[t]
            total += value
            top = max(top, value)
        sums[period] += total
        watts = top * steps_an_hour
        if watts > peaks[period]:
            peaks[period] = watts
            t = start
            while wh[first + t] != top:
                t += 1
            whens[period] = moment + t
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
