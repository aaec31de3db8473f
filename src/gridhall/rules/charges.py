"""Charges per month or day: as such, by demand, by contract demand, by capacity."""

from collections.abc import MutableSequence, Sequence

from gridhall.rules.layout import (
    BAND,
    BILL,
    CAPACITY_VA,
    CLASS,
    CONTRACT_W,
    DAILY,
    DAYS_ALL,
    DAYS_BEFORE,
    DEMAND_W,
    FAULT,
    FAULT_BOUNDS,
    FROM_DAY,
    IS_LAST,
    LEAST,
    ONE_MONTH,
    OVER_PRICE,
    OWN_ROUNDING,
    PARTS,
    PERIOD_DAYS,
    PERIOD_MONTHS,
    PRICE_AT,
    SEASON,
    SHARE,
    SOURCE,
    SOURCE_ONE,
    TO_DAY,
    TOTAL,
    UNIT,
)
from gridhall.rules.lines import put_line
from gridhall.rules.proration import month_share
from gridhall.rules.units import QUANTITY_MAX, amount_of, share_of


def share_of_segment(
    table: Sequence[int], component: int, facts: Sequence[int], n: int, i: int, state: Sequence[int]
) -> tuple[int, int]:
    """The part of a month (numerator, denominator) that a charge of this component takes in this segment."""
    days = facts[TO_DAY * n + i] - facts[FROM_DAY * n + i]
    return month_share(
        table[component + SHARE], days, state[DAYS_BEFORE], state[DAYS_ALL], state[IS_LAST],
        facts[PERIOD_DAYS * n + i], facts[PERIOD_MONTHS * n + i],
    )  # fmt: skip


def charge_line(
    table: Sequence[int], component: int, k: int, facts: Sequence[int], n: int, i: int,
    state: MutableSequence[int], lines: MutableSequence[int], room: int, write: int,
    block: int, quantity: int, price: int,
) -> None:  # fmt: skip
    """One line of a charge per month or day. `base` tells how it was divided: days × 1000 + divisor; 0 when
    not divided."""
    part, of = share_of_segment(table, component, facts, n, i, state)
    if quantity == 0 or price == 0 or part == 0:
        return
    if abs(quantity) > QUANTITY_MAX or abs(quantity) * part > QUANTITY_MAX:
        state[FAULT] = FAULT_BOUNDS
        return
    base = 0
    if of == 1:
        quantity = quantity * part
        if table[component + SHARE] == DAILY and table[component + SOURCE] != SOURCE_ONE:
            base = part * 1000 + 1
    minor, rest = amount_of(quantity, price, state[PARTS])
    if of != 1:
        base = part * 1000 + of
        minor, rest = share_of(minor, rest, part, of, state[PARTS])
    put_line(
        state, lines, room, write, facts[BILL * n + i], i, k, table[component + CLASS],
        table[component + OWN_ROUNDING],
        block, TOTAL, quantity, table[component + UNIT], price, base, minor, rest,
    )  # fmt: skip


def rate_charge(
    table: Sequence[int], plan: int, component: int, k: int, facts: Sequence[int], n: int, i: int,
    state: MutableSequence[int], lines: MutableSequence[int], room: int, write: int,
) -> None:  # fmt: skip
    """A charge per month or day: as such, or by kW of demand, or by kVA of capacity."""
    source = table[component + SOURCE]
    quantity = ONE_MONTH
    if source != SOURCE_ONE:
        quantity = facts[source * n + i]
    price = table[plan + table[component + PRICE_AT] + state[SEASON]]
    charge_line(table, component, k, facts, n, i, state, lines, room, write, 0, quantity, price)


def rate_contract_demand(
    table: Sequence[int], plan: int, component: int, k: int, facts: Sequence[int], n: int, i: int,
    state: MutableSequence[int], lines: MutableSequence[int], room: int, write: int,
) -> None:  # fmt: skip
    """Contract demand: the contract is billed (or the stated share of the capacity, where that is more);
    what the measured demand exceeds the contract by, beyond the band, is billed besides at the price for
    it. Without a contract: as measured."""
    price = table[plan + table[component + PRICE_AT] + state[SEASON]]
    contract = facts[CONTRACT_W * n + i]
    measured = facts[DEMAND_W * n + i]
    if contract == 0:
        charge_line(table, component, k, facts, n, i, state, lines, room, write, 0, measured, price)
        return
    if contract > QUANTITY_MAX or facts[CAPACITY_VA * n + i] > QUANTITY_MAX:
        state[FAULT] = FAULT_BOUNDS
        return
    billed = max(contract, facts[CAPACITY_VA * n + i] * table[component + LEAST] // 1000)
    over = measured - billed * table[component + BAND] // 1000
    charge_line(table, component, k, facts, n, i, state, lines, room, write, 1, billed, price)
    if over > 0:
        price = table[component + OVER_PRICE]
        charge_line(table, component, k, facts, n, i, state, lines, room, write, 2, over, price)
