"""Dates as day numbers: day 1 is 1 January of year 1, as in `datetime.date.toordinal`. Whole numbers only."""

from collections.abc import Sequence


def is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def days_in_month(year: int, month: int) -> int:
    if month == 2:
        return 29 if is_leap(year) else 28
    if month in (4, 6, 9, 11):
        return 30
    return 31


def day_number(year: int, month: int, day: int) -> int:
    """The day number of a date of the Gregorian calendar (years 1 to 9999)."""
    march_year = year - 1 if month <= 2 else year
    march_month = month + 9 if month <= 2 else month - 3
    return (
        march_year * 365
        + march_year // 4
        - march_year // 100
        + march_year // 400
        + (153 * march_month + 2) // 5
        + day
        - 306
    )


def date_of(number: int) -> tuple[int, int, int]:
    """(year, month, day) of a day number. The year is counted from March, so that the leap day is its last
    day."""
    shifted = number + 305
    era = shifted // 146097
    day_of_era = shifted - era * 146097
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36524 - day_of_era // 146096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    march_month = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * march_month + 2) // 5 + 1
    month = march_month + 3 if march_month < 10 else march_month - 9
    year = year_of_era + era * 400
    return (year + 1 if month <= 2 else year), month, day


def year_of(number: int) -> int:
    year, _, _ = date_of(number)
    return year


def days_in_year(year: int) -> int:
    return 366 if is_leap(year) else 365


def add_months(number: int, months: int) -> int:
    """The same day of a later (or earlier) month, or that month's last day where it has no such day."""
    year, month, day = date_of(number)
    index = year * 12 + month - 1 + months
    year = index // 12
    month = index % 12 + 1
    return day_number(year, month, min(day, days_in_month(year, month)))


def months_touched(from_day: int, to_day: int) -> int:
    """How many calendar months the days from `from_day` to before `to_day` touch: a part month counts
    whole."""
    if to_day <= from_day:
        return 0
    year, month, _ = date_of(from_day)
    last_year, last_month, _ = date_of(to_day - 1)
    return (last_year - year) * 12 + last_month - month + 1


def season_of(table: Sequence[int], at: int, number: int) -> int:
    """The season of a day: `table[at + 31 × (month - 1) + day - 1]`, 372 entries, one for each day a month
    can have."""
    _, month, day = date_of(number)
    return table[at + 31 * (month - 1) + day - 1]
