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


def is_monday(first_weekday: int, day: int) -> int:
    """1 for a Monday: day 0.. of a year whose first is `first_weekday`."""
    return 1 if (first_weekday + day) % DAYS_A_WEEK == 0 else 0


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
        end = day + days_in_month(year, month + 1)
        while day < end:
            week = steps == 1 and is_monday(first_weekday, day) == 1
            if week and day + DAYS_A_WEEK <= end:
                add_workdays(load[day * HOURS : (day + SATURDAY) * HOURS], workday_wh, workday_peak)
                add_two_days(load[(day + SATURDAY) * HOURS : (day + DAYS_A_WEEK) * HOURS], weekend_wh, weekend_peak)
                day += DAYS_A_WEEK
                continue
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


def add_workdays(load: Sequence[int], wh: MutableSequence[int], peak: MutableSequence[int]) -> None:
    """Add the hours of five days at once, from Monday on: `wh` and `peak` are read and written once for all of them,
    which is most of the time that a load takes."""
    for hour in range(HOURS):
        monday, tuesday, wednesday = load[hour], load[HOURS + hour], load[2 * HOURS + hour]
        thursday, friday = load[3 * HOURS + hour], load[4 * HOURS + hour]
        wh[hour] += monday + tuesday + wednesday + thursday + friday
        peak[hour] = max(peak[hour], max(monday, tuesday, wednesday), max(thursday, friday))


def add_two_days(load: Sequence[int], wh: MutableSequence[int], peak: MutableSequence[int]) -> None:
    """Add the hours of two days at once, as `add_workdays` those of five."""
    for hour in range(HOURS):
        wh[hour] += load[hour] + load[HOURS + hour]
        peak[hour] = max(peak[hour], load[hour], load[HOURS + hour])


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
    load: Sequence[int], steps: int, first_weekday: int, first_day: int, use: int, used: Sequence[int], used_at: int,
    schedule: Sequence[int], workday_at: int, weekend_at: int, periods: int, blocks: int, ends: Sequence[int],
    rests: Sequence[int], current: MutableSequence[int], hours: MutableSequence[int],
    whole: MutableSequence[int], part: MutableSequence[int], out_at: int,
) -> None:  # fmt: skip
    """Energy of each period × block of a month, where its use fills the blocks in the order of time.

    Each step begins where the month's use, of all periods, has come to, and is priced by the blocks of its own period.
    `first_day`: the month's first day of the year; `use`: its energy, and `used` that of each period; the schedule has
    the period of each hour of a workday and of a weekend. `ends` + `rests` × 10**-18: upper bounds in Wh, included, not
    falling, of period × `blocks` + block; the last block's is beyond any use. Answers in `whole` + `part` × 10**-18
    Wh, from `out_at`.

    What a period has used when the month's use comes to one of its bounds is all that its lower blocks get. So only
    those moments are looked for, each on its day; the days between are added up by their hours.
    """
    for p in range(periods):
        current[p] = 0
        for block in range(p * blocks, (p + 1) * blocks):
            whole[out_at + block] = used[used_at + p]
            part[out_at + block] = 0
    for k in range(2 * HOURS):
        hours[k] = 0
    workdays, weekends = hours[:HOURS], hours[HOURS : 2 * HOURS]  # the energy of each hour of the day so far
    workday_is, weekend_is = schedule[workday_at : workday_at + HOURS], schedule[weekend_at : weekend_at + HOURS]
    before, day = 0, first_day
    bound = _next_bound(periods, blocks, ends, current)
    while bound < use:
        day_load = load[day * HOURS * steps : (day + 1) * HOURS * steps]
        after = before
        for wh in day_load:
            after += wh
        weekend = is_weekend(first_weekday, day)
        if bound < after:
            today = weekend_is if weekend == 1 else workday_is
            for p in range(periods):
                cell = p * blocks + current[p]
                while ends[cell] < after:
                    so_far = of_period(p, workday_is, workdays) + of_period(p, weekend_is, weekends)
                    whole[out_at + cell], part[out_at + cell] = used_until(
                        ends[cell], rests[cell], before, day_load, steps, p, today, so_far
                    )
                    cell += 1
                current[p] = cell - p * blocks
            bound = _next_bound(periods, blocks, ends, current)
        if weekend == 1:
            add_hours(day_load, steps, weekends)
        else:
            add_hours(day_load, steps, workdays)
        before = after
        day += 1
    for p in range(periods):
        for cell in range(out_at + (p + 1) * blocks - 1, out_at + p * blocks, -1):
            whole[cell] -= whole[cell - 1]
            part[cell] -= part[cell - 1]
            if part[cell] < 0:
                part[cell] += BASE
                whole[cell] -= 1


def add_hours(day_load: Sequence[int], steps: int, hours: MutableSequence[int]) -> None:
    """Add a day to the energy of its 24 hours."""
    if steps == 1:
        for hour in range(HOURS):
            hours[hour] += day_load[hour]
        return
    for hour in range(HOURS):
        for step in range(steps):
            hours[hour] += day_load[hour * steps + step]


def of_period(period: int, period_of: Sequence[int], hours: Sequence[int]) -> int:
    """The energy of the hours of the day that lie in a period."""
    total = 0
    for hour in range(HOURS):
        total += hours[hour] if period_of[hour] == period else 0
    return total


def used_until(
    end: int, rest: int, before: int, day_load: Sequence[int], steps: int, period: int, period_of: Sequence[int],
    so_far: int,
) -> tuple[int, int]:  # fmt: skip
    """What a period has used (Wh, 10**-18 Wh) when the month's use comes to `end` + `rest` × 10**-18 Wh. That is on a
    day before which the month has used `before` and the period `so_far`; the day's hours are of `period_of`."""
    position = before
    t = 0
    while position + day_load[t] <= end:
        so_far += day_load[t] if period_of[t // steps] == period else 0
        position += day_load[t]
        t += 1
    if period_of[t // steps] == period:
        return so_far + end - position, rest
    return so_far, 0


def _next_bound(periods: int, blocks: int, ends: Sequence[int], current: Sequence[int]) -> int:
    """The use at which the first of the periods leaves its block."""
    bound = ends[current[0]]
    for k in range(1, periods):
        bound = min(bound, ends[k * blocks + current[k]])
    return bound


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
