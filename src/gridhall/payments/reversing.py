"""Undoing a payment, within its day or because its money went back or never came; and setting off credit."""

from datetime import date, datetime

import numpy as np
import numpy.typing as npt
import psycopg
from django.db import connection, transaction

from gridhall.columns.arrays import Days, Int4, Int8, column_cursor, tell
from gridhall.kernel import audit, clock, outbox
from gridhall.kernel.access import Actor
from gridhall.ledger.public import (
    CREDIT,
    CREDIT_SET_OFF,
    Facts,
    Settlements,
    post_given_for_others,
    prepare_movements,
    read_facts,
    settle,
    take_number,
    undo_payment,
    writing,
)
from gridhall.payments import models
from gridhall.payments.across_units import giving_unit, owes, source_of
from gridhall.payments.act_limits import limit_of
from gridhall.payments.act_models import REVERSE
from gridhall.payments.admitting import DEBIT_OF_METHOD, SESSIONS_SQL, may_use_till, partner_key
from gridhall.payments.cheque_models import Cheque
from gridhall.payments.data import PaymentView
from gridhall.payments.queries import PAYMENTS_SQL, payment_now
from gridhall.payments.recording import Cursor
from gridhall.payments.refusals import refusal

Ints = npt.NDArray[np.int64]

INSERT_SQL = """
INSERT INTO payment (
    account_id, no, kind, unit_id, door, method, amount, to_credit, left_owed, session_id, reverses, received_at,
    value_on
) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""

KEYS_SQL = "SELECT key FROM payment_key WHERE account_id = %s AND payment_no = %s"

SET_OFF_SQL = """
INSERT INTO payment (
    account_id, no, kind, unit_id, door, method, amount, to_credit, left_owed, session_id, reverses, received_at,
    value_on
)
SELECT account_id, no, 3, unit_id, 9, 0, amount, 0, left_owed, 0, 0, %s, value_on
FROM unnest(%s, %s, %s, %s, %s, %s) AS s (account_id, no, unit_id, amount, left_owed, value_on)
"""


def reverse(actor: Actor, account_id: int, payment_no: int, reason: str, session_id: int = 0) -> PaymentView:
    """Undo a payment on the day it was received: what it paid is open again, late charges that arose with it are taken
    back, what went to credit leaves it. The answer is the reversal, a payment row of its own.

    Money goes back the way it came: staff undo what was taken at a counter, a partner what it brought itself; what was
    paid online is given back by a refund of the bank alone (`ask_refund`). Cash goes back out of the till where
    it came in, or of `session_id`. Beyond the limit of the role a second person is needed (`ask_money_act`).
    Refuses: over_limit, unknown_payment, not_reversible, another_door, refund_needed,
    already_reversed, not_today, reason_missing, credit_used, till_closed, not_your_till, period_closed.
    """
    actor.require("payments.reverse")
    if not reason.strip():
        raise refusal("reason_missing", field="reason")
    if actor.kind == "staff":
        amount = payment_now(account_id, payment_no).amount
        if amount > limit_of(actor, REVERSE, clock.today()).alone:
            raise refusal("over_limit", field="payment_no", value=amount)
    return reverse_approved(actor, account_id, payment_no, reason, session_id)


def reverse_approved(
    actor: Actor, account_id: int, payment_no: int, reason: str, session_id: int = 0, clerk: int = 0
) -> PaymentView:
    """`reverse` where limits have been looked at. `clerk`: the staff user whose till it may be besides the actor's."""
    moment = clock.now()
    today = clock.today()
    prepare_movements(today.year * 100 + today.month)
    with transaction.atomic():
        raw = connection.connection
        cursor = column_cursor(raw)
        session = session_id or _payment(cursor, account_id, payment_no).session_id
        before = [(SESSIONS_SQL, [Int8([session])])] if session else []
        facts = read_facts(raw, np.array([account_id], np.int64), before, [])
        if session:
            refuse_session(facts.more[0], session, actor, clerk)
        payment = _reversible(cursor, account_id, payment_no, moment)
        _refuse_stranger(cursor, payment, session, actor)
        if today.year * 100 + today.month <= facts.closed.get(payment.unit_id, 0):
            raise refusal("period_closed", field="payment_no", value=payment_no)
        if payment.method == models.CHEQUE:
            withdraw_cheque(account_id, payment_no, today)
        done = undo(actor, cursor, facts, payment, session, moment, reason)
        audit.record(
            actor, "payments.reverse", f"account:{account_id}",
            before={"payment": payment_no, "amount": payment.amount}, after={"reversal": done.no}, reason=reason,
        )  # fmt: skip
    return done


