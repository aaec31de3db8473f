"""What stands on a bill or a receipt: frozen values whose texts are ready to print.

Whoever builds these values has done all arithmetic and all formatting; nothing here adds, rounds or
converts. The only numbers are the integers that give a bar its height.
"""

from __future__ import annotations

from collections.abc import Sized
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

Language = Literal["zh", "en"]
PeriodKind = Literal["sharp", "peak", "flat", "valley", "all"]
BillState = Literal["due", "settled", "credit", "cancelled"]

# One page holds so much in type that can still be read; more belongs on a separate statement.
LINES_MAX = 32
READINGS_MAX = 12
MONTHS_MAX = 13
BLOCKS_MAX = 6
PAY_WAYS_MAX = 5
ALLOCATIONS_MAX = 14


class DocumentError(ValueError):
    """A document that cannot be made; the message names the document, the field and the reason."""


def _at_most(number: str, field: str, items: Sized, limit: int) -> None:
    if len(items) > limit:
        raise DocumentError(f"Document {number}: {field} has {len(items)} entries, one page holds {limit}.")


def _known_language(number: str, language: str) -> None:
    if language not in ("zh", "en"):
        raise DocumentError(f"Document {number}: language {language!r} is not one of zh, en.")


@dataclass(frozen=True)
class Supplier:
    """Who bills. `return_line` is the sender's address in one line, shown small in the envelope window."""

    name: str
    hotline: str
    web: str = ""
    return_line: str = ""


@dataclass(frozen=True)
class Customer:
    """Who is billed, where the supply is, and which area and station answer for it.

    `post_lines` are the lines of the postal address below the name, at most six.
    """

    number: str
    name: str
    supply_address: str
    post_lines: tuple[str, ...]
    area: str
    station: str
    station_phone: str
    responsible: str = ""

    def __post_init__(self) -> None:
        _at_most(self.number, "post_lines", self.post_lines, 6)


@dataclass(frozen=True)
class DocumentLine:
    """One line of the bill: what, how much of it, at which price, and the clause that says so."""

    name: str
    quantity: str
    unit: str
    price: str
    amount: str
    clause: str = ""


@dataclass(frozen=True)
class DocumentReading:
    """One register of one meter over the period; `note` tells of an exchange or a rollover."""

    meter: str
    register: str
    previous: str
    current: str
    multiplier: str
    kwh: str
    previous_on: str = ""
    current_on: str = ""
    estimated: bool = False
    note: str = ""


@dataclass(frozen=True)
class BarPart:
    """A piece of a month's bar: the use of one period of the day, in the unit of the bar's height."""

    kind: PeriodKind
    height: int


@dataclass(frozen=True)
class MonthBar:
    """One month in the chart: `height` is its use as a whole number, `value` the same as text.

    `parts` divide the bar by period of the day and add up to `height`; empty for single-rate meters.
    """

    label: str
    value: str
    height: int
    current: bool = False
    estimated: bool = False
    parts: tuple[BarPart, ...] = ()

    def __post_init__(self) -> None:
        if self.height < 0 or any(part.height < 0 for part in self.parts):
            raise DocumentError(f"Month {self.label}: a bar cannot have a negative height.")
        if self.parts and sum(part.height for part in self.parts) != self.height:
            raise DocumentError(f"Month {self.label}: the parts of the bar do not add up to its height.")


@dataclass(frozen=True)
class BlockBar:
    """One block of the tariff: its limits and price as text, its size and the use in it as whole numbers.

    `size` of an open last block is whatever length the bar shall have for it, at least `used`.
    """

    name: str
    limits: str
    price: str
    size: int
    used: int
    current: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.used <= self.size or self.size == 0:
            raise DocumentError(f"Block {self.name}: used {self.used} does not lie within its size {self.size}.")


@dataclass(frozen=True)
class BlocksUsed:
    """How far the customer has come through the blocks; `caption` says it in one line."""

    caption: str
    bars: tuple[BlockBar, ...]


