"""How far an account has come through the blocks of its tariff."""

from collections.abc import Sequence

from gridhall.billing.views import BlockUse, YearBlocks
from gridhall.rules.blocks import FAR, in_block, limit_of
from gridhall.rules.layout import (
    BASE_AT,
    BASES,
    BLOCK_CYCLE,
    BLOCK_YEAR,
    BLOCKS,
    COMPONENT_SIZE,
    ENERGY,
    KIND,
    PERIOD_MONTHS,
    PERIODS,
    PLAN_COMPONENTS,
    PLAN_HEAD,
    PRICE_AT,
    SETTLEMENT,
    SUPPLIED_MONTHS,
    TO_DAY,
    WH_TOTAL,
    YEAR_MONTHS,
    YEAR_USED_WH,
)
from gridhall.rules.plan import FACT_NAMES, CompiledPlan
from gridhall.rules.seasons import segment_season


def blocks_of(plan: CompiledPlan, facts: dict[str, int], year: int) -> YearBlocks | None:
    """The blocks of the plan's first energy component that has any, as the bill with these facts leaves them.

    `facts` by rules.plan.FACT_NAMES, those of its last segment with the whole bill's energy; None without blocks. A
    final bill that is settled by months of supply (decision 18) shows the limits on which the year came to rest.
    """
    table = plan.table
    for k in range(table[PLAN_COMPONENTS]):
        component = PLAN_HEAD + k * COMPONENT_SIZE
        if table[component + KIND] == ENERGY and table[component + BLOCKS] > 1:
            row = [facts.get(name, 0) for name in FACT_NAMES]
            if _is_settled(table, k) and 0 < row[SUPPLIED_MONTHS] < row[YEAR_MONTHS]:
                row[YEAR_MONTHS] = row[SUPPLIED_MONTHS]
            return _used(table, component, row, year)
    return None


def _is_settled(table: Sequence[int], position: int) -> bool:
    """Whether another component of the plan settles the blocks of this one on leaving (rules.leaving)."""
    heads = (PLAN_HEAD + k * COMPONENT_SIZE for k in range(table[PLAN_COMPONENTS]))
    return any(
        table[head + KIND] == SETTLEMENT and position in table[table[head + BASE_AT] :][: table[head + BASES]]
        for head in heads
    )


def _used(table: Sequence[int], component: int, row: Sequence[int], year: int) -> YearBlocks:
    yearly = table[component + BLOCK_CYCLE] == BLOCK_YEAR
    season = max(segment_season(table, 0, row, 1, 0, row[TO_DAY]), 0)
    used = row[WH_TOTAL] + (row[YEAR_USED_WH] if yearly else 0)
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
    months = row[YEAR_MONTHS] if yearly else row[PERIOD_MONTHS]
    return YearBlocks("year" if yearly else "month", year, months, used, tuple(found))