def undo(
    actor: Actor, cursor: Cursor, facts: Facts, payment: PaymentView, session: int, moment: datetime, reason: str, *,
    owe_back: bool = False,
) -> PaymentView:  # fmt: skip
    """Write down that a payment is undone, its account held in `facts`: the reversal. `owe_back`: as `undo_payment`."""
    today = moment.astimezone(clock.zone()).date()
    number = take_number(cursor)
    giver = giving_unit(cursor, payment, _till_unit(facts, session))
    source = source_of(payment, giver)
    from_credit, left_owed = undo_payment(
        cursor, facts.held, payment.no, number, payment.to_credit, source, today, owe_back=owe_back
    )
    if giver != payment.unit_id:
        if today.year * 100 + today.month <= facts.closed.get(giver, 0):
            raise refusal("period_closed", field="payment_no", value=payment.no)
        post_given_for_others(cursor, number, giver, DEBIT_OF_METHOD[payment.method], payment.amount, today)
        tell(cursor.connection, [owes(number, today, giver, payment.unit_id, -payment.amount)])
    values = (
        payment.account_id, number, models.REVERSAL, payment.unit_id, payment.door, payment.method, payment.amount,
        from_credit, left_owed, session, payment.no, moment, today,
    )  # fmt: skip
    cursor.execute(INSERT_SQL, values)
    told = {
        "payment": payment.no, "reversal": number, "unit": payment.unit_id, "door": payment.door,
        "method": payment.method, "amount": payment.amount, "session": session, "by": actor.name, "reason": reason,
    }  # fmt: skip
    outbox.publish("payment_reversed", told, (payment.account_id, payment.account_id))
    return PaymentView(*values[:8], session, payment.no, 0, moment, today, left_owed)


def _till_unit(facts: Facts, session: int) -> int:
    """The unit of the till out of which the money goes, 0 without one; its session was asked for first of all."""
    return int(facts.more[0][3][0]) if session else 0


def take_back(actor: Actor, account_id: int, payment_no: int, reason: str) -> PaymentView:
    """Undo a payment, of whatever day, whose money has gone back already or never came, in the open transaction: the
    reversal. What its credit paid since becomes a debt again. The caller sees to who may.

    Refuses: unknown_payment, already_reversed, period_closed.
    """
    moment = clock.now()
    today = moment.astimezone(clock.zone()).date()
    raw = connection.connection
    cursor = column_cursor(raw)
    facts = read_facts(raw, np.array([account_id], np.int64), [], [])
    payment = _payment(cursor, account_id, payment_no)
    if payment.reversed_by:
        raise refusal("already_reversed", field="payment_no", value=payment_no)
    if today.year * 100 + today.month <= facts.closed.get(payment.unit_id, 0):
        raise refusal("period_closed", field="payment_no", value=payment_no)
    return undo(actor, cursor, facts, payment, 0, moment, reason, owe_back=True)


def _payment(cursor: Cursor, account_id: int, payment_no: int) -> PaymentView:
    cursor.execute(PAYMENTS_SQL, [account_id, payment_no, payment_no, 1])
    row = cursor.fetchone() if payment_no > 0 else None
    if row is None:
        raise refusal("unknown_payment", field="payment_no", value=payment_no)
    return PaymentView(*row)


def refuse_session(answer: list[Ints], session: int, actor: Actor, clerk: int = 0) -> None:
    """Refuse where the till session out of which the money goes (locked by now) is not there, closed or another's."""
    ids, owners, are_open, units = (column.tolist() for column in answer)
    if not ids:
        raise refusal("unknown_till", field="session_id", value=session)
    if not are_open[0]:
        raise refusal("till_closed", field="session_id", value=session)
    if owners[0] != clerk and not may_use_till(actor, owners[0], units[0]):
        raise refusal("not_your_till", field="session_id", value=session)


