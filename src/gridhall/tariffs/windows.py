"""Seasons of the year and windows of the day, as a book states them, and the check that they leave no gap and no
overlap."""

import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gridhall.rules.calendar import days_in_month
from gridhall.tariffs.book import Book, Faults, Path
from gridhall.tariffs.day_kinds import read_day_kinds

REGISTERS = ("sharp", "peak", "flat", "valley")
DEEP_VALLEY = "deep valley"
PERIOD_NAMES = (*REGISTERS, DEEP_VALLEY)
REST = "rest"
AS_METERED = "as metered"
LEAP_YEAR = 2024
_SEASON = re.compile(r"(\d\d)-(\d\d)\.\.(\d\d)-(\d\d)")
_WINDOW = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")


@dataclass(frozen=True)
class Seasons:
    """Names of the seasons in order, and the season of each of the 372 days that months of 31 days would have."""

    names: tuple[str, ...]
    table: tuple[int, ...]

    @property
    def by_months(self) -> bool:
        """True when every season is made of whole months."""
        days = [(k, code) for k, code in enumerate(self.table) if k % 31 < days_in_month(LEAP_YEAR, k // 31 + 1)]
        return all(code == self.table[k - k % 31] for k, code in days)


def _place(month: int, day: int) -> int:
    return 31 * (month - 1) + day - 1


def _stretch(book: Book, text: str, path: Path) -> list[int]:
    """The places of the days of "11-01..03-31", over the turn of the year where it runs backwards."""
    match = _SEASON.fullmatch(text.strip())
    if match is None:
        raise book.error(path, f"“{text}” is not a stretch of the year (write 11-01..03-31)")
    month, day, last_month, last_day = map(int, match.groups())
    for m, d in ((month, day), (last_month, last_day)):
        if not 1 <= m <= 12 or not 1 <= d <= days_in_month(LEAP_YEAR, m):
            raise book.error(path, f"{m:02}-{d:02} is no day of the year")
    if (last_month, last_day) == (2, 28):
        last_day = 29  # the season goes to the end of February, leap year or not
    first, last = _place(month, day), _place(last_month, last_day)
    return [k % 372 for k in range(first, last + 1 if last >= first else last + 373)]


def read_seasons(book: Book, body: Mapping[str, Any], path: Path) -> Seasons:
    """The seasons of a version; one season named "" where the book has none. Each day belongs to exactly one."""
    stated = body.get("seasons")
    if not stated:
        return Seasons(("",), ())
    table = [-1] * 372
    rest = [name for name, text in stated.items() if text == REST]
    if len(rest) > 1:
        raise book.error((*path, "seasons"), "only one season can be the rest")
    names = tuple(stated)
    for code, (name, text) in enumerate(stated.items()):
        if text == REST:
            continue
        for part in text.split(","):
            for k in _stretch(book, part, (*path, "seasons", name)):
                if table[k] not in (-1, code):
                    month, day = k // 31 + 1, k % 31 + 1
                    raise book.error((*path, "seasons", name), f"{month:02}-{day:02} also lies in {names[table[k]]}")
                table[k] = code
    for k, code in enumerate(table):
        if code == -1 and rest:
            table[k] = names.index(rest[0])
        elif code == -1 and k % 31 < days_in_month(LEAP_YEAR, k // 31 + 1):
            raise book.error((*path, "seasons"), f"{k // 31 + 1:02}-{k % 31 + 1:02} lies in no season")
    return Seasons(names, tuple(max(code, 0) for code in table))


def _minutes(book: Book, text: str, path: Path) -> list[range]:
    windows = []
    for part in text.split(","):
        match = _WINDOW.fullmatch(part.strip())
        if match is None:
            raise book.error(path, f"“{part.strip()}” is not a window of the day (write 08:00-22:00)")
        hour, minute, last_hour, last_minute = map(int, match.groups())
        first, last = hour * 60 + minute, last_hour * 60 + last_minute
        if minute > 59 or last_minute > 59 or first >= 1440 or last > 1440 or first == last:
            raise book.error(path, f"“{part.strip()}” is not a window of the day")
        if last > first:
            windows.append(range(first, last))
        else:  # over midnight
            windows += [range(first, 1440), range(last)]
    return windows


def _text_of(value: Any, season: str, kind: str) -> tuple[Any, tuple[str, ...]]:
    """The windows that a period states for a season and a kind of day (in either order), and under which names."""
    names: list[str] = []
    while isinstance(value, Mapping):
        name = next((name for name in (season, kind) if name in value), None)
        if name is None:
            return None, tuple(names)
        names.append(name)
        value = value[name]
    return value, tuple(names)


def _day(book: Book, stated: Mapping[str, Any], season: str, kind: str, path: Path) -> tuple[str, ...]:
    """The period of each of the 1,440 minutes of a day of this season and kind, each priced exactly once."""
    owner: list[str] = [""] * 1440
    rest = ""
    for name, value in stated.items():
        text, names = _text_of(value, season, kind)
        place = (*path, name, *names)
        if text is None:
            continue  # a period that these days do not have
        if text == REST:
            if rest:
                raise book.error(place, f"only one period can be the rest; {rest} is it already")
            rest = name
            continue
        for window in _minutes(book, text, place):
            for minute in window:
                if owner[minute]:
                    clock = f"{minute // 60:02}:{minute % 60:02}"
                    raise book.error(place, f"{clock} is priced twice: {owner[minute]} and {name}")
                owner[minute] = name
    if not rest and "" in owner:
        minute = owner.index("")
        when = " ".join(filter(None, (f"{minute // 60:02}:{minute % 60:02}", season and f"in {season}", kind)))
        raise book.error(path, f"{when} is priced in no period")
    return tuple(name or rest for name in owner)


def _check_names(book: Book, value: Any, names: tuple[str, ...], path: Path) -> None:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key not in names:
                raise book.error((*path, key), f"there is no season {key} and no kind of day")
            _check_names(book, inner, names, (*path, key))


def _told_apart(
    book: Book, seasons: tuple[str, ...], kinds: tuple[str, ...], periods: tuple[str, ...], path: Path
) -> None:
    """Prices and windows are found by these names, in either order, so none can mean two things."""
    groups = (("seasons", seasons), ("days", kinds), ("periods", periods))
    for (word, names), (other, others) in itertools.combinations(groups, 2):
        for name in names:
            if name and name in others:
                raise book.error(
                    (*path, word, name), f"“{name}” stands in “{other}” too; give one of them another name"
                )


def read_periods(book: Book, body: Mapping[str, Any], seasons: Seasons, path: Path) -> tuple[str, ...]:
    """The periods of a version in the order of the registers (empty: none), checked to cover every minute of the
    year once: of every kind of day in every season."""
    kinds = read_day_kinds(book, body, path)
    stated = body.get("periods")
    _told_apart(book, seasons.names, kinds.names, tuple(stated or ()), path)
    if not stated:
        return ()
    path = (*path, "periods")
    faults = Faults()
    for name, value in stated.items():
        with faults.kept():
            _check_names(book, value, (*seasons.names, *kinds.names), (*path, name))
    metered = [name for name, value in stated.items() if value == AS_METERED]
    if metered and len(metered) < len(stated):
        raise book.error((*path, metered[0]), "either all periods are as metered or none")
    if not metered and not faults.found:
        for season in seasons.names:
            for kind in kinds.names:
                with faults.kept():
                    _day(book, stated, season, kind, path)
    faults.settle()
    return tuple(name for name in PERIOD_NAMES if name in stated)


def minutes_of_day(book: Book, body: Mapping[str, Any], season: str, path: Path, kind: str = "") -> tuple[str, ...]:
    """The period of each minute of a day of a season and kind; () where the version has no periods. Refuses periods
    that only the meter knows."""
    stated = body.get("periods")
    if not stated:
        return ()
    if AS_METERED in stated.values():
        raise book.error((*path, "periods"), "the periods are as metered, so a load does not tell them")
    return _day(book, stated, season, kind, (*path, "periods"))
