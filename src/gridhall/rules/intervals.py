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
    """Energy (Wh) and peak (W, NO_STEP where no step lies) of each slot, from `wh_at` and `peak_at` on.

    `width`: steps of the window that power is the mean of; a window belongs to the slot of its last step, and the
    year's first are those that are full (of a width of one, every step).
    """
    for k in range(SLOTS):
        wh[wh_at + k] = 0
        peak[peak_at + k] = NO_STEP
    size = HOURS * steps
    day = 0
    for month in range(MONTHS):
        workday, weekend = slot_of(month, 0, 0), slot_of(month, 1, 0)
        workday_wh = wh[wh_at + workday : wh_at + workday + HOURS]
        workday_peak = peak[peak_at + workday : peak_at + workday + HOURS]
        weekend_wh = wh[wh_at + weekend : wh_at + weekend + HOURS]
        weekend_peak = peak[peak_at + weekend : peak_at + weekend + HOURS]
        for _ in range(days_in_month(year, month + 1)):
            day_load = load[day * size : (day + 1) * size]
            if is_weekend(first_weekday, day) == 1:
                add_day(day_load, steps, weekend_wh, weekend_peak)
            else:
                add_day(day_load, steps, workday_wh, workday_peak)
            day += 1
        for hour in range(HOURS):
            wh[wh_at + workday + hour], peak[peak_at + workday + hour] = workday_wh[hour], workday_peak[hour]
            wh[wh_at + weekend + hour], peak[peak_at + weekend + hour] = weekend_wh[hour], weekend_peak[hour]
    if width > 1:
        _gather_windows(load, year, first_weekday, steps, width, peak, peak_at)


def add_day(day_load: Sequence[int], steps: int, wh: MutableSequence[int], peak: MutableSequence[int]) -> None:
    """Add a day to the energy and the peak (W) of its 24 hours."""
    if steps == 1:
        for hour in range(HOURS):
            wh[hour] += day_load[hour]
        for hour in range(HOURS):
            peak[hour] = max(peak[hour], day_load[hour])
        return
    for hour in range(HOURS):
        energy = 0
        highest = 0
        for step in range(steps):
            energy += day_load[hour * steps + step]
            highest = max(highest, day_load[hour * steps + step])
        wh[hour] += energy
        peak[hour] = max(peak[hour], highest * steps)


