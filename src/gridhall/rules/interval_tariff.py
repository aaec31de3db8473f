"""A tariff over interval loads, as it is stated: whole numbers at a scale of the tariff.

Prices and limits are whole numbers at the tariff's own number of decimals, so that nothing that a published record
states is rounded. `rules.interval_table` lays it out for rating.
"""

from dataclasses import dataclass
from functools import cached_property

from gridhall.rules.interval_table import Table, table_of

PRO_RATA, IN_TIME, PER_PERIOD = "prorata", "chrono", "per_period"
MEETINGS = (PRO_RATA, IN_TIME, PER_PERIOD)  # how blocks meet time-of-use; the place is that of the rules
BY_USE, BY_DAY, BY_DEMAND, BY_DEMAND_DAY = "kWh", "kWh daily", "kWh/kW", "kWh/kW daily"
A_MONTH, A_DAY, A_YEAR = "$/month", "$/day", "$/year"
KW, KVA = "kW", "kVA"
NET_METERING, NET_BILLING = "net metering", "net billing"
NO_LIMIT = -1  # of a block that ends only where the next one in another unit does


@dataclass(frozen=True)
class Blocks:
    """Blocks of one period: upper bounds (included) of all but the last, and the price in each.

    `limits` at 10**-limit_places kWh or kW of the tariff (times days of the month, or the billing demand, by `unit`),
    `prices` at 10**-price_places currency units, one more than limits. `units`: of each limit, where they differ: then
    blocks by energy are steps inside the block by hours of use that stands behind them.
    """

    limits: tuple[int, ...]
    prices: tuple[int, ...]
    unit: str = BY_USE
    units: tuple[str, ...] = ()

    @property
    def unit_of_each(self) -> tuple[str, ...]:
        return self.units or (self.unit,) * len(self.limits)


@dataclass(frozen=True)
class Ratchet:
    """Billing demand is at least a share of the highest demand of the marked months of the year, and of the `back`
    months before (January looks back on December of the same load).

    `share` is the fraction itself as (numerator, denominator), the denominator a power of ten.
    """

    share: tuple[int, int]
    months: tuple[bool, ...]
    back: int

    @property
    def holds(self) -> bool:
        return self.back > 0 or any(self.months)


@dataclass(frozen=True)
class IntervalTariff:
    """A tariff by hour of the day, weekday and month. Schedules give each slot (`rules.intervals`) its period.

    `fixed` (and `fixed_more` for each meter after the first) and `minimum` at 10**-price_places, by A_MONTH, A_DAY or
    A_YEAR. `flat_months`: for each month the entry of `flat`. `coincident_schedule`: the period of each month × hour.
    `reactive`: per kVAr of the month's highest; `fuel`: per kWh, of each month. `sell`: for each energy period the
    prices of its blocks for what is fed in, paid by `fed_in` (NET_METERING, NET_BILLING or "" for not at all).
    `window`: minutes that demand is the mean of, 0 for a step of the load. `read_as`: how unclear statements were
    read; `left_out`: what the tariff states and is not rated.
    """

    label: str
    name: str
    price_places: int
    limit_places: int
    energy: tuple[Blocks, ...]
    energy_schedule: tuple[int, ...]
    demand: tuple[Blocks, ...]
    demand_schedule: tuple[int, ...]
    flat: tuple[Blocks, ...]
    flat_months: tuple[int, ...]
    ratchet: Ratchet
    fixed: int
    fixed_more: int
    fixed_by: str
    minimum: int
    minimum_by: str
    left_out: tuple[str, ...]
    coincident: tuple[Blocks, ...] = ()
    coincident_schedule: tuple[int, ...] = ()
    demand_unit: str = KW
    demand_daily: bool = False
    flat_unit: str = KW
    flat_daily: bool = False
    reactive: int = 0
    fuel: tuple[int, ...] = ()
    sell: tuple[tuple[int, ...], ...] = ()
    fed_in: str = ""
    window: int = 0
    read_as: tuple[str, ...] = ()

    @property
    def most_blocks(self) -> int:
        return max(len(each.prices) for each in self.energy)

    @cached_property
    def table(self) -> Table:
        """The tariff laid out for rating. Raises `interval_table.BeyondCounting` where it cannot be."""
        return table_of(self)
