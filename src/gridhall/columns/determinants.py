"""Billing determinants straight from the interval store: kWh by period, peaks with their time, coincident values.

Files are read range by range and by two threads, so memory does not grow with the store; what comes out is one entry
for each register and segment of its bill.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, fields
from datetime import datetime, timedelta, tzinfo
from itertools import islice
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from gridhall.columns.interval_days import Days, missing_steps
from gridhall.columns.interval_parts import OpenFiles
from gridhall.columns.interval_store import Snapshot
from gridhall.columns.law import law, lean_free
from gridhall.columns.slot_table import SlotTable
from gridhall.rules.interval_use import ESTIMATED, MINUTES_OF_HOUR, NO_DEMAND, NOT_FOUND
from gridhall.rules.local_day import midnight

Ints = npt.NDArray[np.int64]
Step32 = npt.NDArray[np.int32]
T = TypeVar("T")
MOMENTS_A_DAY = 1500  # a day of 25 hours by the minute
WORKERS = 2
GROUP_RANGES = 8  # of one task: its files are opened once, and its registers rated together
NO_ROW = -1
NO_EDGES = np.zeros(1, np.int64)

_add_days = law("interval_use").add_days
_find_peaks = law("interval_use").find_peaks
_add_windows = law("interval_use").add_windows
_add_to_load = law("interval_use").add_to_load


@dataclass(frozen=True)
class Determinants:
    """Of each register (in order): `wh`, `peak_w` (NO_DEMAND where nothing was measured) and `peak_at` (see `moment`;
    no registers where the times were not asked for) of shape registers × segments × periods; days that have a row, and
    steps that are missing or estimated."""

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
    wh: Step32, first: Ints, edges: Ints, day: Ints, minutes: Ints, places: Ints, calendars: Ints, days: int,
    all_calendars: int, place: Ints, segment: Ints, runs: Ints, steps_at: Ints, segments: int, periods: int,
    by_step: Ints, highest: Ints, sums: Ints, peaks: Ints,
) -> int:  # fmt: skip
    """Add up all rows; those of a register one behind the other that are laid out alike together. Returns the first
    row that does not fit the table, NO_ROW where all do."""
    for register in range(calendars.shape[0]):
        calendar = calendars[register] * days
        row = edges[register]
        while row < edges[register + 1]:
            layout = places[minutes[row]] * all_calendars * days + calendar
            if day[row] < 0 or day[row] >= days or layout < 0:
                return int(row)
            at, part = place[layout + day[row]], segment[calendar + day[row]]
            steps = first[row + 1] - first[row]
            if steps != steps_at[at]:
                return int(row)
            end = row + 1
            while (
                end < edges[register + 1] and minutes[end] == minutes[row] and 0 <= day[end] < days
                and place[layout + day[end]] == at and segment[calendar + day[end]] == part
                and first[end + 1] - first[end] == steps
            ):  # fmt: skip
                end += 1
            base = (register * segments + part) * periods
            _add_days(
                wh, first[row], end - row, steps, minutes[row], runs, at, by_step, highest, sums, peaks, base
            )  # fmt: skip
            row = end
    return NO_ROW


@lean_free
def _find_times(
    wh: Step32, first: Ints, edges: Ints, day: Ints, minutes: Ints, places: Ints, calendars: Ints, days: int,
    all_calendars: int, place: Ints, segment: Ints, runs: Ints, segments: int, periods: int, peaks: Ints, whens: Ints,
) -> None:  # fmt: skip
    """The first step of each peak that `_gather` found."""
    for register in range(calendars.shape[0]):
        calendar = calendars[register] * days
        for row in range(edges[register], edges[register + 1]):
            at = place[places[minutes[row]] * all_calendars * days + calendar + day[row]]
            base = (register * segments + segment[calendar + day[row]]) * periods
            _find_peaks(
                wh, first[row], first[row + 1] - first[row], minutes[row], runs, at, day[row] * MOMENTS_A_DAY, peaks,
                whens, base,
            )  # fmt: skip


@lean_free
def _gather_windows(
    wh: Step32, first: Ints, edges: Ints, day: Ints, minutes: Ints, places: Ints, calendars: Ints, days: int,
    all_calendars: int, place: Ints, segment: Ints, runs: Ints, demand: Ints, segments: int, periods: int,
    peaks: Ints, whens: Ints,
) -> None:  # fmt: skip
    """The peaks, with their times, of registers whose calendar measures demand over more than a step; theirs are
    forgotten first."""
    for register in range(calendars.shape[0]):
        calendar = calendars[register] * days
        longest = 0
        for row in range(edges[register], edges[register + 1]):
            longest = max(longest, demand[calendars[register]] // minutes[row])
        if longest <= 1:
            continue
        for k in range(register * segments * periods, (register + 1) * segments * periods):
            peaks[k] = NO_DEMAND
        for row in range(edges[register], edges[register + 1]):
            at = place[places[minutes[row]] * all_calendars * days + calendar + day[row]]
            base = (register * segments + segment[calendar + day[row]]) * periods
            _add_windows(
                wh, first[row], first[row + 1] - first[row], minutes[row],
                max(demand[calendars[register]] // minutes[row], 1), runs, at, day[row] * MOMENTS_A_DAY, peaks, whens,
                base,
            )  # fmt: skip


def gather(
    days: Days, slots: SlotTable, calendar_of: Callable[[Ints], Ints], times: bool = True
) -> Determinants:  # fmt: skip
    """The determinants of the registers in `days`. `calendar_of`: registers → the calendar of each. `times`: whether
    to find the times of the peaks, which is a second look at the values.

    Raises ValueError for a day outside the table and for steps of a length that it was not resolved for.
    """
    count = len(days)
    edges = np.flatnonzero(np.r_[True, days.register[1:] != days.register[:-1], True]) if count else NO_EDGES
    registers = days.register[edges[:-1]]
    shape = (len(registers), slots.segments, slots.periods)
    sums, peaks = np.zeros(shape, np.int64), np.full(shape, NO_DEMAND, np.int64)
    calendars = calendar_of(registers).astype(np.int64)
    if len(calendars) and (int(calendars.min()) < 0 or int(calendars.max()) >= slots.segment.shape[0]):
        raise ValueError("a register has a calendar that the slot table does not know")
    places = np.full(MINUTES_OF_HOUR + 1, -1, np.int64)
    places[list(slots.minutes)] = np.arange(len(slots.minutes))
    day = days.day - slots.first_day
    rows = (days.wh, days.first, edges, day, days.minutes, places, calendars)
    table = (slots.days, slots.segment.shape[0], slots.place.reshape(-1), slots.segment.reshape(-1), slots.runs)
    size = (slots.segments, slots.periods)
    room = np.zeros((2, MOMENTS_A_DAY), np.int64)
    wrong = _gather(*rows, *table, slots.steps_at, *size, room[0], room[1], sums.reshape(-1), peaks.reshape(-1))
    if wrong != NO_ROW:
        raise ValueError(_what_does_not_fit(days, slots, wrong))
    whens = np.zeros((0, *size), np.int64)
    over_steps = bool((slots.demand_minutes[calendars] > 0).any()) if count else False
    if times or over_steps:
        whens = np.where(peaks == NO_DEMAND, 0, NOT_FOUND)
        _find_times(*rows, *table, *size, peaks.reshape(-1), whens.reshape(-1))
    if over_steps:
        _gather_windows(
            *rows, *table, slots.demand_minutes, *size, peaks.reshape(-1), whens.reshape(-1)
        )  # fmt: skip
    whens = whens if times else whens[:0]
    missing, estimated = np.zeros(len(registers), np.int64), np.zeros(len(registers), np.int64)
    if len(days.quality):
        guessed = np.add.reduceat((days.quality & ESTIMATED != 0).astype(np.int64), days.first[:-1])
        missing, estimated = (np.add.reduceat(each, edges[:-1]) for each in (missing_steps(days), guessed))
    return Determinants(registers, sums, peaks, whens, np.diff(edges), missing, estimated)


def _what_does_not_fit(days: Days, slots: SlotTable, row: int) -> str:
    """Why a row cannot be added up by the table: its day or its steps are not resolved, or are not those of the day."""
    day, minutes = int(days.day[row]), int(days.minutes[row])
    if not slots.first_day <= day < slots.first_day + slots.days:
        return "a day lies outside the days of the slot table"
    if minutes not in slots.minutes:
        return f"steps of {minutes} minutes: not resolved for these"
    steps = int(days.first[row + 1] - days.first[row])
    return f"register {int(days.register[row])} has {steps} steps on day {day}; the day has others"


def joined(parts: Sequence[Determinants]) -> Determinants:
    """The registers of several, one behind the other."""
    if len(parts) == 1:
        return parts[0]
    return Determinants(
        *(np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(Determinants))
    )


def over_groups(
    snapshot: Snapshot, month: int, unit: int, work: Callable[[Iterator[Days]], T], workers: int = WORKERS
) -> Iterator[T]:
    """`work` over the register-days of a month and unit, given some ranges at a time, the results in the order of
    registers. A range is read when it is asked for; each of the `workers` has one in memory."""
    ranges = snapshot.ranges(month, unit)
    groups = iter([ranges[k : k + GROUP_RANGES] for k in range(0, len(ranges), GROUP_RANGES)])

    def one(group: Sequence[tuple[int, int]]) -> T:
        with OpenFiles(snapshot.folder) as opened:
            return work(snapshot.read(month, unit, *bounds, opened=opened) for bounds in group)

    if workers == 1:
        yield from map(one, groups)
        return
    with ThreadPoolExecutor(workers) as threads:
        waiting: list[Future[T]] = [threads.submit(one, each) for each in islice(groups, workers + 1)]
        while waiting:
            done = waiting.pop(0).result()
            waiting += [threads.submit(one, each) for each in islice(groups, 1)]
            yield done


def over_ranges(
    snapshot: Snapshot, month: int, unit: int, work: Callable[[Days], T], workers: int = WORKERS
) -> Iterator[T]:
    """`work` over the register-days of a month and unit, range by range, the results in the order of registers."""
    for results in over_groups(snapshot, month, unit, lambda ranges: [work(days) for days in ranges], workers):
        yield from results


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
