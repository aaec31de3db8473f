"""Interval loads: what each step of a load counts towards, and blocks filled in the order of time.

A load is the energy of each step of a year in whole Wh, `steps` to the hour, from midnight of 1 January on. Tariffs
by the hour tell months, weekdays from weekends, and the 24 hours of the day apart: 12 × 2 × 24 slots. A slot's energy
and peak are found once for a load; every tariff's periods are sums and maxima of them. Only blocks that fill in the
order of time need the walk over the steps themselves, and only on the days on which a block is left. Power is that of
a window of steps, in W.
"""

from collections.abc import MutableSequence, Sequence

from gridhall.rules.calendar import days_in_month
from gridhall.rules.exact import BASE

HOURS = 24
MONTHS = 12
SLOTS = 2 * MONTHS * HOURS
HALF_DAY_SLOTS = 2 * HOURS  # hours of a weekday and of a day of the weekend
NO_STEP = -1  # peak of a slot or period that no step of the load lies in
SATURDAY = 5
DAYS_A_WEEK = 7


def slot_of(month: int, weekend: int, hour: int) -> int:
    """The slot of an hour: month 0..11, weekend 0 or 1, hour 0..23."""
    return (weekend * MONTHS + month) * HOURS + hour


def is_weekend(first_weekday: int, day: int) -> int:
    """1 for a Saturday or Sunday: day 0.. of a year whose first is `first_weekday` (0 is a Monday)."""
    return 1 if (first_weekday + day) % DAYS_A_WEEK >= SATURDAY else 0


def gather_slots(
    load: Sequence[int], year: int, first_weekday: int, steps: int, width: int,
    wh: MutableSequence[int], wh_at: int, peak: MutableSequence[int], peak_at: int,
) -> None:  # fmt: skip
    """Energy (Wh) and peak (W, NO_STEP where no step lies) of each slot, from `wh_at` and `peak_at` on. `width`: steps of the window that power is
    the mean of; a window belongs to the slot of its last step, and the year's first windows are those that are full
    (of a width of one, every step)."""
    for k in range(SLOTS):
        wh[wh_at + k] = 0
        peak[peak_at + k] = NO_STEP
    at = 0
    day = 0
    for month in range(MONTHS):
        for _ in range(days_in_month(year, month + 1)):
            slot = slot_of(month, is_weekend(first_weekday, day), 0)
            if steps == 1:
                for hour in range(HOURS):
                    wh[wh_at + slot + hour] += load[at + hour]
                    peak[peak_at + slot + hour] = max(peak[peak_at + slot + hour], load[at + hour])
            else:
                _gather_day(load, at, steps, width, wh, wh_at + slot, peak, peak_at + slot)
            at += HOURS * steps
            day += 1


