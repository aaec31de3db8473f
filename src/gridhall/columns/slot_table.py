"""Slot → period, resolved once: for each tariff calendar and day of a month the runs of steps that one period prices.

A calendar tells the period of each step of a day, given what the clock on the wall shows when the steps begin. A day on
which the clocks change is laid out as it was lived: a repeated hour is priced twice, a skipped one not at all.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from gridhall.rules.local_day import wall_minutes

Ints = npt.NDArray[np.int64]
# (day number, minutes on the wall when each step begins, minutes of a step) → the period of each step: 0, 1, …
Clock = Callable[[int, tuple[int, ...], int], Sequence[int]]
NO_RUNS = -1


@dataclass(frozen=True)
class Calendar:
    """How a tariff prices the time: `periods_of_day` and how many periods it has. `cuts`: days (numbers) on which a new
    segment of the bill begins, because another season does. `demand_minutes`: over which demand is measured; 0 a step.
    """

    periods_of_day: Clock
    periods: int
    cuts: tuple[int, ...] = ()
    demand_minutes: int = 0


@dataclass(frozen=True)
class SlotTable:
    """The calendars of all tariffs over some days, for steps of some lengths.

    Day d (from `first_day`) of calendar c, with steps of `minutes[m]`, is laid out in `runs` from place[m, c, d] on:
    period and the step it ends before, by turns. `segment[c, d]` is the segment of the bill in which the day lies.
    `demand_minutes[c]`: over how many minutes calendar c measures demand; 0 a step.
    """

    first_day: int
    minutes: tuple[int, ...]
    runs: Ints
    place: npt.NDArray[np.int64]
    segment: npt.NDArray[np.int64]
    periods: int
    segments: int
    demand_minutes: Ints

    @property
    def days(self) -> int:
        return int(self.segment.shape[1])

    @cached_property
    def steps_at(self) -> Ints:
        """How many steps the runs from each place on lay out."""
        starts = np.unique(self.place[self.place != NO_RUNS])
        steps = np.zeros(len(self.runs), np.int64)
        steps[starts] = self.runs[np.r_[starts[1:], len(self.runs)] - 1]
        return steps

    @cached_property
    def bounds(self) -> Ints:
        """(first day, day after the last) of each calendar and segment; (0, 0) of one that a calendar does not have."""
        bounds = np.zeros((self.segment.shape[0], self.segments, 2), np.int64)
        for calendar in range(self.segment.shape[0]):
            for k, days in enumerate(self.segment_days(calendar)):
                bounds[calendar, k] = days
        return bounds

    def segment_days(self, calendar: int) -> list[tuple[int, int]]:
        """(first day, day after the last) of each segment of a calendar."""
        row = self.segment[calendar]
        edges = [0, *(np.flatnonzero(np.diff(row)) + 1).tolist(), len(row)]
        return [(self.first_day + a, self.first_day + b) for a, b in pairwise(edges)]


def runs_of_day(periods: Sequence[int]) -> tuple[int, ...]:
    """The steps of a day as runs: period and the step it ends before, by turns."""
    runs: list[int] = []
    for k, period in enumerate(periods):
        if runs and runs[-2] == period:
            runs[-1] = k + 1
        else:
            runs += [period, k + 1]
    return tuple(runs)


def slot_table(
    calendars: Sequence[Calendar], first_day: int, until: int, zone: tzinfo, minutes: Sequence[int] = (15,)
) -> SlotTable:
    """Resolve calendars over the days from `first_day` to before `until`. What a calendar raises for a step that lies
    in two of its periods passes through: such a tariff cannot be billed from these steps."""
    days = range(first_day, until)
    place = np.full((len(minutes), len(calendars), len(days)), NO_RUNS, np.int64)
    segment = np.zeros((len(calendars), len(days)), np.int64)
    known: dict[tuple[int, ...], int] = {}
    runs: list[int] = []
    walls = {(step, day): wall_minutes(day, zone, step) for step in minutes for day in days}
    for c, calendar in enumerate(calendars):
        for d, day in enumerate(days):
            segment[c, d] = sum(first_day < cut <= day for cut in calendar.cuts)
            for m, step in enumerate(minutes):
                found = runs_of_day(calendar.periods_of_day(day, walls[step, day], step))
                if found not in known:
                    known[found] = len(runs)
                    runs += found
                place[m, c, d] = known[found]
    most = max((calendar.periods for calendar in calendars), default=1)
    demand = np.array([calendar.demand_minutes for calendar in calendars], np.int64)
    return SlotTable(
        first_day, tuple(minutes), np.array(runs, np.int64), place, segment, most, int(segment.max(initial=0)) + 1,
        demand,
    )  # fmt: skip
