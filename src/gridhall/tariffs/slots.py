"""The calendar of a tariff version for interval data: the period of each step of a day, as the book's windows say."""

from collections.abc import Sequence

from gridhall.columns.slot_table import Calendar
from gridhall.rules.plan import CompiledPlan
from gridhall.rules.seasons import cut_at_season
from gridhall.tariffs.book import Book, Version
from gridhall.tariffs.load_steps import NO_PERIOD, Clock
from gridhall.tariffs.windows import PERIOD_NAMES

__all__ = ["PERIODS", "PERIOD_NAMES", "WITHOUT", "calendar_of"]

WITHOUT = len(PERIOD_NAMES)  # the one period of a version that does not tell the time, after those that have names
PERIODS = WITHOUT + 1


def calendar_of(book: Book, version: Version, plan: CompiledPlan, first_day: int, until: int) -> Calendar:
    """How a version prices the days from `first_day` to before `until`. `plan`: the version compiled.

    Periods are places in PERIOD_NAMES; WITHOUT is that of a version without periods. Raises BookError where the
    periods are as metered, which no load can tell, or where demand is measured over a part of a step or steps and a
    part.
    """
    clock = Clock(book, version, plan)
    cuts, day = [], first_day
    while (day := cut_at_season(plan.table, 0, day, until)) < until:
        cuts.append(day)
    window = int(str(version.body.get("demand over", "0 minutes")).split()[0])

    def periods_of_day(day: int, walls: tuple[int, ...], width: int) -> Sequence[int]:
        if window % width and window > width:
            what = f"demand over {window} minutes is not told from the store's steps of {width}"
            raise book.error(("versions", version.index, "demand over"), what)
        return [WITHOUT if period == NO_PERIOD else period for period in clock.periods(day, walls, width)]

    return Calendar(periods_of_day, PERIODS, tuple(cuts), window)
