"""Billing determinants straight from the interval store: kWh by period, peaks with their time, coincident values.

Files are read range by range and by two threads, so memory does not grow with the store; what comes out is one entry
for each register and segment of its bill.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from itertools import islice
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from gridhall.columns.interval_days import Days, missing_steps
from gridhall.columns.interval_store import Snapshot
from gridhall.columns.law import law, lean_free
from gridhall.columns.slot_table import SlotTable
from gridhall.rules.interval_use import ESTIMATED, MINUTES_OF_HOUR, NO_DEMAND
from gridhall.rules.local_day import midnight

Ints = npt.NDArray[np.int64]
Step32 = npt.NDArray[np.int32]
T = TypeVar("T")
MOMENTS_A_DAY = 1500  # a day of 25 hours by the minute
WORKERS = 2

_add_day = law("interval_use").add_day
_add_to_load = law("interval_use").add_to_load


@dataclass(frozen=True)
class Determinants:
    """Of each register (in order): `wh`, `peak_w` (NO_DEMAND where nothing was measured) and `peak_at` (see `moment`)
    of shape registers × segments × periods; days that have a row, and steps that are missing or estimated."""

    register: Ints
    wh: Ints
    peak_w: Ints
    peak_at: Ints
    days: Ints
    missing: Ints
    estimated: Ints

    @property
    def wh_total(self) -> Ints:
        return np.asarray(self.wh.sum(axis=(1, 2)))

    @property
    def highest_w(self) -> Ints:
        return np.asarray(self.peak_w.max(axis=(1, 2)))


def moment(first_day: int, at: int, minutes: int, zone: tzinfo) -> datetime:
    """When a step numbered in `peak_at` begins, by the clock of `zone`."""
    start = midnight(first_day + at // MOMENTS_A_DAY, zone)
    return (start + timedelta(minutes=at % MOMENTS_A_DAY * minutes)).astimezone(zone)


@lean_free
def _gather(
    wh: Step32, first: Ints, register: Ints, day: Ints, minutes: Ints, places: Ints, calendars: Ints, days: Ints,
    place: Ints, segment: Ints, runs: Ints, segments: Ints, periods: Ints, sums: Ints, peaks: Ints, whens: Ints,
) -> None:  # fmt: skip
    for k in range(register.shape[0]):
        calendar = calendars[register[k]]
        at = place[places[k] * days[1] + calendar * days[0] + day[k]]
        base = (register[k] * segments[0] + segment[calendar * days[0] + day[k]]) * periods[0]
        steps = first[k + 1] - first[k]
        _add_day(
            wh, first[k], steps, minutes[k], runs, at, day[k] * MOMENTS_A_DAY, sums, peaks, whens, base
        )  # fmt: skip


def gather(days: Days, slots: SlotTable, calendar_of: Callable[[Ints], Ints]) -> Determinants:
    """The determinants of the registers in `days`. `calendar_of`: registers → the calendar of each.

    Raises ValueError for a day outside the table and for steps of a length that it was not resolved for.
    """
    count = len(days)
    edges = np.flatnonzero(np.r_[True, days.register[1:] != days.register[:-1]]) if count else np.zeros(0, np.int64)
    registers = days.register[edges]
    of_row = np.repeat(np.arange(len(edges)), np.diff(np.r_[edges, count]))
    day = days.day - slots.first_day
    if count and (int(day.min()) < 0 or int(day.max()) >= slots.days):
        raise ValueError("a day lies outside the days of the slot table")
    places = np.full(count, -1, np.int64)
    for k, minutes in enumerate(slots.minutes):
        places[days.minutes == minutes] = k
    if count and int(places.min()) < 0:
        raise ValueError(f"steps of {int(days.minutes[places < 0][0])} minutes: not resolved for these")
    shape = (len(registers), slots.segments, slots.periods)
    sums, peaks, whens = np.zeros(shape, np.int64), np.full(shape, NO_DEMAND, np.int64), np.zeros(shape, np.int64)
    calendars = calendar_of(registers).astype(np.int64)
    if len(calendars) and (int(calendars.min()) < 0 or int(calendars.max()) >= slots.segment.shape[0]):
        raise ValueError("a register has a calendar that the slot table does not know")
    width = np.array([slots.days, slots.days * slots.segment.shape[0]], np.int64)
    _check_lengths(days, slots, places, calendars[of_row], day)
    _gather(
        days.wh, days.first, of_row, day, days.minutes, places, calendars, width, slots.place.reshape(-1),
        slots.segment.reshape(-1), slots.runs, np.array([slots.segments]), np.array([slots.periods]),
        sums.reshape(-1), peaks.reshape(-1), whens.reshape(-1),
    )  # fmt: skip
    missing, estimated = np.zeros(len(registers), np.int64), np.zeros(len(registers), np.int64)
    if len(days.quality):
        guessed = np.add.reduceat((days.quality & ESTIMATED != 0).astype(np.int64), days.first[:-1])
        missing, estimated = (np.add.reduceat(each, edges) for each in (missing_steps(days), guessed))
    return Determinants(registers, sums, peaks, whens, np.diff(np.r_[edges, count]), missing, estimated)


def _check_lengths(days: Days, slots: SlotTable, places: Ints, calendars: Ints, day: Ints) -> None:
    """A day has as many steps as its runs lay out, or the walk would leave them."""
    wanted = slots.steps_at[slots.place[places, calendars, day]]
    wrong = wanted != np.diff(days.first)
    if wrong.any():
        k = int(np.argmax(wrong))
        raise ValueError(
            f"register {int(days.register[k])} has {int(np.diff(days.first)[k])} steps on day {int(days.day[k])}; "
            f"the day has {int(wanted[k])}"
        )


def over_ranges(
    snapshot: Snapshot, month: int, unit: int, work: Callable[[Days], T], workers: int = WORKERS
) -> Iterator[T]:
    """`work` over the register-days of a month and unit, range by range, the results in the order of registers. At most
    `workers` + 1 ranges are in memory at once."""
    ranges = iter(snapshot.ranges(month, unit))

    def one(bounds: tuple[int, int]) -> T:
        return work(snapshot.read(month, unit, *bounds))

    if workers == 1:
        yield from map(one, ranges)
        return
    with ThreadPoolExecutor(workers) as threads:
        waiting: list[Future[T]] = [threads.submit(one, each) for each in islice(ranges, workers + 1)]
        while waiting:
            done = waiting.pop(0).result()
            waiting += [threads.submit(one, each) for each in islice(ranges, 1)]
            yield done


def determinants(
    snapshot: Snapshot, month: int, unit: int, slots: SlotTable, calendar_of: Callable[[Ints], Ints],
    workers: int = WORKERS,
) -> Iterator[Determinants]:  # fmt: skip
    """The determinants of all registers of a month and unit, range by range."""
    return over_ranges(snapshot, month, unit, lambda days: gather(days, slots, calendar_of), workers)


@lean_free
def _add_loads(wh: Step32, first: Ints, day: Ints, minutes: Ints, wanted: Ints, load: Ints) -> None:
    width = MINUTES_OF_HOUR * 25 // wanted[0]
    for k in range(day.shape[0]):
        _add_to_load(wh, first[k], first[k + 1] - first[k], minutes[k], load, day[k] * width, wanted[0])


def system_load(snapshot: Snapshot, month: int, unit: int, first_day: int, days: int, minutes: int) -> Ints:
    """Wh of all registers together, days × steps of `minutes` (a day has room for 25 hours)."""
    width = MINUTES_OF_HOUR * 25 // minutes

    def add(block: Days) -> Ints:
        load = np.zeros(days * width, np.int64)
        _add_loads(
            block.wh, block.first, block.day - first_day, block.minutes, np.array([minutes], np.int64), load
        )  # fmt: skip
        return load

    total = np.zeros(days * width, np.int64)
    for load in over_ranges(snapshot, month, unit, add):
        total += load
    return total.reshape(days, width)


def in_hour(days: Days, day: int, minute: int) -> tuple[Ints, Ints]:
    """(registers, W) of the hour that begins at a minute of a day: what each took while the system had its peak."""
    rows = np.flatnonzero(days.day == day)
    per_hour = MINUTES_OF_HOUR // days.minutes[rows]
    start = days.first[rows] + minute // days.minutes[rows]
    inside = start + per_hour <= days.first[rows + 1]
    rows, start, per_hour = rows[inside], start[inside], per_hour[inside]
    sums = np.concatenate([[0], np.cumsum(days.wh, dtype=np.int64)])
    return days.register[rows], sums[start + per_hour] - sums[start]
