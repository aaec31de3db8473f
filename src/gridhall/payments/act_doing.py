"""How each act on money is done: the facts are locked and read, refused where they do not allow it, and written down.

Each runs in the open transaction and answers its number in the books (or its plan).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.db import connection

from gridhall.columns.arrays import Int8, Statement, column_cursor, tell
from gridhall.customers import public as customers
from gridhall.kernel import clock, outbox
from gridhall.kernel.access import Actor
from gridhall.kernel.sealing import seal
from gridhall.ledger.public import (
    BANK,
    CASH,
    CLEARING,
    CREDIT_MOVED,
    CREDIT_REFUNDED,
    PAYMENT,
    Facts,
    Settlements,
    credit_changed,
    move_allocation,
    only,
    post_given_for_others,
    read_facts,
    refuse_new,
    reinstate,
    settle,
    take_number,
    undo_payment,
    write_off,
    writing,
)
from gridhall.payments import act_models as acts
from gridhall.payments import instalments, models
from gridhall.payments.across_units import owes
from gridhall.payments.admitting import SESSIONS_SQL
from gridhall.payments.cheque_models import Cheque
from gridhall.payments.models import RefundOrder
from gridhall.payments.queries import payment_now, session
from gridhall.payments.refusals import refusal
from gridhall.payments.reversing import INSERT_SQL, refuse_session, reverse_approved, set_off_credit

SEALED_FOR = "refund bank account"
REFUND_OPEN = ("asked", "approved", "confirmed")
KEY_SQL = "INSERT INTO payment_key (account_id, key, payment_no) VALUES (%s, %s, %s)"


@dataclass(frozen=True)
class Todo:
    """An act that is to be done now; `told` as of `ask_money_act`, the bank account sealed."""

    id: int
    account_id: int
    amount: int
    told: Mapping[str, Any]
    reason: str
    asked_by: int


def told_of(act: str, account_id: int, amount: int, told: Mapping[str, Any]) -> dict[str, Any]:
    """What an act needs, in the form that is kept; refused where it is not whole (bad_money_act, parts_differ…)."""
    try:
        return _FORMS[act](account_id, amount, told)
    except (KeyError, TypeError, ValueError) as error:
        raise refusal("bad_money_act", field="told", value=str(error)[:80]) from error


def _reverse_form(account_id: int, amount: int, told: Mapping[str, Any]) -> dict[str, Any]:
    number = int(told["payment_no"])
    if payment_now(account_id, number).amount != amount:
        raise refusal("bad_money_act", field="amount", value=amount)
    return {"payment_no": number, "session_id": int(told.get("session_id", 0))}


def _refund_form(_account_id: int, _amount: int, told: Mapping[str, Any]) -> dict[str, Any]:
    if told.get("session_id"):
        return {"session_id": int(told["session_id"])}
    number, holder = str(told.get("bank_account", "")).strip(), str(told.get("bank_holder", "")).strip()
    if not (6 <= len(number) <= 40 and number.isprintable() and 2 <= len(holder) <= 80 and holder.isprintable()):
        raise refusal("bank_account_missing", field="bank_account")
    sealed = seal(SEALED_FOR, number.encode())
    return {"session_id": 0, "bank_account": sealed, "bank_end": number[-4:], "bank_holder": holder}


def _transfer_form(account_id: int, _amount: int, told: Mapping[str, Any]) -> dict[str, Any]:
    return {"to_account": _other(account_id, int(told["to_account"]))}


def _correct_form(account_id: int, amount: int, told: Mapping[str, Any]) -> dict[str, Any]:
    number = int(told["payment_no"])
    paid = payment_now(account_id, number)
    if paid.kind != models.RECEIVED or paid.reversed_by:
        raise refusal("not_reversible", field="payment_no", value=number)
    if told.get("to_account"):
        _refuse_hanging(account_id, number)
        if paid.amount != amount:
            raise refusal("bad_money_act", field="amount", value=amount)
        return {"payment_no": number, "to_account": _other(account_id, int(told["to_account"]))}
    items = {name: [int(each) for each in told[name]] for name in ("from_item", "to_item")}
    if any(len(each) != 3 for each in items.values()):
        raise refusal("bad_money_act", field="from_item")
    return {"payment_no": number, **items}


def _plan_form(_account_id: int, amount: int, told: Mapping[str, Any]) -> dict[str, Any]:
    parts = [(date.fromisoformat(str(day)), int(part)) for day, part in told["parts"]]
    instalments.refuse_parts(parts, amount, clock.today())
    return {"parts": [[day.isoformat(), part] for day, part in parts]}


def _items_form(_account_id: int, _amount: int, told: Mapping[str, Any]) -> dict[str, Any]:
    items = [[int(each) for each in item] for item in told["items"]]
    if not items or any(len(item) != 3 for item in items):
        raise refusal("nothing_owed", field="items")
    return {"items": items}


def _other(account_id: int, other: int) -> int:
    if other == account_id:
        raise refusal("same_account", field="to_account", value=other)
    if other not in customers.accounts([other]):
        raise refusal("unknown_account", field="to_account", value=other)
    return other


_FORMS: dict[str, Callable[[int, int, Mapping[str, Any]], dict[str, Any]]] = {
    acts.REVERSE: _reverse_form, acts.REFUND: _refund_form, acts.TRANSFER: _transfer_form,
    acts.CORRECT: _correct_form, acts.INSTALMENTS: _plan_form, acts.WRITE_OFF: _items_form,
    acts.RECOVER: lambda *_: {},
}  # fmt: skip


def _facts(account_ids: list[int], sessions: list[int] | None = None) -> Facts:
    """The accounts, locked, with the till sessions in question before them; their units' books open today."""
    wanted = np.unique(np.array(account_ids, np.int64))
    before: list[Statement] = [(SESSIONS_SQL, [Int8(sessions)])] if sessions else []
    facts = read_facts(connection.connection, wanted, before, [])
    refuse_new(connection.connection, wanted, facts.held)
    for unit in np.unique(facts.held.unit_id).tolist():
        _refuse_closed(facts, unit)
    return facts


