"""Giving back what was paid online: asked for by one, approved by another, done by the gateway, then booked.

Each refund has a key of its own under which the gateway is asked until its answer is known: it gives the money back
once, however often it is asked. Only its signed yes is booked, and only once, under the row's lock.
"""

import logging
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F

from gridhall.kernel import audit, clock
from gridhall.kernel.access import Actor, system
from gridhall.kernel.refusal import Refusal
from gridhall.ledger.public import in_order, prepare
from gridhall.payments import models
from gridhall.payments.models import GatewayOrder, RefundOrder
from gridhall.payments.ports import FAILED, PAID, Refund, RefundNotice, gateway
from gridhall.payments.queries import receipt
from gridhall.payments.refusals import refusal
from gridhall.payments.reversing import take_back

log = logging.getLogger(__name__)

ASKED, APPROVED, CONFIRMED, BOOKED, DECLINED, REFUSED = "asked", "approved", "confirmed", "booked", "declined", "failed"
WAIT_MOST = timedelta(hours=1)  # between two questions about a refund whose answer is not known


@dataclass(frozen=True)
class RefundView:
    """A refund of an online payment. `state`: asked | approved | confirmed | booked | declined | failed.

    `said`: what the gateway said last, or why it could not be heard; `reversal_no`: the reversal in the books, or 0.
    """

    refund_no: str
    gateway: str
    order_no: str
    account_id: int
    unit_id: int
    payment_no: int
    amount: int
    reason: str
    state: str
    asked_by: int
    asked_by_name: str
    asked_at: datetime
    decided_by_name: str
    decided_at: datetime | None
    tries: int
    said: str
    reversal_no: int
    booked_at: datetime | None


def ask_refund(actor: Actor, account_id: int, payment_no: int, reason: str) -> RefundView:
    """Ask that an online payment be given back; a second person decides (`decide_refund`).

    Refuses: not_allowed, reason_missing, unknown_payment (or one of a unit that is not the actor's), not_reversible,
    already_reversed, not_online, refund_under_way.
    """
    actor.require("payments.reverse")
    if not reason.strip():
        raise refusal("reason_missing", field="reason")
    payment = receipt(account_id, payment_no).payment
    if not actor.sees_unit(payment.unit_id):
        raise refusal("unknown_payment", field="payment_no", value=payment_no)
    if payment.kind != models.RECEIVED:
        raise refusal("not_reversible", field="payment_no", value=payment_no)
    if payment.reversed_by:
        raise refusal("already_reversed", field="payment_no", value=payment_no)
    order = GatewayOrder.objects.filter(account_id=account_id, payment_no=payment_no, state="paid").first()
    if order is None:
        raise refusal("not_online", field="payment_no", value=payment_no)
    moment = clock.now()
    try:
        with transaction.atomic():
            made = RefundOrder.objects.create(
                refund_no=f"R{moment:%Y%m%d}{secrets.token_hex(8)}", gateway=order.gateway, order_no=order.order_no,
                account_id=account_id, unit_id=payment.unit_id, payment_no=payment_no, amount=payment.amount,
                reason=reason.strip()[:300], asked_by=actor.id, asked_by_name=actor.name, asked_at=moment,
            )  # fmt: skip
            audit.record(
                actor, "payments.ask_refund", f"refund:{made.refund_no}", reason=made.reason,
                after={"account": account_id, "payment": payment_no, "amount": payment.amount},
            )  # fmt: skip
    except IntegrityError as error:
        raise refusal("refund_under_way", field="payment_no", value=payment_no) from error
    return _view(made)


def decide_refund(actor: Actor, refund_no: str, *, approve: bool, reason: str = "") -> RefundView:
    """A second person's word on a refund. Approved, it goes to the gateway at once, and again until it is answered.

    Call it outside a transaction: the approval is committed before the gateway is asked. Refuses: not_allowed,
    unknown_refund, wrong_refund_state, second_person_needed, reason_missing (to decline), already_reversed.
    """
    actor.require("refunds.approve")
    with transaction.atomic():
        found = RefundOrder.objects.select_for_update().filter(refund_no=refund_no).first()
        if found is None or not actor.sees_unit(found.unit_id):
            raise refusal("unknown_refund", field="refund_no", value=refund_no)
        if found.state != ASKED:
            raise refusal("wrong_refund_state", field="refund_no", value=found.state)
        if found.asked_by == actor.id:
            raise refusal("second_person_needed", field="refund_no", value=refund_no)
        if not approve and len(reason.strip()) < 3:
            raise refusal("reason_missing", field="reason")
        if approve and receipt(found.account_id, found.payment_no).payment.reversed_by:
            # undone or moved to another account since it was asked for: the gateway would give the money a second time
            raise refusal("already_reversed", field="refund_no", value=refund_no)
        found.state = APPROVED if approve else DECLINED
        found.decided_by_name, found.decided_at = actor.name, clock.now()
        found.save()
        audit.record(
            actor, "payments.decide_refund", f"refund:{refund_no}", after={"state": found.state}, reason=reason.strip()
        )
    return pursue_refund(refund_no) if approve else _view(found)


