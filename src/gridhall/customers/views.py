"""What customers tells and takes: frozen values and columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray

from gridhall.kernel.refusal import Refusal

# The day number that stands for "still open" in columns: date.max.
OPEN_DAY = date.max.toordinal()


@dataclass(frozen=True)
class AccountHead:
    """What an account is called, for lists."""

    account_id: int
    number: str
    name: str
    unit_id: int
    closed_on: date | None


@dataclass(frozen=True)
class NewAccounts:
    """A batch of new accounts, by columns of equal length: each row a customer, a premise, an account, an agreement
    and a term.

    Only `name`, `address`, `area_id`, `class_code`, `tariff_code` and `since` must be given; an empty column means
    the default for every
    row. `number` is ten digits, the last the check digit; empty ("" or no column) means the next free one.
    `premise_id` names a
    premise that is there already (a move-in); 0 means a new one. Longitude and latitude in millionths of a degree,
    0 unknown.
    """

    name: Sequence[str]
    address: Sequence[str]
    area_id: Sequence[int]
    class_code: Sequence[int]
    tariff_code: Sequence[str]
    since: Sequence[date]
    number: Sequence[str] = ()
    kind: Sequence[str] = ()  # person | organisation
    phone: Sequence[str] = ()
    email: Sequence[str] = ()
    language: Sequence[str] = ()  # zh | en
    longitude_millionths: Sequence[int] = ()
    latitude_millionths: Sequence[int] = ()
    premise_id: Sequence[int] = ()
    voltage: Sequence[str] = ()
    capacity_va: Sequence[int] = ()
    contract_w: Sequence[int] = ()
    power_factor_standard: Sequence[int] = ()  # hundredths: 0 none, 80, 85, 90
    persons: Sequence[int] = ()
    allowance_wh: Sequence[int] = ()
    sub_share: Sequence[int] = ()  # sub-supply as agreed: hundredths of a per cent of the use
    sub_wh: Sequence[int] = ()  # and Wh a month

    def __len__(self) -> int:
        return len(self.name)


@dataclass(frozen=True)
class AccountsRegistered:
    """What a batch did. With any refusal nothing was written and the id columns are empty. Row k of the batch has
    id k."""

    refused: tuple[Refusal, ...] = ()
    account_ids: tuple[int, ...] = ()
    numbers: tuple[str, ...] = ()
    agreement_ids: tuple[int, ...] = ()
    premise_ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class TermChange:
    """From `since` on the open agreement of the account is rated otherwise; None leaves a value as it is."""

    account_id: int
    since: date
    tariff_code: str | None = None
    voltage: str | None = None
    capacity_va: int | None = None
    contract_w: int | None = None
    power_factor_standard: int | None = None
    persons: int | None = None
    allowance_wh: int | None = None
    sub_share: int | None = None
    sub_wh: int | None = None


@dataclass(frozen=True)
class Term:
    """What an agreement is rated by, from `since` (included) to `until` (excluded; None while open)."""

    since: date
    until: date | None
    tariff_code: str
    voltage: str
    capacity_va: int
    contract_w: int
    power_factor_standard: int
    persons: int
    allowance_wh: int
    sub_share: int = 0  # hundredths of a per cent
    sub_wh: int = 0  # a month

    @property
    def sub_percent(self) -> str:
        """The share of the sub-supply in per cent, as people write it."""
        whole, part = divmod(self.sub_share, 100)
        return f"{whole}.{part:02}".rstrip("0").rstrip(".")


@dataclass(frozen=True)
class AgreementView:
    """Supply of a premise on an account, with its terms, the first one first."""

    id: int
    premise_id: int
    address: str
    since: date
    until: date | None
    terms: tuple[Term, ...]


@dataclass(frozen=True)
class AccountView:
    """An account with its customer and its agreements, the newest first. `address`: of the newest agreement."""

    account_id: int
    number: str
    name: str
    kind: str
    phone: str
    email: str
    language: str
    address: str
    area_id: int
    unit_id: int
    class_code: int
    opened_on: date
    closed_on: date | None
    longitude_millionths: int
    latitude_millionths: int
    agreements: tuple[AgreementView, ...] = ()

    @property
    def term(self) -> Term | None:
        """The newest term: the one in force while the account is open."""
        return self.agreements[0].terms[-1] if self.agreements and self.agreements[0].terms else None


@dataclass(frozen=True)
class AccountFound:
    """One line of a search: enough to recognise the customer."""

    account_id: int
    number: str
    name: str
    address: str
    phone: str
    area_id: int
    unit_id: int
    class_code: int
    closed: bool


Column = NDArray[np.int64]


@dataclass(frozen=True)
class TermColumns:
    """Who is supplied on what terms in a stretch of days, for the bill run: one entry per term, sorted by account,
    agreement, since.

    Days are proleptic ordinals (date.toordinal()); an open end is OPEN_DAY. `tariff` is an index into `tariff_codes`.
    All columns are int64 of equal length. `since`/`until` are the term's, `agreement_since`/`agreement_until` the
    agreement's.
    """

    tariff_codes: tuple[str, ...]
    account_id: Column
    agreement_id: Column
    area_id: Column
    class_code: Column
    agreement_since: Column
    agreement_until: Column
    since: Column
    until: Column
    tariff: Column
    capacity_va: Column
    contract_w: Column
    power_factor_standard: Column
    persons: Column
    allowance_wh: Column
    sub_share: Column
    sub_wh: Column

    def __len__(self) -> int:
        return len(self.account_id)


@dataclass(frozen=True)
class Message:
    """What was said to a customer."""

    account_id: int
    to: str
    way: str
    occasion: str
    text: str
    sent_at: datetime
