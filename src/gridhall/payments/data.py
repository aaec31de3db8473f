"""What the payments room takes and answers: frozen values. Money in minor units."""

from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import numpy.typing as npt

from gridhall.payments.models import DOOR_API, ONLINE, RECEIVED

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class PaymentIn:
    """One payment as a door brings it. Either `account_id` or `account_number`.

    `key` makes it single for the account for ever: `door:partner:serial`, 1 to 120 characters. `value_on`: the day the
    money counts from (today when None; not in the future). `session_id`: the till session, 0 for none.
    """

    amount: int
    key: str
    account_id: int = 0
    account_number: str = ""
    door: int = DOOR_API
    method: int = ONLINE
    session_id: int = 0
    value_on: date | None = None
    reference: str = ""


@dataclass(frozen=True)
class PaymentColumns:
    """Many payments as columns: equal length; int64 arrays and a list of keys. `value_on`: day numbers (ordinals).

    `door`, `method`, `session_id` count for all of them: a batch comes through one door.
    """

    account_id: Ints
    amount: Ints
    key: list[str]
    value_on: Ints
    door: int
    method: int
    session_id: int = 0


@dataclass(frozen=True)
class PaidItem:
    """What part of a payment paid which open item (`kind` 1 bill, 2 late charge, 3 other)."""

    period: int
    kind: int
    seq: int
    amount: int


@dataclass(frozen=True)
class Receipt:
    """What was done with a payment. `replayed`: the key had come before; this is the first answer again."""

    account_id: int
    payment_no: int
    amount: int
    paid: tuple[PaidItem, ...]
    late_part: int
    to_credit: int
    left_owed: int
    received_at: datetime
    replayed: bool = False


@dataclass(frozen=True)
class ColumnsTaken:
    """Outcome of `receive_columns`: how many were taken, were there before (replayed), or were refused
    (row, code, field and value each), and the money."""

    taken: int
    replayed: int
    refused: tuple[tuple[int, str, str, str], ...]
    amount: int
    allocated: int
    to_credit: int


@dataclass(frozen=True)
class PaymentView:
    """A payment of an account. `kind`: 1 received, 2 reversal, 3 credit set off. `reversed_by`: 0 or a number."""

    account_id: int
    no: int
    kind: int
    unit_id: int
    door: int
    method: int
    amount: int
    to_credit: int
    session_id: int
    reverses: int
    reversed_by: int
    received_at: datetime
    value_on: date
    left_owed: int


@dataclass(frozen=True)
class ReceiptView:
    """Everything a printed receipt needs about one payment."""

    payment: PaymentView
    paid: tuple[PaidItem, ...]
    late_part: int
    principal_part: int
    to_credit: int
    left_owed: int
    reference: str
    key: str
    clerk: str
    till_code: str
    till_name_en: str
    till_name_zh: str
    outlet_id: int

    @property
    def by_gateway(self) -> bool:
        """Whether the payment came through a gateway, which could give it back."""
        return self.key.startswith("online:") and self.payment.kind == RECEIVED


@dataclass(frozen=True)
class SessionView:
    """A till session. `cash_in`, `cash_out` (reversals); `expected` = float + in - out.

    `counted` and `difference` are there after the close. `other_in`: card and other money taken at this till, which is
    not in the drawer.
    """

    id: int
    till_id: int
    till_code: str
    till_name_en: str
    till_name_zh: str
    outlet_id: int
    unit_id: int
    clerk_id: int
    clerk: str
    opened_at: datetime
    closed_at: datetime | None
    float_amount: int
    cash_in: int
    cash_out: int
    other_in: int
    payments: int
    reversals: int
    expected: int
    counted: int | None
    difference: int | None
    note: str


@dataclass(frozen=True)
class DayMoneyRow:
    """Money of a day by unit of the account, door, method and outlet (0: none): received, reversed, net."""

    unit_id: int
    door: int
    method: int
    outlet_id: int
    count: int
    amount: int
    reversed_count: int
    reversed_amount: int

    @property
    def net(self) -> int:
        return self.amount - self.reversed_amount


@dataclass(frozen=True)
class OnlineBegun:
    """An online payment that has begun: send the customer to `redirect_url` by a link or a 303 redirect."""

    order_no: str
    redirect_url: str
    expires_at: datetime


@dataclass(frozen=True)
class OnlineOutcome:
    """What a call-back or a query came to. `state`: paid | failed | begun; `absorbed`: it had been booked before."""

    order_no: str
    state: str
    receipt: Receipt | None
    absorbed: bool = False


@dataclass(frozen=True)
class OrderView:
    order_no: str
    gateway: str
    account_id: int
    amount: int
    state: str
    begun_at: datetime
    paid_at: datetime | None
    payment_no: int