def _gather_windows(
    load: Sequence[int], year: int, first_weekday: int, steps: int, width: int, peak: MutableSequence[int], peak_at: int
) -> None:
    """The peaks of slots by windows of several steps, which divide an hour."""
    for k in range(SLOTS):
        peak[peak_at + k] = NO_STEP
    window = 0
    t = 0
    day = 0
    for month in range(MONTHS):
        for _ in range(days_in_month(year, month + 1)):
            slot = peak_at + slot_of(month, is_weekend(first_weekday, day), 0)
            for hour in range(HOURS):
                for _ in range(steps):
                    window += load[t]
                    if t >= width:
                        window -= load[t - width]
                    if t >= width - 1:
                        peak[slot + hour] = max(peak[slot + hour], window * (steps // width))
                    t += 1
            day += 1


def add_up_months(slots: Sequence[int], slots_at: int, months: MutableSequence[int], months_at: int) -> None:
    """Energy of each month: the sum of its slots."""
    for month in range(MONTHS):
        total = 0
        for weekend in range(2):
            first = slots_at + slot_of(month, weekend, 0)
            for slot in range(first, first + HOURS):
                total += slots[slot]
        months[months_at + month] = total


def peaks_by_month(slots: Sequence[int], slots_at: int, peaks: MutableSequence[int], peaks_at: int) -> None:
    """Peak of each month."""
    for month in range(MONTHS):
        highest = NO_STEP
        for weekend in range(2):
            first = slots_at + slot_of(month, weekend, 0)
            for slot in range(first, first + HOURS):
                highest = max(highest, slots[slot])
        peaks[peaks_at + month] = highest


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


def fill_in_time(
    load: Sequence[int], steps: int, first_weekday: int, first_day: int, use: int, slots: Sequence[int],
    weekday_slot: int, weekend_slot: int, schedule: Sequence[int], weekday_at: int, weekend_at: int, periods: int,
    blocks: int, ends: Sequence[int], rests: Sequence[int], current: MutableSequence[int], hours: MutableSequence[int],
    whole: MutableSequence[int], part: MutableSequence[int], out_at: int,
) -> None:  # fmt: skip
    """Energy of each period × block of a month, where its use fills the blocks in the order of time.

    Each step begins where the month's use, of all periods, has come to, and is priced by the blocks of its own period.
    `first_day`: the month's first day of the year; `use`: its energy, of which the slots have that of each hour of the
    day (workdays from `weekday_slot`, weekends from `weekend_slot`), as the schedule has the period of each. `ends` +
    `rests` × 10**-18: upper bounds in Wh, included, not falling, of period × `blocks` + block; the last block's is
    beyond any use. Answers in `whole` + `part` × 10**-18 Wh, from `out_at`, which are added to.

    Only days on which a period leaves its block are walked; the others are added up by their hours, and those behind
    the last bound that the month comes to are what the hours have left.
    """
    before = 0
    day = first_day
    stretch = first_day  # the first day that is not given to blocks yet
    for k in range(periods):
        current[k] = 0
    for k in range(4 * HOURS):
        hours[k] = 0
    bound = _next_bound(periods, blocks, ends, current)
    while bound < use:
        first = day * HOURS * steps
        day_load = load[first : first + HOURS * steps]
        after = before
        for wh in day_load:
            after += wh
        weekend = is_weekend(first_weekday, day)
        if bound < after:
            if stretch < day:
                _give_hours(hours, schedule, weekday_at, weekend_at, blocks, current, whole, out_at)
            stretch = day + 1
            _walk_day(
                load, first, steps, before, schedule, weekend_at if weekend == 1 else weekday_at, blocks, ends, rests,
                current, hours, (2 + weekend) * HOURS, whole, part, out_at,
            )  # fmt: skip
            for k in range(periods):
                while ends[k * blocks + current[k]] < after:
                    current[k] += 1
            bound = _next_bound(periods, blocks, ends, current)
        elif weekend == 1:
            add_hours(day_load, steps, hours, HOURS)
        else:
            add_hours(day_load, steps, hours, 0)
        before = after
        day += 1
    for hour in range(HOURS):  # the days behind the last walk are in what the slots have above what was given
        cell = out_at + schedule[weekday_at + hour] * blocks + current[schedule[weekday_at + hour]]
        whole[cell] += slots[weekday_slot + hour] - hours[2 * HOURS + hour]
        cell = out_at + schedule[weekend_at + hour] * blocks + current[schedule[weekend_at + hour]]
        whole[cell] += slots[weekend_slot + hour] - hours[3 * HOURS + hour]
    for k in range(out_at, out_at + periods * blocks):
        over = part[k] // BASE
        part[k] -= over * BASE
        whole[k] += over


def add_hours(day_load: Sequence[int], steps: int, hours: MutableSequence[int], hours_at: int) -> None:
    """Add a day to the energy of its 24 hours."""
    if steps == 1:
        for hour in range(HOURS):
            hours[hours_at + hour] += day_load[hour]
        return
    for hour in range(HOURS):
        for step in range(steps):
            hours[hours_at + hour] += day_load[hour * steps + step]


def _give_hours(
    hours: MutableSequence[int], schedule: Sequence[int], weekday_at: int, weekend_at: int, blocks: int,
    current: Sequence[int], whole: MutableSequence[int], out_at: int,
) -> None:  # fmt: skip
    """Give what was added up by the hour (of workdays, then of weekends) to the block that its period is in, and count
    it as given behind."""
    for hour in range(HOURS):
        period = schedule[weekday_at + hour]
        whole[out_at + period * blocks + current[period]] += hours[hour]
        period = schedule[weekend_at + hour]
        whole[out_at + period * blocks + current[period]] += hours[HOURS + hour]
    for k in range(2 * HOURS):
        hours[2 * HOURS + k] += hours[k]
        hours[k] = 0


def _next_bound(periods: int, blocks: int, ends: Sequence[int], current: Sequence[int]) -> int:
    """The use at which the first of the periods leaves its block."""
    bound = ends[current[0]]
    for k in range(1, periods):
        bound = min(bound, ends[k * blocks + current[k]])
    return bound


def _walk_day(
    load: Sequence[int], first: int, steps: int, before: int, schedule: Sequence[int], schedule_at: int, blocks: int,
    ends: Sequence[int], rests: Sequence[int], current: MutableSequence[int], hours: MutableSequence[int],
    hours_at: int, whole: MutableSequence[int], part: MutableSequence[int], out_at: int,
) -> None:  # fmt: skip
    """A day step by step, each divided at the bounds it passes. A bound lies at or above a whole position exactly if
    its whole part does."""
    position = before
    for hour in range(HOURS):
        period = schedule[schedule_at + hour]
        for t in range(first + hour * steps, first + (hour + 1) * steps):
            if load[t] == 0:
                continue
            hours[hours_at + hour] += load[t]
            low = position
            low_rest = 0
            position += load[t]
            block = current[period]
            end = period * blocks
            out = out_at + period * blocks
            while ends[end + block] < position:
                if ends[end + block] > low or (ends[end + block] == low and rests[end + block] > low_rest):
                    whole[out + block] += ends[end + block] - low
                    part[out + block] += rests[end + block] - low_rest
                    low = ends[end + block]
                    low_rest = rests[end + block]
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