def _refuse_closed(facts: Facts, unit: int) -> None:
    today = clock.today()
    if today.year * 100 + today.month <= facts.closed.get(unit, 0):
        raise refusal("period_closed", field="unit_id", value=unit)


def _row(account_id: int, no: int, kind: int, unit: int, amount: int, owed: int, session_id: int = 0, method: int = 0,
         *, to_credit: int = 0, reverses: int = 0, door: int = models.DOOR_CREDIT, value_on: date | None = None,
         ) -> Statement:  # fmt: skip
    moment = clock.now()
    values = [
        account_id, no, kind, unit, door, method, amount, to_credit, owed, session_id, reverses, moment,
        value_on or clock.today(),
    ]  # fmt: skip
    return INSERT_SQL, values


def _reverse(actor: Actor, todo: Todo) -> int:
    """The limits have been looked at: both persons' signatures stand for it."""
    told = todo.told
    return reverse_approved(
        actor, todo.account_id, told["payment_no"], todo.reason, told["session_id"], clerk=todo.asked_by
    ).no


def _refund(actor: Actor, todo: Todo) -> int:
    """Credit out of the drawer of an open till, or to the customer's bank account (the order goes out with the day's
    transfers; the books have it at the bank at once)."""
    at_till = int(todo.told.get("session_id", 0))
    if at_till:  # nothing else leaves the drawer meanwhile
        models.TillSession.objects.select_for_update().filter(pk=at_till).first()
    facts = _facts([todo.account_id], [at_till] if at_till else None)
    raw = connection.connection
    account, unit, owed, credit, _ = facts.held.rows()[0]
    if credit < todo.amount:
        raise refusal("credit_too_small", field="amount", value=credit)
    today, number = clock.today(), take_number(column_cursor(raw))
    source, method, after = BANK, models.TRANSFER, list[Statement]()
    if at_till:
        refuse_session(facts.more[0], at_till, actor, todo.asked_by)
        if session(at_till).expected < todo.amount:
            raise refusal("drawer_short", field="session_id", value=at_till)
        source, method, giver = CASH, models.CASH, int(facts.more[0][3][0])
        if giver != unit:
            _refuse_closed(facts, giver)
            source = CLEARING
            post_given_for_others(column_cursor(raw), number, giver, CASH, todo.amount, today)
            after.append(owes(number, today, giver, unit, -todo.amount))
    entries = credit_changed(facts.held, {account: -todo.amount}, number, CREDIT_REFUNDED, source, today)
    row = _row(account, number, models.PAID_OUT, unit, todo.amount, owed, at_till, method, to_credit=todo.amount,
               door=models.DOOR_COUNTER if at_till else models.DOOR_CREDIT)  # fmt: skip
    tell(raw, [writing(entries, clock.now()), row, *after])
    told = {"refund": number, "amount": todo.amount, "session": at_till, "unit": unit}
    outbox.publish("credit_refunded", told, (account, account))
    return number


