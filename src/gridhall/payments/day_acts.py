"""What is done about a difference of a day once it is released: book it, reverse it, or correct the amount."""

import numpy as np
from django.db import connection

from gridhall.columns.arrays import column_cursor
from gridhall.kernel import audit, clock
from gridhall.kernel.access import Actor, system
from gridhall.kernel.refusal import Refusal
from gridhall.ledger.public import in_order, prepare, read_facts
from gridhall.payments.data import PaymentIn
from gridhall.payments.day_comparing import BOOK, CORRECT
from gridhall.payments.models import DOOR_BANK, ONLINE
from gridhall.payments.partner_models import DayDifference, DayReconciliation
from gridhall.payments.queries import receipt
from gridhall.payments.receiving import receive
from gridhall.payments.refusals import refusal
from gridhall.payments.reversing import undo


def done_for(actor: Actor, day: DayReconciliation, each: DayDifference) -> int:
    """Do the act of a difference; the number of the payment or reversal. Done again, it is the same one.

    Refuses bad_act for a counterparty whose payments are not ours to book by serial, and what the books refuse.
    """
    door, _, partner_id = day.counterparty.partition(":")
    if door != "bank":
        raise refusal("bad_act", field="counterparty", value=day.counterparty)
    reason = f"{day.counterparty} {day.on} {each.serial}"
    if each.act == BOOK:
        return _booked(day, each, f"bank:{partner_id}:{each.serial}")
    number = _reversed(actor, each, reason)
    if each.act == CORRECT:
        number = _booked(day, each, f"bank:{partner_id}:{each.serial}:corrected")
    return number


def _booked(day: DayReconciliation, each: DayDifference, key: str) -> int:
    """Book what the bank took, from the day on which it took it."""
    payment = PaymentIn(
        amount=each.their_amount, key=key, account_id=each.account_id, account_number=each.account_number,
        door=DOOR_BANK, method=ONLINE, value_on=day.on, reference=f"{day.counterparty} {day.on} {each.serial}",
    )  # fmt: skip
    (answer,) = receive(system("reconcile", day.counterparty), [payment])
    if isinstance(answer, Refusal):
        raise answer
    return answer.payment_no


def _reversed(actor: Actor, each: DayDifference, reason: str) -> int:
    """Undo a payment of a day that is over, which the bank has not taken; credit that was used becomes a debt again."""
    moment = clock.now()
    today = moment.astimezone(clock.zone()).date()
    prepare(today.year * 100 + today.month, today)
    by = Actor(actor.kind, actor.name, "reconcile", id=actor.id)

    def book() -> int:
        raw = connection.connection
        facts = read_facts(raw, np.array([each.account_id], np.int64), [], [])
        payment = receipt(each.account_id, each.payment_no).payment
        if payment.reversed_by:
            return payment.reversed_by
        if today.year * 100 + today.month <= facts.closed.get(payment.unit_id, 0):
            raise refusal("period_closed", field="payment_no", value=each.payment_no)
        done = undo(by, column_cursor(raw), facts, payment, 0, moment, reason, owe_back=True)
        audit.record(
            by, "payments.reverse", f"account:{each.account_id}", reason=reason,
            before={"payment": each.payment_no, "amount": payment.amount}, after={"reversal": done.no},
        )  # fmt: skip
        return done.no

    return in_order(book)
