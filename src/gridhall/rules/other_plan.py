"""A use that was rated by one plan, made ready to be rated by another.

The use stays what it was. Only where the other plan needs it in smaller pieces (its seasons begin inside a bill), or
by registers that the meter does not have, it is divided; how, is said here and told to whoever reads the result.
"""

from collections.abc import Collection, Mapping, Sequence

from gridhall.rules.facts_needed import DEMANDS, IN_TIME, facts_needed
from gridhall.rules.layout import (
    BLOCKS,
    CAPACITY_VA,
    CHARGE,
    COMPONENT_SIZE,
    CONTRACT_DEMAND,
    DEMAND_W,
    ENERGY,
    KIND,
    KW_LIMIT_AT,
    MINIMUM,
    PERIODS,
    PLAN_COMPONENTS,
    PLAN_HEAD,
    POWER_FACTOR,
    PRICE_AT,
    REACTIVE,
    SOURCE,
    SOURCE_BILLING,
    UNPRICED,
    YEARLY,
)
from gridhall.rules.plan import FACT_NAMES
from gridhall.rules.seasons import cut_at_season

REGISTERS = tuple(name for name in FACT_NAMES if name.startswith("wh_") and name != "wh_total")
FED_IN = tuple(name for name in FACT_NAMES if name.startswith("export_") and name != "export_wh")
ENERGIES = ("wh_total", *REGISTERS, "varh", "export_wh", *FED_IN)
TOTALS = (("wh_total", REGISTERS), ("export_wh", FED_IN))
PERMILLE = 1000
# Facts that are 0 where nobody has gathered them, so that whoever charges by them would charge too little. (Of energy
# fed in, sub-supplies and the like 0 is what is true of one who has none.)
NOT_NOTHING = frozenset({"past_demand_w", "coincident_w", "meters", "year_ends", "hourly_wh", IN_TIME[0], DEMANDS[0]})

Facts = Mapping[str, int]


def cut_for(table: Sequence[int], segment: Facts) -> list[dict[str, int]]:
    """The segment in pieces that the plan prices in one season each; what was used is spread evenly over the days,
    cumulatively and rounded down, so that the pieces come to the whole."""
    first, until = segment["from_day"], segment["to_day"]
    days = until - first
    pieces: list[dict[str, int]] = []
    start = first
    while start < until or not pieces:
        end = cut_at_season(table, 0, start, until)
        piece = {**segment, "from_day": start, "to_day": end}
        if days > 0:
            for name in ENERGIES:
                whole = segment.get(name, 0)
                piece[name] = whole * (end - first) // days - whole * (start - first) // days
            for total, parts in TOTALS:
                if any(segment.get(name, 0) for name in parts):
                    piece[total] = sum(piece[name] for name in parts)
        pieces.append(piece)
        start = end
    return pieces


def registers_priced(table: Sequence[int]) -> frozenset[str]:
    """The facts of registers (wh_peak, wh_valley…) that the energy of a plan has prices for; empty where it prices the
    total alone."""
    found: set[str] = set()
    for k in range(table[PLAN_COMPONENTS]):
        component = PLAN_HEAD + k * COMPONENT_SIZE
        if table[component + KIND] != ENERGY or table[component + PERIODS] == 1:
            continue
        prices, step = table[component + PRICE_AT], table[component + BLOCKS]
        priced = zip(REGISTERS, range(table[component + PERIODS]), strict=False)
        found |= {name for name, t in priced if table[prices + t * step] != UNPRICED}
    return frozenset(found)


def lacking(table: Sequence[int], told: Collection[str]) -> frozenset[str]:
    """Facts that the plan charges by and that are not among `told` (those that some segment has): rated without them,
    the plan would come to too little. `demand_sharp`, `in_time_1_sharp`: the demands of periods, what they used at the
    limits of blocks."""
    needed = set(facts_needed(table) & NOT_NOTHING)
    for k in range(table[PLAN_COMPONENTS]):
        component = PLAN_HEAD + k * COMPONENT_SIZE
        kind, source = table[component + KIND], table[component + SOURCE]
        if (kind in (CHARGE, MINIMUM) and source in (DEMAND_W, SOURCE_BILLING)) or table[component + KW_LIMIT_AT]:
            needed.add("demand_w")
        if kind == CONTRACT_DEMAND and "demand_w" not in told:
            needed.add("contract_w")
        if kind in (CHARGE, MINIMUM) and source == CAPACITY_VA:
            needed.add("capacity_va")
        adjusted = kind == POWER_FACTOR and (table[component + YEARLY] or "power_factor_standard" in told)
        if kind == REACTIVE or adjusted:
            needed.add("varh")
    found = set(told)
    if found & {*DEMANDS, "demand_deep"}:
        found.add(DEMANDS[0])
    return frozenset(needed - found)


def has_registers(segment: Facts) -> bool:
    """Whether the meter counted the periods of the day apart."""
    return any(segment.get(name, 0) for name in REGISTERS)


def with_valley(segment: Facts, permille: int) -> dict[str, int]:
    """A total shared over peak and valley: `permille` of it, rounded down, in the valley."""
    valley = segment["wh_total"] * permille // PERMILLE
    return {**segment, "wh_valley": valley, "wh_peak": segment["wh_total"] - valley}
