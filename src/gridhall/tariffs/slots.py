"""The calendar of a tariff version for interval data: the period of each minute of a day, as the book's windows say."""

from collections.abc import Sequence

from gridhall.columns.slot_table import Calendar
from gridhall.rules.calendar import season_of
from gridhall.rules.layout import PLAN_SEASON_AT, PLAN_SEASONS
from gridhall.rules.plan import CompiledPlan
from gridhall.rules.seasons import cut_at_season
from gridhall.tariffs.book import Book, Version
from gridhall.tariffs.day_kinds import read_day_kinds
from gridhall.tariffs.windows import DEEP_VALLEY, REGISTERS, minutes_of_day, read_seasons

NO_PERIOD = len(REGISTERS)  # of a tariff that does not tell the time: after the four registers
DEEP = NO_PERIOD + 1  # deep valley, of the tariffs that have one
PERIODS = NO_PERIOD + 1
PLACES = {**{name: k for k, name in enumerate(REGISTERS)}, DEEP_VALLEY: DEEP}


def calendar_of(book: Book, version: Version, plan: CompiledPlan, first_day: int, until: int) -> Calendar:
    """How a version prices the days from `first_day` to before `until`. `plan`: the version compiled.

    Periods 0..3 are the registers sharp, peak, flat and valley; NO_PERIOD that of a version without periods; DEEP the
    deep valley. Special days have their own windows. Raises BookError where the periods are as metered, which no load
    can tell.
    """
    path = ("versions", version.index)
    kinds = read_day_kinds(book, version.body, path)
    names = read_seasons(book, version.body, path).names
    seasons = plan.table[PLAN_SEASONS]
    days = {}
    for season in names:
        for kind in kinds.names:
            owner = minutes_of_day(book, version.body, season, path, kind)
            days[season, kind] = tuple(PLACES[name] for name in owner) if owner else (NO_PERIOD,) * 1440
    cuts, day = [], first_day
    while (day := cut_at_season(plan.table, 0, day, until)) < until:
        cuts.append(day)

    def period_of_day(day: int) -> Sequence[int]:
        code = season_of(plan.table, plan.table[PLAN_SEASON_AT], day) if seasons > 1 else 0
        return days[names[code], kinds.of(day)]

    has_deep = DEEP_VALLEY in version.body.get("periods", {})
    return Calendar(period_of_day, DEEP + 1 if has_deep else PERIODS, tuple(cuts))
