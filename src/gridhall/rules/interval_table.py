"""An interval tariff laid out as one flat table of whole numbers, as `rules.interval_rating` reads it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from gridhall.rules import interval_layout as at
from gridhall.rules.exact import BASE
from gridhall.rules.intervals import HOURS, MONTHS, SLOTS

if TYPE_CHECKING:
    from gridhall.rules.interval_tariff import Blocks, IntervalTariff

Table = tuple[int, ...]

PRICE_PLACES_MAX = 24
LIMIT_PLACES = 18  # that a fraction of a Wh, W or hour counts
UNITS = {"kWh": at.IN_WH, "kWh daily": at.IN_WH_A_DAY, "kWh/kW": at.IN_HOURS, "kWh/kW daily": at.IN_HOURS_A_DAY}
TWELFTHS = {"$/month": 12, "$/day": 365, "$/year": 1}  # of a charge in a month
DEMAND_UNITS = {"kW": at.IN_W, "kVA": at.IN_VA}
PAID = {"": at.NOT_PAID, "net metering": at.NET_METERING, "net billing": at.NET_BILLING}


class BeyondCounting(ValueError):
    """A tariff with numbers beyond what is counted exactly: `what` it is (energy, demand, flat, …) and why."""

    def __init__(self, what: str, reason: str) -> None:
        self.what = what
        self.reason = reason
        super().__init__(f"{what}: {reason}")


def price_pair(price: int, places: int, what: str, twelfths: int = 12) -> tuple[int, int]:
    """A price at 10**-places of the currency unit as twelfths at 10**-6 and 10**-24."""
    if places > PRICE_PLACES_MAX:
        raise BeyondCounting(what, f"a price has more than {PRICE_PLACES_MAX} decimals")
    whole, rest = divmod(price * twelfths * int(10 ** (PRICE_PLACES_MAX - places)), BASE)
    if not -BASE < whole < BASE:
        raise BeyondCounting(what, "a price is too high")
    return whole, rest


def limit_pair(limit: int, places: int, unit: int, what: str) -> tuple[int, int]:
    """A limit at 10**-places kWh, kW or kWh/kW as whole Wh, W or hours and their fraction at 10**-18."""
    if limit < 0:
        return at.FAR, 0
    exact = limit * BASE * (1 if unit in (at.IN_HOURS, at.IN_HOURS_A_DAY) else 1000)
    size = int(10**places)
    if exact % size:
        raise BeyondCounting(what, f"a limit has more decimals than {LIMIT_PLACES}")
    whole, rest = divmod(exact // size, BASE)
    return (at.FAR, 0) if whole >= at.FAR else (whole, rest)


class _Writer:
    """Collects the parts behind the head of a table; equal lists of blocks stand there once."""

    def __init__(self, tariff: IntervalTariff) -> None:
        self.tariff = tariff
        self.head = [0] * at.HEAD
        self.body: list[int] = []
        self.lists: dict[tuple[int, ...], int] = {}

    def put(self, values: Sequence[int]) -> int:
        """Append some values; returns where they begin."""
        start = at.HEAD + len(self.body)
        self.body += values
        return start

    def blocks(self, blocks: Blocks, what: str, prices: Sequence[int] | None = None) -> int:
        """Where a list of blocks stands."""
        prices = blocks.prices if prices is None else prices
        if len(prices) != len(blocks.limits) + 1 or len(prices) > at.BLOCKS_MAX:
            raise BeyondCounting(what, f"a period has {len(prices)} blocks, which can be {at.BLOCKS_MAX}")
        units = [UNITS[unit] for unit in blocks.unit_of_each]
        rows = [len(prices), 1 if len(set(units)) > 1 else 0]
        ratchet_places = len(str(self.tariff.ratchet.share[1])) - 1
        for k, price in enumerate(prices):
            unit = units[k] if k < len(units) else at.IN_WH
            limit = (at.FAR, 0)
            if k < len(units):
                limit = limit_pair(blocks.limits[k], self.tariff.limit_places, unit, what)
            by_hours = unit in (at.IN_HOURS, at.IN_HOURS_A_DAY)
            if by_hours and limit[1] % 10**ratchet_places:
                raise BeyondCounting(what, f"a limit times the ratchet has more decimals than {LIMIT_PLACES}")
            rows += (unit, *limit, *price_pair(price, self.tariff.price_places, what))
        found = self.lists.get(tuple(rows))
        if found is None:
            found = self.lists[tuple(rows)] = self.put(rows)
        return found

    def lists_of(self, count: int, lists: int, every: Sequence[Blocks], what: str) -> None:
        """Write the lists of a charge and where each stands."""
        if len(every) > at.PERIODS_MAX:
            raise BeyondCounting(what, f"{len(every)} periods, which can be {at.PERIODS_MAX}")
        self.head[count] = len(every)
        self.head[lists] = self.put([self.blocks(each, what) for each in every])


def _schedule(schedule: Sequence[int], length: int, periods: int, what: str) -> Sequence[int]:
    if len(schedule) != length or (periods and not all(0 <= period < periods for period in schedule)):
        raise BeyondCounting(what, f"its schedule does not name a period of {periods} for each of {length} places")
    return schedule


def _charges(writer: _Writer) -> None:
    tariff, head = writer.tariff, writer.head
    places = tariff.price_places
    twelfths = TWELFTHS[tariff.fixed_by]
    head[at.FIXED], head[at.FIXED_REST] = price_pair(tariff.fixed, places, "fixed", twelfths)
    head[at.FIXED_MORE], head[at.FIXED_MORE_REST] = price_pair(tariff.fixed_more, places, "fixed", twelfths)
    yearly = tariff.minimum_by == "$/year"
    by = 12 if yearly else TWELFTHS[tariff.minimum_by]
    head[at.MINIMUM], head[at.MINIMUM_REST] = price_pair(tariff.minimum, places, "minimum", by)
    head[at.MINIMUM_YEARLY] = 1 if yearly and tariff.minimum else 0
    head[at.REACTIVE], head[at.REACTIVE_REST] = price_pair(tariff.reactive, places, "reactive")
    if any(tariff.fuel):
        fuel = _schedule(tariff.fuel, MONTHS, 0, "fuel")
        head[at.FUEL_AT] = writer.put([part for price in fuel for part in price_pair(price, places, "fuel")])


def _ratchet(writer: _Writer) -> None:
    ratchet, head = writer.tariff.ratchet, writer.head
    numerator, denominator = ratchet.share
    if not 0 <= numerator <= denominator or BASE % denominator or not 0 <= ratchet.back <= MONTHS:
        raise BeyondCounting("ratchet", f"its share is no share between 0 and 1 of up to {LIMIT_PLACES} decimals")
    share = numerator * (BASE // denominator)
    head[at.RATCHET], head[at.BACK], head[at.SHARE] = int(ratchet.holds), ratchet.back, share
    for month in range(MONTHS):
        head[at.SHARES + month] = share if ratchet.months[month] else 0


def table_of(tariff: IntervalTariff) -> Table:
    """The table of a tariff. Raises BeyondCounting for what cannot be counted exactly."""
    writer = _Writer(tariff)
    head = writer.head
    writer.lists_of(at.ENERGY, at.ENERGY_AT, tariff.energy, "energy")
    writer.lists_of(at.DEMAND, at.DEMAND_AT, tariff.demand, "demand")
    writer.lists_of(at.FLAT, at.FLAT_AT, tariff.flat, "flat")
    writer.lists_of(at.COINCIDENT, at.COINCIDENT_AT, tariff.coincident, "coincident")
    if not tariff.energy:
        raise BeyondCounting("energy", "there is no price of energy")
    head[at.ENERGY_BLOCKS] = tariff.most_blocks
    head[at.ENERGY_SCHEDULE] = writer.put(_schedule(tariff.energy_schedule, SLOTS, len(tariff.energy), "energy"))
    if tariff.demand:
        head[at.DEMAND_SCHEDULE] = writer.put(_schedule(tariff.demand_schedule, SLOTS, len(tariff.demand), "demand"))
    if tariff.coincident:
        schedule = _schedule(tariff.coincident_schedule, MONTHS * HOURS, len(tariff.coincident), "coincident")
        head[at.COINCIDENT_SCHEDULE] = writer.put(schedule)
    if tariff.flat:
        head[at.FLAT_MONTHS : at.FLAT_MONTHS + MONTHS] = _schedule(tariff.flat_months, MONTHS, len(tariff.flat), "flat")
    head[at.DEMAND_UNIT], head[at.FLAT_UNIT] = DEMAND_UNITS[tariff.demand_unit], DEMAND_UNITS[tariff.flat_unit]
    head[at.DEMAND_DAILY], head[at.FLAT_DAILY] = int(tariff.demand_daily), int(tariff.flat_daily)
    head[at.FED_IN] = PAID[tariff.fed_in]
    if tariff.fed_in:
        sells = zip(tariff.energy, tariff.sell, strict=True)
        head[at.SELL_AT] = writer.put([writer.blocks(blocks, "sell", prices) for blocks, prices in sells])
    head[at.WINDOW] = tariff.window
    _ratchet(writer)
    _charges(writer)
    head[at.SIZE] = at.HEAD + len(writer.body)
    return (*head, *writer.body)
