"""Gaps of interval data: found for what hung in the month, and estimated by `rules.gaps`, each step marked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from django.db import connection, transaction

from gridhall.columns.copy import DATE, INT8, copy_out
from gridhall.columns.interval_days import Days, days_of, missing_steps, no_days
from gridhall.columns.interval_store import Snapshot
from gridhall.columns.law import law
from gridhall.kernel import audit, clock
from gridhall.kernel.access import Actor
from gridhall.metering import given
from gridhall.metering.intervals.loading import the_store
from gridhall.rules.gaps import LIKE_DAYS_REACH
from gridhall.rules.interval_use import ESTIMATED, MEASURED, MISSING, SUSPECT
from gridhall.rules.local_day import DAY_MINUTES, minutes_of

SATURDAY = 5

HUNG = """
SELECT register_id, min(since), max(until) FROM register_place
WHERE register_id >= %(low)s AND register_id < %(high)s AND unit_id = %(unit)s
  AND since < %(ends)s AND until > %(begins)s
GROUP BY register_id
"""


@dataclass(frozen=True)
class Gap:
    """What a register of a month lacks: whole days, and steps in the days that it has; `estimated` it has already.

    `minutes` of its steps; `first_day`: the first day (number) that lacks something."""

    register: int
    unit: int
    month: int
    minutes: int
    days: int
    steps: int
    estimated: int
    first_day: int


@dataclass(frozen=True)
class GapsFilled:
    """How many steps were estimated for how many register-days, and what stays missing."""

    register_days: int
    steps: int
    left: int
    revision: int


def _bounds(month: int) -> tuple[int, int]:
    """First day of a month and the day after its last one that is over."""
    first, after = given.first_day(month).toordinal(), given.first_day(given.shifted(month, 1)).toordinal()
    return first, min(after, clock.today().toordinal())


def _hung(unit: int, month: int, low: int, high: int) -> dict[int, tuple[int, int]]:
    """The days of the month (first, day after the last) that each register hung."""
    first, until = _bounds(month)
    asked = {
        "low": low, "high": high, "unit": unit, "begins": date.fromordinal(first), "ends": date.fromordinal(until),
    }  # fmt: skip
    with connection.cursor() as cursor:
        rows = copy_out(cursor, HUNG, {"register_id": INT8, "since": DATE, "until": DATE}, asked)
    places = zip(rows["register_id"].tolist(), rows["since"].tolist(), rows["until"].tolist(), strict=True)
    return {register: (max(first, since), min(until, ends)) for register, since, ends in places}


def _by_register(days: Days) -> Iterator[tuple[int, Days]]:
    for register in np.unique(days.register).tolist():
        yield register, days.between(register, register + 1)


def gaps(months: Sequence[int] | None, units: Sequence[int] | None) -> Iterator[Gap]:
    """Registers of the store that lack something, by month and unit."""
    snapshot = the_store().snapshot()
    for month, unit in snapshot.partitions(months, units):
        for low, high in snapshot.ranges(month, unit):
            hung = _hung(unit, month, low, high)
            for register, days in _by_register(snapshot.read(month, unit, low, high)):
                found = _gap(register, days, unit, month, hung.get(register))
                if found is not None:
                    yield found


def _gap(register: int, days: Days, unit: int, month: int, hung: tuple[int, int] | None) -> Gap | None:
    first, until = hung or (int(days.day[0]), int(days.day[-1]) + 1)
    have = set(days.day.tolist())
    lacking = [day for day in range(first, until) if day not in have]
    steps = missing_steps(days)
    lacking += days.day[steps > 0].tolist()
    if not lacking:
        return None
    estimated = int((days.quality & ESTIMATED != 0).sum())
    return Gap(
        register, unit, month, int(days.minutes[-1]), len(set(range(first, until)) - have), int(steps.sum()), estimated,
        min(lacking),
    )  # fmt: skip


def fill_gaps(actor: Actor, months: Sequence[int], units: Sequence[int] | None) -> GapsFilled:
    """See public.fill_interval_gaps."""
    actor.require("readings.take")
    store = the_store()
    snapshot = store.snapshot()
    count = left = 0
    with store.load(clock.now(), f"{actor.kind}:{actor.name}: estimate", "estimate") as load:
        for month, unit in snapshot.partitions(months, units):
            if not actor.sees_unit(unit):
                continue
            for low, high in snapshot.ranges(month, unit):
                days, filled, still = _filled(snapshot, month, unit, low, high)
                count, left = count + filled, left + still
                if len(days):
                    load.add(days, np.full(len(days), unit, np.int64))
        with transaction.atomic():
            audit.record(
                actor, "metering.fill_intervals", f"intervals:{','.join(map(str, months))}"[: audit.SUBJECT_MOST],
                after={"months": list(months), "steps": count, "left": left},
            )  # fmt: skip
            done = load.commit()
    return GapsFilled(done.written, count, left, done.revision)


def _filled(snapshot: Snapshot, month: int, unit: int, low: int, high: int) -> tuple[Days, int, int]:
    """(register-days with the estimated steps alone, steps estimated, steps left missing) of a range of registers."""
    hung = _hung(unit, month, low, high)
    around = [snapshot.read(given.shifted(month, k), unit, low, high) for k in (-1, 0, 1)]
    beside = [dict(_by_register(each)) for each in (around[0], around[2])]
    rows: list[tuple[int, int, int, list[int], list[int]]] = []
    count = left = 0
    for register, days in _by_register(around[1]):
        gap = _gap(register, days, unit, month, hung.get(register))
        if gap is None:
            continue
        first, until = hung.get(register) or (int(days.day[0]), int(days.day[-1]) + 1)
        near = [side[register] for side in beside if register in side]
        made, still = _estimated(days, near, first, until, gap.minutes)
        left += still
        for day, wh, bits in made:
            count += bits.count(ESTIMATED)
            rows.append((register, day, gap.minutes, wh, bits))
    if not rows:
        return no_days(), 0, left
    registers, of_day, of_step = ([row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows])
    return days_of(registers, of_day, of_step, [row[3] for row in rows], [row[4] for row in rows]), count, left


def _estimated(
    days: Days, near: Sequence[Days], first: int, until: int, minutes: int
) -> tuple[list[tuple[int, list[int], list[int]]], int]:  # fmt: skip
    """(days of a register with only their estimated steps, steps left missing). A day on which the clocks change and
    days of other steps are not touched, and not looked at."""
    zone = clock.zone()
    start, end = first - LIKE_DAYS_REACH, until + LIKE_DAYS_REACH
    steps = DAY_MINUTES // minutes
    wh, bits = np.zeros((end - start, steps), np.int64), np.full((end - start, steps), SUSPECT, np.uint8)
    changes = [day for day in range(first, until) if minutes_of(day, zone) != DAY_MINUTES]
    bits[first - start : until - start] = MISSING
    for each in (days, *near):
        for k, day in enumerate(each.day.tolist()):
            own, quality = each.row(k)
            if start <= day < end and len(own) == steps:
                wh[day - start], bits[day - start] = own, quality
            elif first <= day < until:
                bits[day - start] = SUSPECT
    for day in changes:
        bits[day - start] = SUSPECT
    measured = ((bits & MEASURED) != 0).astype(np.int64)
    kinds = np.array([1 if date.fromordinal(day).weekday() >= SATURDAY else 0 for day in range(start, end)], np.int64)
    before = bits.copy()
    law("gaps").fill_gaps(
        wh.reshape(-1), bits.reshape(-1), measured.reshape(-1), kinds, end - start, steps, minutes
    )  # fmt: skip
    new = (before == MISSING) & (bits == ESTIMATED)
    made = [
        (start + int(k), np.where(new[k], wh[k], 0).tolist(), np.where(new[k], ESTIMATED, MISSING).tolist())
        for k in np.flatnonzero(new.any(axis=1))
    ]
    return made, int((bits[first - start : until - start] == MISSING).sum())
