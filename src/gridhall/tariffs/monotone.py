"""The proof that more use never costs less, for the tariffs that say so (`monotone: true`).

The proof is one-sided: what it accepts never falls; a few tariffs that never fall in fact are refused because it cannot
see it. It looks at the energy used, all else (demand, persons, contract) being the same. A bill is a sum of amounts,
each times what the percentages make of it; a further kWh adds to it the lowest price of each component times that, and
this sum may not be negative, neither above a minimum nor below it (where what counts towards it adds nothing).
"""

from dataclasses import dataclass
from fractions import Fraction

from gridhall.rules import layout as at
from gridhall.rules.plan import CompiledPlan
from gridhall.rules.units import RATE_ONE
from gridhall.tariffs.draft import Draft

Fault = tuple[int, str] | None  # the component, and why it may cost less
ROUNDED = "a line that falls may not be rounded by itself"


def _field(plan: CompiledPlan, k: int, name: int) -> int:
    return plan.table[at.PLAN_HEAD + k * at.COMPONENT_SIZE + name]


def _count(plan: CompiledPlan) -> range:
    return range(plan.table[at.PLAN_COMPONENTS])


def _prices(plan: CompiledPlan, k: int, season: int, period: int) -> list[int]:
    """The prices of the blocks of a component in a season and period (0.. the column)."""
    blocks, periods = _field(plan, k, at.BLOCKS), _field(plan, k, at.PERIODS)
    start = _field(plan, k, at.PRICE_AT) + (season * periods + min(period, periods - 1)) * blocks
    return [price for price in plan.table[start : start + blocks] if price != at.UNPRICED]


def _bases(plan: CompiledPlan, k: int) -> set[int]:
    start = _field(plan, k, at.BASE_AT)
    return set(plan.table[start : start + _field(plan, k, at.BASES)])


def _is_use(plan: CompiledPlan, k: int) -> bool:
    """Whether a component prices the energy used (and not what is fed in)."""
    return _field(plan, k, at.KIND) == at.ENERGY and _field(plan, k, at.OF_USE) != at.OF_EXPORT


def _component_fault(plan: CompiledPlan, k: int) -> str:
    """Why a component by itself might fall while the use rises, or cannot be judged; "" where it does not."""
    kind, mode = _field(plan, k, at.KIND), _field(plan, k, at.BLOCK_MODE)
    if kind == at.POWER_FACTOR:
        return "a power-factor adjustment falls as the use rises"
    if kind == at.REACTIVE and _field(plan, k, at.LEAST):
        return "more kWh make more kvarh free"
    if kind == at.SETTLEMENT:
        return "what is settled on leaving gives back what bills before took"
    if kind == at.HOURLY:
        return "prices by the hour may be negative"
    if kind == at.SUB_SUPPLY and plan.table[at.PLAN_USE] & at.USE_PARTS:
        return "a sub-supply moves with the use of other periods"
    if _is_use(plan, k) and mode == at.BLOCKS_PRO_RATA:
        return "blocks shared pro rata move with the use of other periods"
    if _is_use(plan, k) and mode == at.BLOCKS_IN_TIME:
        return "blocks filled in the order of time move with the use of other periods"
    if mode == at.BLOCKS_BY_WHOLE:
        for season in range(plan.table[at.PLAN_SEASONS]):
            for period in range(_field(plan, k, at.PERIODS)):
                prices = _prices(plan, k, season, period)
                if prices != sorted(prices) or min(prices, default=0) < 0:
                    return "a price that the whole use chooses must rise from block to block"
    return ""


def _rounding_fault(plan: CompiledPlan, k: int) -> str:
    """Why a line that is rounded before the bill is might fall against the others; "" where none does."""
    kind, per_line = _field(plan, k, at.KIND), plan.table[at.PLAN_ROUND_AT] == at.PER_LINE
    if not per_line and _field(plan, k, at.OWN_ROUNDING) == 0:
        return ""
    start = _field(plan, k, at.PRICE_AT)
    size = plan.table[at.PLAN_SEASONS] * _field(plan, k, at.PERIODS) * _field(plan, k, at.BLOCKS)
    falls = min(plan.table[start : start + size], default=0) < 0
    if kind == at.ALLOWANCE or (kind in (at.MINIMUM, at.PERCENT) and not per_line and (falls or kind == at.MINIMUM)):
        return ROUNDED
    return ROUNDED if falls and (_is_use(plan, k) or kind == at.SUB_SUPPLY) else ""


