"""What a version asks of bills before: months of the ratchet, the month of the true-up, what counts towards a year."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from gridhall.rules import layout as at
from gridhall.rules.calendar import days_in_month
from gridhall.rules.facts_needed import facts_needed
from gridhall.tariffs import models
from gridhall.tariffs.book import load_book
from gridhall.tariffs.interval_terms import asks_the_time

MONTHS = 12
DECEMBER = 12
EVERY_MONTH = frozenset(range(1, MONTHS + 1))
LEAP_YEAR = 2024


@dataclass(frozen=True)
class LooksBack:
    """Of a version: names of the facts that it needs beyond every bill's (rules.facts_needed); how many months its
    ratchet looks back (0: none), and on which months of the year; the month (1..12) whose bill pays out what was fed in
    and never set off, 0 where nothing is kept; places of the components that count towards its minimum of the year;
    whether it asks when or how fast energy is taken (`times`)."""

    needed: frozenset[str]
    ratchet_months: int = 0
    ratchet_in: frozenset[int] = EVERY_MONTH
    pay_out_in: int = 0
    counted: tuple[int, ...] = ()
    times: bool = False


@lru_cache(maxsize=4096)
def looks_back(version_id: int) -> LooksBack:
    """See LooksBack; a book is read only where the version needs it. An approved version never changes, so it is kept
    in the process. Raises LookupError where there is no such version."""
    row = models.TariffVersion.objects.filter(id=version_id).only("table", "book", "from_on", "seasons").first()
    if row is None:
        raise LookupError(f"there is no tariff version {version_id}")
    needed, times = facts_needed(row.table), asks_the_time(row.table)
    if not needed & {"past_demand_w", "true_up", "year_counted"}:
        return LooksBack(needed, times=times)
    body = _body(row)
    months, months_in = _ratchet(row, body.get("billing demand", {}).get("ratchet"))
    return LooksBack(
        needed,
        ratchet_months=months,
        ratchet_in=months_in,
        pay_out_in=body.get("net metering", {}).get("pay out in", DECEMBER) if "true_up" in needed else 0,
        counted=_counted(row.table),
        times=times,
    )


def _body(row: models.TariffVersion) -> Any:
    """The version as its book states it."""
    return next(each for each in load_book(row.book).versions if each.from_on == row.from_on).body


def _ratchet(row: models.TariffVersion, stated: Any) -> tuple[int, frozenset[int]]:
    """How far a ratchet looks back, and on which months: a month is of the season of its last day."""
    if not stated:
        return 0, EVERY_MONTH
    names = stated.get("of seasons")
    chosen = EVERY_MONTH
    if names is not None:
        first = row.table[at.PLAN_SEASON_AT]
        last_days = {month: 31 * (month - 1) + days_in_month(LEAP_YEAR, month) - 1 for month in EVERY_MONTH}
        seasons = {month: row.seasons[row.table[first + day] if first else 0] for month, day in last_days.items()}
        chosen = frozenset(month for month, name in seasons.items() if name in names)
    return stated.get("months", MONTHS - 1), chosen


def _counted(table: list[int]) -> tuple[int, ...]:
    """Places of the components that count towards a minimum of the year."""
    found: set[int] = set()
    for k in range(table[at.PLAN_COMPONENTS]):
        component = at.PLAN_HEAD + k * at.COMPONENT_SIZE
        if table[component + at.KIND] == at.MINIMUM and table[component + at.YEARLY]:
            start = table[component + at.BASE_AT]
            found.update(table[start : start + table[component + at.BASES]])
    return tuple(sorted(found))
