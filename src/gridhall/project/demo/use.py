"""How much the town uses, month by month: season, weather, growth, holidays, habits. Nature is simulated with floats;
what a register counts is whole."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from gridhall.customers.public import COMMERCIAL, INDUSTRIAL
from gridhall.project.demo.town import FOUR_RATE, FULL, STREAM_LOAD, STREAM_MONTH, TWO_RATE, Ints, Town
from gridhall.territory.public import DayMean

FIRST_PERIOD, MONTHS = 202411, 24

# Mean temperature by month, °C: the lower Yangtze, roughly.
NORMAL = (4, 6, 10, 16, 21, 25, 29, 28, 24, 19, 12, 6)

SWAY = (0, 15, 30, 15, 0, -15, -30, -15)  # tenths of a degree, day by day

# Share of the Spring Festival holidays that falls into a month, by period.
FESTIVAL = {202501: 0.5, 202502: 0.5, 202602: 1.0}
GROWTH_A_YEAR = {1: 0.03, COMMERCIAL: 0.02, INDUSTRIAL: 0.04}


def periods() -> list[int]:
    """The periods of the town, YYYYMM, the first first."""
    first = FIRST_PERIOD // 100 * 12 + FIRST_PERIOD % 100 - 1
    return [month // 12 * 100 + month % 12 + 1 for month in range(first, first + MONTHS)]


def first_day(period: int) -> date:
    return date(period // 100, period % 100, 1)


def next_day(period: int) -> date:
    """The first day of the month after: when the readings of the period are taken."""
    year, month = divmod(period // 100 * 12 + period % 100, 12)
    return date(year, month + 1, 1)


@dataclass(frozen=True)
class Habits:
    """What stays with an account: base load (meter units a month), likings, and shares of the time-of-use registers."""

    base: NDArray[np.float64]
    cooling: NDArray[np.float64]
    heating: NDArray[np.float64]
    shares: NDArray[np.float64]  # (n, 4): sharp, peak, flat, valley; rows sum to 1
    reactive: NDArray[np.float64]  # varh per Wh
    load_factor: NDArray[np.float64]


def habits(town: Town) -> Habits:
    """Drawn once for the town."""
    random = town.random(STREAM_LOAD)
    n, class_code = town.size, town.class_code
    capacity_kva = town.accounts["capacity_va"].to_numpy() / 1000
    home = np.exp(random.normal(np.log(150), 0.5, n))
    home = np.where(random.random(n) < 0.012, 0.0, home)  # empty flats
    shop = np.exp(random.normal(np.log(900), 0.7, n))
    works = capacity_kva * 730 * random.uniform(0.22, 0.5, n)
    kwh = np.where(class_code == INDUSTRIAL, works, np.where(class_code == COMMERCIAL, shop, home))
    return Habits(
        base=kwh * 100 / town.multiplier,
        cooling=random.gamma(4, 0.25, n),
        heating=random.gamma(3, 0.33, n),
        shares=_shares(random, town),
        reactive=np.tan(np.arccos(np.clip(random.normal(0.925, 0.03, n), 0.6, 0.995))),
        load_factor=random.uniform(0.45, 0.7, n),
    )


def _shares(random: np.random.Generator, town: Town) -> NDArray[np.float64]:
    shares = np.zeros((town.size, 4))
    shares[:, 2] = 1.0  # a single-rate meter: everything counts as flat
    two = town.meter_kind == TWO_RATE
    peak = random.beta(12, 9, town.size)
    shares[two, 1], shares[two, 2], shares[two, 3] = peak[two], 0.0, 1 - peak[two]
    four = town.meter_kind >= FOUR_RATE
    weights = random.dirichlet((8, 24, 36, 32), town.size)
    shares[four] = weights[four]
    return shares


@dataclass(frozen=True)
class MonthUse:
    """What the meters count in a month: `parts` (n, 4) units in sharp, peak, flat, valley; reactive units; demand
    units."""

    parts: Ints
    reactive: Ints
    demand: Ints

    @property
    def total(self) -> Ints:
        total: Ints = self.parts.sum(axis=1)
        return total


def warmth_of(town: Town, month: int) -> float:
    """Mean temperature of the month `month`, °C."""
    normal = NORMAL[periods()[month] % 100 - 1]
    return float(normal + town.random(STREAM_MONTH, 1000 + month).normal(0, 1.2))


def temperatures(town: Town, month: int) -> list[DayMean]:
    """The month's mean temperatures day by day: they sway by three degrees around that of the month."""
    first, mean = first_day(periods()[month]), round(10 * warmth_of(town, month))
    days = (next_day(periods()[month]) - first).days
    return [DayMean(first + timedelta(days=day), mean + SWAY[day % len(SWAY)]) for day in range(days)]


def of_month(town: Town, known: Habits, month: int) -> MonthUse:
    """Use in the month `month` (0 is the first), whole units."""
    random = town.random(STREAM_MONTH, month)
    period = periods()[month]
    days = (next_day(period) - first_day(period)).days
    warmth = warmth_of(town, month)
    air = 1 + known.cooling * max(0.0, warmth - 22) / 6 * 0.45 + known.heating * max(0.0, 12 - warmth) / 8 * 0.28
    feast = FESTIVAL.get(period, 0.0)
    class_code = town.class_code
    works = np.where(class_code == INDUSTRIAL, 1 + (air - 1) * 0.12, air) * (
        1 + feast * np.where(class_code == INDUSTRIAL, -0.4, np.where(class_code == COMMERCIAL, -0.15, 0.06))
    )
    growth = np.select(
        [class_code == each for each in GROWTH_A_YEAR],
        [(1 + rate) ** (month / 12) for rate in GROWTH_A_YEAR.values()],
    )
    units = known.base * works * growth * (days / 30) * random.lognormal(0, 0.1, town.size)
    parts = np.floor(known.shares * units[:, None]).astype(np.int64)
    full = town.meter_kind == FULL
    hours = days * 24
    return MonthUse(
        parts=parts,
        reactive=np.where(full, np.floor(units * known.reactive), 0).astype(np.int64),
        demand=np.where(full, np.floor(units / hours / known.load_factor), 0).astype(np.int64),
    )
