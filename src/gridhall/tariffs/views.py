"""What tariffs tells: frozen values for bills, screens and the portal."""

from dataclasses import dataclass
from datetime import date, datetime

from gridhall.rules.plan import CompiledPlan, ComponentWords


@dataclass(frozen=True)
class VersionInForce:
    """A version of a tariff in force from `from_on` (included) to `until_on` (excluded; None open)."""

    tariff_code: str
    version_id: int
    from_on: date
    until_on: date | None
    plan: CompiledPlan


@dataclass(frozen=True)
class PriceRow:
    """One price as a reader wants it: which component, season, register and block.

    `price` at 10**-10 main units; `above_wh` and `upto_wh` bound the block per month or, where `yearly`, by the year
    (12 months' entitlement); `upto_wh` None: no upper bound. Season 0 is the first; names in `seasons` of the
    version ("" where there is one all year).
    """

    component: int
    season: int
    tou: int
    block: int
    above_wh: int
    upto_wh: int | None
    yearly: bool
    unit: int
    price: int


@dataclass(frozen=True)
class VersionView:
    """A version with its words, its prices and who answered for it."""

    version_id: int
    from_on: date
    until_on: date | None
    state: str
    sample: bool
    source: str
    policy_en: str
    policy_zh: str
    note_en: str
    note_zh: str
    seasons: tuple[str, ...]
    book: str
    content_hash: str
    entered_by: str
    approved_by: str
    approved_at: datetime | None
    sent_by: str
    hands: tuple[str, ...]  # whoever wrote or sent it (models)
    sent_at: datetime | None
    reason: str
    component_ids: tuple[int, ...]
    components: tuple[ComponentWords, ...]
    prices: tuple[PriceRow, ...]


@dataclass(frozen=True)
class TariffView:
    """A tariff and its version in force on the day asked for (None where there was none)."""

    code: str
    name_en: str
    name_zh: str
    currency: str
    class_code: int
    version: VersionView | None
    place: str = ""
    meter: str = ""


@dataclass(frozen=True)
class BookFault:
    """What is wrong in a book: its line (0 unknown), the path of the place, and what it is."""

    line: int
    path: str
    what: str


@dataclass(frozen=True)
class Waiting:
    """A version that is not settled yet, for the work list: draft, sent or rejected."""

    version_id: int
    tariff_code: str
    name_en: str
    name_zh: str
    from_on: date
    state: str
    entered_by: str
    reason: str
