"""A tariff over interval loads, and a year of bills by it: exact, as whole numbers at a scale of the tariff.

Prices and limits are whole numbers at the tariff's own number of decimals, so that nothing that a published record
states is rounded. Sums are fractions: an amount is rounded once, where the month's bill is told in minor units.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from gridhall.rules.calendar import days_in_month
from gridhall.rules.intervals import MONTHS, NO_STEP, by_period, fill_in_time

FAR = 1 << 60  # the limit of the last block: beyond any use
PRO_RATA, IN_TIME, PER_PERIOD = "prorata", "chrono", "per_period"
MEETINGS = (PRO_RATA, IN_TIME, PER_PERIOD)  # how blocks meet time-of-use
BY_USE, BY_DAY, BY_DEMAND, BY_DEMAND_DAY = "kWh", "kWh daily", "kWh/kW", "kWh/kW daily"
A_MONTH, A_DAY, A_YEAR = "$/month", "$/day", "$/year"
DAYS_A_MONTH = Fraction(365, 12)


@dataclass(frozen=True)
class Blocks:
    """Blocks of one period: upper bounds (included) of all but the last, and the price in each.

    `limits` at 10**-limit_places kWh or kW of the tariff (times days of the month, or the billing demand, by `unit`),
    `prices` at 10**-price_places currency units, one more than limits.
    """

    limits: tuple[int, ...]
    prices: tuple[int, ...]
    unit: str = BY_USE


@dataclass(frozen=True)
class Ratchet:
    """Billing demand is at least `per_cent` (at 10**-2 of the tariff's limit places) of the highest demand of the
    marked months of the year, and of the `back` months before (January looks back on December of the same load).

    `share` is the fraction itself as (numerator, denominator).
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
    A_YEAR. `flat_months`: for each month the entry of
    `flat`. `left_out`: what the tariff states and a load of energy alone cannot show (reactive energy, say).
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

    @property
    def most_blocks(self) -> int:
        return max(len(each.prices) for each in self.energy)


@dataclass(frozen=True)
class SlotLoad:
    """A load gathered: `year`, steps to the hour, Wh and highest step of each slot (`rules.intervals`), and how many
    meters measured it."""

    year: int
    steps: int
    wh: Sequence[int]
    peak: Sequence[int]
    meters: int = 1


@dataclass(frozen=True)
class MonthBill:
    """A month by an interval tariff, in currency units, exact."""

    energy: Fraction
    demand_flat: Fraction
    demand_tou: Fraction
    fixed: Fraction
    minimum: Fraction
    total: Fraction


@dataclass(frozen=True)
class Determinants:
    """What a tariff measures in a load, by month: Wh and highest step of the energy periods, highest step of the
    demand periods (W), the highest of all (W), and billing demand (a fraction of W: a ratchet is a per cent)."""

    wh: Sequence[int]
    peak_w: Sequence[int]
    period_peak_w: Sequence[int]
    billing_w: tuple[Fraction, ...]


Walk = Callable[..., None]


def determine(tariff: IntervalTariff, load: SlotLoad, walk: Walk = by_period) -> Determinants:
    """Energy and demand by month and period. `walk`: `rules.intervals.by_period`, or the same rule compiled."""
    wh, steps = [0] * (MONTHS * len(tariff.energy)), [0] * (MONTHS * len(tariff.energy))
    walk(tariff.energy_schedule, len(tariff.energy), load.wh, load.peak, wh, steps)
    periods = len(tariff.energy)
    peak_w = [max(steps[m * periods : (m + 1) * periods]) * load.steps for m in range(MONTHS)]
    period_peak_w: list[int] = []
    if tariff.demand:
        unused, highest = [0] * (MONTHS * len(tariff.demand)), [0] * (MONTHS * len(tariff.demand))
        walk(tariff.demand_schedule, len(tariff.demand), load.wh, load.peak, unused, highest)
        period_peak_w = [NO_STEP if step == NO_STEP else step * load.steps for step in highest]
    return Determinants(wh, peak_w, period_peak_w, billing_demand(peak_w, tariff.ratchet))


def billing_demand(peak_w: Sequence[int], ratchet: Ratchet) -> tuple[Fraction, ...]:
    """Each month's own peak in full, or the ratchet's share of the highest of the months it looks at."""
    share = Fraction(*ratchet.share)
    marked = max((peak_w[k] for k in range(MONTHS) if ratchet.months[k]), default=0)
    result = []
    for month in range(MONTHS):
        before = max((peak_w[(month - k) % MONTHS] for k in range(1, ratchet.back + 1)), default=0)
        result.append(max(Fraction(peak_w[month]), share * max(marked, before)))
    return tuple(result)


def price_blocks(quantity: Fraction | int, limits: Sequence[Fraction | int], prices: Sequence[int]) -> Fraction | int:
    """Quantity × price, block by block; `limits` of all blocks but the last, in the unit of the quantity. A limit below
    the one before it is an empty block."""
    cost: Fraction | int = 0
    low: Fraction | int = 0
    for k, price in enumerate(prices):
        if k == len(limits) or limits[k] >= quantity:
            return cost + max(quantity - low, 0) * price
        if limits[k] > low:
            cost += (limits[k] - low) * price
            low = limits[k]
    return cost


def limits_wh(blocks: Blocks, places: int, days: int, billing_w: Fraction) -> list[Fraction | int]:
    """The limits of a month in Wh: as stated, by its days, or by the billing demand."""
    times = Fraction(1)
    if blocks.unit in (BY_DAY, BY_DEMAND_DAY):
        times *= days
    if blocks.unit in (BY_DEMAND, BY_DEMAND_DAY):
        times *= billing_w / 1000
    return [times * Fraction(limit * 1000, 10**places) for limit in blocks.limits]


def energy_of_month(tariff: IntervalTariff, found: Determinants, month: int, year: int, meeting: str) -> Fraction:
    """Energy of a month, blocks pro rata or per period (IN_TIME needs the steps: `energy_in_time`)."""
    periods = len(tariff.energy)
    parts = found.wh[month * periods : (month + 1) * periods]
    whole = sum(parts)
    days = days_in_month(year, month + 1)
    cost = Fraction(0)
    for blocks, part in zip(tariff.energy, parts, strict=True):
        if part == 0:
            continue
        if not blocks.limits:
            cost += part * blocks.prices[0]
            continue
        limits = limits_wh(blocks, tariff.limit_places, days, found.billing_w[month])
        if meeting == PER_PERIOD:
            cost += price_blocks(part, limits, blocks.prices)
        else:
            cost += price_blocks(whole, limits, blocks.prices) * Fraction(part, whole)
    return cost / (1000 * int(10**tariff.price_places))


def limits_in_time(tariff: IntervalTariff, found: Determinants, year: int) -> tuple[int, list[int]]:
    """(units to the Wh, limits as `rules.intervals.fill_in_time` takes them): whole numbers at the coarsest scale in
    which all of them are whole. Raises ValueError where a month's use would not fit 64 bits at that scale."""
    most = tariff.most_blocks
    rows: list[list[Fraction | int]] = []
    scale = 1
    for month in range(MONTHS):
        for blocks in tariff.energy:
            limits = limits_wh(blocks, tariff.limit_places, days_in_month(year, month + 1), found.billing_w[month])
            rows.append(limits)
            for limit in limits:
                scale *= Fraction(limit * scale).denominator
    if sum(found.wh) * scale >= FAR:
        raise ValueError("blocks too fine for the size of this load")
    table: list[int] = []
    for limits in rows:
        row: list[int] = []
        for limit in limits:
            row.append(min(max(int(limit * scale), row[-1] if row else 0), FAR))
        table += row + [FAR] * (most - len(row))
    return scale, table


def energy_in_time(
    tariff: IntervalTariff, found: Determinants, year: int, load: Sequence[int], slots: Sequence[int],
    walk: Walk = fill_in_time,
) -> list[Fraction]:  # fmt: skip
    """Energy of each month where the month's use fills the blocks in the order of time."""
    periods, most = len(tariff.energy), tariff.most_blocks
    scale, limits = limits_in_time(tariff, found, year)
    out = [0] * (MONTHS * periods * most)
    walk(load, slots, len(load), tariff.energy_schedule, periods, most, scale, limits, out)
    unit = scale * 1000 * int(10**tariff.price_places)
    result = []
    for month in range(MONTHS):
        cost = 0
        for p, blocks in enumerate(tariff.energy):
            at = (month * periods + p) * most
            cost += sum(quantity * price for quantity, price in zip(out[at : at + most], blocks.prices, strict=False))
        result.append(Fraction(cost, unit))
    return result


def demand_of_month(tariff: IntervalTariff, found: Determinants, month: int) -> tuple[Fraction, Fraction]:
    """(flat, by period) demand charges of a month.

    Demand beyond the last stated maximum is priced at the last rate. Under a ratchet every period that the month has is
    billed at the billing demand, as that looks at the current month in full.
    """
    unit = 1000 * int(10**tariff.price_places)

    def cost(blocks: Blocks, watts: Fraction | int) -> Fraction:
        limits = [Fraction(limit * 1000, 10**tariff.limit_places) for limit in blocks.limits]
        return Fraction(price_blocks(watts, limits, blocks.prices)) / unit

    flat = Fraction(0)
    if tariff.flat:
        flat = cost(tariff.flat[tariff.flat_months[month]], found.billing_w[month])
    by_periods = Fraction(0)
    for p, blocks in enumerate(tariff.demand):
        watts = found.period_peak_w[month * len(tariff.demand) + p]
        if watts != NO_STEP:
            by_periods += cost(blocks, found.billing_w[month] if tariff.ratchet.holds else watts)
    return flat, by_periods


def per_month(amount: int, by: str, places: int) -> Fraction:
    """A fixed charge as one of twelve months: a day's × 365/12, a year's / 12."""
    value = Fraction(amount, 10**places)
    if by == A_DAY:
        return value * DAYS_A_MONTH
    return value / MONTHS if by == A_YEAR else value


def rate_year(
    tariff: IntervalTariff, energies: Sequence[Fraction], found: Determinants, meters: int = 1
) -> list[MonthBill]:
    """The twelve bills. A monthly minimum covers energy, demand and fixed charges; a yearly one is settled in December
    on the sum of these. `energies`: of each month, by `energy_of_month` or `energy_in_time`."""
    charge = tariff.fixed + (meters - 1) * tariff.fixed_more
    fixed = per_month(charge, tariff.fixed_by, tariff.price_places)
    bills: list[MonthBill] = []
    year = Fraction(0)
    for month in range(MONTHS):
        flat, by_periods = demand_of_month(tariff, found, month)
        have = energies[month] + flat + by_periods + fixed
        year += have
        due = Fraction(0)
        if tariff.minimum and tariff.minimum_by != A_YEAR:
            due = per_month(tariff.minimum, tariff.minimum_by, tariff.price_places) - have
        elif tariff.minimum and month == MONTHS - 1:
            due = Fraction(tariff.minimum, 10**tariff.price_places) - year
        due = max(due, Fraction(0))
        bills.append(MonthBill(energies[month], flat, by_periods, fixed, due, have + due))
    return bills


def year_of_bills(
    tariff: IntervalTariff, load: SlotLoad, wh: Sequence[int], slots: Sequence[int], meeting: str,
    walk_periods: Walk = by_period, walk_time: Walk = fill_in_time,
) -> list[MonthBill]:  # fmt: skip
    """The twelve bills of a load (`wh` of each step and its slot, and the same gathered) by a tariff.

    Where no period has more than one block, all three meetings are one and the steps are not walked.
    """
    found = determine(tariff, load, walk_periods)
    if meeting == IN_TIME and tariff.most_blocks > 1:
        energies = energy_in_time(tariff, found, load.year, wh, slots, walk_time)
    else:
        energies = [energy_of_month(tariff, found, month, load.year, meeting) for month in range(MONTHS)]
    return rate_year(tariff, energies, found, load.meters)


def half_up(amount: Fraction, decimals: int) -> int:
    """Whole minor units, halves away from zero."""
    scaled = abs(amount) * int(10**decimals)
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return -whole if amount < 0 else whole
