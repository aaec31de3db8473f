"""What bill runs take from interval data for a version: whether it asks for any, and its calendar."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from gridhall.columns.slot_table import Calendar
from gridhall.rules import layout as at
from gridhall.rules.facts_needed import HOURLY, IN_TIME, facts_needed
from gridhall.rules.plan import CompiledPlan
from gridhall.tariffs import models
from gridhall.tariffs.book import load_book
from gridhall.tariffs.slots import PERIODS, WITHOUT, calendar_of

ONLY_INTERVALS = frozenset({"coincident_w", *HOURLY, *IN_TIME})


def asks_the_time(table: Sequence[int]) -> bool:
    """Whether a plan prices anything by when or how fast energy was taken: what interval data tell and a register of
    the whole does not."""
    if table[at.PLAN_USE] & at.USE_PARTS or table[at.PLAN_DEMAND_AT] or table[at.PLAN_CHANGE] == at.CHANGE_INTERVAL:
        return True
    if facts_needed(table) & ONLY_INTERVALS:
        return True
    for k in range(table[at.PLAN_COMPONENTS]):
        component = at.PLAN_HEAD + k * at.COMPONENT_SIZE
        if table[component + at.SOURCE] in (at.DEMAND_W, at.DEMAND_SHARP, at.SOURCE_BILLING):
            return True
        if table[component + at.KIND] in (at.ENERGY, at.HOURLY) and table[component + at.PERIODS] > 1:
            return True
    return False


@lru_cache(maxsize=512)
def interval_calendar(version_id: int) -> Calendar:
    """How a version prices the days by the clock, without cuts: a bill's segments are cut already. Kept in the process.

    Raises LookupError where there is no such version, BookError where its periods are those of registers alone."""
    row = models.TariffVersion.objects.filter(id=version_id).select_related("tariff").first()
    if row is None:
        raise LookupError(f"there is no tariff version {version_id}")
    book = load_book(row.book)
    version = next(each for each in book.versions if each.from_on == row.from_on)
    plan = CompiledPlan(row.tariff_id, row.tariff.currency, row.decimals, tuple(row.table), ())
    whole = calendar_of(book, version, plan, 1, 1)
    return Calendar(whole.periods_of_day, whole.periods, (), whole.demand_minutes)


def untimed() -> Calendar:
    """A calendar that does not tell the time."""
    return Calendar(lambda _day, walls, _minutes: (WITHOUT,) * len(walls), PERIODS)


@dataclass(frozen=True)
class HourlyTerms:
    """Of a version with prices by the hour: the name of its series, and whether what is fed in is set off step by
    step."""

    series: str
    net: bool


@lru_cache(maxsize=512)
def hourly_terms(version_id: int) -> HourlyTerms | None:
    """See HourlyTerms; None where a version has no prices by the hour. Kept in the process.

    Raises LookupError where there is no such version."""
    row = models.TariffVersion.objects.filter(id=version_id).only("book", "from_on").first()
    if row is None:
        raise LookupError(f"there is no tariff version {version_id}")
    body = next(each for each in load_book(row.book).versions if each.from_on == row.from_on).body
    stated = body.get("hourly")
    return HourlyTerms(stated[0]["series"], "net metering" in body) if stated else None
