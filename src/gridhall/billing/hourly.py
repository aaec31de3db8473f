"""What the intervals of a bill cost by a price series, and what each period has used at the limits of blocks that fill
in the order of time: facts of a segment that only the single steps tell."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from gridhall.columns.interval_days import Days, no_days
from gridhall.columns.law import law
from gridhall.columns.rating import PlanTables, Segments
from gridhall.columns.slot_table import SlotTable
from gridhall.kernel import clock
from gridhall.rules import layout as at
from gridhall.rules.in_time import component_in_time, facts_in_time
from gridhall.rules.local_day import midnight
from gridhall.rules.plan import FACT_NAMES
from gridhall.rules.price_series import ALL_PRICED
from gridhall.tariffs import public as tariffs

Ints = npt.NDArray[np.int64]
DAY_MINUTES = 1440
_cost_of_series = law("price_series").cost_of_series


@dataclass(frozen=True)
class Hourly:
    """Of a stretch: what each version (by place in the book) says of prices by the hour, and the series named there."""

    terms: Mapping[int, tariffs.HourlyTerms] = field(default_factory=dict)
    series: Mapping[str, tariffs.PriceSeries] = field(default_factory=dict)


@dataclass(frozen=True)
class Steps:
    """The steps of the bills by intervals, `register` being the place of the segment: energy taken, and fed in."""

    taken: Days = field(default_factory=no_days)
    fed_in: Days = field(default_factory=no_days)


def gather_hourly(version_ids: Ints, only: npt.NDArray[np.bool_], since: int, until: int) -> Hourly:
    """The terms of the versions and the prices of some days (numbers); nothing where no version has such prices."""
    found = {place: tariffs.hourly_terms(int(version_ids[place])) for place in np.flatnonzero(only).tolist()}
    terms = {place: each for place, each in found.items() if each is not None}
    series = {}
    for code in {each.series for each in terms.values()}:
        # a day more on both sides: days begin by the supplier's clock, and the minutes may count in UTC
        prices = tariffs.prices_between(code, (since - 1) * DAY_MINUTES, (until + 1) * DAY_MINUTES)
        if prices is not None:
            series[code] = prices
    return Hourly(terms, series)


def lay_hourly(hourly: Hourly, steps: Steps, plans: PlanTables, segments: Segments) -> Ints:
    """Lay what the steps cost on the segments priced by the hour, in place; the segments of which a step has no price.

    A price that holds for less than a step, or a step without one, is no price."""
    unpriced = []
    wanted = np.flatnonzero(np.isin(segments.plan, np.array(sorted(hourly.terms), np.int64)))
    known: dict[tuple[str, int, int], Ints] = {}
    for segment in wanted.tolist():
        terms = hourly.terms[int(segments.plan[segment])]
        taken = steps.taken.between(segment, segment + 1)
        if not len(taken):
            continue  # it has no intervals, and is held for that
        wh = taken.wh.astype(np.int64)
        fed = steps.fed_in.between(segment, segment + 1)
        if terms.net and len(fed):
            if not np.array_equal(taken.first, fed.first) or not np.array_equal(taken.day, fed.day):
                unpriced.append(segment)
                continue
            wh = wh - fed.wh
        series = hourly.series.get(terms.series)
        parts = int(plans.table[plans.starts[segments.plan[segment]] + at.PLAN_PARTS])
        prices = None if series is None else _prices(terms.series, series, taken, known)
        if prices is None:
            unpriced.append(segment)
            continue
        minor, rest, missing = _cost_of_series(wh, prices, 0, len(wh), parts)
        if missing != ALL_PRICED:
            unpriced.append(segment)
        segments.hourly_minor[segment] = minor
        segments.hourly_rest[segment] = rest
        segments.hourly_wh[segment] = int(wh.sum())
    return np.array(unpriced, np.int64)


def _prices(code: str, series: tariffs.PriceSeries, days: Days, known: dict[tuple[str, int, int], Ints]) -> Ints | None:
    """The price of each step of some days; None where a price does not hold for whole steps."""
    found = []
    for k in range(len(days)):
        day, minutes, steps = int(days.day[k]), int(days.minutes[k]), int(days.first[k + 1] - days.first[k])
        if minutes > series.step or series.step % minutes:
            return None
        if (code, day, minutes) not in known:
            begins = day * DAY_MINUTES
            if series.offsets:
                begins = tariffs.minute_of(midnight(day, clock.zone()))
            prices = [series.at(begins + step * minutes) for step in range(steps)]
            known[code, day, minutes] = np.array(prices, np.int64)
        found.append(known[code, day, minutes])
    return np.concatenate(found)


def lay_in_time(steps: Steps, slots: SlotTable, calendars: Ints, plans: PlanTables, segments: Segments) -> None:
    """Lay what each period has used at the limits of blocks in the order of time on the segments that ask for it, in
    place; where a segment stands in its year is laid before."""
    whole = (plans.table[start : start + plans.table[start + at.PLAN_SIZE]].tolist() for start in plans.starts.tolist())
    tables = {place: table for place, table in enumerate(whole) if component_in_time(table)}
    timed = list(tables)
    for segment in np.flatnonzero(np.isin(segments.plan, np.array(timed, np.int64))).tolist():
        taken = steps.taken.between(segment, segment + 1)
        if not len(taken):
            continue
        bill = int(segments.bill[segment])
        first, last = np.searchsorted(segments.bill, [bill, bill + 1])
        facts = {name: int(getattr(segments, name)[segment]) for name in FACT_NAMES}
        used = int(segments.wh_total[first:segment].sum())
        plan = int(segments.plan[segment])
        periods = _periods(taken, slots, int(calendars[plan]))
        found = facts_in_time(
            tables[plan], facts, taken.wh.tolist(), periods, used, int(segments.to_day[last - 1])
        )  # fmt: skip
        for name, wh in found.items():
            getattr(segments, name)[segment] = wh


def _periods(days: Days, slots: SlotTable, calendar: int) -> list[int]:
    """The period of each step of some days."""
    periods: list[int] = []
    for k in range(len(days)):
        place = slots.place[slots.minutes.index(int(days.minutes[k])), calendar, int(days.day[k]) - slots.first_day]
        begin, steps = 0, int(days.first[k + 1] - days.first[k])
        while begin < steps:
            end = int(slots.runs[place + 1])
            periods += [int(slots.runs[place])] * (end - begin)
            begin, place = end, place + 2
    return periods
