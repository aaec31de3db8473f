"""Charges per month or day: as such, by demand, by contract demand, by capacity."""

from collections.abc import MutableSequence, Sequence

from gridhall.rules.billing_demand import billing_demand, nearest
from gridhall.rules.blocks import in_block, limit_of
from gridhall.rules.calendar import days_in_year, year_of
from gridhall.rules.energy import block_of_whole, price_line
from gridhall.rules.layout import (
    BAND,
    BILL,
    BLOCK_MODE,
    BLOCKS,
    BLOCKS_BY_WHOLE,
    CAPACITY_VA,
    CLASS,
    CONTRACT_W,
    DAILY,
    DAYS_ALL,
    DAYS_BEFORE,
    DEEP,
    DEMAND_W,
    FAULT,
    FAULT_BOUNDS,
    FAULT_PARTS,
    FROM_DAY,
    IS_LAST,
    LEAST,
    METERS,
    ONE_MONTH,
    OVER_PRICE,
    OWN_ROUNDING,
    PARTS,
    PERIOD_DAYS,
    PERIOD_MONTHS,
    PERIODS,
    PLAN_USE,
    PRICE_AT,
    SEASON,
    SHARE,
    SHARE_ONE,
    SOURCE,
    SOURCE_BILLING,
    SOURCE_FURTHER,
    SOURCE_ONE,
    TAKEN_NOW,
    TO_DAY,
    TOTAL,
    UNIT,
    UNPRICED,
    USE,
    USE_LOSS,
    USE_VARH,
    VARH,
    WH_TOTAL,
    YEAR_SHARE,
)
from gridhall.rules.lines import put_line
from gridhall.rules.proration import month_share
from gridhall.rules.units import QUANTITY_MAX, amount_of, share_of


def share_of_segment(
    table: Sequence[int], component: int, facts: Sequence[int], n: int, i: int, state: Sequence[int]
) -> tuple[int, int]:
    """The part of a month (numerator, denominator) that a charge of this component takes in this segment; of a year
    where it is priced per year."""
    days = facts[TO_DAY * n + i] - facts[FROM_DAY * n + i]
    if table[component + SHARE] == YEAR_SHARE:
        return days, days_in_year(year_of(facts[TO_DAY * n + i] - 1))
    return month_share(
        table[component + SHARE], days, state[DAYS_BEFORE], state[DAYS_ALL], state[IS_LAST],
        facts[PERIOD_DAYS * n + i], facts[PERIOD_MONTHS * n + i],
    )  # fmt: skip


def charge_line(
    table: Sequence[int], component: int, k: int, facts: Sequence[int], n: int, i: int,
    state: MutableSequence[int], lines: MutableSequence[int], room: int, write: int,
    block: int, period: int, quantity: int, price: int,
) -> None:  # fmt: skip
    """One line of a charge per month or day. `base` tells how it was divided: days × 1000 + divisor; 0 when
    not divided."""
    if quantity == 0 or price == 0:
        return
    part, of = share_of_segment(table, component, facts, n, i, state)
    if part == 0:
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
        block, period, quantity, table[component + UNIT], price, base, minor, rest,
    )  # fmt: skip


