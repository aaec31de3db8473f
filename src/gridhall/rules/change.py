"""Why one bill is more than another: the change taken apart, each part by rating again.

The parts are found by substituting one thing after the other, in the order of PARTS: the bill before is rated with
the new number of days, then with the new weather, and so on until it is the bill now. Each step is a bill by the
same rules that made both, and a part is what its step changed. So the parts add up to the change exactly, whatever
the tariff, and no rule of pricing stands here a second time.

The order is a choice, since prices multiply: what the customer did comes first, at the prices and at the place in
the blocks that he knew; then what the year did to his place in the blocks; then what the supplier did to the prices,
at what was really used. docs/reference/bill-change.md works it out by hand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gridhall.rules.facts_needed import IN_TIME
from gridhall.rules.layout import PLAN_SEASON_AT, PLAN_SEASONS
from gridhall.rules.plan import FACT_NAMES, CompiledPlan, rate_with
from gridhall.rules.seasons import segment_season

DAYS, WEATHER, USE, DEMAND, TERMS, POSITION, PRICE, OTHER = (
    "days", "weather", "use", "demand", "terms", "position", "price", "other",
)  # fmt: skip
PARTS = (DAYS, WEATHER, USE, DEMAND, TERMS, POSITION, PRICE, OTHER)

ENERGIES = tuple(name for name in FACT_NAMES if name.startswith("wh_"))
SHARES = tuple(name for name in ENERGIES if name != "wh_total")
EXPORTS = tuple(name for name in FACT_NAMES if name.startswith(("export_", "credit_", "true_up")))
OF_DAYS = frozenset({"from_day", "to_day", "period_days", "period_months", "period"})
DEMANDS = ("demand_", "capacity_", "contract_", "power_factor_", "past_demand_", "coincident_", "varh")
OF_DEMAND = frozenset(name for name in FACT_NAMES if name.startswith(DEMANDS))
OF_POSITION = frozenset({"year_used_wh", "year_months"})
OF_PRICE = frozenset(name for name in FACT_NAMES if name.startswith(("hourly_", "in_time_")))  # priced use, not use
SUMMED = frozenset({*ENERGIES, "varh", *IN_TIME} | {name for name in EXPORTS if name.startswith("export_")})
HIGHEST = frozenset(name for name in OF_DEMAND if name.startswith(("demand_", "coincident_")))
SEASON_CODES = 372  # 12 × 31 days

Facts = Mapping[str, int]


@dataclass(frozen=True)
class BillFacts:
    """A bill as it was rated: its amount (minor units), its plans, and its segments by rules.plan.FACT_NAMES.

    A segment's "plan" is a place in `plans`. The amount is what was billed: where it is not what the rating gives
    (a settlement, a correction by hand), the rest counts as `other`.
    """

    amount: int
    plans: tuple[CompiledPlan, ...]
    segments: tuple[Facts, ...]


@dataclass(frozen=True)
class Part:
    """What one cause did to the bill, minor units. `known` False: it could not be told apart, and stands in the next
    part that could (another meter, whose registers the old tariff does not price)."""

    name: str
    amount: int
    known: bool = True


def change_parts(before: BillFacts, now: BillFacts, weather_wh: int | None) -> tuple[Part, ...]:
    """The parts of `now.amount - before.amount`, in the order of PARTS; their sum is that difference exactly.

    `weather_wh`: how much more the weather alone made the customer use in as many days (Wh, signed); None where no
    weather is known: then that part is not known and its effect lies in `use`.
    """
    old, new = merged(before.segments), merged(now.segments)
    plan = _in_one_season(before)
    steps = _steps(old, new, weather_wh)
    rated_before, rated_now = _rated(before), _rated(now)
    reached = _amount(plan, old)
    # a bill cut by a change of prices starts from its last prices: what that differs by is a change of price
    price = 0 if reached is None or rated_before is None else reached - rated_before
    last = reached if reached is not None else rated_before
    parts = []
    for name, facts in steps:
        at = None if facts is None or last is None else _amount(plan, facts)
        parts.append(Part(name, 0 if at is None or last is None else at - last, at is not None))
        last = last if at is None else at
    if last is None or rated_now is None or rated_before is None:
        return (*(Part(name, 0, False) for name in PARTS[:-1]), Part(OTHER, now.amount - before.amount))
    parts.append(Part(PRICE, price + rated_now - last))
    parts.append(Part(OTHER, (now.amount - rated_now) - (before.amount - rated_before)))
    return tuple(parts)


def _steps(old: dict[str, int], new: dict[str, int], weather_wh: int | None) -> list[tuple[str, dict[str, int] | None]]:
    """The bill before as it becomes the bill now, fact by fact; None for a step that cannot be taken."""
    told = OF_DAYS | OF_DEMAND | OF_POSITION | OF_PRICE | {*ENERGIES, *EXPORTS, "bill", "plan"}
    others = [name for name in FACT_NAMES if name not in told]
    days_before, days_now = old["to_day"] - old["from_day"], new["to_day"] - new["from_day"]
    at = old | {name: new[name] for name in OF_DAYS}
    steps: list[tuple[str, dict[str, int] | None]] = []
    if days_before > 0:
        at |= scaled(at, days_now, days_before)
        steps.append((DAYS, dict(at)))
    else:
        steps.append((DAYS, None))
    total = at["wh_total"]
    if weather_wh is None or total <= 0 or total + weather_wh < 0:
        steps.append((WEATHER, None))
    else:
        at |= scaled(at, total + weather_wh, total)
        steps.append((WEATHER, dict(at)))
    for name, facts in ((USE, (*ENERGIES, *EXPORTS)), (DEMAND, OF_DEMAND), (TERMS, others), (POSITION, OF_POSITION)):
        at |= {fact: new[fact] for fact in facts}
        steps.append((name, dict(at)))
    return steps


def scaled(facts: Facts, numerator: int, denominator: int) -> dict[str, int]:
    """The energies of a bill × numerator / denominator, to the nearest Wh; where registers stand beside the total, the
    total is theirs together. `denominator` > 0."""
    found = {name: (2 * facts[name] * numerator + denominator) // (2 * denominator) for name in ENERGIES}
    if any(facts[name] for name in SHARES):
        found["wh_total"] = sum(found[name] for name in SHARES)
    return found


def merged(segments: Sequence[Facts]) -> dict[str, int]:
    """The segments of a bill as one: energies added up, the highest demand, everything else as at its end."""
    last = segments[-1]
    one = {name: last.get(name, 0) for name in FACT_NAMES}
    for name in SUMMED:
        one[name] = sum(segment.get(name, 0) for segment in segments)
    for name in HIGHEST:
        one[name] = max(segment.get(name, 0) for segment in segments)
    one["from_day"] = segments[0]["from_day"]
    one["bill"] = one["plan"] = 0
    one["period_months"] = one["period_months"] or 1
    one["period_days"] = max(one["period_days"], one["to_day"] - one["from_day"])
    return one


def _rated(bill: BillFacts) -> int | None:
    again = rate_with(bill.plans, bill.segments)
    return None if again.fault else again.amount


def _amount(plan: CompiledPlan, facts: Facts) -> int | None:
    rated = rate_with([plan], [facts])
    return None if rated.fault else rated.amount


def _in_one_season(bill: BillFacts) -> CompiledPlan:
    """The plan at the end of a bill with the season of that day all year: another season is another price."""
    last = bill.segments[-1]
    plan = bill.plans[last.get("plan", 0)]
    if plan.table[PLAN_SEASONS] <= 1:
        return plan
    row = [last.get(name, 0) for name in FACT_NAMES]
    season = max(segment_season(plan.table, 0, row, 1, 0, last["to_day"]), 0)
    at = plan.table[PLAN_SEASON_AT]
    table = (*plan.table[:at], *((season,) * SEASON_CODES), *plan.table[at + SEASON_CODES :])
    return CompiledPlan(plan.tariff, plan.currency, plan.decimals, table, plan.components)
