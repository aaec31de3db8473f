"""Which season prices a segment of a bill, and where a season ends."""

from collections.abc import Sequence

from gridhall.rules.calendar import date_of, days_in_month, season_of
from gridhall.rules.layout import (
    BY_DAYS,
    BY_FIRST_DAY,
    BY_LAST_DAY,
    FROM_DAY,
    PERIOD,
    PLAN_SEASON_AT,
    PLAN_SEASON_BY,
    PLAN_SEASONS,
    TO_DAY,
)

MANY_SEASONS = -1  # of a segment that should have been cut where a season begins


def season_until(table: Sequence[int], at: int, first: int, until: int) -> int:
    """The first day after `first` that lies in another season than it does; `until` where none does before."""
    year, month, day = date_of(first)
    season = table[at + 31 * (month - 1) + day - 1]
    length = days_in_month(year, month)
    number = first
    while number < until:
        if table[at + 31 * (month - 1) + day - 1] != season:
            return number
        number += 1
        day += 1
        if day > length:
            day = 1
            month += 1
            if month > 12:
                month = 1
                year += 1
            length = days_in_month(year, month)
    return until


def cut_at_season(table: Sequence[int], plan: int, first: int, until: int) -> int:
    """Where a segment that begins on `first` and would run to before `until` has to end, so that a plan whose
    seasons go by days prices all of it in one season."""
    if table[plan + PLAN_SEASONS] <= 1 or table[plan + PLAN_SEASON_BY] != BY_DAYS:
        return until
    return season_until(table, plan + table[plan + PLAN_SEASON_AT], first, until)


def segment_season(table: Sequence[int], plan: int, facts: Sequence[int], n: int, i: int, bill_end: int) -> int:
    """The season whose prices a segment has; MANY_SEASONS where seasons go by days and it lies in more than one.

    By the period's month: the month of the fact `period` (YYYYMM), or where that is 0 of the bill's last day
    (`bill_end` is the day after it); the compiler sees to it that such seasons are made of whole months.
    """
    if table[plan + PLAN_SEASONS] <= 1:
        return 0
    by = table[plan + PLAN_SEASON_BY]
    at = plan + table[plan + PLAN_SEASON_AT]
    first = facts[FROM_DAY * n + i]
    if by == BY_DAYS:
        if season_until(table, at, first, facts[TO_DAY * n + i]) < facts[TO_DAY * n + i]:
            return MANY_SEASONS
        return season_of(table, at, first)
    if by == BY_FIRST_DAY:
        return season_of(table, at, first)
    if by == BY_LAST_DAY:
        return season_of(table, at, facts[TO_DAY * n + i] - 1)
    period = facts[PERIOD * n + i]
    if period == 0:
        return season_of(table, at, bill_end - 1)
    return table[at + 31 * (period % 100 - 1)]