def pursue_refund(refund_no: str) -> RefundView:
    """Bring an approved refund on: ask the gateway where its answer is not known, book what it confirmed. Safe to
    repeat, and at the same time elsewhere. Refuses unknown_refund; a gateway that is not heard leaves it as it is."""
    found = RefundOrder.objects.filter(refund_no=refund_no).first()
    if found is None:
        raise refusal("unknown_refund", field="refund_no", value=refund_no)
    if found.state == APPROVED:
        _ask_gateway(found)
    if RefundOrder.objects.filter(refund_no=refund_no, state=CONFIRMED).exists():
        book_refund(refund_no)
    return _view(RefundOrder.objects.get(refund_no=refund_no))


def pursue_refunds(limit: int = 100) -> list[RefundView]:
    """Bring on the refunds that are approved and not booked, each after a wait that doubles (`payments.tasks`)."""
    moment = clock.now()
    waiting = RefundOrder.objects.filter(state__in=[APPROVED, CONFIRMED]).order_by(F("tried_at").asc(nulls_first=True))
    due = [
        each.refund_no
        for each in waiting[: limit * 4]
        if each.tried_at is None or each.tried_at + min(timedelta(minutes=2 ** min(each.tries, 6)), WAIT_MOST) <= moment
    ]
    done = []
    for refund_no in due[:limit]:
        try:
            done.append(pursue_refund(refund_no))
        except Refusal as no:
            log.warning("refund %s: %s", refund_no, no.code)
    return done


def _ask_gateway(found: RefundOrder) -> None:
    """One question to the gateway, and what it said. Nothing is held meanwhile: asked twice, it is the same refund."""
    order = GatewayOrder.objects.get(order_no=found.order_no)
    wanted = Refund(found.refund_no, found.order_no, found.amount, found.reason, order.amount, order.reference)
    try:
        notice = gateway(found.gateway).refund(wanted)
        state, said = _heard(found, notice)
    except Refusal as no:
        log.warning("refund %s: %s", found.refund_no, no.code)
        notice, state, said = None, APPROVED, no.code
    with transaction.atomic():
        RefundOrder.objects.filter(pk=found.pk).update(tries=F("tries") + 1, tried_at=clock.now(), said=said)
        changed = RefundOrder.objects.filter(pk=found.pk, state=APPROVED).update(
            state=state, gateway_serial=notice.serial[:64] if notice else "",
            paid_on=(notice.paid_on or clock.today()) if notice and state == CONFIRMED else None,
        )  # fmt: skip
        if changed and state != APPROVED:
            audit.record(
                system("refund", found.gateway), "payments.refund_answered", f"refund:{found.refund_no}",
                after={"state": state, "said": said},
            )  # fmt: skip


def _heard(found: RefundOrder, notice: RefundNotice) -> tuple[str, str]:
    """The refund's state after an answer, and the words to keep."""
    if notice.refund_no != found.refund_no or notice.amount != found.amount:
        return APPROVED, "wrong_amount"
    said = notice.why[:200] or notice.state
    return {PAID: CONFIRMED, FAILED: REFUSED}.get(notice.state, APPROVED), said


def book_refund(refund_no: str) -> None:
    """Book a refund that the gateway confirmed: the payment is undone, whatever has become of its credit since. What
    the books refuse (a period that was closed) stays confirmed and says why."""
    moment = clock.now()
    today = moment.astimezone(clock.zone()).date()
    prepare(today.year * 100 + today.month, today)

    def book() -> None:
        found = RefundOrder.objects.select_for_update().get(refund_no=refund_no)
        if found.state != CONFIRMED:
            return
        actor = system("refund", found.gateway)
        done = take_back(actor, found.account_id, found.payment_no, found.reason)
        found.state, found.booked_at, found.reversal_no = BOOKED, moment, done.no
        found.save(update_fields=["state", "booked_at", "reversal_no"])
        audit.record(
            actor, "payments.refund", f"account:{found.account_id}", reason=found.reason,
            before={"payment": found.payment_no, "amount": found.amount},
            after={"reversal": done.no, "refund": refund_no},
        )  # fmt: skip

    try:
        in_order(book)
    except Refusal as no:
        # the money is gone: the row waits, seen by the staff and the check, and is tried again after a while
        log.warning("refund %s: %s", refund_no, no.code)
        waiting = RefundOrder.objects.filter(refund_no=refund_no, state=CONFIRMED)
        waiting.update(tries=F("tries") + 1, tried_at=moment, said=no.code)


def refunds(unit_ids: Iterable[int] | None = None, open_only: bool = False, limit: int = 200) -> list[RefundView]:
    """Refunds of some units (None: all), the latest first; `open_only`: those that are not at their end."""
    found = RefundOrder.objects.order_by("-asked_at", "-pk")
    if unit_ids is not None:
        found = found.filter(unit_id__in=list(unit_ids))
    if open_only:
        found = found.filter(state__in=[ASKED, APPROVED, CONFIRMED])
    return [_view(each) for each in found[:limit]]


def refunds_of(account_id: int) -> dict[int, RefundView]:
    """The refunds of an account's payments by payment number: the latest of each."""
    return {each.payment_no: _view(each) for each in RefundOrder.objects.filter(account_id=account_id).order_by("pk")}


def _view(found: RefundOrder) -> RefundView:
    return RefundView(
        found.refund_no, found.gateway, found.order_no, found.account_id, found.unit_id, found.payment_no, found.amount,
        found.reason, found.state, found.asked_by, found.asked_by_name, found.asked_at, found.decided_by_name,
        found.decided_at, found.tries, found.said, found.reversal_no, found.booked_at,
    )  # fmt: skip