def _transfer(actor: Actor, todo: Todo) -> int:
    """Credit of one account to another, in whatever unit; what the other owes is paid from it at once."""
    other = int(todo.told["to_account"])
    facts = _facts([todo.account_id, other])
    raw = connection.connection
    units = dict(zip(facts.held.account_id.tolist(), facts.held.unit_id.tolist(), strict=True))
    credit = int(only(facts.held, todo.account_id).credit[0])
    if credit < todo.amount:
        raise refusal("credit_too_small", field="amount", value=credit)
    today, number = clock.today(), take_number(column_cursor(raw))
    changes = {todo.account_id: -todo.amount, other: todo.amount}
    entries = credit_changed(facts.held, changes, number, CREDIT_MOVED, CLEARING, today)
    after = [
        _row(account, number, kind, units[account], todo.amount, int(only(facts.held, account).owed[0]),
             to_credit=todo.amount)
        for account, kind in ((todo.account_id, models.MOVED_OUT), (other, models.MOVED_IN))
    ]  # fmt: skip
    if units[todo.account_id] != units[other]:
        after.append(owes(number, today, units[todo.account_id], units[other], todo.amount))
    tell(raw, [writing(entries, clock.now()), *after])
    set_off_credit(actor, [other], raw)
    return number


def _correct(_actor: Actor, todo: Todo) -> int:
    """A payment that paid the wrong thing: another item of the account, or another account altogether."""
    number = int(todo.told["payment_no"])
    if todo.told.get("to_account"):
        return _to_account(todo, number, int(todo.told["to_account"]))
    facts = _facts([todo.account_id])
    paid = payment_now(todo.account_id, number)
    if paid.kind != models.RECEIVED or paid.reversed_by:
        raise refusal("not_reversible", field="payment_no", value=number)
    from_item, to_item = (tuple(todo.told[name]) for name in ("from_item", "to_item"))
    cursor = column_cursor(connection.connection)
    if not move_allocation(cursor, facts.held, number, from_item, to_item, todo.amount):
        raise refusal("not_that_much", field="amount", value=todo.amount)
    return number


