"""Bills by interval data: energy by period and the highest demands, as the interval store tells them.

A bill is made by intervals where its tariff asks when or how fast energy was taken, the meter has no registers that
tell it, and the store has data of it. Its readings still say from when to when the bill goes, and the intervals must
agree with them: what is billed is what the steps add up to. Steps that are missing are never taken for nothing used:
such a bill is held until they are estimated (`gridhall intervals gaps --fill`) or delivered.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from gridhall.billing.hourly import Hourly, Steps, gather_hourly, lay_hourly
from gridhall.columns.determinants import gather
from gridhall.columns.interval_days import Days, joined, missing_steps, month_of, no_days
from gridhall.columns.rating import PlanTables, Segments
from gridhall.columns.slot_table import Calendar, SlotTable, slot_table
from gridhall.kernel import clock
from gridhall.metering import public as metering
from gridhall.rules import layout as at
from gridhall.rules.interval_use import MISSING
from gridhall.tariffs import public as tariffs

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Columns = dict[str, Ints]

FED_IN = 13  # the register of energy fed in, in all
PARTS = ("sharp", "peak", "flat", "valley", "deep")  # periods 0..4 of a calendar
DAY_SPAN = 1 << 22  # more than any day number: register and day as one key
APART_WH, APART_SHARE = 1000, 100  # a kWh, and a hundredth of the use: by so much intervals and readings may differ
GUESSED_SHARE = 10  # more than a tenth of the steps estimated: a person looks

NO_CALENDAR = -1
STORE_WH, GUESSED_STEPS = 101, 102  # facts of a bill by intervals: Wh that these add up to, steps that are estimated
FITS, LACKS, APART, GUESSED, MISFITS, NONE, UNPRICED, UNREAD = range(8)  # what is the matter with a bill by intervals


@dataclass(frozen=True)
class Intervals:
    """Of a stretch: register-days of the store, by register and day; the place of each version's calendar in `slots`
    (0 does not tell the time, NO_CALENDAR: the steps do not fit its periods); `times`: versions (by place in the book)
    that ask for the time, `only` those that no register can serve."""

    days: Days = field(default_factory=no_days)
    slots: SlotTable | None = None
    calendars: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    times: Mask = field(default_factory=lambda: np.zeros(0, np.bool_))
    only: Mask = field(default_factory=lambda: np.zeros(0, np.bool_))
    hourly: Hourly = field(default_factory=Hourly)


def gather_intervals(
    unit: int, readings: metering.ReadingColumns, version_ids: Ints, firsts: Ints, agreements: Ints, tariff: Ints
) -> Intervals:
    """Read the intervals of those registers whose bills may need them; nothing where no tariff asks for the time.

    `firsts`: first version of each tariff; `agreements`, `tariff`: of each term.
    """
    looks = [tariffs.looks_back(version) for version in version_ids.tolist()]
    times = np.array([each.times for each in looks], np.bool_)
    only = np.array([bool(each.needed & tariffs.ONLY_INTERVALS) for each in looks], np.bool_)
    if not bool(times.any()):
        return Intervals(times=times, only=only)
    asking = np.array([bool(times[a:b].any()) for a, b in pairwise(firsts.tolist())], np.bool_)
    wanted = np.isin(readings.agreement_id, agreements[asking[tariff]])
    if not bool(only.any()):
        wanted &= ~np.isin(readings.agreement_id, readings.agreement_id[metering.is_part(readings.tou)])
    wanted &= np.isin(readings.tou, (metering.TOTAL, FED_IN)) & (readings.current_on > readings.previous_on)
    if not bool(wanted.any()):
        return Intervals(times=times, only=only)
    since, until = int(readings.previous_on[wanted].min()), int(readings.current_on[wanted].max())
    days = _read(unit, np.unique(readings.register_id[wanted]), since, until)
    if not len(days):
        return Intervals(times=times, only=only)
    calendars, slots = _calendars(version_ids, times, since, until, np.unique(days.minutes).tolist())
    hourly = gather_hourly(version_ids, only, since, until)
    return Intervals(days, slots, calendars, times, only, hourly)


def _read(unit: int, registers: Ints, since: int, until: int) -> Days:
    """The register-days of some registers from `since` to before `until`, in order."""
    snapshot = metering.interval_snapshot()
    months = np.unique(month_of(np.arange(since, until))).tolist()
    found = []
    for month, of_unit in snapshot.partitions(months, [unit]):
        for low, high in snapshot.ranges(month, of_unit):
            first, last = np.searchsorted(registers, [low, high])
            if first == last:
                continue
            days = snapshot.read(month, of_unit, int(registers[first]), int(registers[last - 1]) + 1)
            mine = np.isin(days.register, registers) & (days.day >= since) & (days.day < until)
            if bool(mine.any()):
                found.append(days if bool(mine.all()) else days.take(np.flatnonzero(mine)))
    if not found:
        return no_days()
    whole = joined(found) if len(found) > 1 else found[0]
    return whole.take(np.lexsort((whole.day, whole.register)))


def _calendars(version_ids: Ints, times: Mask, since: int, until: int, minutes: list[int]) -> tuple[Ints, SlotTable]:
    """The place of each version's calendar, and the calendars resolved over the days."""
    places, calendars = np.zeros(len(version_ids), np.int64), [tariffs.untimed()]
    for place in np.flatnonzero(times).tolist():
        try:
            calendar = tariffs.interval_calendar(int(version_ids[place]))
            _table([calendar], since, until, minutes)
        except tariffs.BookError:
            places[place] = NO_CALENDAR  # periods as metered, or steps that lie in two of them
            continue
        places[place] = len(calendars)
        calendars.append(calendar)
    return places, _table(calendars, since, until, minutes)


