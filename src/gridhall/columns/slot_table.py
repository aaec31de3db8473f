"""Slot → period, resolved once: for each tariff calendar and day of a month the runs of steps that one period prices.

A calendar tells the period of each minute of a day as the clock on the wall shows it. A day on which the clocks change
is laid out as it was lived: a repeated hour is priced twice, a skipped one not at all.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from gridhall.rules.local_day import wall_minutes

Ints = npt.NDArray[np.int64]
Clock = Callable[[int], Sequence[int]]  # day number → the period of each of 1,440 minutes (0, 1, …)
NO_RUNS = -1


@dataclass(frozen=True)
class Calendar:
    """How a tariff prices the time: `period_of_day` and how many periods it has. `cuts`: days (numbers) on which a new
    segment of the bill begins, because another season does."""

    period_of_day: Clock
    periods: int
    cuts: tuple[int, ...] = ()


@dataclass(frozen=True)
class SlotTable:
    """The calendars of all tariffs over some days, for steps of some lengths.

    Day d (from `first_day`) of calendar c, with steps of `minutes[m]`, is laid out in `runs` from place[m, c, d] on:
    period and the step it ends before, by turns. `segment[c, d]` is the segment of the bill in which the day lies.
    """

    first_day: int
    minutes: tuple[int, ...]
    runs: Ints
    place: npt.NDArray[np.int64]
    segment: npt.NDArray[np.int64]
    periods: int
    segments: int

    @property
    def days(self) -> int:
        return int(self.segment.shape[1])

    def segment_days(self, calendar: int) -> list[tuple[int, int]]:
        """(first day, day after the last) of each segment of a calendar."""
        row = self.segment[calendar]
        edges = [0, *(np.flatnonzero(np.diff(row)) + 1).tolist(), len(row)]
        return [(self.first_day + a, self.first_day + b) for a, b in pairwise(edges)]


def runs_of_day(periods: Sequence[int], walls: Sequence[int], minutes: int) -> tuple[int, ...]:
    """Runs of a day whose steps begin at `walls`. Raises ValueError for a step that lies in two periods."""
    runs: list[int] = []
    for k, wall in enumerate(walls):
        within = periods[wall : wall + minutes]
        if any(each != within[0] for each in within):
            raise ValueError(f"the step of {minutes} minutes from {wall // 60:02}:{wall % 60:02} lies in two periods")
        if runs and runs[-2] == within[0]:
            runs[-1] = k + 1
        else:
            runs += [within[0], k + 1]
    return tuple(runs)


def slot_table(
    calendars: Sequence[Calendar], first_day: int, until: int, zone: tzinfo, minutes: Sequence[int] = (15,)
) -> SlotTable:
    """Resolve calendars over the days from `first_day` to before `until`. Raises ValueError where a step lies in two
    periods: such a tariff cannot be billed from these steps."""
    days = range(first_day, until)
    place = np.full((len(minutes), len(calendars), len(days)), NO_RUNS, np.int64)
    segment = np.zeros((len(calendars), len(days)), np.int64)
    known: dict[tuple[int, ...], int] = {}
    runs: list[int] = []
    walls = {(step, day): wall_minutes(day, zone, step) for step in minutes for day in days}
    for c, calendar in enumerate(calendars):
        for d, day in enumerate(days):
            segment[c, d] = sum(first_day < cut <= day for cut in calendar.cuts)
            periods = calendar.period_of_day(day)
            for m, step in enumerate(minutes):
                try:
                    found = runs_of_day(periods, walls[step, day], step)
                except ValueError as fault:
                    raise ValueError(f"{date.fromordinal(day)}: {fault}") from None
                if found not in known:
                    known[found] = len(runs)
                    runs += found
                place[m, c, d] = known[found]
    most = max((calendar.periods for calendar in calendars), default=1)
    return SlotTable(
        first_day, tuple(minutes), np.array(runs, np.int64), place, segment, most, int(segment.max(initial=0)) + 1
    )
