"""Paying online: an order begins here, the customer pays at the gateway, and its signed word books the money, once.

Three ways lead to the same booking, which the order's row and the payment's key keep single: the call-back, the same
call-back again, and our own query for orders that we heard nothing of. Money for an order that had expired here is
still money: it is booked, pays what is owed then, and the rest is credit.
"""

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction

from gridhall.customers import public as customers
from gridhall.kernel import audit, clock
from gridhall.kernel.access import Actor, system
from gridhall.kernel.refusal import Refusal
from gridhall.payments.data import OnlineBegun, OnlineOutcome, Receipt
from gridhall.payments.models import GatewayNonce, GatewayOrder
from gridhall.payments.order_booking import book_order, use_nonce
from gridhall.payments.ports import DESK, FAILED, PAID, Notice, Order, gateway
from gridhall.payments.queries import receipts_of
from gridhall.payments.receiving import AMOUNT_MAX
from gridhall.payments.refusals import refusal

log = logging.getLogger(__name__)

ORDER_LIFE = timedelta(minutes=30)
REFUSED_TOLD_EVERY = timedelta(hours=1)  # in the audit; the log has every refused call-back
NONCES_KEPT = timedelta(days=1)  # well beyond the age of a call-back that is still heard
WAIT_AFTER_EXPIRY = timedelta(days=1)  # how long the bank is asked about an order that the customer has left


@dataclass(frozen=True)
class NotifyAnswer:
    """What the door answers to a gateway's call-back."""

    status: int
    content_type: str
    body: bytes
    outcome: OnlineOutcome | None


def begin_online(
    actor: Actor, account_id: int, amount: int, *, gateway_name: str = "sandbox", language: str = "zh",
    return_path: str = "/pay/return", device: str = DESK, caller: str = "",
) -> OnlineBegun:  # fmt: skip
    """Begin an online payment of an account: an order, and the address to which the customer goes to pay it.

    The order number is added to `return_path` as `?order=`; `device`: desk | phone. Refuses amount_not_positive,
    amount_too_large, unknown_gateway, not_allowed (a customer for another account), gateway_unreachable.
    """
    if actor.kind == "customer" and actor.id != account_id:
        raise Refusal("not_allowed", "You may pay your own account only.", "只能为本人户号缴费。", field="account_id")
    if amount <= 0:
        raise refusal("amount_not_positive", field="amount", value=amount)
    if amount > AMOUNT_MAX:
        raise refusal("amount_too_large", field="amount", value=amount)
    way = gateway(gateway_name)
    moment = clock.now()
    order_no = f"{moment:%Y%m%d}{secrets.token_hex(8)}"
    base = settings.PUBLIC_URL.rstrip("/")
    number = customers.account_numbers([account_id]).get(account_id, str(account_id))
    order = Order(
        order_no=order_no, amount=amount, currency=settings.CURRENCY, subject=number,
        return_url=f"{base}{return_path}?order={order_no}", notify_url=f"{base}/pay/{gateway_name}/notify",
        begun_at=moment, expires_at=moment + ORDER_LIFE, language=language, device=device, caller=caller,
    )  # fmt: skip
    with transaction.atomic():
        GatewayOrder.objects.create(
            order_no=order_no, gateway=gateway_name, account_id=account_id, amount=amount, begun_at=moment,
            expires_at=order.expires_at,
        )  # fmt: skip
        audit.record(
            actor, "payments.begin_online", f"order:{order_no}", after={"account": account_id, "amount": amount}
        )
    begun = way.begin(order)
    if begun.reference:
        GatewayOrder.objects.filter(order_no=order_no).update(reference=begun.reference[:120])
    return OnlineBegun(order_no, begun.address, order.expires_at)


def confirm_online(gateway_name: str, headers: Mapping[str, str], body: bytes) -> OnlineOutcome:
    """Take a gateway's call-back. Refuses tampered, stale, bad_message, replayed, unknown_order, wrong_amount; one that
    says again what is booked is absorbed."""
    return _book(gateway_name, gateway(gateway_name).read_notice(headers, body), "online")


