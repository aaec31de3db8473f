"""Cheques: taken at a till under reserve, presented at the bank with a slip, then cleared or returned.

A cheque pays at once as cash does, but its money lies in clearing (1013) until the bank has paid it. Returned, its
payment is undone: the debt is open again with its late charge as by the rule, a fee is charged, the customer is known.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from django.db import IntegrityError, connection, transaction

from gridhall.columns.arrays import column_cursor, tell
from gridhall.kernel import audit, clock, outbox
from gridhall.kernel.access import Actor
from gridhall.ledger.public import (
    charge_fee,
    guard_periods,
    in_order,
    post_cheque_cleared,
    prepare,
    prepare_movements,
    read_facts,
    writing,
)
from gridhall.payments import models
from gridhall.payments.banking import SLIP_MOST
from gridhall.payments.cheque_models import Cheque, ChequeTerm
from gridhall.payments.data import PaymentIn, Receipt
from gridhall.payments.queries import session
from gridhall.payments.receiving import Request, receive_for
from gridhall.payments.refusals import refusal
from gridhall.payments.reversing import take_back

HELD, PRESENTED, CLEARED, RETURNED, WITHDRAWN = "held", "presented", "cleared", "returned", "withdrawn"
WORD_MOST = {"bank": 80, "number": 40, "drawer": 120}
DUE_DAYS = 14  # to pay the fee of a returned cheque


@dataclass(frozen=True)
class ChequeIn:
    """A cheque as it lies on the counter."""

    bank: str
    number: str
    drawer: str
    dated_on: date


@dataclass(frozen=True)
class ChequeView:
    """A cheque. `state`: held | presented | cleared | returned | withdrawn; `fee`: charged for its return."""

    id: int
    account_id: int
    payment_no: int
    unit_id: int
    session_id: int
    amount: int
    bank: str
    number: str
    drawer: str
    dated_on: date
    state: str
    taken_at: datetime
    slip: str
    presented_on: date | None
    ended_on: date | None
    reason: str
    reversal_no: int
    fee: int


def take_cheque(
    actor: Actor, account_id: int, amount: int, key: str, session_id: int, cheque: ChequeIn
) -> Receipt:  # fmt: skip
    """Take a cheque at an open till: it pays as any money does, under reserve until the bank has paid it. The same key
    again answers with the first receipt.

    Refuses what `receive` refuses, and: cheque_details, cheque_date, cheque_known, cheques_returned, till_needed.
    """
    actor.require("payments.take")
    if session_id <= 0:
        raise refusal("till_needed", field="session_id", value=session_id)
    words = {name: getattr(cheque, name).strip() for name in WORD_MOST}
    for name, word in words.items():
        if not 2 <= len(word) <= WORD_MOST[name] or not word.isprintable():
            raise refusal("cheque_details", field=name, value=ascii(word[:40]))
    today = clock.today()
    _refuse_date(cheque.dated_on, today)
    unit = session(session_id).unit_id
    prepare_movements(today.year * 100 + today.month)
    brought = PaymentIn(
        amount, key, account_id, door=models.DOOR_COUNTER, method=models.CHEQUE, session_id=session_id,
        reference=f"{words['bank']} {words['number']}",
    )  # fmt: skip

    def book() -> Receipt:
        answer = receive_for([Request(actor, brought, cheque=True)])[0]
        if not isinstance(answer, Receipt):
            raise answer
        if answer.replayed:
            return answer
        _refuse_returned(account_id, today)
        Cheque.objects.create(
            account_id=account_id, payment_no=answer.payment_no, unit_id=unit, session_id=session_id, amount=amount,
            dated_on=cheque.dated_on, taken_at=answer.received_at, **words,
        )  # fmt: skip
        return answer

    try:
        return in_order(book)
    except IntegrityError as error:
        if "cheque_once" in str(error):
            raise refusal("cheque_known", field="number", value=words["number"]) from error
        raise


def term_on(day: date) -> ChequeTerm:
    """The terms for cheques on a day. Refuses unknown_term."""
    found = ChequeTerm.objects.filter(since__lte=day).order_by("-since").first()
    if found is None:
        raise refusal("unknown_term", field="since", value=day)
    return found


def _refuse_date(dated_on: date, today: date) -> None:
    if not today - timedelta(days=term_on(today).good_days) <= dated_on <= today:
        raise refusal("cheque_date", field="dated_on", value=dated_on)


def returned_within_year(account_id: int, today: date) -> int:
    """How many cheques for an account the bank returned in the year up to a day."""
    since = today - timedelta(days=365)
    return Cheque.objects.filter(account_id=account_id, state=RETURNED, ended_on__gt=since).count()


def _refuse_returned(account_id: int, today: date) -> None:
    most = term_on(today).returns_most
    if most and returned_within_year(account_id, today) >= most:
        raise refusal("cheques_returned", field="account_id", value=account_id)


def present_cheques(actor: Actor, cheque_ids: Sequence[int], slip: str, on: date | None = None) -> list[ChequeView]:
    """Bring held cheques of one unit to the bank under a slip. Refuses: not_allowed, slip_missing, unknown_cheque,
    wrong_cheque_state, several_units, bad_cheque_day."""
    actor.require("tills.all")
    slip, day = slip.strip(), on or clock.today()
    if not slip or len(slip) > SLIP_MOST or not slip.isprintable():
        raise refusal("slip_missing", field="slip")
    with transaction.atomic():
        found = _held(actor, cheque_ids, (HELD,), day)
        if len({each.unit_id for each in found}) > 1:
            raise refusal("several_units", field="cheque_ids")
        for each in found:
            each.state, each.slip, each.presented_on = PRESENTED, slip, day
            each.save(update_fields=["state", "slip", "presented_on"])
        audit.record(
            actor, "payments.present_cheques", f"cheque:{found[0].pk}",
            after={"cheques": [each.pk for each in found], "slip": slip, "amount": sum(each.amount for each in found)},
        )  # fmt: skip
    return [_view(each) for each in found]


def clear_cheques(actor: Actor, cheque_ids: Sequence[int], on: date | None = None) -> list[ChequeView]:
    """The bank has paid presented cheques: their money goes from clearing to the bank. Refuses: not_allowed,
    unknown_cheque, wrong_cheque_state, bad_cheque_day, period_closed."""
    actor.require("tills.all")
    day = on or clock.today()
    prepare_movements(day.year * 100 + day.month)
    with transaction.atomic():
        closed = guard_periods(connection.connection)
        found = _held(actor, cheque_ids, (PRESENTED,), day)
        cursor = column_cursor(connection.connection)
        for each in found:
            if day.year * 100 + day.month <= closed.get(each.unit_id, 0):
                raise refusal("period_closed", field="on", value=day)
            post_cheque_cleared(cursor, each.pk, each.unit_id, each.amount, day)
            each.state, each.ended_on = CLEARED, day
            each.save(update_fields=["state", "ended_on"])
        audit.record(
            actor, "payments.clear_cheques", f"cheque:{found[0].pk}", after={"cheques": [each.pk for each in found]}
        )
    return [_view(each) for each in found]


def return_cheque(actor: Actor, cheque_id: int, reason: str) -> ChequeView:
    """The bank has returned a cheque: its payment is undone, whatever has become of its credit since, and the fee is
    charged. Refuses: not_allowed, reason_missing, unknown_cheque, wrong_cheque_state, period_closed."""
    actor.require("tills.all")
    if len(reason.strip()) < 3:
        raise refusal("reason_missing", field="reason")
    today = clock.today()
    prepare(today.year * 100 + today.month, today)
    done: list[Cheque] = []

    def book() -> None:
        guard_periods(connection.connection)
        each = _held(actor, [cheque_id], (HELD, PRESENTED), today)[0]
        reversal = take_back(actor, each.account_id, each.payment_no, reason.strip())
        fee = term_on(today).fee
        if fee:
            _charge(each.account_id, fee, today)
        each.state, each.ended_on, each.reason = RETURNED, today, reason.strip()[:200]
        each.reversal_no, each.fee = reversal.no, fee
        each.save()
        audit.record(
            actor, "payments.return_cheque", f"account:{each.account_id}", reason=each.reason,
            before={"payment": each.payment_no, "amount": each.amount},
            after={"cheque": each.pk, "reversal": reversal.no, "fee": fee},
        )  # fmt: skip
        told = {"cheque": each.pk, "amount": each.amount, "fee": fee, "unit": reversal.unit_id}
        outbox.publish("cheque_returned", told, (each.account_id, each.account_id))
        done[:] = [each]

    in_order(book)
    return _view(done[0])


def _charge(account_id: int, fee: int, today: date) -> None:
    raw = connection.connection
    facts = read_facts(raw, np.array([account_id], np.int64), [], [])
    entries, _ = charge_fee(column_cursor(raw), facts.held, fee, today, today + timedelta(days=DUE_DAYS))
    tell(raw, [writing(entries, clock.now())])


def _held(actor: Actor, cheque_ids: Sequence[int], states: tuple[str, ...], day: date) -> list[Cheque]:
    """The cheques, locked; refused where one is not there, not in a state for it, or the day cannot be."""
    wanted = sorted(set(cheque_ids))
    found = list(Cheque.objects.select_for_update().filter(pk__in=wanted).order_by("pk"))
    missing = set(wanted) - {each.pk for each in found if actor.sees_unit(each.unit_id)}
    if missing or not wanted:
        raise refusal("unknown_cheque", field="cheque_ids", value=min(missing, default=0))
    for each in found:
        if each.state not in states:
            raise refusal("wrong_cheque_state", field="cheque_ids", value=each.state)
        if not (each.presented_on or each.taken_at.astimezone(clock.zone()).date()) <= day <= clock.today():
            raise refusal("bad_cheque_day", field="on", value=day)
    return found


def cheques(
    unit_ids: Iterable[int] | None = None, states: Iterable[str] = (), session_id: int = 0, account_id: int = 0,
    limit: int = 200,
) -> list[ChequeView]:  # fmt: skip
    """Cheques, the latest first: taken in some units (None: all), in some states, at a till session, of an account."""
    found = Cheque.objects.order_by("-pk")
    if unit_ids is not None:
        found = found.filter(unit_id__in=list(unit_ids))
    if states:
        found = found.filter(state__in=list(states))
    if session_id:
        found = found.filter(session_id=session_id)
    if account_id:
        found = found.filter(account_id=account_id)
    return [_view(each) for each in found[:limit]]


def _view(each: Cheque) -> ChequeView:
    return ChequeView(
        each.pk, each.account_id, each.payment_no, each.unit_id, each.session_id, each.amount, each.bank, each.number,
        each.drawer, each.dated_on, each.state, each.taken_at, each.slip, each.presented_on, each.ended_on, each.reason,
        each.reversal_no, each.fee,
    )  # fmt: skip
