"""The proof that a plan stays inside 64 bits: the most that any bill of it could come to."""

from dataclasses import dataclass

from gridhall.rules import layout as at
from gridhall.rules.plan import CompiledPlan
from gridhall.rules.units import QUANTITY_MAX, RATE_ONE
from gridhall.tariffs.draft import Draft

SEGMENTS = 16  # a bill of more pieces than this is no longer covered by the proof
WORST_MAX = (1 << 61) // SEGMENTS  # minor units that one segment may come to


@dataclass(frozen=True)
class WorstCase:
    """The most minor units that a segment of a plan could come to, by component and in all, whatever is measured within
    bounds (rules.units.QUANTITY_MAX: 4.4 TWh, GW or TVA in one segment)."""

    components: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.components)


def _highest(table: tuple[int, ...], k: int) -> int:
    """The highest price (or rate) of a component, without its sign."""
    component = at.PLAN_HEAD + k * at.COMPONENT_SIZE
    count = table[at.PLAN_SEASONS] * table[component + at.PERIODS] * table[component + at.BLOCKS]
    start = table[component + at.PRICE_AT]
    prices = [abs(price) for price in table[start : start + count] if price != at.UNPRICED]
    return max([*prices, abs(table[component + at.OVER_PRICE])])


def worst_case(plan: CompiledPlan) -> WorstCase:
    """Exact, by Python's unbounded integers; a percentage has the worst case of its bases as its own base."""
    table = plan.table
    found: list[int] = []
    for k in range(table[at.PLAN_COMPONENTS]):
        component = at.PLAN_HEAD + k * at.COMPONENT_SIZE
        kind = table[component + at.KIND]
        if kind in (at.PERCENT, at.POWER_FACTOR):
            start = table[component + at.BASE_AT]
            base = sum(found[other] for other in table[start : start + table[component + at.BASES]])
            if kind == at.PERCENT:
                rate = _highest(table, k)
            else:
                factors = table[component + at.FACTOR_AT]
                rate = max(map(abs, table[factors : factors + 303]))
            found.append(base * rate // RATE_ONE + 1)
        elif kind == at.SETTLEMENT:  # into a block and out of another
            start = table[component + at.BASE_AT]
            found.append(2 * sum(found[other] for other in table[start : start + table[component + at.BASES]]))
        elif kind == at.HOURLY:
            found.append(1 << 56)
        else:
            found.append(2 * QUANTITY_MAX * _highest(table, k) // plan.parts + 1)
    return WorstCase(tuple(found))


def check_bounds(draft: Draft, plan: CompiledPlan) -> None:
    """Refuse a plan whose bills might not fit 64 bits, naming the component that takes most. Raises BookError."""
    worst = worst_case(plan)
    if worst.total <= WORST_MAX:
        return
    most = max(range(len(worst.components)), key=lambda k: worst.components[k])
    what = (
        f"the highest bill that this version could make has {worst.total} minor units, which is more than can be"
        f" counted ({WORST_MAX})"
    )
    raise draft.book.error(draft.paths[most], what)
