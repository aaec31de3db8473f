"""What billing tells the other rooms: frozen values. Money in minor units, energy in Wh, periods as YYYYMM."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True)
class ClassTotal:
    """What the bills of one customer class of a unit come to, beside last month and the same month last year."""

    unit_id: int
    class_code: int
    bills: int
    wh: int
    amount: int
    last_month_bills: int
    last_month_wh: int
    last_month_amount: int
    last_year_bills: int
    last_year_wh: int
    last_year_amount: int


@dataclass(frozen=True)
class Outlier:
    """A bill far from the customer's own past. Past figures are 0 where there is no such bill.

    `change_permille`: use per day against the nearer of the two, 1000 = equal. `held`: it will be held for a person.
    """

    account_id: int
    agreement_id: int
    unit_id: int
    class_code: int
    wh: int
    amount: int
    days: int
    last_month_wh: int
    last_month_amount: int
    last_year_wh: int
    last_year_amount: int
    change_permille: int
    held: bool


@dataclass(frozen=True)
class HoldCount:
    """How many agreements of a unit are (or would be) held for a reason."""

    unit_id: int
    reason: str
    count: int


@dataclass(frozen=True)
class Preview:
    """What a run would do, as seen when it was previewed. Outliers: the largest first, at most 200."""

    totals: tuple[ClassTotal, ...]
    holds: tuple[HoldCount, ...]
    outliers: tuple[Outlier, ...]
    already_billed: int
    seen_at: datetime
    already_by_unit: tuple[tuple[int, int], ...] = ()  # unit and how many are billed already; none where it is 0

    @property
    def bills(self) -> int:
        return sum(each.bills for each in self.totals)

    @property
    def wh(self) -> int:
        return sum(each.wh for each in self.totals)

    @property
    def amount(self) -> int:
        return sum(each.amount for each in self.totals)

    @property
    def held(self) -> int:
        return sum(each.count for each in self.holds)


@dataclass(frozen=True)
class UnitProgress:
    """How far a run is in a unit: slices done of all, and what they came to."""

    unit_id: int
    slices: int
    slices_done: int
    bills: int
    held: int
    wh: int
    amount: int


@dataclass(frozen=True)
class RunView:
    """A bill run with its progress by unit. States: previewed → approved → running → done; or abandoned."""

    id: int
    period: int
    state: str
    unit_ids: tuple[int, ...]
    made_by: str
    made_at: datetime
    approved_by: str
    approved_at: datetime | None
    finished_at: datetime | None
    issued_on: date | None
    preview: Preview | None
    units: tuple[UnitProgress, ...] = ()

    @property
    def slices(self) -> int:
        return sum(each.slices for each in self.units)

    @property
    def slices_done(self) -> int:
        return sum(each.slices_done for each in self.units)

    @property
    def bills(self) -> int:
        return sum(each.bills for each in self.units)

    @property
    def held(self) -> int:
        return sum(each.held for each in self.units)

    @property
    def wh(self) -> int:
        return sum(each.wh for each in self.units)

    @property
    def amount(self) -> int:
        return sum(each.amount for each in self.units)


# Called after each slice, in the process that called `run`.
Progress = Callable[[RunView], None]


@dataclass(frozen=True)
class HoldView:
    """An agreement that waits for a person in a period. `reason` is a code of billing.holds; sentences beside it."""

    id: int
    account_id: int
    agreement_id: int
    unit_id: int
    period: int
    reason: str
    reason_en: str
    reason_zh: str
    detail: dict[str, int]
    held_at: datetime
    released_at: datetime | None
    released_by: str
    outcome: str
    acceptable: bool = False  # may be released as it is; else something is to be put right first


@dataclass(frozen=True)
class WaitingCount:
    """How many bills of a unit and period wait for a person for a reason."""

    unit_id: int
    period: int
    reason: str
    count: int


@dataclass(frozen=True)
class Released:
    """What a release did: accounts billed now, and those that were held again (with the new reason)."""

    billed: tuple[int, ...]
    held_again: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class BillKey:
    """The natural key of a bill."""

    account_id: int
    period: int
    seq: int


@dataclass(frozen=True)
class Rebilled:
    """A new bill, and the later bills of the account that were made from figures that have changed since, in order."""

    bills: tuple[BillKey, ...]
    later: tuple[BillKey, ...]


@dataclass(frozen=True)
class Difference:
    """One bill that differs between two runs or versions; a side without a bill has wh and amount 0 and seq 0."""

    account_id: int
    agreement_id: int
    unit_id: int
    class_code: int
    before_wh: int
    before_amount: int
    after_wh: int
    after_amount: int

    @property
    def change(self) -> int:
        return self.after_amount - self.before_amount


@dataclass(frozen=True)
class DifferenceReport:
    """Two runs, or one period on two tariff versions, side by side: totals over all, and every bill that differs.
    `not_rated`: bills that one of the versions cannot rate; they count nowhere else."""

    before: str
    after: str
    bills: int
    equal: int
    before_amount: int
    after_amount: int
    rows: tuple[Difference, ...]
    not_rated: int = 0

    @property
    def change(self) -> int:
        return self.after_amount - self.before_amount


@dataclass(frozen=True)
class BillSummary:
    """One line of an account's history of bills."""

    account_id: int
    period: int
    seq: int
    number: str
    kind: int
    state: int
    estimated: bool
    from_on: date
    to_on: date
    wh: int
    amount: int
    issued_on: date
    due_on: date


