"""Kinds of days: workdays, weekends, holidays and other special days, as a version of a book names them.

days:
  holiday: 2026-01-01, 2026-02-15..2026-02-23      # dates win over weekdays
  weekend: saturday, sunday
  workday: rest
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from gridhall.tariffs.book import Book, Path

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
REST = "rest"
LONGEST = 400  # days that one stretch may have


@dataclass(frozen=True)
class DayKinds:
    """Names of the kinds in order; the kind of each weekday (0 is Monday), and of dates (day numbers) that differ."""

    names: tuple[str, ...]
    weekdays: tuple[int, ...]
    dates: Mapping[int, int]

    def of(self, day: int) -> str:
        """The kind of a day number."""
        return self.names[self.dates.get(day, self.weekdays[(day + 6) % 7])]


def _dates(text: str) -> range:
    """The day numbers of 2026-02-15..2026-02-23 or of one date. ValueError where it is none."""
    first, _, last = text.partition("..")
    start = date.fromisoformat(first.strip())
    end = date.fromisoformat(last.strip()) if last else start
    days = range(start.toordinal(), end.toordinal() + 1)
    if not 1 <= len(days) <= LONGEST:
        raise ValueError("no stretch of days")
    return days


def read_day_kinds(book: Book, body: Mapping[str, Any], path: Path) -> DayKinds:
    """The kinds of days of a version; one kind named "" where it has none. Each day has exactly one. Raises
    BookError."""
    stated = body.get("days")
    if not stated:
        return DayKinds(("",), (0,) * 7, {})
    path = (*path, "days")
    names = tuple(stated)
    weekdays = [-1] * 7
    dates: dict[int, int] = {}
    for code, (name, text) in enumerate(stated.items()):
        for part in () if text == REST else text.split(","):
            _place(book, part.strip(), code, names, weekdays, dates, (*path, name))
    rest = [name for name, text in stated.items() if text == REST]
    if len(rest) > 1:
        raise book.error(path, "only one kind of day can be the rest")
    if -1 in weekdays and not rest:
        raise book.error(path, f"{WEEKDAYS[weekdays.index(-1)]} is no kind of day")
    usual = names.index(rest[0]) if rest else 0
    if rest and -1 not in weekdays:
        raise book.error((*path, rest[0]), "every weekday is named already, so nothing is left for the rest")
    return DayKinds(names, tuple(usual if code == -1 else code for code in weekdays), dates)


def _place(
    book: Book, part: str, code: int, names: tuple[str, ...], weekdays: list[int], dates: dict[int, int], path: Path
) -> None:
    """Give a weekday or some dates their kind; each can have one only."""
    if part in WEEKDAYS:
        place = WEEKDAYS.index(part)
        if weekdays[place] != -1:
            raise book.error(path, f"{part} is also {names[weekdays[place]]}")
        weekdays[place] = code
        return
    try:
        days = _dates(part)
    except ValueError:
        what = f"“{part}” is neither a weekday nor a date (write sunday, 2026-01-01 or 2026-02-15..2026-02-23)"
        raise book.error(path, what) from None
    for day in days:
        if dates.get(day, code) != code:
            raise book.error(path, f"{date.fromordinal(day)} is also {names[dates[day]]}")
        dates[day] = code