def _table(calendars: Sequence[Calendar], since: int, until: int, minutes: list[int]) -> SlotTable:
    return slot_table(calendars, since, until, clock.zone(), minutes)


@dataclass(frozen=True)
class Laid:
    """What came of it, by bill: `by_interval`; `trouble` (FITS, LACKS, …); for the person who looks, `first_day` that
    lacks something, `days` and `steps` that do; `estimated` steps, of how many; `gathered`: the steps themselves."""

    by_interval: Mask
    trouble: Ints
    first_day: Ints
    days: Ints
    steps: Ints
    estimated: Ints
    of_steps: Ints
    gathered: Steps = field(default_factory=Steps)

    @classmethod
    def none(cls, n: int) -> "Laid":
        room = np.zeros((6, n), np.int64)
        return cls(np.zeros(n, np.bool_), room[0], room[1], room[2], room[3], room[4], room[5])


def lay_intervals(
    intervals: Intervals, by_period: Ints, pieces: Columns, starts: Ints, segments: Segments, metered: Ints,
    plans: PlanTables,
) -> Laid:  # fmt: skip
    """Lay energy and demands of the store on the segments of the bills that go by it, in place.

    `by_period`: 1 for bills with registers by period; `starts`: first segment of each bill, one more than bills;
    `metered`: what the readings of each bill come to, Wh.
    """
    n = len(by_period)
    laid = Laid.none(n)
    if not len(segments) or not bool(intervals.times.any()):
        return laid
    if not len(intervals.days):
        _without_any(intervals, segments, laid)
        return laid
    asking = np.zeros(n, np.bool_)
    asking[segments.bill[intervals.times[segments.plan]]] = True
    only = np.zeros(n, np.bool_)
    only[segments.bill[intervals.only[segments.plan]]] = True
    asking &= (by_period == 0) | only
    of_piece = _rows_of(intervals.days, pieces)
    total = (pieces["tou"] == metering.TOTAL) & (of_piece[1] > of_piece[0])
    laid.by_interval[pieces["draft"][total]] = True
    laid.by_interval[~asking] = False
    _without_any(intervals, segments, laid)
    if not bool(laid.by_interval.any()):
        return laid
    _misfits(intervals, segments, laid)
    taken, fed_in = (
        _lay(intervals, pieces, of_piece, code, segments, laid, prefix=prefix)
        for code, prefix in ((metering.TOTAL, "wh"), (FED_IN, "export"))
    )
    steps = Steps(taken, fed_in)
    unpriced = lay_hourly(intervals.hourly, steps, plans, segments)
    _compare(laid, pieces, starts, segments, metered)
    laid.trouble[segments.bill[unpriced]] = UNPRICED
    return replace(laid, gathered=steps)


def note_changes(laid: Laid, plans: PlanTables, segments: Segments, starts: Ints, pieces: Columns) -> None:
    """Note the bills with a change inside their period that the tariff divides by intervals or by a reading of that
    day, and that have none: they are not divided by days instead, unseen."""
    how = plans.table[plans.starts + at.PLAN_CHANGE] if len(plans) else np.zeros(0, np.int64)
    if not bool(how.any()):
        return
    asking = segments.bill[how[segments.plan] != at.CHANGE_DAYS]
    for bill in np.unique(asking[np.diff(starts)[asking] > 1]).tolist():
        if laid.by_interval[bill] or laid.trouble[bill] != FITS:
            continue
        mine = slice(int(starts[bill]), int(starts[bill + 1]))
        if bool((how[segments.plan[mine]] == at.CHANGE_INTERVAL).any()):
            laid.trouble[bill] = NONE
            continue
        of_bill = slice(*np.searchsorted(pieces["draft"], [bill, bill + 1]).tolist())
        counted = ~metering.is_demand(pieces["tou"][of_bill])
        begins, ends = pieces["previous_on"][of_bill][counted], pieces["current_on"][of_bill][counted]
        for cut in segments.from_day[mine][1:].tolist():
            if bool(((begins < cut) & (cut < ends)).any()):
                laid.trouble[bill], laid.first_day[bill] = UNREAD, cut
                break


