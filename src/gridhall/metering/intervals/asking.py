"""What the interval store says of a register: its days, step by step, and what was said before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from gridhall.kernel import clock
from gridhall.metering import models
from gridhall.metering.intervals.loading import the_store
from gridhall.rules.interval_use import ESTIMATED, MISSING, REVISED
from gridhall.rules.local_day import midnight


@dataclass(frozen=True)
class LoadDay:
    """A day of a register: minutes of a step, Wh and quality bits (`rules.interval_use`) of each step."""

    register: int
    day: date
    minutes: int
    wh: tuple[int, ...]
    quality: tuple[int, ...]
    revision: int

    @property
    def wh_total(self) -> int:
        return sum(self.wh)

    @property
    def missing(self) -> int:
        return self.quality.count(MISSING)

    @property
    def estimated(self) -> int:
        return sum(1 for each in self.quality if each & ESTIMATED)

    @property
    def revised(self) -> int:
        return sum(1 for each in self.quality if each & REVISED)

    def starts(self) -> list[datetime]:
        """When each step begins, by the supplier's clock."""
        begin, zone = midnight(self.day.toordinal(), clock.zone()), clock.zone()
        return [(begin + timedelta(minutes=self.minutes * k)).astimezone(zone) for k in range(len(self.wh))]


def load_days(
    register_id: int, months: Sequence[int], as_of: datetime | None = None, unit_id: int | None = None
) -> list[LoadDay]:  # fmt: skip
    """The days of a register in some months, in order; as they were known at a moment, where one is given."""
    snapshot = the_store().snapshot(as_of)
    days = snapshot.register(register_id, months, None if unit_id is None else [unit_id])
    return [_load_day(days.row(k), *(int(each[k]) for each in (days.register, days.day, days.minutes, days.revision)))
            for k in range(len(days))]  # fmt: skip


def _load_day(row: tuple[np.ndarray, np.ndarray], register: int, day: int, minutes: int, revision: int) -> LoadDay:
    wh, quality = row
    return LoadDay(register, date.fromordinal(day), minutes, tuple(wh.tolist()), tuple(quality.tolist()), revision)


def versions(register_id: int, day: date) -> list[LoadDay]:
    """Every version of a day that was ever loaded, the oldest first."""
    found = the_store().snapshot().versions(register_id, day.toordinal())
    return [
        _load_day(each.row(0), register_id, day.toordinal(), int(each.minutes[0]), int(each.revision[0]))
        for each in found
    ]


def register_of(serial: str, tou: int = models.TOTAL) -> int | None:
    """The register of a meter by its serial and code; None where there is none."""
    found = models.Register.objects.filter(meter__serial=serial, tou=tou).values_list("id", flat=True).first()
    return None if found is None else int(found)
