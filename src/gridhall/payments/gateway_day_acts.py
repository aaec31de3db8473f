"""What is done about a difference with a gateway's bill: the order's money is booked, taken back, corrected or counted
to the bill's day; a refund of the bill is booked.

The order of locks is that of a call-back: the order's row (or the refund's), then periods and account.
"""

from datetime import date

from gridhall.kernel import audit, clock
from gridhall.kernel.access import Actor, system
from gridhall.payments.day_comparing import BOOK, CORRECT, MOVE, OURS_ONLY, REVERSE
from gridhall.payments.gateway_books import gateway_of
from gridhall.payments.models import GatewayOrder, RefundOrder
from gridhall.payments.order_booking import book_order
from gridhall.payments.partner_models import DayDifference, DayReconciliation
from gridhall.payments.queries import receipt, was_moved
from gridhall.payments.refunding import APPROVED, BOOKED, CONFIRMED, book_refund
from gridhall.payments.refusals import refusal
from gridhall.payments.reversing import take_back

AT_THE_GATEWAY = "gateway"  # who asked for a refund that was made in the gateway's own console


def gateway_done_for(actor: Actor, day: DayReconciliation, each: DayDifference) -> int:
    """Do the act of a difference in the open transaction: the number of the payment or reversal. Done again, it is the
    same one. Refuses: bad_act, unknown_order, day_reconciled, part_refunded, and what the books refuse."""
    if each.their_amount < 0 or each.our_amount < 0:
        return _refund(day, each)
    order = _order(day, each.serial)
    if each.act == BOOK:
        return _booked_once(day, each, order)
    if each.act == MOVE:
        _require_standing(order, each)
        _close_other(day, order.paid_on, each.serial)
        GatewayOrder.objects.filter(pk=order.pk).update(paid_on=day.on)
        return order.payment_no
    if each.act not in (REVERSE, CORRECT) or (order.state == "paid" and order.paid_on != day.on):
        raise refusal("bad_act", field="act", value=each.act)  # counted to another day since
    done = _taken_back(actor, day, each, order)
    return _booked(day, each, order) if each.act == CORRECT else done


def _order(day: DayReconciliation, order_no: str) -> GatewayOrder:
    gateway = gateway_of(day.counterparty)
    found = GatewayOrder.objects.select_for_update().filter(order_no=order_no, gateway=gateway).first()
    if found is None:
        raise refusal("unknown_order", field="serial", value=order_no)
    return found


def _booked_once(day: DayReconciliation, each: DayDifference, order: GatewayOrder) -> int:
    """Book what the gateway alone has. What was booked since is the answer, if it counts on this day."""
    if order.state != "paid":
        return _booked(day, each, order)
    if order.paid_on != day.on or receipt(order.account_id, order.payment_no).payment.amount != each.their_amount:
        raise refusal("day_reconciled", field="serial", value=each.serial)
    return order.payment_no


def _booked(day: DayReconciliation, each: DayDifference, order: GatewayOrder) -> int:
    actor = system("reconcile", day.counterparty)
    return book_order(actor, order, each.their_amount, f"{day.counterparty} {day.on}", day.on).payment_no


def _require_standing(order: GatewayOrder, each: DayDifference) -> None:
    if order.state != "paid" or receipt(order.account_id, order.payment_no).payment.amount != each.their_amount:
        raise refusal("bad_act", field="act", value=each.act)


def _taken_back(actor: Actor, day: DayReconciliation, each: DayDifference, order: GatewayOrder) -> int:
    """Undo the payment of an order that the gateway's bill does not have so: the reversal. Should the money come all
    the same, it is booked afresh."""
    by = Actor(actor.kind, actor.name, "reconcile", id=actor.id)
    payment = receipt(each.account_id, each.payment_no).payment
    if was_moved(payment):
        raise refusal("bad_act", field="act", value=each.act)  # it is another account's by now
    if payment.reversed_by:
        return payment.reversed_by
    reason = f"{day.counterparty} {day.on} {each.serial}"
    done = take_back(by, each.account_id, each.payment_no, reason)
    order.state, order.paid_on = "failed", None
    order.save(update_fields=["state", "paid_on"])
    audit.record(
        by, "payments.reverse", f"account:{each.account_id}", reason=reason,
        before={"payment": each.payment_no, "amount": payment.amount}, after={"reversal": done.no},
    )  # fmt: skip
    return done.no


def _close_other(day: DayReconciliation, on: date | None, serial: str) -> None:
    """Close the difference that a payment made on the day on which it counted until now."""
    days = DayReconciliation.objects.filter(counterparty=day.counterparty).exclude(state="replaced")
    other = days.filter(on=on).first() if on else None
    if other is not None and other.pk != day.pk:
        missed = DayDifference.objects.filter(reconciliation=other, serial=serial, kind=OURS_ONLY, state="open")
        if not missed.update(state="done", done_no=0, said=""):
            raise refusal("day_reconciled", field="serial", value=serial)


def _refund(day: DayReconciliation, each: DayDifference) -> int:
    """Book what the gateway gave back, or count it to the bill's day."""
    found = RefundOrder.objects.select_for_update().filter(refund_no=each.serial).first()
    if each.act == MOVE and found is not None:
        _close_other(day, found.paid_on, each.serial)
        RefundOrder.objects.filter(pk=found.pk).update(paid_on=day.on)
        return found.reversal_no or found.payment_no
    if each.act != BOOK:
        raise refusal("bad_act", field="act", value=each.act)
    if found is None:
        found = _made_at_the_gateway(day, each)
    elif found.amount != -each.their_amount or found.state not in (APPROVED, CONFIRMED, BOOKED):
        raise refusal("bad_act", field="act", value=each.act)
    elif found.state == APPROVED:
        found.state, found.paid_on = CONFIRMED, day.on
        found.save(update_fields=["state", "paid_on"])
    if found.paid_on != day.on:
        raise refusal("day_reconciled", field="serial", value=each.serial)
    book_refund(each.serial)
    found.refresh_from_db()
    if found.state != BOOKED:
        raise refusal(found.said)
    return found.reversal_no


def _made_at_the_gateway(day: DayReconciliation, each: DayDifference) -> RefundOrder:
    """A refund of a whole payment that was made in the gateway's own console."""
    order = _order(day, each.about)
    payment = receipt(order.account_id, order.payment_no).payment if order.payment_no else None
    if payment is None or payment.reversed_by:
        raise refusal("bad_act", field="act", value=each.act)
    if payment.amount != -each.their_amount:
        raise refusal("part_refunded", field="serial", value=each.serial)
    return RefundOrder.objects.create(
        refund_no=each.serial, gateway=order.gateway, order_no=order.order_no, account_id=order.account_id,
        unit_id=payment.unit_id, payment_no=payment.no, amount=payment.amount, paid_on=day.on, state=CONFIRMED,
        reason=f"{day.counterparty} {day.on}", asked_by_name=AT_THE_GATEWAY, asked_at=clock.now(),
    )  # fmt: skip
