"""Billing demand: the demand that is billed, from the one that was measured and what the tariff says about it."""

from collections.abc import Sequence

from gridhall.rules.layout import (
    CAPACITY_VA,
    CONTRACT_W,
    DEMAND_FACTOR,
    DEMAND_LEAST,
    DEMAND_OF_CAPACITY,
    DEMAND_OF_CONTRACT,
    DEMAND_PAST,
    DEMAND_STEP,
    DEMAND_W,
    PAST_DEMAND_W,
    PLAN_DEMAND_AT,
    SHARE_ONE,
    VARH,
    WH_TOTAL,
)
from gridhall.rules.power_factor import power_factor
from gridhall.rules.units import QUANTITY_MAX, mul_div


def nearest(value: int, numerator: int, denominator: int) -> int:
    """`value` × numerator / denominator to the nearest whole number, halves up; all >= 0, denominator below 2**44."""
    whole, rest = mul_div(value, numerator, denominator)
    if 2 * rest >= denominator:
        return whole + 1
    return whole


def within(value: int) -> int:
    """The value, but never outside what can be rated: what is beyond it stays beyond it and is a fault where it is
    billed."""
    return min(max(value, 0), QUANTITY_MAX + 1)


def billing_demand(table: Sequence[int], plan: int, facts: Sequence[int], n: int, i: int) -> int:
    """The demand billed in a segment, W. Without terms of its own: as measured.

    A power factor below the one asked for raises what was measured by asked / measured. Then it is at least: the stated
    share of the highest demand of the months looked back on (the ratchet), of the contract, of the capacity, and the
    least demand. Last it is rounded to the step of the tariff, halves up.
    """
    demand = within(facts[DEMAND_W * n + i])
    at = plan + table[plan + PLAN_DEMAND_AT]
    if at == plan:
        return demand
    asked = table[at + DEMAND_FACTOR]
    if asked > 0:
        factor = power_factor(facts[WH_TOTAL * n + i], facts[VARH * n + i])
        if 0 < factor < asked:
            demand = within(nearest(demand, asked, factor))
    demand = max(demand, nearest(within(facts[PAST_DEMAND_W * n + i]), table[at + DEMAND_PAST], SHARE_ONE))
    demand = max(demand, nearest(within(facts[CONTRACT_W * n + i]), table[at + DEMAND_OF_CONTRACT], SHARE_ONE))
    demand = max(demand, nearest(within(facts[CAPACITY_VA * n + i]), table[at + DEMAND_OF_CAPACITY], SHARE_ONE))
    demand = max(demand, table[at + DEMAND_LEAST])
    step = table[at + DEMAND_STEP]
    if step > 1:
        demand = (2 * demand + step) // (2 * step) * step
    return demand