def _gather_day(
    load: Sequence[int], at: int, steps: int, width: int, wh: MutableSequence[int], wh_at: int,
    peak: MutableSequence[int], peak_at: int,
) -> None:  # fmt: skip
    """A day of several steps to the hour, its first step at `at`."""
    window = 0
    for t in range(max(0, at - width), at):
        window += load[t]
    for hour in range(HOURS):
        energy = 0
        highest = peak[peak_at + hour]
        for t in range(at + hour * steps, at + (hour + 1) * steps):
            energy += load[t]
            window += load[t]
            if t >= width:
                window -= load[t - width]
            if t >= width - 1:
                highest = max(highest, window * (steps // width))
        wh[wh_at + hour] += energy
        peak[peak_at + hour] = highest


def by_period(
    schedule: Sequence[int], schedule_at: int, periods: int, slots: Sequence[int], wh_at: int, wh: MutableSequence[int]
) -> None:
    """Energy of each month × period, at month × periods + period: sums over the slots, whose energy begins at `wh_at`.
    The schedule names the period of each slot."""
    for k in range(MONTHS * periods):
        wh[k] = 0
    for weekend in range(2):
        for month in range(MONTHS):
            for slot in range(slot_of(month, weekend, 0), slot_of(month, weekend, HOURS)):
                wh[month * periods + schedule[schedule_at + slot]] += slots[wh_at + slot]


def peaks_by_period(
    schedule: Sequence[int], schedule_at: int, periods: int, slots: Sequence[int], peak_at: int,
    peaks: MutableSequence[int],
) -> None:  # fmt: skip
    """Peak of each month × period. A period that the month does not have, or no step lies in, has NO_STEP."""
    for k in range(MONTHS * periods):
        peaks[k] = NO_STEP
    for weekend in range(2):
        for month in range(MONTHS):
            for slot in range(slot_of(month, weekend, 0), slot_of(month, weekend, HOURS)):
                at = month * periods + schedule[schedule_at + slot]
                peaks[at] = max(peaks[at], slots[peak_at + slot])


def peaks_by_month(slots: Sequence[int], peak_at: int, peaks: MutableSequence[int]) -> None:
    """Peak of each month."""
    for month in range(MONTHS):
        highest = NO_STEP
        for weekend in range(2):
            for slot in range(slot_of(month, weekend, 0), slot_of(month, weekend, HOURS)):
                highest = max(highest, slots[peak_at + slot])
        peaks[month] = highest


def fill_in_time(
    load: Sequence[int], at: int, steps: int, first_weekday: int, first_day: int, days: int,
    schedule: Sequence[int], weekday_at: int, weekend_at: int, periods: int, blocks: int,
    ends: Sequence[int], ends_at: int, rests: Sequence[int], rests_at: int,
    current: MutableSequence[int], hours: MutableSequence[int],
    whole: MutableSequence[int], part: MutableSequence[int], out_at: int,
) -> None:  # fmt: skip
    """Energy of each period × block of a month, where its use fills the blocks in the order of time.

    Each step begins where the month's use, of all periods, has come to, and is priced by the blocks of its own period.
    `at`: the month's first step; `first_day`: its day of the year; the schedule gives a period for each hour of a
    weekday and of the weekend. `ends` + `rests` × 10**-18: upper bounds in Wh, included, not falling, of period ×
    `blocks` + block; the last block's is beyond any use. Answers in `whole` + `part` × 10**-18 Wh, from `out_at`,
    which are added to. A day within which no period leaves its block is only added up by its hours.
    """
    for k in range(periods):
        current[k] = 0
    for k in range(HALF_DAY_SLOTS):
        hours[k] = 0
    before = 0
    size = HOURS * steps
    for day in range(days):
        first = at + day * size
        after = before
        for t in range(first, first + size):
            after += load[t]
        weekend = is_weekend(first_weekday, first_day + day)
        leaves = False
        for k in range(periods):
            leaves = leaves or ends[ends_at + k * blocks + current[k]] < after
        if leaves:
            _give_hours(schedule, weekday_at, weekend_at, hours, current, blocks, whole, out_at)
            _walk_day(
                load, first, steps, before, schedule, weekend_at if weekend == 1 else weekday_at, blocks,
                ends, ends_at, rests, rests_at, current, whole, part, out_at,
            )  # fmt: skip
            for k in range(periods):
                while ends[ends_at + k * blocks + current[k]] < after:
                    current[k] += 1
        else:
            for hour in range(HOURS):
                for t in range(first + hour * steps, first + (hour + 1) * steps):
                    hours[weekend * HOURS + hour] += load[t]
        before = after
    _give_hours(schedule, weekday_at, weekend_at, hours, current, blocks, whole, out_at)
    for k in range(out_at, out_at + periods * blocks):
        over = part[k] // BASE
        part[k] -= over * BASE
        whole[k] += over


def _give_hours(
    schedule: Sequence[int], weekday_at: int, weekend_at: int, hours: MutableSequence[int], current: Sequence[int],
    blocks: int, whole: MutableSequence[int], out_at: int,
) -> None:  # fmt: skip
    """Give what was added up by the hour to the block that its period is in."""
    for k in range(HALF_DAY_SLOTS):
        period = schedule[weekday_at + k] if k < HOURS else schedule[weekend_at + k - HOURS]
        whole[out_at + period * blocks + current[period]] += hours[k]
        hours[k] = 0


def _walk_day(
    load: Sequence[int], first: int, steps: int, before: int, schedule: Sequence[int], schedule_at: int, blocks: int,
    ends: Sequence[int], ends_at: int, rests: Sequence[int], rests_at: int, current: MutableSequence[int],
    whole: MutableSequence[int], part: MutableSequence[int], out_at: int,
) -> None:  # fmt: skip
    """A day step by step, each divided at the bounds it passes. A bound lies at or above a whole position exactly if
    its whole part does."""
    position = before
    for hour in range(HOURS):
        period = schedule[schedule_at + hour]
        for t in range(first + hour * steps, first + (hour + 1) * steps):
            if load[t] == 0:
                continue
            low = position
            low_rest = 0
            position += load[t]
            block = current[period]
            end = ends_at + period * blocks
            rest = rests_at + period * blocks
            out = out_at + period * blocks
            while ends[end + block] < position:
                if ends[end + block] > low or (ends[end + block] == low and rests[rest + block] > low_rest):
                    whole[out + block] += ends[end + block] - low
                    part[out + block] += rests[rest + block] - low_rest
                    low = ends[end + block]
                    low_rest = rests[rest + block]
                block += 1
            whole[out + block] += position - low
            part[out + block] -= low_rest
            current[period] = block


def coincident_peaks(
    load: Sequence[int], system: Sequence[int], year: int, steps: int, schedule: Sequence[int], schedule_at: int,
    periods: int, highest: MutableSequence[int], peaks: MutableSequence[int],
) -> None:  # fmt: skip
    """The load (W) at the system's highest step of each month × period (its first, where several are as high;
    NO_STEP where the month does not have the period). The schedule has one row of 24 hours a month."""
    for k in range(MONTHS * periods):
        highest[k] = NO_STEP
        peaks[k] = NO_STEP
    t = 0
    for month in range(MONTHS):
        for _ in range(days_in_month(year, month + 1)):
            for hour in range(HOURS):
                at = month * periods + schedule[schedule_at + month * HOURS + hour]
                for _ in range(steps):
                    if system[t] > highest[at]:
                        highest[at] = system[t]
                        peaks[at] = load[t] * steps
                    t += 1