def _reductions_fault(plan: CompiledPlan) -> Fault:
    """At most one percentage may take off, less than all, and of energy and charges alone."""
    found = [
        k
        for k in _count(plan)
        if _field(plan, k, at.KIND) == at.PERCENT
        and min(_prices(plan, k, season, 0)[0] for season in range(plan.table[at.PLAN_SEASONS])) < 0
    ]
    for k in found:
        if k != found[0]:
            return k, "there is more than one reduction"
        if not all(_field(plan, other, at.KIND) in (at.ENERGY, at.SUB_SUPPLY, at.CHARGE) for other in _bases(plan, k)):
            return k, "a reduction is taken on more than energy and charges"
        if any(_prices(plan, k, season, 0)[0] <= -RATE_ONE for season in range(plan.table[at.PLAN_SEASONS])):
            return k, "a reduction takes all of its base"
    return None


@dataclass(frozen=True)
class _Weights:
    """How many times the amount of each component counts in the bill, in a season: above the minimum and below it."""

    above: tuple[Fraction, ...]
    below: tuple[Fraction, ...]


def _weights(plan: CompiledPlan, season: int) -> _Weights:
    above = [Fraction(1) for _ in _count(plan)]
    for k in reversed(_count(plan)):
        if _field(plan, k, at.KIND) == at.PERCENT:
            for other in _bases(plan, k):
                above[other] += above[k] * Fraction(_prices(plan, k, season, 0)[0], RATE_ONE)
    below = list(above)
    for k in _count(plan):
        if _field(plan, k, at.KIND) == at.MINIMUM:
            for other in _bases(plan, k):
                below[other] -= above[k]
    return _Weights(tuple(above), tuple(below))


def _slope_fault(plan: CompiledPlan) -> Fault:
    """The first season and period in which a further kWh might take money off."""
    for season in range(plan.table[at.PLAN_SEASONS]):
        weights = _weights(plan, season)
        for weight in (weights.above, weights.below):
            for k in _count(plan):
                chosen = _field(plan, k, at.BLOCK_MODE) == at.BLOCKS_BY_WHOLE
                if chosen and weight[k] < 0:
                    return k, "a further kWh takes money off"
            for period in range(at.MAX_PERIODS):
                fault = _kwh_fault(plan, weight, season, period)
                if fault is not None:
                    return fault
    return None


def _kwh_fault(plan: CompiledPlan, weight: tuple[Fraction, ...], season: int, period: int) -> Fault:
    """What a further kWh of a season and period adds at least: as part of the use that is left to price, or as part of
    each sub-supply."""
    lowest: dict[int, Fraction] = {}
    for k in _count(plan):
        if _is_use(plan, k) or _field(plan, k, at.KIND) == at.SUB_SUPPLY:
            lowest[k] = min((weight[k] * price for price in _prices(plan, k, season, period)), default=Fraction(0))
        elif _field(plan, k, at.KIND) == at.ALLOWANCE:
            lowest[k] = min(Fraction(0), -weight[k] * _prices(plan, k, season, 0)[0])
    subs = {k for k in lowest if _field(plan, k, at.KIND) == at.SUB_SUPPLY}
    priced = {k for k in lowest if k not in subs and _field(plan, k, at.OF_USE) == at.OF_PRICED}
    always = {k for k in lowest if k not in subs | priced or _field(plan, k, at.KIND) == at.ALLOWANCE}
    for group in (priced, *({k} for k in subs)):
        if sum(lowest[k] for k in group | always) < 0:
            return min(group | always, key=lambda k: lowest[k]), "a further kWh takes money off"
    return None


def check_monotone(draft: Draft, plan: CompiledPlan) -> None:
    """Refuse a plan that says `monotone: true` where a higher use might cost less. Raises BookError."""
    fault = _slope_fault(plan) or _reductions_fault(plan)
    if plan.table[at.PLAN_USE] & at.USE_LOSS and plan.table[at.PLAN_USE] & at.USE_PARTS:
        fault = fault or (0, "losses move with the use of other periods")
    for k in _count(plan):
        what = _component_fault(plan, k) or _rounding_fault(plan, k)
        if what and fault is None:
            fault = (k, what)
    if fault is not None:
        raise draft.book.error(draft.paths[fault[0]], f"“monotone: true”, but {fault[1]}")
