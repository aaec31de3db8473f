"""What is done about a difference of a day once it is released: book it, reverse it, correct the amount, count it to
the bank's day, or put its money into suspense (`day_suspense`)."""

from collections.abc import Callable
from datetime import date

from django.db import connection

from gridhall.customers import public as customers
from gridhall.kernel import audit, clock
from gridhall.kernel.access import Actor, system
from gridhall.kernel.refusal import Refusal
from gridhall.ledger.public import guard_periods, in_order, prepare
from gridhall.payments.data import PaymentIn, PaymentView
from gridhall.payments.day_comparing import BOOK, CORRECT, MOVE, OURS_ONLY, SUSPEND
from gridhall.payments.day_suspense import suspend
from gridhall.payments.gateway_books import gateway_of
from gridhall.payments.gateway_day_acts import gateway_done_for
from gridhall.payments.models import DOOR_BANK, ONLINE
from gridhall.payments.partner_models import DayDifference, DayReconciliation, PartnerSerial
from gridhall.payments.partners import partner_of
from gridhall.payments.queries import receipt, was_moved
from gridhall.payments.receiving import receive
from gridhall.payments.refusals import refusal
from gridhall.payments.reversing import take_back

KEY_SQL = "SELECT payment_no FROM payment_key WHERE account_id = %s AND key = %s"


def prepare_acts(day: DayReconciliation) -> None:
    """Make ready the partitions that the acts of a day are posted into. Call before the transaction."""
    for each in (day.on, clock.today()):
        prepare(each.year * 100 + each.month, each)


def done_for(actor: Actor, day: DayReconciliation, each: DayDifference) -> int:
    """Do the act of a difference in the open transaction, whole or not at all; the number of the payment or reversal.
    Done again, it is the same one.

    Refuses bad_act for a counterparty whose payments are not ours to book by serial, and for what has changed since the
    day was compared; unknown_account outside the partner's units; day_reconciled for a payment that counts on another
    day; and what the books refuse.
    """
    if gateway_of(day.counterparty):
        return in_order(lambda: gateway_done_for(actor, day, each))
    if not day.counterparty.startswith("bank:"):
        raise refusal("bad_act", field="counterparty", value=day.counterparty)
    act: Callable[[], int] = {
        BOOK: lambda: _booked_once(day, each),
        MOVE: lambda: _moved(actor, day, each),
        CORRECT: lambda: _corrected(actor, day, each),
        SUSPEND: lambda: suspend(day, each),
    }.get(each.act, lambda: _reversed(actor, day, each))

    def hold() -> int:
        guard_periods(connection.connection)  # the order of locks: periods, serial, account
        return act()

    return in_order(hold)


def _held(day: DayReconciliation, serial: str) -> PartnerSerial | None:
    """The serial as the partner sent it, held: whoever books or reverses it by the teller's line waits."""
    partner_id = int(day.counterparty.partition(":")[2])
    return PartnerSerial.objects.select_for_update().filter(partner_id=partner_id, serial=serial).first()


def _key(day: DayReconciliation, each: DayDifference) -> str:
    return f"{day.counterparty}:{each.serial}"


def _booked_once(day: DayReconciliation, each: DayDifference) -> int:
    """Book what the bank alone has. A payment under its serial that was reversed since is booked afresh; one that
    stands is the answer, if it counts on this day."""
    sent = _held(day, each.serial)
    account = each.account_id or customers.account_ids([each.account_number]).get(each.account_number, 0)
    view = customers.accounts([account]).get(account)
    if view is None or not partner_of(day.counterparty).sees_unit(view.unit_id):
        raise refusal("unknown_account", field="account_number", value=each.account_number)
    standing = _under_key(account, _key(day, each))
    mine = sent if sent is not None and sent.account_id == account else None
    if standing is not None and standing.reversed_by and not was_moved(standing):
        return _booked_afresh(day, each, standing)
    if standing is not None and _counts_on(standing, mine) != day.on:
        raise refusal("day_reconciled", field="serial", value=each.serial)
    number = _booked(day, each, account, _key(day, each), day.on)
    if standing is None and mine is not None:  # it came and was not booked: now it is, as the bank's file tells it
        PartnerSerial.objects.filter(pk=mine.pk).update(bank_on=day.on, amount=each.their_amount)
    return number


