"""Receiving money: the one act behind every door. It takes a batch; one payment is a batch of one."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import numpy as np
from django.db import connection

from gridhall.columns.arrays import Statement
from gridhall.kernel import audit, clock
from gridhall.kernel.access import Actor
from gridhall.kernel.refusal import Refusal
from gridhall.ledger.public import ITEM_LATE, Parts, in_order, prepare_movements
from gridhall.payments.admitting import DEBIT_OF_METHOD, Batch, value_days
from gridhall.payments.data import ColumnsTaken, Ints, PaidItem, PaymentColumns, PaymentIn, Receipt
from gridhall.payments.models import CHEQUE
from gridhall.payments.queries import receipts_of
from gridhall.payments.recording import Taken, take
from gridhall.payments.refusals import refusal

AMOUNT_MAX = 1 << 53  # minor units; beyond it a sum of many could leave 64 bits
ROWS_AT_ONCE = 25_000  # payments of a file that are locked and committed together

DAY_MAX = date.max.toordinal()

NUMBERS_SQL = "SELECT number, id FROM customers_account WHERE number = ANY(%s)"


@dataclass(frozen=True)
class Request:
    """A payment and who brings it. `cheque`: its cheque is written down by the caller (`take_cheque`)."""

    actor: Actor
    payment: PaymentIn
    cheque: bool = False


def receive(actor: Actor, payments: Sequence[PaymentIn]) -> list[Receipt | Refusal]:
    """Receive payments: each is booked once, in one transaction for all; the answers in the order given.

    A payment that is refused stands as a `Refusal` at its place and does not harm the others. Money pays late charges
    and the oldest bills first (`rules.allocation`), the rest becomes credit. A key that has come before for the account
    answers with the first receipt (`replayed`), whatever happened since: a till or a month closed, days gone by. With
    another amount it is refused. Cash comes in at an open till, whatever the door.
    Codes: unknown_account, amount_not_positive, amount_too_large, key_missing, key_reused, not_printable, bad_method,
    value_in_future, value_too_early (`VALUE_DAYS` of the settings), till_needed, till_closed, not_your_till,
    unknown_till, period_closed, not_allowed.
    """
    actor.require("payments.take")
    return receive_for([Request(actor, payment) for payment in payments])


def receive_for(requests: Sequence[Request]) -> list[Receipt | Refusal]:
    """`receive` for payments of several actors in one transaction; the caller has checked their permission."""
    if not requests:
        return []
    today = clock.today()
    answers: dict[int, Receipt | Refusal] = {}
    good = _check(requests, answers)
    if good:
        _prepare({payment.value_on or today for _, payment in good}, today)
        received_at = clock.now()
        batch = _batch(requests, good, today)

        def book() -> list[Receipt | Refusal]:
            taken = take(batch, received_at, lambda taken: _audit(requests, good, taken))
            return _receipts(batch, taken, received_at)

        found = in_order(book)
        for (row, _), answer in zip(good, found, strict=True):
            answers[row] = _at_row(answer, row)
    return [answers[row] for row in range(len(requests))]


def _at_row(answer: Receipt | Refusal, row: int) -> Receipt | Refusal:
    if isinstance(answer, Refusal):
        return Refusal(answer.code, answer.en, answer.zh, field=answer.field, row=row, value=answer.value)
    return answer


def _prepare(days: Iterable[date], today: date) -> None:
    """The partitions of the books for value days, those alone that a payment may have."""
    first, last = value_days(today)
    for period in {day.year * 100 + day.month for day in days if first <= day <= last}:
        prepare_movements(period)


def _check(requests: Sequence[Request], answers: dict[int, Receipt | Refusal]) -> list[tuple[int, PaymentIn]]:
    """The payments that can be looked at, with their row; what is wrong with the others goes to `answers`."""
    ids = _ids_of([each.payment.account_number for each in requests if not each.payment.account_id])
    good = []
    for row, each in enumerate(requests):
        payment = each.payment
        account = payment.account_id or ids.get(payment.account_number, 0)
        wrong = _wrong(payment, account, each.cheque)
        if wrong:
            code, field, value = wrong
            answers[row] = refusal(code, field=field, row=row, value=value)
        else:
            good.append((row, payment if payment.account_id else replace(payment, account_id=account)))
    return good


def _ids_of(numbers: list[str]) -> dict[str, int]:
    if not numbers:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(NUMBERS_SQL, [numbers])
        return dict(cursor.fetchall())


def _wrong(payment: PaymentIn, account: int, cheque: bool) -> tuple[str, str, object] | None:
    """What is wrong with a payment by itself, today as on any other day: (code, field, value)."""
    if not account:
        return "unknown_account", "account_number", payment.account_number
    if payment.amount <= 0:
        return "amount_not_positive", "amount", payment.amount
    if payment.amount > AMOUNT_MAX:
        return "amount_too_large", "amount", payment.amount
    if not 1 <= len(payment.key) <= 120:
        return "key_missing", "key", payment.key[:40]
    if payment.method not in DEBIT_OF_METHOD or (payment.method == CHEQUE) != cheque:
        return "bad_method", "method", payment.method
    for field, text in (("key", payment.key), ("reference", payment.reference)):
        if not text.isprintable():
            return "not_printable", field, ascii(text[:40])
    return None


def _batch(requests: Sequence[Request], good: list[tuple[int, PaymentIn]], today: date) -> Batch:
    actors = [requests[row].actor for row, _ in good]
    table = np.array(
        [
            (
                payment.account_id, payment.amount, (payment.value_on or today).toordinal(), payment.door,
                payment.method, payment.session_id, actor.id if actor.kind == "staff" else 0,
                actor.id if actor.kind == "partner" else 0,
            )
            for (_, payment), actor in zip(good, actors, strict=True)
        ],
        np.int64,
    )  # fmt: skip
    account, amount, value_on, door, method, session, clerk, partner = (
        np.ascontiguousarray(table[:, k]) for k in range(8)
    )
    keys = [payment.key for _, payment in good]
    references = [payment.reference[:200] for _, payment in good]
    return Batch(account, amount, value_on, door, method, session, clerk, partner, keys, references)


def _audit(requests: Sequence[Request], good: list[tuple[int, PaymentIn]], taken: Taken) -> list[Statement]:
    """One entry per actor and batch: how many, how much, which numbers. Each payment row tells the rest."""
    by_actor: dict[Actor, list[tuple[int, int]]] = {}
    for place in taken.new.tolist():
        row, payment = good[place]
        by_actor.setdefault(requests[row].actor, []).append((int(taken.number[place]), payment.amount))
    return [
        _audit_batch(actor, booked[0][0], booked[-1][0], len(booked), sum(amount for _, amount in booked))
        for actor, booked in by_actor.items()
    ]


def _audit_batch(actor: Actor, first: int, last: int, count: int, amount: int) -> Statement:
    after = {"first": first, "last": last, "count": count, "amount": amount}
    return audit.statement(actor, "payments.receive", f"payment:{first}", after)


def _audit_columns(actor: Actor, batch: Batch, taken: Taken) -> Statement:
    numbers = taken.number[taken.new]
    amount = int(batch.amount[taken.new].sum())
    return _audit_batch(actor, int(numbers.min()), int(numbers.max()), len(numbers), amount)


def _receipts(batch: Batch, taken: Taken, received_at: datetime) -> list[Receipt | Refusal]:
    """An answer for each row of the batch."""
    is_new = np.zeros(len(taken.number), bool)
    is_new[taken.new] = True
    old = np.flatnonzero((taken.number > 0) & ~is_new).tolist()
    before = receipts_of([(int(batch.account_id[row]), int(taken.number[row])) for row in old])
    paid = _paid_by_number(taken.parts)
    answers: list[Receipt | Refusal] = []
    rows = zip(
        batch.account_id.tolist(), batch.amount.tolist(), taken.number.tolist(), is_new.tolist(),
        taken.to_credit.tolist(), taken.left_owed.tolist(), strict=True,
    )  # fmt: skip
    for row, (account, amount, number, new, to_credit, left_owed) in enumerate(rows):
        if row in taken.refused:
            answers.append(taken.refused[row])
        elif new:
            items = tuple(paid.get(number, ()))
            late = sum(item.amount for item in items if item.kind == ITEM_LATE)
            answers.append(Receipt(account, number, amount, items, late, to_credit, left_owed, received_at))
        else:
            first = before[account, number]
            if first.amount != amount:
                answers.append(refusal("key_reused", field="key", row=row, value=batch.key[row]))
            else:
                answers.append(replace(first, replayed=True))
    return answers


def _paid_by_number(parts: Parts) -> dict[int, list[PaidItem]]:
    paid: dict[int, list[PaidItem]] = {}
    columns = (parts.number, parts.period, parts.kind, parts.seq, parts.amount)
    for number, period, kind, seq, amount in zip(*(column.tolist() for column in columns), strict=True):
        paid.setdefault(number, []).append(PaidItem(period, kind, seq, amount))
    return paid


def receive_columns(
    actor: Actor, payments: PaymentColumns, progress: Callable[[int, int], None] | None = None
) -> ColumnsTaken:
    """Receive a large file: chunks of accounts, each committed by itself. Interrupted, the same file can simply be
    given again: what was booked is replayed.

    `progress(done, total)` after each chunk. Refusals as of `receive`, told by (row, code, field, value).
    """
    actor.require("payments.take")
    refused = _check_columns(payments)
    bad = {row for row, *_ in refused}
    order = np.argsort(payments.account_id, kind="stable")
    if bad:
        order = order[~np.isin(order, np.fromiter(bad, np.int64))]
    _prepare({date.fromordinal(day) for day in np.unique(payments.value_on[order]).tolist()}, clock.today())
    taken = replayed = amount = allocated = to_credit = 0
    for start, end in _chunks(payments.account_id[order], ROWS_AT_ONCE):
        rows = order[start:end]
        batch = _columns_batch(actor, payments, rows)
        done = in_order(lambda: take(batch, clock.now(), lambda taken: [_audit_columns(actor, batch, taken)]))  # noqa: B023
        reused = _reused(batch, done)
        refused += [(int(rows[row]), no.code, no.field, no.value) for row, no in {**done.refused, **reused}.items()]
        taken += len(done.new)
        replayed += int((done.number > 0).sum()) - len(done.new) - len(reused)
        amount += int(batch.amount[done.new].sum())
        to_credit += int(done.to_credit.sum())
        allocated += int(done.parts.amount.sum())
        if progress:
            progress(end, len(order))
    return ColumnsTaken(taken, replayed, tuple(sorted(refused)), amount, allocated, to_credit)


def _check_columns(payments: PaymentColumns) -> list[tuple[int, str, str, str]]:
    wrong = [
        ("amount_not_positive", "amount", payments.amount, payments.amount <= 0),
        ("amount_too_large", "amount", payments.amount, payments.amount > AMOUNT_MAX),
        ("bad_value_day", "value_on", payments.value_on, (payments.value_on < 1) | (payments.value_on > DAY_MAX)),
        ("unknown_account", "account_id", payments.account_id, payments.account_id <= 0),
    ]
    told: dict[int, tuple[int, str, str, str]] = {}
    for code, field, values, where in wrong:
        for row in np.flatnonzero(where).tolist():
            told.setdefault(row, (row, code, field, str(int(values[row]))))
    for row, key in enumerate(payments.key):
        if not 1 <= len(key) <= 120:
            told.setdefault(row, (row, "key_missing", "key", key[:40]))
        elif not key.isprintable():
            told.setdefault(row, (row, "not_printable", "key", ascii(key[:40])))
    if payments.method not in DEBIT_OF_METHOD or payments.method == CHEQUE:
        return [(row, "bad_method", "method", str(payments.method)) for row in range(len(payments.key))]
    return list(told.values())


def _chunks(accounts: Ints, size: int) -> list[tuple[int, int]]:
    """Stretches of about `size` rows that never cut an account in two."""
    bounds, start = [], 0
    while start < len(accounts):
        end = min(start + size, len(accounts))
        if end < len(accounts):
            end = int(np.searchsorted(accounts, accounts[end - 1], side="right"))
        bounds.append((start, end))
        start = end
    return bounds


def _columns_batch(actor: Actor, payments: PaymentColumns, rows: Ints) -> Batch:
    ones = np.ones(len(rows), np.int64)
    return Batch(
        account_id=payments.account_id[rows], amount=payments.amount[rows], value_on=payments.value_on[rows],
        door=ones * payments.door, method=ones * payments.method, session_id=ones * payments.session_id,
        clerk=ones * (actor.id if actor.kind == "staff" else 0),
        partner=ones * (actor.id if actor.kind == "partner" else 0), key=[payments.key[row] for row in rows.tolist()],
        reference=[""] * len(rows),
    )  # fmt: skip


def _reused(batch: Batch, done: Taken) -> dict[int, Refusal]:
    """Replays whose amount is not the first one's."""
    is_new = np.zeros(len(done.number), bool)
    is_new[done.new] = True
    old = np.flatnonzero((done.number > 0) & ~is_new).tolist()
    if not old:
        return {}
    before = receipts_of([(int(batch.account_id[row]), int(done.number[row])) for row in old])
    return {
        row: refusal("key_reused", field="key", row=row, value=batch.key[row])
        for row in old
        if before[int(batch.account_id[row]), int(done.number[row])].amount != int(batch.amount[row])
    }
