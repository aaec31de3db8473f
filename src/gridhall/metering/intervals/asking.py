"""What the interval store says of a register: its days, step by step, and what was said before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from gridhall.kernel import clock
from gridhall.metering import models
from gridhall.metering.intervals.loading import the_store
from gridhall.rules.interval_use import ESTIMATED, MISSING, REVISED
from gridhall.rules.local_day import midnight, wall_minutes


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


@dataclass(frozen=True)
class DayHours:
    """A day of an account by the clock on the wall: Wh of each of 24 hours (None where nothing is known of it), and
    whether some of it is estimated. An hour that the clocks repeat holds both."""

    day: date
    wh: tuple[int | None, ...]
    estimated: bool

    @property
    def wh_total(self) -> int:
        return sum(each for each in self.wh if each is not None)


def months_of_account(account_id: int) -> list[int]:
    """The months in which the store may hold days of an account, the newest first."""
    places = _places(account_id)
    found = set()
    for part in the_store().log.state().parts:
        for register, unit, since, until in places:
            first, last = part.days
            hung = since.toordinal() <= last and until.toordinal() > first
            if unit == part.unit and part.registers[0] <= register <= part.registers[1] and hung:
                found.add(part.month)
    return sorted(found, reverse=True)


def hours_of_account(account_id: int, month: int) -> list[DayHours]:
    """The days of an account in a month by the hour: of the total registers while they hung there."""
    hours: dict[date, list[int | None]] = {}
    guessed: set[date] = set()
    for register, unit, since, until in _places(account_id):
        for each in load_days(register, [month], None, unit):
            if not since <= each.day < until:
                continue
            row = hours.setdefault(each.day, [None] * 24)
            walls = wall_minutes(each.day.toordinal(), clock.zone(), each.minutes)
            for wall, wh, quality in zip(walls, each.wh, each.quality, strict=True):
                if quality != MISSING:
                    row[wall // 60] = (row[wall // 60] or 0) + wh
                if quality & ESTIMATED:
                    guessed.add(each.day)
    return [DayHours(day, tuple(hours[day]), day in guessed) for day in sorted(hours)]


def _places(account_id: int) -> list[tuple[int, int, date, date]]:
    """(register, unit, since, until) of the total registers of an account, that hang or hung."""
    found = models.RegisterPlace.objects.filter(account_id=account_id, tou=models.TOTAL)
    return list(found.values_list("register_id", "unit_id", "since", "until"))
