"""A use that was rated by one plan, made ready to be rated by another.

The use stays what it was. Only where the other plan needs it in smaller pieces (its seasons begin inside a bill), or
by registers that the meter does not have, it is divided; how, is said here and told to whoever reads the result.
"""

from collections.abc import Mapping, Sequence

from gridhall.rules.layout import (
    BLOCKS,
    COMPONENT_SIZE,
    ENERGY,
    KIND,
    PERIODS,
    PLAN_COMPONENTS,
    PLAN_HEAD,
    PRICE_AT,
    UNPRICED,
)
from gridhall.rules.plan import FACT_NAMES
from gridhall.rules.seasons import cut_at_season

REGISTERS = tuple(name for name in FACT_NAMES if name.startswith("wh_") and name != "wh_total")
ENERGIES = ("wh_total", *REGISTERS, "varh")
PERMILLE = 1000

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
            if any(segment.get(name, 0) for name in REGISTERS):
                piece["wh_total"] = sum(piece[name] for name in REGISTERS)
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


def has_registers(segment: Facts) -> bool:
    """Whether the meter counted the periods of the day apart."""
    return any(segment.get(name, 0) for name in REGISTERS)


def with_valley(segment: Facts, permille: int) -> dict[str, int]:
    """A total shared over peak and valley: `permille` of it, rounded down, in the valley."""
    valley = segment["wh_total"] * permille // PERMILLE
    return {**segment, "wh_valley": valley, "wh_peak": segment["wh_total"] - valley}
