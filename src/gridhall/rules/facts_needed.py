"""Which facts beyond those of every bill a plan cannot be rated without. Whoever bills by it has to gather them."""

from collections.abc import Sequence

from gridhall.rules import layout as at

DEMANDS = ("demand_sharp", "demand_peak", "demand_flat", "demand_valley")
EXPORTS = ("export_wh",)
EXPORTS_BY_PERIOD = ("export_sharp", "export_peak", "export_flat", "export_valley")
IN_TIME = tuple(
    f"in_time_{limit + 1}_{period}"
    for limit in range(at.LIMITS_IN_TIME)
    for period in ("sharp", "peak", "flat", "valley", "deep")
)
HOURLY = ("hourly_minor", "hourly_rest", "hourly_wh")
DIVIDED = "change_by"  # no fact of a segment: that segments begin at a reading or are cut by intervals


def facts_needed(table: Sequence[int], plan: int = 0) -> frozenset[str]:
    """Names of rules.plan.FACT_NAMES behind `period` (and DIVIDED) that the plan reads; empty for most tariffs."""
    needed: set[str] = set()
    for k in range(table[plan + at.PLAN_COMPONENTS]):
        needed |= _of_component(table, plan + at.PLAN_HEAD + k * at.COMPONENT_SIZE)
    if table[plan + at.PLAN_USE] & at.USE_NET:
        by_period = bool(table[plan + at.PLAN_USE] & at.USE_PARTS)
        needed |= {*EXPORTS, *(EXPORTS_BY_PERIOD if by_period else ("credit_wh", "true_up"))}
    demand_at = table[plan + at.PLAN_DEMAND_AT]
    if demand_at and table[plan + demand_at + at.DEMAND_PAST]:
        needed.add("past_demand_w")
    if table[plan + at.PLAN_CHANGE] != at.CHANGE_DAYS:
        needed.add(DIVIDED)
    return frozenset(needed)


def _of_component(table: Sequence[int], component: int) -> set[str]:
    kind, source = table[component + at.KIND], table[component + at.SOURCE]
    deep = table[component + at.PERIODS] == at.MAX_PERIODS
    needed: set[str] = set()
    if kind == at.ENERGY and table[component + at.OF_USE] == at.OF_EXPORT:
        needed |= {*EXPORTS, *(EXPORTS_BY_PERIOD if table[component + at.PERIODS] > 1 else ())}
        needed |= {"export_deep"} if deep else set()
    elif kind == at.ENERGY and deep:
        needed.add("wh_deep")
    if kind == at.ENERGY and table[component + at.BLOCK_MODE] == at.BLOCKS_IN_TIME:
        limits = table[component + at.BLOCKS] - 1
        needed |= {name for name in IN_TIME[: limits * at.MAX_PERIODS] if deep or not name.endswith("deep")}
    if kind in (at.CHARGE, at.MINIMUM):
        if source == at.DEMAND_SHARP:
            needed |= {*DEMANDS, *(("demand_deep",) if deep else ())}
        if source == at.COINCIDENT_W:
            needed.add("coincident_w")
        if source in (at.SOURCE_METERS, at.SOURCE_FURTHER):
            needed.add("meters")
    if kind == at.MINIMUM and table[component + at.YEARLY]:
        needed |= {"year_counted", "year_ends"}
    if kind == at.HOURLY:
        needed |= set(HOURLY)
    if kind == at.SETTLEMENT:
        needed.add("supplied_months")
    if kind == at.SUB_SUPPLY and table[component + at.SUB_PART] == at.AS_AGREED:
        needed |= {"sub_share", "sub_wh"}
    return needed