def quantity_of(table: Sequence[int], plan: int, component: int, facts: Sequence[int], n: int, i: int, t: int) -> int:
    """What a charge is taken on, in thousandths: one, the meters, the billing demand, or a fact (`t`: the period)."""
    source = table[component + SOURCE]
    if source >= 0:
        return facts[(source + t) * n + i]
    if source == SOURCE_BILLING:
        return billing_demand(table, plan, facts, n, i)
    if source == SOURCE_ONE:
        return ONE_MONTH
    meters = min(max(facts[METERS * n + i], 1), QUANTITY_MAX // ONE_MONTH)
    if source == SOURCE_FURTHER:
        meters -= 1
    return meters * ONE_MONTH


def rate_charge(
    table: Sequence[int], plan: int, component: int, k: int, facts: Sequence[int], n: int, i: int,
    state: MutableSequence[int], lines: MutableSequence[int], room: int, write: int,
) -> None:  # fmt: skip
    """A charge per month, day or year: as such, by meters, by kW of demand, or by kVA of capacity."""
    if table[component + PERIODS] > 1 or table[component + BLOCKS] > 1:
        rate_graded_charge(table, plan, component, k, facts, n, i, state, lines, room, write)
        return
    quantity = quantity_of(table, plan, component, facts, n, i, 0)
    price = table[plan + table[component + PRICE_AT] + state[SEASON]]
    charge_line(table, component, k, facts, n, i, state, lines, room, write, 0, TOTAL, quantity, price)


def rate_graded_charge(
    table: Sequence[int], plan: int, component: int, k: int, facts: Sequence[int], n: int, i: int,
    state: MutableSequence[int], lines: MutableSequence[int], room: int, write: int,
) -> None:  # fmt: skip
    """A charge whose price goes by period, by blocks of its quantity, or by the block in which the whole use of the
    bill lies. A demand in a period that has no price is a fault, and so is one beyond bounds: its blocks would each be
    within them."""
    periods = table[component + PERIODS]
    blocks = table[component + BLOCKS]
    for t in range(periods):
        prices = plan + table[component + PRICE_AT] + (state[SEASON] * periods + t) * blocks
        period = TOTAL if periods == 1 else (DEEP if t == 4 else t + 1)
        quantity = quantity_of(table, plan, component, facts, n, i, t)
        if abs(quantity) > QUANTITY_MAX:
            state[FAULT] = FAULT_BOUNDS
            return
        if table[prices] == UNPRICED:
            if quantity != 0:
                state[FAULT] = FAULT_PARTS
                return
        elif table[component + BLOCK_MODE] == BLOCKS_BY_WHOLE:
            block = block_of_whole(table, plan, component, facts, n, i, state)
            charge_line(
                table, component, k, facts, n, i, state, lines, room, write,
                block + 1, period, quantity, table[prices + block],
            )  # fmt: skip
        else:
            low = 0
            for block in range(blocks):
                high = limit_of(table, plan, component, state[SEASON], block, facts, n, i)
                part = in_block(0, quantity, low, high)
                charge_line(
                    table, component, k, facts, n, i, state, lines, room, write,
                    0 if blocks == 1 else block + 1, period, part, table[prices + block],
                )  # fmt: skip
                low = high


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
        charge_line(table, component, k, facts, n, i, state, lines, room, write, 0, TOTAL, measured, price)
        return
    if contract > QUANTITY_MAX or facts[CAPACITY_VA * n + i] > QUANTITY_MAX:
        state[FAULT] = FAULT_BOUNDS
        return
    billed = max(contract, facts[CAPACITY_VA * n + i] * table[component + LEAST] // 1000)
    over = measured - billed * table[component + BAND] // 1000
    charge_line(table, component, k, facts, n, i, state, lines, room, write, 1, TOTAL, billed, price)
    if over > 0:
        price = table[component + OVER_PRICE]
        charge_line(table, component, k, facts, n, i, state, lines, room, write, 2, TOTAL, over, price)


def rate_reactive(
    table: Sequence[int], plan: int, component: int, k: int, facts: Sequence[int], n: int, i: int,
    state: MutableSequence[int], lines: MutableSequence[int], room: int, write: int,
) -> None:  # fmt: skip
    """Reactive energy beyond the free share of the active energy, both as metered with losses."""
    varh = facts[VARH * n + i]
    wh = facts[WH_TOTAL * n + i]
    if table[plan + PLAN_USE] & USE_LOSS:
        varh = state[USE_VARH]
        wh = state[USE] + state[TAKEN_NOW]
    if abs(varh) > QUANTITY_MAX:
        state[FAULT] = FAULT_BOUNDS
        return
    over = abs(varh) - nearest(max(wh, 0), table[component + LEAST], SHARE_ONE)
    price = table[plan + table[component + PRICE_AT] + state[SEASON]]
    if over > 0:
        price_line(table, component, k, facts, n, i, state, lines, room, write, 0, TOTAL, over, price)
