"""Blocks (tiers): which part of a use lies in which block, and how wide a block is for this bill."""

from collections.abc import Sequence

from gridhall.rules.calendar import months_touched
from gridhall.rules.layout import (
    BLOCK_CYCLE,
    BLOCK_DAYS,
    BLOCK_YEAR,
    BLOCKS,
    FROM_DAY,
    LIMIT_AT,
    PERIOD_MONTHS,
    PERSONS,
    PLAN_SEASONS,
    TO_DAY,
    VARIANT_AT,
    VARIANTS,
    YEAR_MONTHS,
)

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
    segment / 30, to the nearest Wh, halves up. BLOCK_MONTH: × months of the bill.
    """
    blocks = table[component + BLOCKS]
    if block >= blocks - 1:
        return FAR
    variant = 0
    if table[component + VARIANTS] > 0:
        variant = household(table, plan, component, facts[PERSONS * n + i])
    row = variant * table[plan + PLAN_SEASONS] + season
    monthly = table[plan + table[component + LIMIT_AT] + row * (blocks - 1) + block]
    cycle = table[component + BLOCK_CYCLE]
    if cycle == BLOCK_YEAR:
        return monthly * facts[YEAR_MONTHS * n + i]
    if cycle == BLOCK_DAYS:
        days = facts[TO_DAY * n + i] - facts[FROM_DAY * n + i]
        return (2 * monthly * days + 30) // 60
    return monthly * facts[PERIOD_MONTHS * n + i]


def entitled_months(year_from: int, year_to: int, supplied_from: int) -> int:
    """Months of entitlement in a block year (day numbers, its end excluded) of one who is supplied from a
    day on; a part month counts whole. At least one.

    A customer of the whole year has 12 from its first day on; one who moves in on 20 June has 7 (June to
    December). One who leaves keeps them: the limits do not narrow behind bills that were made on them.
    """
    months = months_touched(max(year_from, supplied_from), year_to)
    return months if months > 1 else 1