def _without_any(intervals: Intervals, segments: Segments, laid: Laid) -> None:
    """Hold bills whose tariff no register can serve, and of which there are no intervals."""
    needing = np.zeros(len(laid.trouble), np.bool_)
    needing[segments.bill[intervals.only[segments.plan]]] = True
    laid.trouble[needing & ~laid.by_interval] = NONE


def _misfits(intervals: Intervals, segments: Segments, laid: Laid) -> None:
    """Bills whose tariff the steps do not fit go by their registers, as if there were no intervals; where none can
    serve, they are held."""
    odd = segments.bill[intervals.calendars[segments.plan] == NO_CALENDAR]
    laid.by_interval[odd] = False
    hopeless = segments.bill[(intervals.calendars[segments.plan] == NO_CALENDAR) & intervals.only[segments.plan]]
    laid.trouble[hopeless] = MISFITS


def _rows_of(days: Days, pieces: Columns) -> tuple[Ints, Ints]:
    """From and to before which row the days of each piece stand."""
    keys = days.register * DAY_SPAN + days.day
    low = np.searchsorted(keys, pieces["register_id"] * DAY_SPAN + pieces["previous_on"])
    high = np.searchsorted(keys, pieces["register_id"] * DAY_SPAN + pieces["current_on"])
    return low.astype(np.int64), np.maximum(high, low).astype(np.int64)


def _lay(
    intervals: Intervals, pieces: Columns, of_piece: tuple[Ints, Ints], code: int, segments: Segments, laid: Laid,
    *, prefix: str,
) -> Days:  # fmt: skip
    """Lay the steps of a kind of register on their segments: energy taken (`prefix` wh) with its demands, or fed in
    (`export`). Returns them, `register` being the place of the segment."""
    of_kind = (pieces["tou"] == code) & laid.by_interval[pieces["draft"]]
    served = np.zeros(len(laid.trouble), np.bool_)
    served[pieces["draft"][of_kind & (of_piece[1] > of_piece[0])]] = True
    chosen = np.flatnonzero(of_kind & served[pieces["draft"]])
    low, high = of_piece[0][chosen], of_piece[1][chosen]
    bill = pieces["draft"][chosen]
    _note_lacking_days(pieces, chosen, low, high, intervals.days, laid)
    counts = high - low
    rows = np.repeat(low - (np.cumsum(counts) - counts), counts) + np.arange(int(counts.sum()))
    owner = np.repeat(bill, counts)
    day = intervals.days.day[rows]
    keys = segments.bill * DAY_SPAN + segments.from_day
    segment = np.searchsorted(keys, owner * DAY_SPAN + day, side="right") - 1
    order = np.lexsort((day, segment))
    given = intervals.days.take(rows[order])
    days = _together(replace(given, register=segment[order].astype(np.int64)))
    if not len(days):
        return days
    _note_lacking_steps(days, segments.bill[days.register], laid)
    slots = intervals.slots
    assert slots is not None, "there are days, so their slots were resolved"
    found = gather(days, slots, lambda of: intervals.calendars[segments.plan[of]], times=False)
    places = found.register
    np.add.at(laid.estimated, segments.bill[places], found.estimated)
    np.add.at(laid.of_steps, segments.bill[days.register], np.diff(days.first))
    wh, peak = found.wh[:, 0, :], np.maximum(found.peak_w[:, 0, :], 0)
    _set(segments, places, prefix, wh, "export_wh" if code == FED_IN else "wh_total", wh.sum(axis=1))
    if code != FED_IN:
        _set(segments, places, "demand", peak, "demand_w", peak.max(axis=1))
    return days


def _set(segments: Segments, places: Ints, prefix: str, parts: Ints, whole: str, sums: Ints) -> None:
    getattr(segments, whole)[places] = sums
    for k, name in enumerate(PARTS):
        getattr(segments, f"{prefix}_{name}")[places] = parts[:, k]