def _to_account(todo: Todo, payment_no: int, other: int) -> int:
    """Undo a payment on one account and book it on another, as of the day it came, under one new number. Where its
    credit was used, the one account owes it."""
    facts = _facts([todo.account_id, other])
    paid = payment_now(todo.account_id, payment_no)
    if paid.kind != models.RECEIVED or paid.reversed_by:
        raise refusal("already_reversed", field="payment_no", value=payment_no)
    _refuse_hanging(todo.account_id, payment_no)
    raw = connection.connection
    cursor, today = column_cursor(raw), clock.today()
    number = take_number(cursor)
    from_credit, owed = undo_payment(
        cursor, only(facts.held, todo.account_id), payment_no, number, paid.to_credit, CLEARING, today, owe_back=True
    )
    tell(raw, [_row(todo.account_id, number, models.REVERSAL, paid.unit_id, paid.amount, owed, method=models.MOVED,
                    to_credit=from_credit, reverses=payment_no)])  # fmt: skip
    facts = _facts([other])
    value_on = _open_day(facts, paid.value_on)

    def one(value: int) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
        return np.array([value], np.int64)

    what = Settlements(one(number), one(other), one(paid.amount), one(value_on.toordinal()), one(CLEARING))
    settled = settle(facts.held, facts.items, what, PAYMENT)
    unit = int(facts.held.unit_id[0])
    after = [
        _row(other, number, models.RECEIVED, unit, paid.amount, int(settled.left_owed[0]), method=models.MOVED,
             to_credit=int(settled.left[0]), value_on=value_on),
        (KEY_SQL, [other, f"correct:{todo.id}", number]),
    ]  # fmt: skip
    if unit != paid.unit_id:
        after.append(owes(number, today, paid.unit_id, unit, paid.amount))
    tell(raw, [writing(settled.entries, clock.now()), *after])
    return number


def _refuse_hanging(account_id: int, payment_no: int) -> None:
    """Refuse to move a payment whose money may still go back under its number: an online one that is being refunded, a
    cheque that the bank has not paid."""
    if RefundOrder.objects.filter(account_id=account_id, payment_no=payment_no, state__in=REFUND_OPEN).exists():
        raise refusal("refund_under_way", field="payment_no", value=payment_no)
    cheque = Cheque.objects.filter(account_id=account_id, payment_no=payment_no).first()
    if cheque is not None and cheque.state != "cleared":
        raise refusal("wrong_cheque_state", field="payment_no", value=cheque.state)


def _open_day(facts: Facts, day: date) -> date:
    """The day the money came, or the first day that its unit's books are open for."""
    unit = int(facts.held.unit_id[0])
    if day.year * 100 + day.month > facts.closed.get(unit, 0):
        return day
    return clock.today()


def _plan(actor: Actor, todo: Todo) -> int:
    parts = [(date.fromisoformat(day), int(part)) for day, part in todo.told["parts"]]
    return instalments.make_plan(actor, _facts([todo.account_id]), parts, todo.amount)


def _write_off(_actor: Actor, todo: Todo) -> int:
    facts = _facts([todo.account_id])
    raw = connection.connection
    number = take_number(column_cursor(raw))
    chosen = [(int(period), int(kind), int(seq)) for period, kind, seq in todo.told["items"]]
    entries = write_off(facts.held, facts.items, chosen, number, clock.today())
    if int(entries.parts.amount.sum()) != todo.amount:
        raise refusal("changed_since", field="amount", value=int(entries.parts.amount.sum()))
    tell(raw, [writing(entries, clock.now())])
    instalments.follow_plan(todo.account_id)
    told = {"number": number, "amount": todo.amount, "unit": int(facts.held.unit_id[0])}
    outbox.publish("debt_written_off", told, (todo.account_id, todo.account_id))
    return number


def _recover(actor: Actor, todo: Todo) -> int:
    """Written-off debt is owed again, and paid from the credit that there is."""
    facts = _facts([todo.account_id])
    raw = connection.connection
    cursor = column_cursor(raw)
    number = take_number(cursor)
    entries = reinstate(cursor, facts.held, todo.amount, number, clock.today())
    if entries is None:
        raise refusal("not_written_off", field="amount", value=todo.amount)
    tell(raw, [writing(entries, clock.now())])
    set_off_credit(actor, [todo.account_id], raw)
    return number


DOING: dict[str, Callable[[Actor, Todo], int]] = {
    acts.REVERSE: _reverse, acts.REFUND: _refund, acts.TRANSFER: _transfer, acts.CORRECT: _correct,
    acts.INSTALMENTS: _plan, acts.WRITE_OFF: _write_off, acts.RECOVER: _recover,
}  # fmt: skip
