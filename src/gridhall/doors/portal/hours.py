"""From the hours of a month to what is drawn: a map of days × hours, and the curve of one day. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext

from gridhall.doors.look import charts, formats
from gridhall.metering.public import DayHours

LEVELS = 6  # shades of the map beside nothing known; the last is the highest hour of the month
HOURS = 24


@dataclass(frozen=True)
class Cell:
    """An hour of the map: its shade (0: nothing known, 1..LEVELS), its energy read, the hour."""

    hour: int
    level: int
    text: str


@dataclass(frozen=True)
class MapRow:
    day: date
    wh: int
    estimated: bool
    cells: tuple[Cell, ...]


def heat_map(days: Sequence[DayHours]) -> list[MapRow]:
    """A row a day; the shades are even steps up to the highest hour."""
    highest = max((wh for day in days for wh in day.wh if wh is not None), default=0)
    return [
        MapRow(day.day, day.wh_total, day.estimated, tuple(_cell(hour, wh, highest) for hour, wh in enumerate(day.wh)))
        for day in days
    ]


def _cell(hour: int, wh: int | None, highest: int) -> Cell:
    if wh is None:
        return Cell(hour, 0, "–")
    return Cell(hour, max(1, -(-wh * LEVELS // max(1, highest))), formats.decimal(wh, 3, 1))


def day_curve(day: DayHours, language: str) -> charts.ColumnChart:
    """The energy of one day by the hour."""
    items = [
        charts.Column(
            label=str(hour) if hour % 3 == 0 else "",
            name=f"{hour:02}:00–{hour + 1:02}:00",
            values=(wh or 0,),
            texts=(formats.decimal(wh or 0, 3, 1),),
            text="" if wh is None else formats.decimal((wh + 5) // 10, 2),
        )
        for hour, wh in enumerate(day.wh)
    ]
    title = gettext("%(day)s by the hour") % {"day": formats.day(day.day, language)}
    return charts.columns(title, gettext("kWh"), [charts.Series(gettext("Energy"), "total")], items, _kwh)


def _kwh(wh: int) -> str:
    return formats.decimal(wh, 3)


def typical(days: Sequence[DayHours]) -> tuple[int, int] | None:
    """(hour, share in per cent) of the three hours in a row, from `hour` on, in which most of the month was used."""
    by_hour = [sum(day.wh[hour] or 0 for day in days) for hour in range(HOURS)]
    whole = sum(by_hour)
    if not whole:
        return None
    best = max(range(HOURS - 2), key=lambda hour: sum(by_hour[hour : hour + 3]))
    return best, sum(by_hour[best : best + 3]) * 100 // whole