def _under_key(account: int, key: str) -> PaymentView | None:
    with connection.cursor() as cursor:
        cursor.execute(KEY_SQL, [account, key])
        row = cursor.fetchone()
    return receipt(account, row[0]).payment if row else None


def _counts_on(payment: PaymentView, sent: PartnerSerial | None) -> date:
    """The day of the bank's books on which a payment counts."""
    return sent.bank_on if sent is not None else payment.value_on


def _moved(actor: Actor, day: DayReconciliation, each: DayDifference) -> int:
    """Count a payment to the day on which the bank's file has it, and close the difference that it made on the other.
    Reversed since, it is booked afresh."""
    before = DayReconciliation.objects.filter(counterparty=day.counterparty).exclude(state="replaced")
    sent = _held(day, each.serial)
    payment = receipt(each.account_id, each.payment_no).payment
    if sent is None or sent.account_id != each.account_id or payment.amount != each.their_amount:
        raise refusal("bad_act", field="act", value=each.act)
    if payment.reversed_by and not was_moved(payment):
        return _booked_afresh(day, each, payment)
    if sent.bank_on == day.on:
        return each.payment_no
    other = before.filter(on=sent.bank_on).first()
    if other is not None:
        missed = DayDifference.objects.filter(reconciliation=other, serial=each.serial, kind=OURS_ONLY, state="open")
        if not missed.update(state="done", done_no=0, said=""):
            raise refusal("day_reconciled", field="serial", value=each.serial)
    PartnerSerial.objects.filter(pk=sent.pk).update(bank_on=day.on)
    audit.record(
        actor, "payments.move_day", f"reconciliation:{day.pk}",
        before={"serial": each.serial, "on": sent.bank_on.isoformat()},
        after={"serial": each.serial, "on": day.on.isoformat()},
    )  # fmt: skip
    return each.payment_no


def _corrected(actor: Actor, day: DayReconciliation, each: DayDifference) -> int:
    """Reverse ours and book theirs, both or neither."""
    if customers.account_numbers([each.account_id]).get(each.account_id) != each.account_number:
        raise refusal("bad_act", field="account_number", value=each.account_number)
    _reversed(actor, day, each)
    return _booked(day, each, each.account_id, f"{_key(day, each)}:corrected", day.on)


def _booked_afresh(day: DayReconciliation, each: DayDifference, undone: PaymentView) -> int:
    """Book in the place of a payment that was reversed, from its day: who paid in time owes no late charge."""
    return _booked(day, each, undone.account_id, f"{_key(day, each)}:reconciled:{day.pk}", undone.value_on)


def _booked(day: DayReconciliation, each: DayDifference, account: int, key: str, value_on: date) -> int:
    """Book what the bank took, from the day on which it took it."""
    payment = PaymentIn(
        amount=each.their_amount, key=key, account_id=account, door=DOOR_BANK, method=ONLINE, value_on=value_on,
        reference=f"{day.counterparty} {day.on} {each.serial}",
    )  # fmt: skip
    (answer,) = receive(system("reconcile", day.counterparty), [payment])
    if isinstance(answer, Refusal):
        raise answer
    return answer.payment_no


def _reversed(actor: Actor, day: DayReconciliation, each: DayDifference) -> int:
    """Undo a payment of a day that is over, which the bank has not taken; credit that was used becomes a debt again."""
    sent = _held(day, each.serial)
    if sent is not None and sent.account_id == each.account_id and sent.bank_on != day.on:
        raise refusal("bad_act", field="act", value=each.act)  # counted to another day since
    by = Actor(actor.kind, actor.name, "reconcile", id=actor.id)
    payment = receipt(each.account_id, each.payment_no).payment
    if was_moved(payment):
        raise refusal("bad_act", field="act", value=each.act)  # it is another account's by now
    if payment.reversed_by:
        return payment.reversed_by
    reason = f"{day.counterparty} {day.on} {each.serial}"
    done = take_back(by, each.account_id, each.payment_no, reason)
    audit.record(
        by, "payments.reverse", f"account:{each.account_id}", reason=reason,
        before={"payment": each.payment_no, "amount": payment.amount}, after={"reversal": done.no},
    )  # fmt: skip
    return done.no
