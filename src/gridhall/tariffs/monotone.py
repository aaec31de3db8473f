"""The proof that more use never costs less, for the tariffs that say so (`monotone: yes`).

The proof is one-sided: what it accepts never falls; a few tariffs that never fall in fact are refused because it cannot
see it. It looks at the energy used, all else (demand, persons, contract) being the same.
"""

from gridhall.rules import layout as at
from gridhall.rules.plan import CompiledPlan
from gridhall.rules.units import RATE_ONE
from gridhall.tariffs.draft import Draft

FALLING = (at.MINIMUM, at.ALLOWANCE)  # fall, or add less, while the use rises
ENERGY = (at.ENERGY, at.SUB_SUPPLY)


def _prices(plan: CompiledPlan, k: int, season: int, period: int) -> list[int]:
    """The prices of the blocks of a component in a season and period (0.. the column)."""
    component = at.PLAN_HEAD + k * at.COMPONENT_SIZE
    blocks, periods = plan.table[component + at.BLOCKS], plan.table[component + at.PERIODS]
    start = plan.table[component + at.PRICE_AT] + (season * periods + min(period, periods - 1)) * blocks
    return [price for price in plan.table[start : start + blocks] if price != at.UNPRICED]


def _field(plan: CompiledPlan, k: int, name: int) -> int:
    return plan.table[at.PLAN_HEAD + k * at.COMPONENT_SIZE + name]


def _bases(plan: CompiledPlan, k: int) -> set[int]:
    start = _field(plan, k, at.BASE_AT)
    return set(plan.table[start : start + _field(plan, k, at.BASES)])


def _component_fault(plan: CompiledPlan, k: int, energy: set[int]) -> str:
    """Why a component by itself might fall while the use rises; "" where it does not."""
    kind, mode = _field(plan, k, at.KIND), _field(plan, k, at.BLOCK_MODE)
    if kind == at.POWER_FACTOR:
        return "a power-factor adjustment falls as the use rises"
    if kind == at.REACTIVE and _field(plan, k, at.LEAST):
        return "more kWh make more kvarh free"
    if kind == at.HOURLY:
        return "prices by the hour may be negative"
    if kind == at.PAID_OUT or _field(plan, k, at.OF_USE) == at.OF_EXPORT:
        return ""
    if kind == at.ENERGY and mode == at.BLOCKS_PRO_RATA:
        return "blocks shared pro rata move with the use of other periods"
    if mode == at.BLOCKS_BY_WHOLE:
        for season in range(plan.table[at.PLAN_SEASONS]):
            for period in range(_field(plan, k, at.PERIODS)):
                prices = _prices(plan, k, season, period)
                if prices != sorted(prices) or min(prices, default=0) < 0:
                    return "a price that the whole use chooses must rise from block to block"
    if kind == at.PERCENT:
        return _percent_fault(plan, k, energy)
    return ""


def _percent_fault(plan: CompiledPlan, k: int, energy: set[int]) -> str:
    bases = _bases(plan, k)
    start = _field(plan, k, at.PRICE_AT)
    rates = plan.table[start : start + plan.table[at.PLAN_SEASONS]]
    if min(rates) < 0 and not all(_field(plan, other, at.KIND) in (*ENERGY, at.CHARGE) for other in bases):
        return "a reduction is taken on more than energy and charges"
    if any(_field(plan, other, at.KIND) in FALLING for other in bases) and not energy <= bases:
        return "a percentage on a minimum or an allowance must be on all energy too"
    return ""


def _slope_fault(plan: CompiledPlan) -> tuple[int, str] | None:
    """The first season and period in which a further kWh might take money off."""
    count = plan.table[at.PLAN_COMPONENTS]
    kinds = [_field(plan, k, at.KIND) for k in range(count)]
    counted = [k for k in range(count) if kinds[k] in ENERGY and _field(plan, k, at.OF_USE) != at.OF_EXPORT]
    for season in range(plan.table[at.PLAN_SEASONS]):
        for period in range(at.MAX_PERIODS):
            lowest = {k: min(_prices(plan, k, season, period), default=0) for k in counted}
            main = sum(price for k, price in lowest.items() if kinds[k] == at.ENERGY)
            given = sum(
                plan.table[_field(plan, k, at.PRICE_AT) + season] for k in range(count) if kinds[k] == at.ALLOWANCE
            )
            subs = [price for k, price in lowest.items() if kinds[k] == at.SUB_SUPPLY]
            if min([main, *subs]) < 0 or main < given:
                worst = min(counted, key=lambda k: lowest[k], default=0)
                return worst, "here a further kWh takes money off"
    return None


def _plan_fault(plan: CompiledPlan) -> tuple[int, str] | None:
    """What only shows over several components: reductions that add up, and roundings that fall against one another."""
    count = plan.table[at.PLAN_COMPONENTS]
    per_line = plan.table[at.PLAN_ROUND_AT] == at.PER_LINE
    bits = plan.table[at.PLAN_USE]
    for k in range(count):
        kind = _field(plan, k, at.KIND)
        start = _field(plan, k, at.PRICE_AT)
        own = per_line or _field(plan, k, at.OWN_ROUNDING) == 1
        if kind in (at.MINIMUM, at.ALLOWANCE) and own and not (per_line and kind == at.MINIMUM):
            return k, "a line that falls may not be rounded by itself"
        size = plan.table[at.PLAN_SEASONS] * _field(plan, k, at.PERIODS) * _field(plan, k, at.BLOCKS)
        exported = _field(plan, k, at.OF_USE) == at.OF_EXPORT
        if kind in ENERGY and own and not exported and min(plan.table[start : start + size]) < 0:
            return k, "a line that falls may not be rounded by itself"
        if kind == at.SUB_SUPPLY and bits & at.USE_PARTS:
            return k, "a sub-supply moves with the use of other periods"
    if bits & at.USE_LOSS and bits & at.USE_PARTS:
        return 0, "losses move with the use of other periods"
    for season in range(plan.table[at.PLAN_SEASONS]):
        rates = {
            k: plan.table[_field(plan, k, at.PRICE_AT) + season]
            for k in range(count) if _field(plan, k, at.KIND) == at.PERCENT
        }  # fmt: skip
        if sum(min(rate, 0) for rate in rates.values()) <= -RATE_ONE:
            return min(rates, key=lambda k: rates[k]), "the reductions take all of their base"
    return None


def check_monotone(draft: Draft, plan: CompiledPlan) -> None:
    """Refuse a plan that says `monotone: yes` where a higher use might cost less. Raises BookError."""
    count = plan.table[at.PLAN_COMPONENTS]
    energy = {
        k for k in range(count)
        if _field(plan, k, at.KIND) in ENERGY and _field(plan, k, at.OF_USE) != at.OF_EXPORT
    }  # fmt: skip
    fault = _slope_fault(plan) or _plan_fault(plan)
    for k in range(count):
        what = _component_fault(plan, k, energy)
        if what and fault is None:
            fault = (k, what)
    if fault is not None:
        raise draft.book.error(draft.paths[fault[0]], f"“monotone: yes”, but {fault[1]}")
