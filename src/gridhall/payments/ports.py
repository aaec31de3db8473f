"""What payments needs from outside: a gateway where a customer pays online, a reader of bank statements."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string

from gridhall.payments.refusals import refusal
from gridhall.payments.statement_data import EntryIn as EntryIn
from gridhall.payments.statement_data import StatementIn as StatementIn
from gridhall.payments.statement_texts import ROWS_MOST as ROWS_MOST
from gridhall.payments.statement_texts import amount_of as amount_of
from gridhall.payments.statement_texts import bad_statement as bad_statement
from gridhall.payments.statement_texts import day_of as day_of
from gridhall.payments.statement_texts import large_statement as large_statement
from gridhall.payments.statement_texts import printed as printed
from gridhall.payments.statement_texts import signed_amount_of as signed_amount_of
from gridhall.payments.statement_texts import unknown_columns as unknown_columns
from gridhall.payments.statement_texts import unsafe_statement as unsafe_statement

PAID, FAILED, WAITING = "paid", "failed", "waiting"
DESK, PHONE = "desk", "phone"  # what the customer pays at: some gateways have a page for each


@dataclass(frozen=True)
class Order:
    """What the gateway is asked to collect. `amount` in minor units of `currency`; the two addresses are ours:
    where the customer comes back to, and where the gateway tells us what happened."""

    order_no: str
    amount: int
    currency: str
    subject: str
    return_url: str
    notify_url: str
    begun_at: datetime
    expires_at: datetime
    language: str
    device: str = DESK
    caller: str = ""  # the address of the customer's device, which some gateways want to know


@dataclass(frozen=True)
class Begun:
    """An order that the gateway has taken. `address`: where the customer goes; one that is not http(s) is shown as a
    code to be scanned. `reference`: the gateway's own name of the order, where it has one."""

    address: str
    reference: str = ""


@dataclass(frozen=True)
class Notice:
    """What the gateway says about an order, its signature proven. `state`: paid | failed | waiting.

    `paid_on`: the day of the gateway's books, where it tells; `nonce`: of a call-back that may be heard only once.
    """

    order_no: str
    state: str
    amount: int
    serial: str
    paid_on: date | None = None
    nonce: str = ""


@dataclass(frozen=True)
class Refund:
    """What the gateway is asked to give back of a paid order; `refund_no` makes it single for ever. `paid`: what was
    paid; `reference`: the gateway's own name of the order."""

    refund_no: str
    order_no: str
    amount: int
    reason: str
    paid: int = 0
    reference: str = ""


@dataclass(frozen=True)
class RefundNotice:
    """What the gateway says about a refund, its signature proven. `state`: paid (it went back) | failed | waiting;
    `paid_on`: the day of the gateway's books on which it went back, where it tells."""

    refund_no: str
    state: str
    amount: int
    serial: str
    why: str = ""
    paid_on: date | None = None


@dataclass(frozen=True)
class BillRow:
    """A movement of a gateway's bill of a day. `serial`: the order's number, or the refund's; `amount`: minor units,
    above zero for a payment, below for a refund; `fee`: what the gateway keeps of it (below zero: gives back)."""

    serial: str
    order_no: str
    amount: int
    fee: int = 0


class PaymentGateway(Protocol):
    """A bank or payment service. Raises the refusal `gateway_unreachable` where it cannot be reached."""

    def begin(self, order: Order) -> Begun:
        """Where to send the customer."""

    def read_notice(self, headers: Mapping[str, str], body: bytes) -> Notice:
        """A call-back, once its signature and age are proven; else the refusal `tampered`, `stale` or `bad_message`."""

    def acknowledge(self, accepted: bool) -> tuple[str, bytes]:
        """Content type and body that the gateway wants as the answer to its call-back."""

    def query(self, order_no: str, reference: str = "") -> Notice | None:
        """What the gateway knows about an order; None when it has never heard of it."""

    def refund(self, refund: Refund) -> RefundNotice:
        """Give money of a paid order back. Asked again with the same `refund_no`, it is the same refund: it goes back
        once, and the answer tells how it stands. `failed` is the gateway's last word."""


class GatewayBooks(Protocol):
    """A gateway that gives a bill of each day (日账单)."""

    def fetch_bill(self, on: date) -> bytes:
        """The file of a day as the gateway gives it. Refuses gateway_unreachable, bill_not_ready, tampered."""

    def read_bill(self, data: bytes, on: date) -> list[BillRow]:
        """Its movements, each serial once; all or nothing. Refuses bad_day_file (row, field), day_file_altered,
        day_file_other."""


class GatewayFiles(Protocol):
    """A gateway that is set up by files under the home folder."""

    def lacking(self) -> list[str]:
        """What is missing or wrong in its set-up, a sentence each with the file; empty where it is whole."""


def gateway(name: str) -> PaymentGateway:
    """The gateway of that name among `PAYMENT_GATEWAYS` of the settings. Refuses `unknown_gateway`."""
    path = settings.PAYMENT_GATEWAYS.get(name)
    if path is None:
        raise refusal("unknown_gateway", field="gateway", value=name)
    return cast(PaymentGateway, import_string(path)())


def gateways() -> list[str]:
    """Names of the gateways of the settings, in their order."""
    return list(settings.PAYMENT_GATEWAYS)


def gateway_books(name: str) -> GatewayBooks | None:
    """The gateway of that name as one that gives bills of its days; None where it gives none. Refuses
    `unknown_gateway`."""
    found = gateway(name)
    return cast(GatewayBooks, found) if hasattr(found, "fetch_bill") else None


def gateways_with_bills() -> list[str]:
    """Names of the gateways of the settings that give a bill of each day."""
    return [name for name in gateways() if gateway_books(name) is not None]


def gateways_lacking() -> dict[str, list[str]]:
    """What each gateway of the settings lacks to work, by name; empty lists are left out."""
    lacks = {}
    for name in settings.PAYMENT_GATEWAYS:
        found = gateway(name)
        told = cast(GatewayFiles, found).lacking() if hasattr(found, "lacking") else []
        if told:
            lacks[name] = told
    return lacks


@dataclass(frozen=True)
class StatementOptions:
    """What a reader must be told where a file does not say it. `account`: the number of our account; `columns`: the
    name of a list of columns (CSV)."""

    account: str = ""
    columns: str = ""


class StatementReader(Protocol):
    """A form of bank statement: camt.053, MT940, CSV…"""

    def read(self, data: bytes, options: StatementOptions) -> list[StatementIn]:
        """The statements of a file, or the refusal bad_statement, statement_unsafe or unknown_columns with line and
        field. Nothing else is raised, whatever the bytes."""

    def columns(self) -> list[str]:
        """Names of the lists of columns that it can be told; none where a file says itself what is what."""


def statement_reader(form: str) -> StatementReader:
    """The reader of that form among `STATEMENT_READERS` of the settings. Refuses `unknown_form`."""
    path = settings.STATEMENT_READERS.get(form)
    if path is None:
        raise refusal("unknown_form", field="form", value=ascii(form[:40]))
    return cast(StatementReader, import_string(path)())


def statement_columns() -> list[str]:
    """Names of the lists of columns that readers can be told."""
    return sorted({name for form in settings.STATEMENT_READERS for name in statement_reader(form).columns()})


def statement_forms() -> list[str]:
    """Names of the forms of statement that can be read."""
    return list(settings.STATEMENT_READERS)
