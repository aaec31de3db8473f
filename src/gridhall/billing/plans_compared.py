"""Which plan suits a customer: the use of his last bills on the other tariffs that are open to him, at today's prices.

The use is what was billed, month by month. Where a tariff prices peak and valley and the meter tells only the total,
a share of it is assumed to lie in the valley, which is said, and from which share on the tariff would be the cheaper
one is worked out. Where it needs what no meter of his shows, nothing is worked out, and why is said.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from gridhall.billing.models import ISSUED, Bill
from gridhall.billing.stored import stored_one_by_one
from gridhall.rules.other_plan import PERMILLE, cut_for, has_registers, lacking, registers_priced, with_valley
from gridhall.rules.plan import FACT_NAMES, CompiledPlan, rate_with
from gridhall.tariffs import public as tariffs

MONTHS = 12
USUAL_VALLEY_PERMILLE = 400  # of the use; the valley is about ten hours of the day

# Why a plan cannot be worked out.
REGISTERS, DEMAND, CAPACITY, FURTHER = "registers", "demand", "capacity", "further"
DEMANDED = frozenset({"demand_w", "contract_w", "coincident_w", "demand_sharp"})

Facts = dict[str, int]


@dataclass(frozen=True)
class PlanYear:
    """A tariff with what the months come to on it (minor units). `own`: the customer's tariff now.

    `assumed`: the share in the valley is not measured. `cannot`: why it cannot be worked out ("" where it can:
    registers | demand | capacity | further); then months and total are empty. `even_permille`: from which share in the
    valley on it costs no more than the own tariff; None where it is not assumed, or never does.
    """

    code: str
    name_en: str
    name_zh: str
    own: bool
    months: tuple[int, ...]
    total: int
    assumed: bool
    cannot: str
    even_permille: int | None


@dataclass(frozen=True)
class PlansCompared:
    """The plans, the cheapest first and what cannot be worked out last. `periods`: the months that were used, with
    their energy in `wh`; `billed`: what was really billed for them; `measured`: peak and valley are counted."""

    periods: tuple[int, ...]
    wh: tuple[int, ...]
    billed: int
    valley_permille: int
    measured: bool
    plans: tuple[PlanYear, ...]

    @property
    def own(self) -> PlanYear | None:
        return next((plan for plan in self.plans if plan.own and not plan.cannot), None)


def plans_for(
    account_id: int, tariff_code: str, on: date, valley_permille: int = USUAL_VALLEY_PERMILLE
) -> PlansCompared | None:
    """The last twelve months of an account on every tariff open to one who is on `tariff_code`, at the prices of a day.

    None without bills or where the tariff is not known. `valley_permille` (0 to 1000) counts only where the meter
    tells the total alone.
    """
    catalogue = {each.code: each for each in tariffs.tariffs(on)}
    own = catalogue.get(tariff_code)
    newest = list(
        Bill.objects.filter(account_id=account_id, state=ISSUED)
        .order_by("-period", "-seq")
        .values_list("agreement_id", "period", "seq", "amount")[: 2 * MONTHS]
    )
    if own is None or not newest:
        return None
    agreement = newest[0][0]
    mine = [row for row in newest if row[0] == agreement]
    periods = sorted({row[1] for row in mine}, reverse=True)[:MONTHS][::-1]
    mine = [row for row in mine if row[1] in periods]
    months: dict[int, list[list[Facts]]] = {period: [] for period in periods}
    keys = [(row[1], row[2]) for row in mine]
    for (period, _), stored in zip(keys, stored_one_by_one(account_id, keys), strict=True):
        segments = stored.segments
        months[period].append(
            [{name: int(getattr(segments, name)[i]) for name in FACT_NAMES} for i in range(len(segments))]
        )
    uses = [months[period] for period in periods]
    share = min(max(valley_permille, 0), PERMILLE)
    open_to = [each for each in catalogue.values() if each.version is not None and _alike(each, own)]
    years = [_year(each, each.code == tariff_code, uses, share) for each in open_to]
    total = next((year.total for year in years if year.own and not year.cannot), None)
    if total is not None:
        years = [_even(year, catalogue[year.code], uses, total) for year in years]
    found = tuple(sorted(years, key=lambda year: (bool(year.cannot), year.total, year.code)))
    return PlansCompared(
        tuple(periods),
        tuple(sum(piece["wh_total"] for bill in use for piece in bill) for use in uses),
        sum(row[3] for row in mine), share,
        any(has_registers(piece) for use in uses for bill in use for piece in bill),
        found,
    )  # fmt: skip


def _alike(one: tariffs.TariffView, own: tariffs.TariffView) -> bool:
    """Whether a tariff is for the same customers: class, currency, place and kind of meter."""
    return (one.class_code, one.currency, one.place, one.meter) == (
        own.class_code, own.currency, own.place, own.meter,
    )  # fmt: skip


def _even(year: PlanYear, view: tariffs.TariffView, uses: Sequence[list[list[Facts]]], own_total: int) -> PlanYear:
    """The year with the share from which on it costs no more than the own tariff."""
    if not year.assumed or view.version is None:
        return year
    plan = tariffs.plan(view.version.version_id)

    def costs_more(share: int) -> bool:
        months = _rated(plan, uses, share)
        return months is None or sum(months) > own_total

    return replace(year, even_permille=least_share(costs_more))


def _year(view: tariffs.TariffView, own: bool, uses: Sequence[list[list[Facts]]], share: int) -> PlanYear:
    assert view.version is not None, "only tariffs in force are open to anybody"
    plan = tariffs.plan(view.version.version_id)
    needed = registers_priced(plan.table)
    assumed = bool(needed) and not any(has_registers(piece) for use in uses for bill in use for piece in bill)
    cannot = _lacks(plan, uses, needed, assumed, own)
    months = None if cannot else _rated(plan, uses, share if assumed else None)
    if months is None:
        return PlanYear(view.code, view.name_en, view.name_zh, own, (), 0, False, cannot or REGISTERS, None)
    return PlanYear(view.code, view.name_en, view.name_zh, own, tuple(months), sum(months), assumed, "", None)


def _lacks(
    plan: CompiledPlan, uses: Sequence[list[list[Facts]]], needed: frozenset[str], assumed: bool, own: bool
) -> str:
    """What the plan needs and the bills do not have; "" where nothing. The own plan has billed what there is."""
    if assumed and needed != {"wh_peak", "wh_valley"}:
        return REGISTERS
    if own:
        return ""
    pieces = [piece for use in uses for bill in use for piece in bill]
    missing = lacking(plan.table, {name for piece in pieces for name, value in piece.items() if value})
    if missing & DEMANDED:
        return DEMAND
    if "capacity_va" in missing:
        return CAPACITY
    return FURTHER if missing else ""


def _rated(plan: CompiledPlan, uses: Sequence[list[list[Facts]]], share: int | None) -> list[int] | None:
    """What each month comes to on the plan; None where it cannot rate one of them."""
    found = []
    for use in uses:
        amount = 0
        for bill in use:
            pieces = [
                piece | {"bill": 0, "plan": 0}
                for segment in bill
                for piece in cut_for(plan.table, segment if share is None else with_valley(segment, share))
            ]
            rated = rate_with([plan], pieces)
            if rated.fault:
                return None
            amount += rated.amount
        found.append(amount)
    return found


def least_share(costs_more: Callable[[int], bool]) -> int | None:
    """The least share (thousandths) from which on a plan does not cost more; None where it always does. More in the
    valley never costs more, so it is found by halving."""
    low, high = 0, PERMILLE
    if costs_more(high):
        return None
    while low < high:
        middle = (low + high) // 2
        if costs_more(middle):
            low = middle + 1
        else:
            high = middle
    return low
