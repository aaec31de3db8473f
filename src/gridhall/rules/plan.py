"""A compiled tariff version, and one bill rated from it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from gridhall.rules.layout import (
    AT_LINE,
    BLOCKS,
    CLASS_SUM,
    COMPONENT_SIZE,
    CREDIT,
    FAULT,
    N_CLASSES,
    N_FACTS,
    N_LINE,
    N_STATE,
    PERIODS,
    PLAN_COMPONENTS,
    PLAN_HEAD,
    SHOWN,
    USED_WH,
)
from gridhall.rules.rating import rate_bill


@dataclass(frozen=True)
class ComponentWords:
    """What a component of a plan is, in words; its place in the plan is its place in
    `CompiledPlan.components`."""

    key: str
    kind: str
    name_zh: str
    name_en: str
    clause_zh: str
    clause_en: str
    ledger_class: int
    unit: str


@dataclass(frozen=True)
class CompiledPlan:
    """A tariff version as whole numbers (`table`, laid out by `rules.layout`) and the words for its
    components.

    `content_hash` is the SHA-256 of the numbers alone: two versions with the same hash give the same bills.
    """

    tariff: str
    currency: str
    decimals: int
    table: tuple[int, ...]
    components: tuple[ComponentWords, ...]

    @property
    def content_hash(self) -> str:
        return hashlib.sha256(",".join(map(str, self.table)).encode()).hexdigest()

    @property
    def parts(self) -> int:
        """Parts of a minor unit in which the rest of a line counts."""
        return int(10 ** (13 - self.decimals))


class Line(NamedTuple):
    """A line of a bill. Exact value = `amount` minor units + `rest` parts.

    `quantity` in thousandths of the priced unit, `price` at 10**-10 (a percentage: 10**10 is 100 %),
    `block` 1.. or 0, `period` the register code, `base`: minor units a percentage is taken on; days × 1000
    + divisor of a charge over days.
    """

    bill: int
    segment: int
    component: int
    block: int
    period: int
    quantity: int
    unit: int
    price: int
    base: int
    amount: int
    rest: int


@dataclass(frozen=True)
class RatedBill:
    """One rated bill: its lines, its amount in minor units, amounts by ledger class, its fault (0 none), its energy as
    priced, and the exported energy that is kept for the next bill (net metering)."""

    lines: tuple[Line, ...]
    amount: int
    by_class: tuple[int, ...]
    fault: int
    wh: int = 0
    credit_wh: int = 0


FACT_NAMES = (
    "bill", "plan", "from_day", "to_day", "period_days", "wh_total",
    "wh_sharp", "wh_peak", "wh_flat", "wh_valley", "varh",
    "demand_w", "capacity_va", "contract_w", "year_used_wh", "year_months", "period_months", "persons", "allowance_wh",
    "power_factor_standard", "period",
    "wh_deep", "demand_sharp", "demand_peak", "demand_flat", "demand_valley", "demand_deep",
    "past_demand_w", "coincident_w", "meters",
    "export_wh", "export_sharp", "export_peak", "export_flat", "export_valley", "export_deep", "credit_wh", "true_up",
    "year_counted", "year_ends", "sub_share", "sub_wh", "hourly_minor", "hourly_rest", "hourly_wh",
    "supplied_months",
    "in_time_1_sharp", "in_time_1_peak", "in_time_1_flat", "in_time_1_valley", "in_time_1_deep",
    "in_time_2_sharp", "in_time_2_peak", "in_time_2_flat", "in_time_2_valley", "in_time_2_deep",
    "in_time_3_sharp", "in_time_3_peak", "in_time_3_flat", "in_time_3_valley", "in_time_3_deep",
    "in_time_4_sharp", "in_time_4_peak", "in_time_4_flat", "in_time_4_valley", "in_time_4_deep",
)  # fmt: skip


def lines_at_most(table: Sequence[int], start: int = 0) -> int:
    """No segment rated by this plan has more lines than this."""
    most = 0
    for k in range(table[start + PLAN_COMPONENTS]):
        component = start + PLAN_HEAD + k * COMPONENT_SIZE
        most += max(2, table[component + BLOCKS] * table[component + PERIODS])
    return most


def rate_segments(table: Sequence[int], starts: Sequence[int], facts: Sequence[int], n: int) -> RatedBill:
    """Rate one bill of `n` segments under CPython: `facts` has fact k of segment i at k × n + i."""
    room = n * max(lines_at_most(table, start) for start in starts)
    lines = [0] * (N_LINE * room)
    state = [0] * N_STATE
    rate_bill(table, starts, facts, n, 0, n, state, lines, room, 1)
    rows = tuple(Line(*lines[row::room][:N_LINE]) for row in range(state[AT_LINE]))
    by_class = tuple(state[CLASS_SUM : CLASS_SUM + N_CLASSES])
    return RatedBill(rows, state[SHOWN], by_class, state[FAULT], state[USED_WH], state[CREDIT])


def rate_with(plans: Sequence[CompiledPlan], segments: Sequence[Mapping[str, int]]) -> RatedBill:
    """Rate one bill whose segments name their plan by its place in `plans` (fact "plan", 0 unless stated).

    A segment is a mapping by FACT_NAMES; what is left out is 0 (`period_months` 1, `period_days` the days
    of all segments).
    """
    table: list[int] = []
    starts: list[int] = []
    for plan in plans:
        starts.append(len(table))
        table.extend(plan.table)
    days = sum(segment["to_day"] - segment["from_day"] for segment in segments)
    usual = {"period_months": 1, "period_days": days}
    n = len(segments)
    facts = [0] * (N_FACTS * n)
    for k, name in enumerate(FACT_NAMES):
        for i, segment in enumerate(segments):
            facts[k * n + i] = segment.get(name, usual.get(name, 0))
    return rate_segments(table, starts, facts, n)


def rate_one(plan: CompiledPlan, segments: Sequence[Mapping[str, int]]) -> list[Line]:
    """The lines of one bill, all of whose segments are rated by one plan; `rate_with` gives the totals
    too."""
    return list(rate_with([plan], segments).lines)