def _together(days: Days) -> Days:
    """The same segment's days of several registers as one load: what they show together. A step that one of them lacks
    is missing of all."""
    twin = (days.register[1:] == days.register[:-1]) & (days.day[1:] == days.day[:-1])
    if not bool(twin.any()):
        return days
    days = days.with_quality()
    lead = np.flatnonzero(np.r_[True, ~twin])
    wh, quality = days.wh.copy(), days.quality.copy()
    for k in np.flatnonzero(twin).tolist():
        first = int(lead[np.searchsorted(lead, k, side="right") - 1])
        into = slice(int(days.first[first]), int(days.first[first + 1]))
        more = slice(int(days.first[k + 1]), int(days.first[k + 2]))
        if into.stop - into.start != more.stop - more.start:
            quality[into] = MISSING
            continue
        lacks = (quality[into] == MISSING) | (quality[more] == MISSING)
        wh[into] += wh[more]
        quality[into] = np.where(lacks, MISSING, quality[into] | quality[more])
    return replace(days, wh=wh, quality=quality).take(lead)


def _note_lacking_days(pieces: Columns, chosen: Ints, low: Ints, high: Ints, days: Days, laid: Laid) -> None:
    """Days of a piece that have no row at all."""
    lacking = pieces["current_on"][chosen] - pieces["previous_on"][chosen] - (high - low)
    for k in np.flatnonzero(lacking > 0).tolist():
        piece = int(chosen[k])
        have = set(days.day[int(low[k]) : int(high[k])].tolist())
        span = range(int(pieces["previous_on"][piece]), int(pieces["current_on"][piece]))
        first = next(day for day in span if day not in have)
        _lack(laid, int(pieces["draft"][piece]), first, int(lacking[k]), 0)


def _note_lacking_steps(days: Days, bill: Ints, laid: Laid) -> None:
    """Days that lack steps."""
    missing = missing_steps(days)
    for k in np.flatnonzero(missing > 0).tolist():
        _lack(laid, int(bill[k]), int(days.day[k]), 1, int(missing[k]))


def _lack(laid: Laid, bill: int, day: int, days: int, steps: int) -> None:
    laid.trouble[bill] = LACKS
    laid.first_day[bill] = min(int(laid.first_day[bill]) or day, day)
    laid.days[bill] += days
    laid.steps[bill] += steps


def _compare(laid: Laid, pieces: Columns, starts: Ints, segments: Segments, metered: Ints) -> None:
    """Hold what the readings contradict, and what is guessed for a good part. Estimated readings contradict nothing."""
    sums = np.r_[0, np.cumsum(segments.wh_total)]
    wh = sums[starts[1:]] - sums[starts[:-1]]
    sound = laid.by_interval & (laid.trouble == FITS)
    read = sound.copy()
    read[pieces["draft"][(pieces["kind"] == metering.ESTIMATED) | (pieces["after_estimate"] != 0)]] = False
    apart = read & (np.abs(wh - metered) > np.maximum(APART_WH, np.abs(metered) // APART_SHARE))
    laid.trouble[apart] = APART
    laid.trouble[sound & ~apart & (laid.estimated * GUESSED_SHARE > laid.of_steps)] = GUESSED


def told_intervals(laid: Laid, wh: Ints, good: Mask, places: Ints, rows: Columns) -> Columns:
    """The rows of BillFact that say of the good bills by intervals that they are, and what of them is estimated."""
    by_interval = np.flatnonzero(good & laid.by_interval)
    guessed = np.flatnonzero(good & laid.by_interval & (laid.estimated > 0))
    owner = places[np.concatenate([by_interval, guessed])]
    return {
        "account_id": rows["account_id"][owner],
        "seq": rows["seq"][owner],
        "n": np.zeros(len(owner), np.int64),
        "fact": np.repeat([STORE_WH, GUESSED_STEPS], [len(by_interval), len(guessed)]).astype(np.int64),
        "value": np.concatenate([wh[by_interval], laid.estimated[guessed]]),
    }


def detail_of(laid: Laid, bill: int) -> dict[str, int]:
    """What a person needs to see of a bill that is held for its intervals; the day as YYYYMMDD."""
    found = {"lacking_days": int(laid.days[bill]), "lacking_steps": int(laid.steps[bill])}
    if laid.first_day[bill]:
        day = date.fromordinal(int(laid.first_day[bill]))
        found["first_day"] = day.year * 10_000 + day.month * 100 + day.day
    if laid.estimated[bill]:
        found["estimated_steps"] = int(laid.estimated[bill])
    return {name: value for name, value in found.items() if value}