def notify(gateway_name: str, headers: Mapping[str, str], body: bytes) -> NotifyAnswer:
    """`confirm_online` for a web door: refusals become an answer of status 400 in the gateway's own manner."""
    way = gateway(gateway_name)
    try:
        outcome = confirm_online(gateway_name, headers, body)
    except Refusal as no:
        log.warning("call-back of %s refused: %s %s", gateway_name, no.code, no.value)
        # anybody can call here, so that an entry each would let anybody fill the disk
        subject, after = f"gateway:{gateway_name}", {"code": no.code}
        audit.record_seldom(system("online"), "payments.refuse_notice", subject, after, REFUSED_TOLD_EVERY)
        return NotifyAnswer(400, *way.acknowledge(accepted=False), None)
    return NotifyAnswer(200, *way.acknowledge(accepted=True), outcome)


def resolve_order(order_no: str) -> OnlineOutcome:
    """Ask the gateway what became of an order, and book it where it was paid. Refuses unknown_order, wrong_amount,
    gateway_unreachable."""
    found = GatewayOrder.objects.filter(order_no=order_no).first()
    if found is None:
        raise refusal("unknown_order", field="order_no", value=order_no)
    if found.state == "paid":
        return OnlineOutcome(order_no, "paid", _receipt(found), absorbed=True)
    notice = gateway(found.gateway).query(order_no, found.reference)
    if notice is not None and notice.state in (PAID, FAILED):
        return _book(found.gateway, notice, "query")
    # left at the bank: money that comes for it all the same is still booked, by the call-back
    left = notice is None or clock.now() > found.expires_at + WAIT_AFTER_EXPIRY
    if left and clock.now() > found.expires_at:
        GatewayOrder.objects.filter(pk=found.pk, state="begun").update(state="failed")
        return OnlineOutcome(order_no, "failed", None)
    return OnlineOutcome(order_no, found.state, None)


def resolve_waiting(older_than: timedelta = timedelta(minutes=1), limit: int = 200) -> list[OnlineOutcome]:
    """Ask about the orders that began a while ago and of which nothing was heard. Run regularly (`payments.tasks`).

    The newest first, since the money of a lost call-back is most likely there; so that orders left at the bank starve
    nobody, a quarter of the places is for the oldest, which come to their end a day after they expired.
    """
    begun = GatewayOrder.objects.filter(state="begun", begun_at__lte=clock.now() - older_than)
    old = max(limit // 4, 1)
    chosen = [*begun.order_by("-begun_at")[: limit - old], *begun.order_by("begun_at")[:old]]
    outcomes = []
    for order_no in dict.fromkeys(each.order_no for each in chosen):
        try:
            outcomes.append(resolve_order(order_no))
        except Refusal as no:
            log.warning("order %s: %s", order_no, no.code)
    return outcomes


def _book(gateway_name: str, notice: Notice, door: str) -> OnlineOutcome:
    actor = system(door, gateway_name)
    with transaction.atomic():
        if notice.nonce:
            use_nonce(gateway_name, notice.nonce)
        found = GatewayOrder.objects.select_for_update().filter(order_no=notice.order_no, gateway=gateway_name).first()
        if found is None:
            raise refusal("unknown_order", field="order_no", value=notice.order_no)
        if found.state == "paid":
            return OnlineOutcome(found.order_no, "paid", _receipt(found), absorbed=True)
        if notice.state != PAID:
            if notice.state == FAILED:
                found.state = "failed"
                found.save(update_fields=["state"])
            return OnlineOutcome(found.order_no, found.state, None)
        if notice.amount != found.amount:
            raise refusal("wrong_amount", field="amount", value=notice.amount)
        answer = book_order(actor, found, found.amount, notice.serial, notice.paid_on)
    return OnlineOutcome(found.order_no, "paid", answer, absorbed=answer.replayed)


def forget_gateway_nonces() -> int:
    """Drop the nonces of call-backs that are too old to be heard: how many."""
    return GatewayNonce.objects.filter(at__lt=clock.now() - NONCES_KEPT).delete()[0]


def _receipt(found: GatewayOrder) -> Receipt:
    return receipts_of([(found.account_id, found.payment_no)])[found.account_id, found.payment_no]