@dataclass(frozen=True)
class AccountSummary:
    """The account around this bill, as texts: before it, paid since, this bill, and all that is open now.

    `late_charge` is the late-payment charge that has already arisen on older bills, empty when there is none.
    """

    previous_balance: str
    payments: str
    this_bill: str
    open_debt: str
    late_charge: str = ""


@dataclass(frozen=True)
class Payment:
    """How to pay: the address that the QR code carries and the other ways, each one short line."""

    url: str
    ways: tuple[str, ...] = ()


@dataclass(frozen=True)
class TariffStamp:
    """The tariff version that rated the bill, the source of its prices, and its content hash."""

    name: str
    content_hash: str
    source: str = ""


@dataclass(frozen=True)
class BillDocument:
    """All that one bill page shows.

    `amount_due` is the large figure: what is to be paid, or for a bill of state `credit` what the customer
    has in his favour. `due_on` is empty unless the state is `due`. `issued_on` also dates the file itself, so that
    the same value always gives the same bytes. Raises DocumentError when something cannot stand on one page.
    """

    language: Language
    number: str
    supplier: Supplier
    customer: Customer
    period: str
    period_days: str
    issued_on: date
    issued: str
    state: BillState
    amount_due: str
    due_on: str
    explanation: str
    lines: tuple[DocumentLine, ...]
    total: str
    readings: tuple[DocumentReading, ...]
    months: tuple[MonthBar, ...]
    blocks: BlocksUsed | None
    account: AccountSummary
    payment: Payment
    late_terms: str
    tariff: TariffStamp
    notices: tuple[str, ...] = ()
    replaces: str = ""

    def __post_init__(self) -> None:
        _known_language(self.number, self.language)
        if self.state not in get_args(BillState):
            known = ", ".join(get_args(BillState))
            raise DocumentError(f"Document {self.number}: state {self.state!r} is not one of {known}.")
        _at_most(self.number, "lines", self.lines, LINES_MAX)
        _at_most(self.number, "readings", self.readings, READINGS_MAX)
        _at_most(self.number, "months", self.months, MONTHS_MAX)
        _at_most(self.number, "blocks", self.blocks.bars if self.blocks else (), BLOCKS_MAX)
        _at_most(self.number, "payment.ways", self.payment.ways, PAY_WAYS_MAX)
        _at_most(self.number, "notices", self.notices, 2)


@dataclass(frozen=True)
class ReceiptLine:
    """What a part of the payment was used for: a bill, its late charge, or credit left on the account."""

    name: str
    amount: str


@dataclass(frozen=True)
class Receipt:
    """One payment taken, as it is handed to the customer.

    `amount_words` is the amount in words where the law or custom asks for it (大写金额); `given` and
    `change` are empty unless cash was handed over. `to_credit` is the part of this payment that was kept as credit.
    `reversed_on` is set on the receipt of a reversal, and, with `void`, on that of a payment which was reversed since.
    `refund`: it went back by a refund of the gateway, not by a reversal. `open_after` and `to_credit` are empty where
    they are not true any more. `across`: which unit took it for which, where they are two. `check_url` is an address
    where the receipt can be verified, as a QR code; empty for none.
    """

    language: Language
    number: str
    supplier: Supplier
    customer_number: str
    customer_name: str
    customer_address: str
    outlet: str
    till: str
    clerk: str
    taken_on: date
    taken: str
    way: str
    amount: str
    amount_words: str
    lines: tuple[ReceiptLine, ...]
    open_after: str
    to_credit: str
    given: str = ""
    change: str = ""
    reference: str = ""
    reversed_on: str = ""
    void: bool = False
    refund: bool = False
    reason: str = ""
    check_url: str = ""
    across: str = ""

    def __post_init__(self) -> None:
        _known_language(self.number, self.language)
        _at_most(self.number, "lines", self.lines, ALLOCATIONS_MAX)
