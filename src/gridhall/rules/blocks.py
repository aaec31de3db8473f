"""Blocks (tiers): which part of a use lies in which block, and how wide a block is for this bill."""

from collections.abc import Sequence

from gridhall.rules.billing_demand import billing_demand, nearest
from gridhall.rules.calendar import months_touched
from gridhall.rules.layout import (
    BLOCK_CYCLE,
    BLOCK_DAYS,
    BLOCK_PLAIN,
    BLOCK_YEAR,
    BLOCK_YEAR_DAYS,
    BLOCKS,
    FROM_DAY,
    KW_LIMIT_AT,
    LIMIT_AT,
    PERIOD_MONTHS,
    PERSONS,
    PLAN_SEASONS,
    TO_DAY,
    VARIANT_AT,
    VARIANTS,
    YEAR_MONTHS,
)

BEYOND = 1 << 46  # beyond any use, and small enough to be multiplied by the days of a bill
FAR = 1 << 60  # beyond any use: the top of the last block, and (negative) the foot of the first


def clamp(value: int, low: int, high: int) -> int:
    if value < low:
        return low
    if value > high:
        return high
    return value


def in_block(before: int, after: int, low: int, high: int) -> int:
    """The part of the use from position `before` to `after` that lies between `low` and `high`.

    A correction that takes use back (after < before) gives a negative part, out of the same blocks it went
    into.
    """
    return clamp(after, low, high) - clamp(before, low, high)


def household(table: Sequence[int], plan: int, component: int, persons: int) -> int:
    """Which set of limits a household of so many persons has: 0 the ordinary one, 1.. the variants for
    large households."""
    variant = 0
    for k in range(table[component + VARIANTS]):
        if persons >= table[plan + table[component + VARIANT_AT] + k]:
            variant = k + 1
    return variant


def limit_of(
    table: Sequence[int], plan: int, component: int, season: int, block: int,
    facts: Sequence[int], n: int, i: int,
) -> int:  # fmt: skip
    """The upper bound (included) of a block for this segment, in Wh; FAR for the last block.

    The table's limits are Wh per month. BLOCK_YEAR: × months of entitlement. BLOCK_DAYS: × days of the
    segment / 30, BLOCK_YEAR_DAYS: × days × 12 / 365, both to the nearest Wh, halves up. BLOCK_MONTH: × months of the
    bill. BLOCK_PLAIN: as they stand. Limits may have so many Wh besides for each kW of billing demand.
    """
    if block >= table[component + BLOCKS] - 1:
        return FAR
    days = facts[TO_DAY * n + i] - facts[FROM_DAY * n + i]
    return width_of(table, plan, component, season, block, days, facts, n, i)


def width_of(
    table: Sequence[int], plan: int, component: int, season: int, block: int, days: int,
    facts: Sequence[int], n: int, i: int,
) -> int:  # fmt: skip
    """The upper bound of any block but the last, for so many days."""
    variant = 0
    if table[component + VARIANTS] > 0:
        variant = household(table, plan, component, facts[PERSONS * n + i])
    row = variant * table[plan + PLAN_SEASONS] + season
    place = row * (table[component + BLOCKS] - 1) + block
    monthly = table[plan + table[component + LIMIT_AT] + place]
    if table[component + KW_LIMIT_AT] != 0:
        monthly += per_kw(table, plan, table[plan + table[component + KW_LIMIT_AT] + place], facts, n, i)
    cycle = table[component + BLOCK_CYCLE]
    if cycle == BLOCK_YEAR:
        return monthly * facts[YEAR_MONTHS * n + i]
    if cycle == BLOCK_DAYS:
        return (2 * monthly * days + 30) // 60
    if cycle == BLOCK_YEAR_DAYS:
        return (24 * monthly * days + 365) // 730
    if cycle == BLOCK_PLAIN:
        return monthly
    return monthly * facts[PERIOD_MONTHS * n + i]


def per_kw(table: Sequence[int], plan: int, wh: int, facts: Sequence[int], n: int, i: int) -> int:
    """So many Wh for each kW of the billing demand, to the nearest Wh; beyond any use at most."""
    if wh == 0:
        return 0
    return min(nearest(billing_demand(table, plan, facts, n, i), wh, 1000), BEYOND)


def entitled_months(year_from: int, year_to: int, supplied_from: int) -> int:
    """Months of entitlement in a block year (day numbers, its end excluded) of one who is supplied from a
    day on; a part month counts whole. At least one.

    A customer of the whole year has 12 from its first day on; one who moves in on 20 June has 7 (June to
    December). One who leaves keeps them: the limits do not narrow behind bills that were made on them.
    """
    months = months_touched(max(year_from, supplied_from), year_to)
    return months if months > 1 else 1
