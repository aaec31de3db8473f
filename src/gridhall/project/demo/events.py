"""What happens in the town beside ordinary use: readings that fail, meters exchanged, people who move, tariffs
changed."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from gridhall.customers.public import INDUSTRIAL, RESIDENTIAL
from gridhall.project.demo import use
from gridhall.project.demo.town import (
    SHANDONG,
    SHANDONG_TOU,
    STREAM_FAULTS,
    STREAM_MOVES,
    TWO_RATE,
    ZHEJIANG,
    ZHEJIANG_TOU,
    Ints,
    Town,
)  # fmt: skip

# Of a thousand premises a month.
MISSING, SWAPPED, EXCHANGED, MOVED, CUSTOMER_READS = 6, 1.2, 1.5, 2.5, 4

TO_PEAK_VALLEY_ON = date(2026, 1, 1)
IN_MID_PERIOD_ON = date(2026, 3, 16)
MORE_PERSONS_ON = date(2026, 6, 1)
MORE_CAPACITY_ON = date(2026, 7, 1)


@dataclass(frozen=True)
class MonthEvents:
    """Rows of the town to which something happens in a month; no row stands in two of these. `day`: of exchange or
    move."""

    day: date
    missing: Ints
    swapped: Ints
    exchanged: Ints
    moved: Ints
    customer_reads: Ints


def of_month(town: Town, month: int) -> MonthEvents:
    """The events of month `month` (0 the first, which is quiet). A small town still sees each kind now and then."""
    random = town.random(STREAM_FAULTS, month)
    period = use.periods()[month]
    day = use.first_day(period) + timedelta(days=int(random.integers(6, 24)))
    nothing = np.zeros(0, np.int64)
    if month == 0:
        return MonthEvents(day, nothing, nothing, nothing, nothing, nothing)
    last = month == use.MONTHS - 1
    order = random.permutation(town.size)
    homes = order[(town.class_code == RESIDENTIAL)[order]]
    counts = [_count(random, town.size, rate, least=int(last)) for rate in (MISSING, SWAPPED)]
    # months 3 and 15 bring an exchange and a move to towns of any size
    sure = int(month % 12 == 3)
    counts += [_count(random, town.size, rate, least=sure) for rate in (EXCHANGED, MOVED, CUSTOMER_READS)]
    if last:
        counts[3] = 0  # nobody moves in the month that is left to be billed: it stays plain to follow
    ends = np.cumsum(counts)
    groups = np.split(homes[: ends[-1]], ends[:-1])
    return MonthEvents(day, *(np.sort(group) for group in groups))


def _count(random: np.random.Generator, size: int, per_thousand: float, least: int) -> int:
    return min(max(int(random.poisson(size * per_thousand / 1000)), least), size // 12 + 1)


UNBELIEVABLE = 100_000  # units of a register: what no home uses in a month


def swap_digits(values: Ints) -> Ints:
    """Each value with two of its digits exchanged, so that nobody believes it.

    The pair that takes most away, for a value below the one before is held whatever else is known of the register;
    where no pair takes away more than a home uses, the one that adds most. The highest place is left: not every
    register has it. A value of equal digits stays as it is.
    """
    return np.array([_swapped(value) for value in values.tolist()], np.int64)


def _swapped(value: int) -> int:
    text = f"{value:08d}"
    found = [
        int(text[:i] + text[k] + text[i + 1 : k] + text[i] + text[k + 1 :])
        for i in range(1, 7)
        for k in range(i + 1, 8)
    ]
    return min(found) if value - min(found) > UNBELIEVABLE else max(found)


@dataclass(frozen=True)
class Change:
    """From a day on these rows are rated otherwise. `tariff`, `persons`, `capacity` by row, empty where it stays."""

    on: date
    rows: Ints
    tariff: tuple[str, ...] = ()
    persons: int = 0
    capacity_times: int = 0  # thousandths


def changes(town: Town) -> list[Change]:
    """Changes of terms over the two years, by day."""
    random = town.random(STREAM_MOVES)
    codes = town.accounts["tariff_code"].to_numpy()
    to = {SHANDONG: SHANDONG_TOU, ZHEJIANG: ZHEJIANG_TOU}
    ready = np.flatnonzero((town.meter_kind == TWO_RATE) & np.isin(codes, list(to)))
    ready = random.permutation(ready)
    first, second = ready[: len(ready) // 2], ready[len(ready) // 2 : len(ready) * 6 // 10]
    homes = np.flatnonzero(town.class_code == RESIDENTIAL)
    works = np.flatnonzero(town.class_code == INDUSTRIAL)
    families = random.choice(homes, max(1, len(homes) // 300), replace=False)
    grown = random.choice(works, max(1, len(works) // 40), replace=False)
    return [
        Change(TO_PEAK_VALLEY_ON, first, tariff=tuple(to[code] for code in codes[first])),
        Change(IN_MID_PERIOD_ON, second, tariff=tuple(to[code] for code in codes[second])),
        Change(MORE_PERSONS_ON, families, persons=5),
        Change(MORE_CAPACITY_ON, grown, capacity_times=1250),
    ]
