"""Interval loads: what each step of a load counts towards, and blocks filled in the order of time.

A load is the energy of each step of a year in whole Wh, `steps` to the hour, from midnight of 1 January on. Tariffs
by the hour tell months, weekdays from weekends, and the 24 hours of the day apart: 12 × 2 × 24 slots. A slot's energy
and peak are found once for a load; every tariff's periods are sums and maxima of them. Only blocks that fill in the
order of time need the walk over the steps themselves. Power is that of a step: its Wh × steps, in W.
"""

from collections.abc import MutableSequence, Sequence

from gridhall.rules.blocks import in_block
from gridhall.rules.calendar import days_in_month

HOURS = 24
MONTHS = 12
SLOTS = 2 * MONTHS * HOURS
NO_STEP = -1  # peak of a slot or period that no step of the load lies in


def slot_of(month: int, weekend: int, hour: int) -> int:
    """The slot of an hour: month 0..11, weekend 0 or 1, hour 0..23."""
    return (weekend * MONTHS + month) * HOURS + hour


def place_steps(year: int, first_weekday: int, steps: int, slots: MutableSequence[int]) -> int:
    """Write the slot of every step of a year; returns the number of steps. `first_weekday`: 0 is a Monday."""
    at = 0
    weekday = first_weekday
    for month in range(MONTHS):
        for _ in range(days_in_month(year, month + 1)):
            weekend = 1 if weekday >= 5 else 0
            for hour in range(HOURS):
                for _ in range(steps):
                    slots[at] = slot_of(month, weekend, hour)
                    at += 1
            weekday = (weekday + 1) % 7
    return at


def gather_slots(
    load: Sequence[int], slots: Sequence[int], count: int, wh: MutableSequence[int], peak: MutableSequence[int]
) -> None:
    """Energy (Wh) and highest step (Wh in one step, NO_STEP where there is none) of each slot."""
    for k in range(SLOTS):
        wh[k] = 0
        peak[k] = NO_STEP
    for t in range(count):
        slot = slots[t]
        wh[slot] += load[t]
        if load[t] > peak[slot]:
            peak[slot] = load[t]


def by_period(
    schedule: Sequence[int], periods: int, slot_wh: Sequence[int], slot_peak: Sequence[int],
    wh: MutableSequence[int], peak: MutableSequence[int],
) -> None:  # fmt: skip
    """Energy and highest step of each month × period, at month × periods + period. `schedule`: the period of each
    slot. A period that the month does not have, or no step lies in, has a peak of NO_STEP."""
    for k in range(MONTHS * periods):
        wh[k] = 0
        peak[k] = NO_STEP
    for weekend in range(2):
        for month in range(MONTHS):
            for hour in range(HOURS):
                slot = slot_of(month, weekend, hour)
                at = month * periods + schedule[slot]
                wh[at] += slot_wh[slot]
                if slot_peak[slot] > peak[at]:
                    peak[at] = slot_peak[slot]


def fill_in_time(
    load: Sequence[int], slots: Sequence[int], count: int, schedule: Sequence[int], periods: int, blocks: int,
    scale: int, limits: Sequence[int], out: MutableSequence[int],
) -> None:  # fmt: skip
    """Energy of each month × period × block, where the month's use fills the blocks in the order of time.

    Each step begins where the month's use, of all periods, has come to, and is priced by the blocks of its own period.
    `scale`: units to the Wh in which `limits` and `out` count; limits are upper bounds, included, at
    (month × periods + period) × blocks + block, not falling; the last is beyond any use.
    """
    for k in range(MONTHS * periods * blocks):
        out[k] = 0
    month = -1
    after = 0
    for t in range(count):
        slot = slots[t]
        now = (slot // HOURS) % MONTHS
        if now != month:
            month = now
            after = 0
        before = after
        after = before + load[t] * scale
        at = (month * periods + schedule[slot]) * blocks
        low = 0
        for block in range(blocks):
            high = limits[at + block]
            out[at + block] += in_block(before, after, low, high)
            if high >= after:
                break
            low = high
