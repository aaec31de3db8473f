"""What is taken on other components: percentages, the power-factor adjustment, the minimum."""

from collections.abc import MutableSequence, Sequence

from gridhall.rules.charges import quantity_of, share_of_segment
from gridhall.rules.layout import (
    BASE_AT,
    BASES,
    BILL,
    CLASS,
    COMPONENT_SUM,
    FACTOR_AT,
    FAULT,
    FAULT_BOUNDS,
    KIND,
    MINIMUM_DUE,
    MINIMUM_HAVE,
    OWN_ROUNDING,
    PARTS,
    PERCENT,
    PLAN_USE,
    POWER_FACTOR_STANDARD,
    PRICE_AT,
    SEASON,
    SETTLES_MINIMUM,
    STANDARDS,
    TAKEN_NOW,
    TOTAL,
    UNIT,
    USE,
    USE_LOSS,
    USE_VARH,
    VARH,
    WH_TOTAL,
    YEAR_COUNTED,
    YEAR_ENDS,
    YEAR_MONTHS,
    YEARLY,
)
from gridhall.rules.lines import put_line
from gridhall.rules.power_factor import adjustment_rate, power_factor
from gridhall.rules.units import AMOUNT_MAX, QUANTITY_MAX, amount_of, percent_of, share_of


def base_of(table: Sequence[int], plan: int, component: int, state: Sequence[int]) -> tuple[int, int]:
    """The exact sum, in this segment, of the components that this one is taken on."""
    minor = 0
    rest = 0
    for b in range(table[component + BASES]):
        other = COMPONENT_SUM + 2 * table[plan + table[component + BASE_AT] + b]
        minor += state[other]
        rest += state[other + 1]
        if rest >= state[PARTS]:
            rest -= state[PARTS]
            minor += 1
    return minor, rest


def rate_percent(
    table: Sequence[int], plan: int, component: int, k: int, facts: Sequence[int], n: int, i: int,
    state: MutableSequence[int], lines: MutableSequence[int], room: int, write: int,
) -> None:  # fmt: skip
    """A percentage (tax, surcharge) or the power-factor adjustment, on named components."""
    rate = 0
    factor = 0
    if table[component + KIND] == PERCENT:
        rate = table[plan + table[component + PRICE_AT] + state[SEASON]]
    elif facts[POWER_FACTOR_STANDARD * n + i] > 0 or table[component + YEARLY] == 1:
        factor = power_factor(facts[WH_TOTAL * n + i], facts[VARH * n + i])
        if table[plan + PLAN_USE] & USE_LOSS:
            factor = power_factor(state[USE] + state[TAKEN_NOW], state[USE_VARH])
        standard = facts[POWER_FACTOR_STANDARD * n + i] if table[component + YEARLY] == 0 else STANDARDS[0]
        rate = adjustment_rate(table, plan + table[component + FACTOR_AT], standard, factor)
    if rate == 0:
        return
    minor, rest = base_of(table, plan, component, state)
    if minor == 0 and rest == 0:
        return
    base = minor
    minor, rest = percent_of(minor, rest, rate, state[PARTS])
    put_line(
        state, lines, room, write, facts[BILL * n + i], i, k, table[component + CLASS],
        table[component + OWN_ROUNDING],
        0, TOTAL, factor * 10, table[component + UNIT], rate, base, minor, rest,
    )  # fmt: skip


def add_pair(state: MutableSequence[int], at: int, minor: int, rest: int) -> None:
    """Add an exact amount to the one that is kept at a place of the state."""
    rest += state[at + 1]
    state[at] += minor
    if rest >= state[PARTS]:
        rest -= state[PARTS]
        state[at] += 1
    state[at + 1] = rest


def least_of(
    table: Sequence[int], plan: int, component: int, facts: Sequence[int], n: int, i: int, state: MutableSequence[int]
) -> tuple[int, int]:
    """What a segment adds to the minimum: its share of the month's (by kW, kVA or as such); of a yearly one all of it,
    in the segment that settles it, by the months of entitlement."""
    quantity = quantity_of(table, plan, component, facts, n, i, 0)
    if quantity < 0 or quantity > QUANTITY_MAX:
        state[FAULT] = FAULT_BOUNDS
        return 0, 0
    price = table[plan + table[component + PRICE_AT] + state[SEASON]]
    minor, rest = amount_of(quantity, price, state[PARTS])
    if table[component + YEARLY] == 0:
        part, of = share_of_segment(table, component, facts, n, i, state)
        if of == 1 and abs(minor) >= AMOUNT_MAX // max(part, 1):
            state[FAULT] = FAULT_BOUNDS
            return 0, 0
        return share_of(minor, rest, part, of, state[PARTS])
    if i < state[SETTLES_MINIMUM]:
        return 0, 0
    return share_of(minor, rest, min(max(facts[YEAR_MONTHS * n + i], 0), 12), 12, state[PARTS])


def rate_minimum(
    table: Sequence[int], plan: int, component: int, k: int, facts: Sequence[int], n: int, i: int,
    state: MutableSequence[int], lines: MutableSequence[int], room: int, write: int,
) -> None:  # fmt: skip
    """What is missing of the minimum after the components that count towards it.

    Each segment adds its share of the month's minimum and what counts in it; all of them are settled together in the
    last segment whose plan has a minimum, so that a price change inside the period neither doubles nor loses it. What
    segments without a minimum cost counts towards none. The minimum of a year is settled in the bill that closes the
    year, with what counted in its earlier bills.
    """
    minor, rest = least_of(table, plan, component, facts, n, i, state)
    add_pair(state, MINIMUM_DUE, minor, rest)
    minor, rest = base_of(table, plan, component, state)
    add_pair(state, MINIMUM_HAVE, minor, rest)
    if i < state[SETTLES_MINIMUM]:
        return
    if table[component + YEARLY] == 1:
        if facts[YEAR_ENDS * n + i] == 0:
            return
        if abs(facts[YEAR_COUNTED * n + i]) > AMOUNT_MAX:
            state[FAULT] = FAULT_BOUNDS
            return
        add_pair(state, MINIMUM_HAVE, facts[YEAR_COUNTED * n + i], 0)
    if state[MINIMUM_HAVE] < 0:  # a true-up gives money back for earlier months: that credit is not eaten by this one
        state[MINIMUM_HAVE] = 0
        state[MINIMUM_HAVE + 1] = 0
    minor = state[MINIMUM_DUE] - state[MINIMUM_HAVE]
    rest = state[MINIMUM_DUE + 1] - state[MINIMUM_HAVE + 1]
    if rest < 0:
        rest += state[PARTS]
        minor -= 1
    if minor < 0 or (minor == 0 and rest == 0):
        return
    put_line(
        state, lines, room, write, facts[BILL * n + i], i, k, table[component + CLASS],
        table[component + OWN_ROUNDING],
        0, TOTAL, quantity_of(table, plan, component, facts, n, i, 0), table[component + UNIT],
        table[plan + table[component + PRICE_AT] + state[SEASON]], state[MINIMUM_HAVE], minor, rest,
    )  # fmt: skip
