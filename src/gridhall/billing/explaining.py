"""Why a bill is more (or less) than the one before and than that of the same month last year."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q

from gridhall.billing.facts import month_before
from gridhall.billing.models import ISSUED, Bill
from gridhall.billing.showing import bill_number, views
from gridhall.billing.stored import StoredBills, stored_one_by_one
from gridhall.billing.views import BillView
from gridhall.kernel.refusal import Refusal
from gridhall.rules import weather
from gridhall.rules.change import BillFacts, Part, change_parts
from gridhall.rules.plan import FACT_NAMES
from gridhall.tariffs import public as tariffs
from gridhall.territory import public as territory

HISTORY_MONTHS = 25  # of bills from which is found how a customer follows the weather

# Whom the weather makes heat and cool, as dated data: the bases of the Chinese building code (HDD18, CDD26).
BASES: tuple[tuple[date, weather.Bases], ...] = ((date(2000, 1, 1), weather.Bases(heating=180, cooling=260)),)

# What is known of the weather of a comparison.
KNOWN, NO_WEATHER, SHORT_HISTORY = "known", "no_weather", "does_not_follow"


@dataclass(frozen=True)
class BillSide:
    """One of the two bills that are compared."""

    period: int
    seq: int
    number: str
    from_on: date
    to_on: date
    wh: int
    amount: int
    estimated: bool
    plan_id: int
    tariff_code: str
    mean_tenths: int | None  # mean temperature of its days, tenths of a degree; None where it is not known

    @property
    def days(self) -> int:
        return (self.to_on - self.from_on).days


@dataclass(frozen=True)
class Comparison:
    """A bill beside an earlier one. `parts` add up to `change` exactly; see rules.change.

    `weather`: known | no_weather (no temperatures of all these days) | does_not_follow (too few bills, or the use does
    not follow the weather). `weather_wh`: what the weather alone did to the use, None unless known.
    """

    before: BillSide
    now: BillSide
    parts: tuple[Part, ...]
    weather: str
    weather_wh: int | None

    @property
    def change(self) -> int:
        return self.now.amount - self.before.amount

    @property
    def days_wh(self) -> int:
        """What the number of days did to the use, at the use a day of before; to the nearest Wh."""
        old, new = self.before.days, self.now.days
        return (2 * self.before.wh * new + old) // (2 * old) - self.before.wh if old > 0 else 0

    @property
    def own_wh(self) -> int:
        """What neither the days nor the weather did to the use."""
        return self.now.wh - self.before.wh - self.days_wh - (self.weather_wh or 0)


@dataclass(frozen=True)
class Explained:
    """A bill beside the last one and beside that of the same month last year; None where there is no such bill."""

    last: Comparison | None
    year: Comparison | None


def bill_explained(account_id: int, period: int, seq: int, account_number: str) -> tuple[BillView, Explained]:
    """A bill in words, and how it differs from the last bill of the same supply and from that of the same month last
    year. Refuses unknown_bill.
    """
    asked = Q(period=period, seq=seq)
    earlier = Q(state=ISSUED, period__lte=period, period__gte=month_before(period, HISTORY_MONTHS))
    rows = list(Bill.objects.filter(asked | earlier, account_id=account_id).order_by("-period", "-seq"))
    now = next((row for row in rows if (row.period, row.seq) == (period, seq)), None)
    if now is None:
        raise Refusal("unknown_bill", "There is no such bill.", "没有这张账单。", value=f"{account_id}-{period}-{seq}")
    mine = [row for row in rows if row.agreement_id == now.agreement_id and row.state == ISSUED]
    last = next((row for row in mine if row.to_on == now.from_on and row is not now), None)
    year = next((row for row in mine if row.period == month_before(period, 12)), None)
    sky = _Sky(now, mine)
    wanted = [row for row in (now, last, year) if row is not None]
    keys = list(dict.fromkeys((row.period, row.seq) for row in wanted))
    stored = zip(keys, stored_one_by_one(account_id, keys), strict=True)
    facts = {key: _facts(bills) for key, bills in stored}
    explained = Explained(
        _compared(last, now, sky, facts, account_number) if last is not None else None,
        _compared(year, now, sky, facts, account_number) if year is not None else None,
    )
    return views([now], {account_id: account_number})[0], explained


def _compared(
    before: Bill, now: Bill, sky: "_Sky", facts: Mapping[tuple[int, int], BillFacts], number: str
) -> Comparison:
    state, more = sky.between(before, now)
    parts = change_parts(facts[before.period, before.seq], facts[now.period, now.seq], more)
    return Comparison(_side(before, sky, number), _side(now, sky, number), parts, state, more)


def _facts(bills: StoredBills) -> BillFacts:
    """A bill as it was rated, for rating it otherwise."""
    used = list(dict.fromkeys(bills.plan_ids.tolist()))
    return BillFacts(
        int(bills.amount[0]),
        tuple(tariffs.plan(version) for version in used),
        tuple(segment | {"plan": used.index(version)} for segment, version in _segments(bills)),
    )


def _segments(bills: StoredBills) -> list[tuple[dict[str, int], int]]:
    return [
        ({name: int(getattr(bills.segments, name)[i]) for name in FACT_NAMES} | {"bill": 0}, int(bills.plan_ids[i]))
        for i in range(len(bills.segments))
    ]


def _side(row: Bill, sky: "_Sky", number: str) -> BillSide:
    means = sky.means(row.from_on, row.to_on)
    mean = (2 * sum(means) + len(means)) // (2 * len(means)) if means else None
    return BillSide(
        row.period, row.seq, bill_number(number, row.period, row.seq), row.from_on, row.to_on, row.wh, row.amount,
        row.estimated, row.plan_id, tariffs.plan(row.plan_id).tariff, mean,
    )  # fmt: skip


class _Sky:
    """The weather over an account's bills, read once."""

    def __init__(self, now: Bill, mine: Sequence[Bill]) -> None:
        station = territory.station_of_area(now.area_id)
        since = min((row.from_on for row in mine), default=now.from_on)
        self._known = territory.temperatures(station.district_code, since, now.to_on) if station else {}
        self._bases = [bases for day, bases in BASES if day <= now.from_on][-1]
        history = [stretch for row in mine if (stretch := self._stretch(row)) is not None]
        self._follows = weather.sensitivity(history)

    def means(self, since: date, until: date) -> list[int]:
        """Mean temperatures of the days of [since, until); empty unless all of them are known."""
        days = [since + timedelta(days=day) for day in range((until - since).days)]
        found = [self._known[day] for day in days if day in self._known]
        return found if len(found) == len(days) else []

    def _stretch(self, row: Bill) -> weather.Stretch | None:
        means = self.means(row.from_on, row.to_on)
        return weather.Stretch(len(means), row.wh, *weather.degree_days(means, self._bases)) if means else None

    def between(self, before: Bill, now: Bill) -> tuple[str, int | None]:
        """(what is known, how much more the weather of the later bill made the customer use)."""
        old, new = self._stretch(before), self._stretch(now)
        if old is None or new is None:
            return NO_WEATHER, None
        if self._follows is None:
            return SHORT_HISTORY, None
        return KNOWN, weather.weather_wh(self._follows, old, new)