def withdraw_cheque(account_id: int, payment_no: int, on: date) -> None:
    """A cheque goes back to who brought it, while it is in the drawer. Refuses wrong_cheque_state."""
    cheque = Cheque.objects.select_for_update().filter(account_id=account_id, payment_no=payment_no).first()
    if cheque is None or cheque.state != "held":
        raise refusal("wrong_cheque_state", field="payment_no", value=cheque.state if cheque else "")
    cheque.state, cheque.ended_on = "withdrawn", on
    cheque.save(update_fields=["state", "ended_on"])


def _refuse_stranger(cursor: Cursor, payment: PaymentView, session: int, actor: Actor) -> None:
    """Refuse where the money came in by another way than the actor's, and so could not go back to who paid it."""
    if payment.method == models.RECHARGE:
        raise refusal("card_used_up", field="payment_no", value=payment.no)
    if payment.door == models.DOOR_PORTAL:
        raise refusal("refund_needed", field="payment_no", value=payment.no)
    if actor.kind == "system":
        return
    if actor.kind == "partner":
        cursor.execute(KEYS_SQL, [payment.account_id, payment.no])
        mine = not session and any(key.startswith(partner_key(actor, "")) for (key,) in cursor.fetchall())
    else:
        mine = payment.door == models.DOOR_COUNTER and (session > 0 or actor.sees_unit(payment.unit_id))
    if not mine:
        raise refusal("another_door", field="payment_no", value=payment.no)


def _reversible(cursor: Cursor, account_id: int, payment_no: int, moment: datetime) -> PaymentView:
    """The payment, read under the account's lock."""
    payment = _payment(cursor, account_id, payment_no)
    if payment.kind != models.RECEIVED or payment.method == models.MOVED:
        raise refusal("not_reversible", field="payment_no", value=payment_no)
    if payment.reversed_by:
        raise refusal("already_reversed", field="payment_no", value=payment_no)
    if payment.received_at.astimezone(clock.zone()).date() != moment.astimezone(clock.zone()).date():
        raise refusal("not_today", field="payment_no", value=payment_no)
    return payment


def set_off_credit(actor: Actor, account_ids: npt.ArrayLike, raw: psycopg.Connection[object] | None = None) -> int:
    """Pay what is open on accounts from the credit they have: how much was set off, minor units.

    Runs in the transaction that is open on `raw` (a psycopg connection; Django's when None). Accounts without credit or
    without debt are passed over. Late charge up to today arises first, as with any payment. Call it after bills are
    posted, with `BillsPosted.to_set_off`. Refuses as a whole: period_closed.
    """
    wanted = np.unique(np.asarray(account_ids, np.int64))
    if not len(wanted):
        return 0
    today = clock.today()
    if raw is None:
        prepare_movements(today.year * 100 + today.month)
        with transaction.atomic():
            return _set_off(actor, wanted, connection.connection, clock.now())
    return _set_off(actor, wanted, raw, clock.now())


def _set_off(actor: Actor, wanted: Ints, raw: psycopg.Connection[object], moment: datetime) -> int:
    today = clock.today()
    facts = read_facts(raw, wanted, [], [])
    both = np.flatnonzero((facts.held.credit > 0) & (facts.held.owed > 0))
    if not len(both):
        return 0
    held = facts.held.take(both)
    items = facts.items.take(np.flatnonzero(np.isin(facts.items.account_id, held.account_id)))
    for unit in np.unique(held.unit_id).tolist():
        if today.year * 100 + today.month <= facts.closed.get(unit, 0):
            raise refusal("period_closed", field="unit_id", value=unit)
    n = len(both)
    first = take_number(column_cursor(raw), n)
    days = np.full(n, today.toordinal(), np.int64)
    what = Settlements(
        number=np.arange(first, first + n), account_id=held.account_id, amount=held.credit, value_on=days,
        debit=np.full(n, CREDIT, np.int64),
    )  # fmt: skip
    settled = settle(held, items, what, CREDIT_SET_OFF)
    amount = what.amount - settled.left
    columns = [
        Int8(what.account_id), Int8(what.number), Int4(held.unit_id), Int8(amount), Int8(settled.left_owed), Days(days),
    ]  # fmt: skip
    after = {"count": n, "amount": int(amount.sum())}
    tell(raw, [
        writing(settled.entries, moment), (SET_OFF_SQL, [moment, *columns]),
        audit.statement(actor, "payments.set_off", f"payment:{first}", after),
    ])  # fmt: skip
    return int(amount.sum())
