"""Blocks of a plan in the order of time: what each period has used when a bill's use passes a limit.

Readings cannot tell it; intervals can. What is found here are facts of a segment (`rules.layout.IN_TIME`), by which
`rules.energy.rate_in_time` prices.
"""

from collections.abc import Mapping, Sequence
from itertools import compress

from gridhall.rules import layout as at
from gridhall.rules.blocks import limit_of
from gridhall.rules.facts_needed import IN_TIME
from gridhall.rules.intervals import used_until
from gridhall.rules.plan import FACT_NAMES
from gridhall.rules.seasons import segment_season


def component_in_time(table: Sequence[int]) -> int:
    """Where the component stands whose blocks fill in the order of time; 0 where the plan has none."""
    for k in range(table[at.PLAN_COMPONENTS]):
        component = at.PLAN_HEAD + k * at.COMPONENT_SIZE
        if table[component + at.KIND] == at.ENERGY and table[component + at.BLOCK_MODE] == at.BLOCKS_IN_TIME:
            return component
    return 0


def used_at_limit(limit: int, before: int, wh: Sequence[int], period_of: Sequence[int], period: int) -> int:
    """What a period has used of the steps `wh` (Wh, each of a period) when the use, which begins at `before`, comes to
    `limit`: nothing where it began there, all where it never does."""
    if limit <= before:
        return 0
    if limit >= before + sum(wh):
        return sum(compress(wh, (each == period for each in period_of)))
    return used_until(limit, 0, before, wh, 1, period, period_of, 0)[0]


def facts_in_time(
    table: Sequence[int], segment: Mapping[str, int], wh: Sequence[int], period_of: Sequence[int], used: int,
    bill_end: int,
) -> dict[str, int]:  # fmt: skip
    """The facts IN_TIME of a segment by a plan; none where it does not ask for them.

    `wh`: Wh of each step of the segment, `period_of` the period (0..) of each; `used`: what the bill's earlier segments
    used; `bill_end`: the day after the bill's last.
    """
    component = component_in_time(table)
    if component == 0:
        return {}
    usual = {"period_months": 1}
    facts = [segment.get(name, usual.get(name, 0)) for name in FACT_NAMES]
    season = segment_season(table, 0, facts, 1, 0, bill_end)
    cycle = table[component + at.BLOCK_CYCLE]
    before = used if cycle in (at.BLOCK_MONTH, at.BLOCK_YEAR) else 0
    before += facts[at.YEAR_USED_WH] if cycle == at.BLOCK_YEAR else 0
    found = {}
    for block in range(table[component + at.BLOCKS] - 1):
        limit = limit_of(table, 0, component, season, block, facts, 1, 0)
        for period in range(table[component + at.PERIODS]):
            name = IN_TIME[block * at.MAX_PERIODS + period]
            found[name] = used_at_limit(limit, before, wh, period_of, period)
    return found
