"""How far an account has come through the blocks of its tariff."""

from collections.abc import Sequence

from gridhall.billing.views import BlockUse, YearBlocks
from gridhall.rules.blocks import FAR, in_block, limit_of
from gridhall.rules.layout import (
    BLOCK_CYCLE,
    BLOCK_YEAR,
    BLOCKS,
    COMPONENT_SIZE,
    ENERGY,
    KIND,
    N_FACTS,
    PERIODS,
    PLAN_COMPONENTS,
    PLAN_HEAD,
    PRICE_AT,
)
from gridhall.rules.plan import FACT_NAMES, CompiledPlan
from gridhall.rules.seasons import segment_season


def blocks_of(plan: CompiledPlan, facts: dict[str, int], year: int) -> YearBlocks | None:
    """The blocks of the plan's first energy component that has any, as the bill with these facts leaves them.

    `facts` by rules.plan.FACT_NAMES, those of its last segment with the whole bill's energy; None without blocks.
    """
    table = plan.table
    for k in range(table[PLAN_COMPONENTS]):
        component = PLAN_HEAD + k * COMPONENT_SIZE
        if table[component + KIND] == ENERGY and table[component + BLOCKS] > 1:
            return _used(table, component, facts, year)
    return None


def _used(table: Sequence[int], component: int, facts: dict[str, int], year: int) -> YearBlocks:
    row = [0] * N_FACTS
    for place, name in enumerate(FACT_NAMES):
        row[place] = facts.get(name, 0)
    yearly = table[component + BLOCK_CYCLE] == BLOCK_YEAR
    season = max(segment_season(table, 0, row, 1, 0, facts["to_day"]), 0)
    used = facts["wh_total"] + (facts["year_used_wh"] if yearly else 0)
    blocks = table[component + BLOCKS]
    prices = table[component + PRICE_AT] + season * table[component + PERIODS] * blocks
    found, low = [], 0
    for block in range(blocks):
        high = limit_of(table, 0, component, season, block, row, 1, 0)
        last = high >= FAR
        found.append(
            BlockUse(
                n=block + 1,
                low_wh=low,
                high_wh=None if last else high,
                used_wh=max(in_block(0, max(used, 0), low, high), 0),
                price=table[prices + block] if table[component + PERIODS] == 1 else 0,
                current=low < used <= high or (block == 0 and used <= 0),
            )
        )
        low = high
    months = facts["year_months"] if yearly else facts["period_months"]
    return YearBlocks("year" if yearly else "month", year, months, used, tuple(found))