@dataclass(frozen=True)
class BillLineView:
    """A line in words. `exact` is its unrounded value as a decimal of the main currency unit.

    `quantity_text`, `price_text`: decimals in the priced unit and the currency; `unit_en`, `unit_zh` name the unit.
    """

    n: int
    component: int
    key: str
    kind: str
    name_en: str
    name_zh: str
    clause_en: str
    clause_zh: str
    sentence_en: str
    sentence_zh: str
    block: int
    tou: int
    segment: int
    unit: int
    unit_en: str
    unit_zh: str
    quantity: int
    quantity_text: str
    price: int
    price_text: str
    base: int
    amount: int
    rest: int
    exact: str
    ledger_class: int = 0

    def name(self, language: str) -> str:
        return self.name_zh if language.startswith("zh") else self.name_en

    def clause(self, language: str) -> str:
        return self.clause_zh if language.startswith("zh") else self.clause_en

    def sentence(self, language: str) -> str:
        return self.sentence_zh if language.startswith("zh") else self.sentence_en


@dataclass(frozen=True)
class BillUseView:
    """A register over the bill's days. Values are whole numbers of its last decimal; texts are ready to show."""

    n: int
    register_id: int
    meter_serial: str
    tou: int
    kind: int
    estimated: bool
    previous_on: date
    previous_value: int
    previous_text: str
    current_on: date
    current_value: int
    current_text: str
    multiplier: int
    decimals: int
    wh: int


@dataclass(frozen=True)
class TariffOfBill:
    """The tariff version that rated a bill."""

    version_id: int
    code: str
    name_en: str
    name_zh: str
    content_hash: str
    source: str
    sample: bool


@dataclass(frozen=True)
class BlockUse:
    """One block of the year (or month): from `low_wh` to `high_wh` (None: no end), and how much of it is used.

    `price` at 10**-10; 0 where blocks have a price for each register.
    """

    n: int
    low_wh: int
    high_wh: int | None
    used_wh: int
    price: int
    current: bool


@dataclass(frozen=True)
class YearBlocks:
    """How far an account has come through its blocks. `cycle`: year | month; `months`: months of entitlement."""

    cycle: str
    year: int
    months: int
    used_wh: int
    blocks: tuple[BlockUse, ...]


@dataclass(frozen=True)
class MonthUse:
    """One month of the history: use and cost of the issued bills of a period; `parts`: Wh by register code 1..4."""

    period: int
    wh: int
    amount: int
    days: int
    estimated: bool
    parts: tuple[int, int, int, int] = (0, 0, 0, 0)


@dataclass(frozen=True)
class BillView:
    """A bill with everything that explains it. `replaces`: the number of the bill it was made again for."""

    account_id: int
    period: int
    seq: int
    number: str
    agreement_id: int
    unit_id: int
    area_id: int
    run_id: int
    kind: int
    state: int
    class_code: int
    estimated: bool
    plan_id: int
    from_on: date
    to_on: date
    wh: int
    year_used_wh: int
    year_months: int
    amount: int
    issued_on: date
    due_on: date
    tariff: TariffOfBill
    lines: tuple[BillLineView, ...]
    uses: tuple[BillUseView, ...]
    blocks: YearBlocks | None
    sentence_en: str
    sentence_zh: str
    replaces: str = ""
    days: int = 0
    more: dict[str, str] = field(default_factory=dict)

    def sentence(self, language: str) -> str:
        return self.sentence_zh if language.startswith("zh") else self.sentence_en
