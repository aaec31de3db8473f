"""What a load alone does not tell a tariff, and what a tariff asks for that was not told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gridhall.rules import layout as at
from gridhall.rules.calendar import add_months
from gridhall.rules.facts_needed import facts_needed
from gridhall.rules.plan import CompiledPlan
from gridhall.tariffs.book import Book, Version
from gridhall.tariffs.load_steps import days_of, year_days, zone_of
from gridhall.tariffs.price_series import PriceSeries

MONTHS = 12


@dataclass(frozen=True)
class LoadTerms:
    """What a load alone does not tell. `export` (Wh) and `varh` have a value for each step of the load, or none;
    `system_peaks`: the steps in which the whole system had its peak of a month; `prices`: series by their names."""

    export: Sequence[int] = ()
    varh: Sequence[int] = ()
    system_peaks: Sequence[int] = ()
    prices: Mapping[str, PriceSeries] = field(default_factory=dict)
    meters: int = 1
    capacity_va: int = 0
    contract_w: int = 0
    persons: int = 0
    allowance_wh: int = 0
    power_factor_standard: int = 0
    sub_share: int = 0
    sub_wh: int = 0


def system_peaks(book: Book, version: Version, system: Sequence[int], year: int, steps: int) -> list[int]:
    """The first step of each month with the highest load of the whole system. Raises ValueError unless there is a value
    for each step of the year."""
    first, until = year_days(year)
    days = days_of(first, until, steps, zone_of(book, version))
    if len(system) != days.starts[-1]:
        raise ValueError(f"{len(system)} values of the system, but {year} has {days.starts[-1]} steps")
    peaks = []
    for month in range(MONTHS):
        inside = days.steps_of(range(add_months(first, month), add_months(first, month + 1)))
        peaks.append(max(inside, key=lambda step: (system[step], -step)))
    return peaks


def not_told(plan: CompiledPlan, terms: LoadTerms) -> list[str]:
    """What the plan prices and the terms do not tell, in words: it counts as nothing in the bills of the load."""
    table, kinds = plan.table, set()
    sources = set()
    for k in range(table[at.PLAN_COMPONENTS]):
        component = at.PLAN_HEAD + k * at.COMPONENT_SIZE
        kinds.add(table[component + at.KIND])
        sources.add(table[component + at.SOURCE])
    needed = facts_needed(table)
    asked = {
        "reactive energy": (at.REACTIVE in kinds or at.POWER_FACTOR in kinds) and not terms.varh,
        "capacity": at.CAPACITY_VA in sources and not terms.capacity_va,
        "contract demand": at.CONTRACT_DEMAND in kinds and not terms.contract_w,
        "energy fed in": "export_wh" in needed and not terms.export,
        "the system's peaks": "coincident_w" in needed and not terms.system_peaks,
        "sub-supplies as agreed": "sub_wh" in needed and not (terms.sub_share or terms.sub_wh),
        "free energy": at.ALLOWANCE in kinds and not terms.allowance_wh,
    }
    return [name for name, missing in asked.items() if missing]
