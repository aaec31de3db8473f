"""What payments needs from outside: a gateway where a customer pays online."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string

from gridhall.payments.refusals import refusal

PAID, FAILED, WAITING = "paid", "failed", "waiting"


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


@dataclass(frozen=True)
class Notice:
    """What the gateway says about an order, its signature proven. `state`: paid | failed | waiting."""

    order_no: str
    state: str
    amount: int
    serial: str


@dataclass(frozen=True)
class Refund:
    """What the gateway is asked to give back of a paid order; `refund_no` makes it single for ever."""

    refund_no: str
    order_no: str
    amount: int
    reason: str


@dataclass(frozen=True)
class RefundNotice:
    """What the gateway says about a refund, its signature proven. `state`: paid (it went back) | failed | waiting."""

    refund_no: str
    state: str
    amount: int
    serial: str
    why: str = ""


class PaymentGateway(Protocol):
    """A bank or payment service. Raises the refusal `gateway_unreachable` where it cannot be reached."""

    def begin(self, order: Order) -> str:
        """The address to send the customer to."""

    def read_notice(self, headers: Mapping[str, str], body: bytes) -> Notice:
        """A call-back, once its signature and age are proven; else the refusal `tampered`, `stale` or `bad_message`."""

    def acknowledge(self, accepted: bool) -> tuple[str, bytes]:
        """Content type and body that the gateway wants as the answer to its call-back."""

    def query(self, order_no: str) -> Notice | None:
        """What the gateway knows about an order; None when it has never heard of it."""

    def refund(self, refund: Refund) -> RefundNotice:
        """Give money of a paid order back. Asked again with the same `refund_no`, it is the same refund: it goes back
        once, and the answer tells how it stands. `failed` is the gateway's last word."""


def gateway(name: str) -> PaymentGateway:
    """The gateway of that name among `PAYMENT_GATEWAYS` of the settings. Refuses `unknown_gateway`."""
    path = settings.PAYMENT_GATEWAYS.get(name)
    if path is None:
        raise refusal("unknown_gateway", field="gateway", value=name)
    return cast(PaymentGateway, import_string(path)())
