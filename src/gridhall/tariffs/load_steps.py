"""The steps of a load on the calendar of a tariff version: which day, which minute on the wall, which period."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gridhall.rules.calendar import season_of
from gridhall.rules.layout import PLAN_SEASON_AT, PLAN_SEASONS
from gridhall.rules.local_day import midnight, wall_minutes
from gridhall.rules.plan import CompiledPlan
from gridhall.tariffs.book import Book, Version
from gridhall.tariffs.day_kinds import DayKinds, read_day_kinds
from gridhall.tariffs.price_series import MINUTES_A_DAY, minute_of
from gridhall.tariffs.windows import PERIOD_NAMES, minutes_of_day, read_seasons

NO_PERIOD = -1


@dataclass(frozen=True)
class Days:
    """The days of a stretch, each with its first step and what the wall clock shows when its steps begin."""

    first_day: int
    width: int  # minutes of a step
    starts: tuple[int, ...]  # first step of each day, and the number of all steps
    walls: tuple[tuple[int, ...], ...]
    minutes: tuple[int, ...]  # of the beginning of each day, as in price_series

    def steps_of(self, span: range) -> range:
        """The steps of some days (day numbers)."""
        return range(self.starts[span.start - self.first_day], self.starts[span.stop - self.first_day])


def zone_of(book: Book, version: Version) -> ZoneInfo | None:
    """The time zone that a version states; None where its clocks never change."""
    name = version.body.get("time zone")
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        path = ("versions", version.index, "time zone")
        raise book.error(path, f"there is no time zone {name} (write Europe/Oslo)") from None


def days_of(first_day: int, until: int, steps: int, zone: ZoneInfo | None) -> Days:
    """The days from `first_day` to before `until`, `steps` to the hour; of 23 or 25 hours where the clocks change."""
    width = 60 // steps
    plain = tuple(range(0, MINUTES_A_DAY, width))
    starts, walls, minutes = [0], [], []
    for day in range(first_day, until):
        walls.append(plain if zone is None else wall_minutes(day, zone, width))
        starts.append(starts[-1] + len(walls[-1]))
        minutes.append(day * MINUTES_A_DAY if zone is None else minute_of(midnight(day, zone)))
    return Days(first_day, width, tuple(starts), tuple(walls), tuple(minutes))


class Clock:
    """The periods of a version: for each day the period (place in PERIOD_NAMES) of each of its steps."""

    def __init__(self, book: Book, version: Version, plan: CompiledPlan) -> None:
        path = ("versions", version.index)
        self._book, self._version, self._plan = book, version, plan
        self._seasons = read_seasons(book, version.body, path).names
        self._kinds: DayKinds = read_day_kinds(book, version.body, path)
        self._known: dict[tuple[str, str, tuple[int, ...]], tuple[int, ...]] = {}

    def season(self, day: int) -> str:
        """The name of the season of a day number."""
        table = self._plan.table
        return self._seasons[season_of(table, table[PLAN_SEASON_AT], day) if table[PLAN_SEASONS] > 1 else 0]

    def periods(self, day: int, walls: tuple[int, ...], width: int) -> tuple[int, ...]:
        """The period of each step of a day; NO_PERIOD for a version without. Raises BookError for a step that lies in
        two periods."""
        key = (self.season(day), self._kinds.of(day), walls)
        if key not in self._known:
            self._known[key] = self._lay(*key, width)
        return self._known[key]

    def _lay(self, season: str, kind: str, walls: Sequence[int], width: int) -> tuple[int, ...]:
        path = ("versions", self._version.index)
        owner = minutes_of_day(self._book, self._version.body, season, path, kind)
        if not owner:
            return (NO_PERIOD,) * len(walls)
        found = []
        for wall in walls:
            names = set(owner[wall : wall + width])
            if len(names) > 1:
                clock = f"{wall // 60:02}:{wall % 60:02}"
                what = f"the step from {clock} lies in {' and '.join(sorted(names))}"
                raise self._book.error((*path, "periods"), what)
            found.append(PERIOD_NAMES.index(names.pop()))
        return tuple(found)


def year_days(year: int) -> tuple[int, int]:
    """The first day of a year and of the next one, as day numbers."""
    return date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal()
