"""Who leaves inside a block year is settled by the months of supply, where the tariff says so."""

from collections.abc import MutableSequence, Sequence

from gridhall.rules.blocks import FAR, in_block, limit_of
from gridhall.rules.calendar import date_of
from gridhall.rules.energy import price_line, use_of
from gridhall.rules.layout import (
    BASE_AT,
    BASES,
    BLOCKS,
    COMPONENT_SIZE,
    FAULT,
    FAULT_BOUNDS,
    IS_LAST,
    PLAN_HEAD,
    PRICE_AT,
    SEASON,
    SUPPLIED_MONTHS,
    TAKEN,
    TOTAL,
    USED_WH,
    YEAR_MONTHS,
    YEAR_USED_WH,
)
from gridhall.rules.units import QUANTITY_MAX

MONTHS_A_YEAR = 12


def months_of_supply(year: int, entitled: int, to_day: int) -> int:
    """Months of the block year `year` in which one was supplied who leaves before `to_day`: those of entitlement up to
    the month of the last day, a part month whole; at least one. December's reading may be taken in January."""
    last_year, last_month, _ = date_of(to_day - 1)
    if last_year > year:
        return entitled
    months = entitled - (MONTHS_A_YEAR - last_month)
    return months if months > 1 else 1


def rate_settlement(
    table: Sequence[int], plan: int, component: int, k: int, facts: Sequence[int], n: int, i: int,
    state: MutableSequence[int], lines: MutableSequence[int], room: int, write: int,
) -> None:  # fmt: skip
    """The year's use laid once more on limits of the months of supply, less how it lay on those of entitlement.

    One line per block of each component that is settled: the energy that moves into the block (out of it, negative) at
    its price. The quantities of a component come to nothing, so the bill's energy stays. It is settled as the last
    segment stands: its prices, season and household.
    """
    months = facts[SUPPLIED_MONTHS * n + i]
    if state[IS_LAST] == 0 or months <= 0 or months >= facts[YEAR_MONTHS * n + i]:
        return
    for b in range(table[component + BASES]):
        other = plan + PLAN_HEAD + COMPONENT_SIZE * table[plan + table[component + BASE_AT] + b]
        used = facts[YEAR_USED_WH * n + i] + state[USED_WH] - state[TAKEN]
        used += use_of(table, other, facts, n, i, state, 0)
        if abs(used) > QUANTITY_MAX:
            state[FAULT] = FAULT_BOUNDS
            return
        settle_blocks(table, plan, other, component, k, facts, n, i, state, lines, room, write, used)


def settle_blocks(
    table: Sequence[int], plan: int, other: int, component: int, k: int, facts: Sequence[int], n: int, i: int,
    state: MutableSequence[int], lines: MutableSequence[int], room: int, write: int, used: int,
) -> None:  # fmt: skip
    """The lines of component `k` that settle the blocks of the component at `other` for a year's use."""
    prices = plan + table[other + PRICE_AT] + state[SEASON] * table[other + BLOCKS]
    months = facts[SUPPLIED_MONTHS * n + i]
    low_then = -FAR
    low_now = -FAR
    for block in range(table[other + BLOCKS]):
        then = limit_of(table, plan, other, state[SEASON], block, facts, n, i)
        now = then
        if then < FAR:
            now = then // facts[YEAR_MONTHS * n + i] * months  # limits of the year are whole months
        moved = in_block(0, used, low_now, now) - in_block(0, used, low_then, then)
        price_line(
            table, component, k, facts, n, i, state, lines, room, write,
            block + 1, TOTAL, moved, table[prices + block],
        )  # fmt: skip
        low_then = then
        low_now = now
