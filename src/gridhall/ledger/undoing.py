"""Undoing what was posted: a wrong bill, a payment that was not meant. Nothing is deleted: each answer is a row.

What had paid a cancelled bill goes to the customer's credit (a *release*), and the late charges that the bill had
caused are taken back with it.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import psycopg

from gridhall.columns.arrays import column_cursor, tell
from gridhall.columns.settling import late_charge_of
from gridhall.kernel import clock
from gridhall.kernel.refusal import Refusal
from gridhall.ledger import accounts, books, settling, terms
from gridhall.ledger.entries import Cursor, Entries, Items, LateRows, Locked, Moved, Parts, posting_period, writing
from gridhall.ledger.excusing import off_days
from gridhall.ledger.models import (
    ADJUSTMENT,
    BILL_CANCELLED,
    CREDIT_RELEASED,
    ITEM_BILL,
    ITEM_LATE,
    ITEM_OTHER,
    LATE_CHARGE_REVERSED,
    LATE_SEQ,
    PAYMENT_REVERSED,
    SOURCE_OF_SEQ,
)
from gridhall.ledger.posting import prepare_movements
from gridhall.ledger.writing_off import is_written_off

Ints = npt.NDArray[np.int64]
BillKey = tuple[int, int, int]  # account, period, seq

GRACE_DAYS = 30  # to pay back credit that a cancelled bill had given and that was used meanwhile

BILL_MOVEMENTS_SQL = """
SELECT account_id, source, n, kind, unit_id, debit, credit, amount
FROM movement WHERE account_id = ANY(%s) AND source = ANY(%s) AND kind IN (1, 2) ORDER BY account_id, source, n
"""

BILL_ITEMS_SQL = """
SELECT account_id, period, kind, seq, unit_id, class_code, amount, open,
    issued_on - date '0001-01-01' + 1, due_on - date '0001-01-01' + 1, late_upto - date '0001-01-01' + 1,
    late_charged, late_n, late_accrued
FROM open_item WHERE account_id = %s AND period = %s AND (kind = 1 AND seq = %s OR kind = 2 AND seq / %s = %s)
ORDER BY kind, seq
"""

# The charges of a late item that still stand: how each arose (a reversed one sums to zero).
STANDING_LATE_SQL = """
SELECT item_seq, max(principal), max(from_on - date '0001-01-01' + 1), max(upto_on - date '0001-01-01' + 1), sum(amount)
FROM late_charge WHERE account_id = %s AND item_period = %s AND item_seq / %s = %s
GROUP BY item_seq HAVING sum(amount) > 0 ORDER BY item_seq
"""


@dataclass
class _Lines:
    """Rows collected while undoing."""

    changed: list[tuple[int, ...]]
    fresh: list[tuple[int, ...]]
    late: list[tuple[int, ...]]
    parts: list[tuple[int, ...]]
    moved: list[tuple[int, ...]]

    def entries(self, after: Locked) -> Entries:
        return Entries(
            Items.of(self.fresh), Items.of(self.changed), LateRows.of(self.late), Parts.of(self.parts),
            Moved.of(self.moved), after,
        )  # fmt: skip


def reverse_bills(raw: psycopg.Connection[Any], bills: Iterable[BillKey], value_on: date | None = None) -> Ints:
    """Take bills (account, period, seq) out of the books, in the transaction open on `raw`: their movements are
    reversed, their late charges taken back, and what had paid them becomes credit.

    Answers the accounts that have both credit and debt now, for `payments.public.set_off_credit`. Refuses as a whole:
    `already_cancelled`, `bill_written_off`, `period_closed`. A bill that moved nothing (of amount 0) is passed over.
    """
    keys = sorted(set(bills))
    day = value_on or clock.today()
    prepare_movements(day.year * 100 + day.month)
    cursor = column_cursor(raw)
    facts = settling.read_facts(raw, np.unique(np.array([key[0] for key in keys], np.int64)), [], [])
    held, closed = facts.held, facts.closed
    moved = _movements_of(cursor, keys)
    lines = _Lines([], [], [], [], [])
    balances = {row[0]: list(row) for row in held.rows()}
    for key in keys:
        rows = moved.get(key, [])
        if not rows:  # a bill of 0 moved nothing
            continue
        if any(row[3] == BILL_CANCELLED for row in rows):
            raise Refusal(
                "already_cancelled", "This bill is cancelled already.", "此账单已作废。", field="bill", value=str(key)
            )
        if posting_period(day.toordinal()) <= closed.get(rows[0][4], 0):
            raise books.closed_refusal(rows[0][4], posting_period(day.toordinal()))
        _cancel(cursor, key, rows, day, balances[key[0]], lines)
    after = Locked.of([tuple(balances[account]) for account in held.account_id.tolist()])
    tell(raw, [writing(lines.entries(after), clock.now())])
    return after.account_id[(after.owed > 0) & (after.credit > 0)]


def _movements_of(cursor: Cursor, keys: list[BillKey]) -> dict[BillKey, list[tuple[int, ...]]]:
    cursor.execute(
        BILL_MOVEMENTS_SQL,
        [[key[0] for key in keys], sorted({key[1] * SOURCE_OF_SEQ + key[2] for key in keys})],
    )
    wanted = set(keys)
    found: dict[BillKey, list[tuple[int, ...]]] = defaultdict(list)
    for row in cursor.fetchall():
        key = (row[0], row[1] // SOURCE_OF_SEQ, row[1] % SOURCE_OF_SEQ)
        if key in wanted:
            found[key].append(row)
    return found


def take_number(cursor: Cursor, count: int = 1) -> int:
    """The first of `count` new settlement numbers."""
    cursor.execute("SELECT gridhall_take_numbers('payment_no', %s)", [count])
    row = cursor.fetchone()
    assert row is not None
    return int(row[0])


def _cancel(
    cursor: Cursor, key: BillKey, rows: list[tuple[int, ...]], day: date, balance: list[int], lines: _Lines
) -> None:
    """Append to `lines` what cancels one bill, and bring `balance` (account, unit, owed, credit, open from) along."""
    account, period, seq = key
    unit, on = rows[0][4], day.toordinal()
    posting = posting_period(on)
    for _, source, n, _, _, debit, credit, amount in rows:
        lines.moved.append((account, posting, BILL_CANCELLED, source, n, unit, credit, debit, amount, on))
    cursor.execute(BILL_ITEMS_SQL, [account, period, seq, LATE_SEQ, seq])
    items = Items.of(cursor.fetchall())
    if is_written_off(cursor, account, period, list(zip(items.kind.tolist(), items.seq.tolist(), strict=True))):
        raise Refusal(
            "bill_written_off", "This bill is written off; let it be owed again first.",
            "此账单已核销坏账，请先恢复应收。", field="bill", value=str(key),
        )  # fmt: skip
    number = take_number(cursor)
    released = paid_items = 0
    for item in items.rows():
        kind, item_seq, amount, open_ = item[2], item[3], item[6], item[7]
        balance[2] -= open_
        if amount > open_:
            released += amount - open_
            paid_items += 1
            lines.parts.append((account, number, paid_items, period, kind, item_seq, open_ - amount))
        lines.changed.append((*item[:6], 0, 0, *item[8:11], 0, item[12], 0))
    if released:
        lines.moved.append(
            (account, posting, CREDIT_RELEASED, number, 1, unit, accounts.RECEIVABLE, accounts.CREDIT, released, on)
        )
    cursor.execute(STANDING_LATE_SQL, [account, period, LATE_SEQ, seq])
    for n, (late_seq, principal, from_on, upto_on, amount) in enumerate(cursor.fetchall(), 1):
        lines.late.append((account, number, n, period, late_seq, principal, from_on, upto_on, -int(amount)))
        lines.moved.append(
            (account, posting, LATE_CHARGE_REVERSED, number, n, unit, accounts.LATE_REVENUE, accounts.RECEIVABLE,
             int(amount), on)
        )  # fmt: skip
    given = sum(amount if credit == accounts.CREDIT else -amount if debit == accounts.CREDIT else 0
                for _, _, _, _, _, debit, credit, amount in rows)  # fmt: skip
    balance[3] += released - given
    if balance[3] < 0:
        _owe_back(key, unit, on, -balance[3], balance, lines)
    if balance[2] == 0:
        balance[4] = 0


def _owe_back(key: BillKey, unit: int, on: int, short: int, balance: list[int], lines: _Lines) -> None:
    """The credit that a cancelled bill had given was used: what is short becomes an item of its own."""
    account, period, seq = key
    due = on + GRACE_DAYS
    lines.fresh.append((account, period, ITEM_OTHER, seq, unit, 0, short, short, on, due, due, 0, 0, 0))
    lines.moved.append(
        (account, posting_period(on), ADJUSTMENT, period * SOURCE_OF_SEQ + seq, 1, unit, accounts.RECEIVABLE,
         accounts.CREDIT, short, on)
    )  # fmt: skip
    balance[2] += short
    balance[3] = 0
    balance[4] = min(balance[4] or period, period)


# What a payment pays now: an allocation may have been moved since (`moving`).
PAYMENT_PARTS_SQL = """
SELECT a.item_period, a.item_kind, a.item_seq, a.amount, i.unit_id, i.class_code, i.amount, i.open,
    i.issued_on - date '0001-01-01' + 1, i.due_on - date '0001-01-01' + 1, i.late_upto - date '0001-01-01' + 1,
    i.late_charged, i.late_n, i.late_accrued
FROM (
    SELECT account_id, item_period, item_kind, item_seq, sum(amount)::bigint AS amount, min(n) AS n
    FROM allocation WHERE account_id = %s AND payment_no = %s
    GROUP BY account_id, item_period, item_kind, item_seq HAVING sum(amount) <> 0
) AS a JOIN open_item AS i
    ON i.account_id = a.account_id AND i.period = a.item_period AND i.kind = a.item_kind AND i.seq = a.item_seq
ORDER BY a.n
"""

LATE_OF_PAYMENT_SQL = """
SELECT l.item_period, l.item_seq, l.principal, l.from_on - date '0001-01-01' + 1, l.upto_on - date '0001-01-01' + 1,
    l.amount
FROM late_charge AS l WHERE l.account_id = %s AND l.payment_no = %s ORDER BY l.n
"""

ITEM_SQL = """
SELECT account_id, period, kind, seq, unit_id, class_code, amount, open,
    issued_on - date '0001-01-01' + 1, due_on - date '0001-01-01' + 1, late_upto - date '0001-01-01' + 1,
    late_charged, late_n, late_accrued
FROM open_item WHERE account_id = %s AND period = %s AND kind = %s AND seq = %s
"""


def undo_payment(
    cursor: Cursor, held: Locked, payment_no: int, number: int, to_credit: int, source: int, value_on: date, *,
    owe_back: bool = False,
) -> tuple[int, int]:  # fmt: skip
    """Undo a payment under a new settlement number: (taken from credit, owed afterwards).

    `held`: the locked account. What it had paid is open again; what had gone to credit, or was released to it since, is
    taken from there: refused as `credit_used` where it is no longer there; with `owe_back` (the money is gone already)
    what is short becomes an item of its own (`prepare` its period). Late charges that had arisen with the
    payment are taken back, unless somebody else has paid a part of them or of their bill, or more was charged since.
    """
    account, unit, owed, credit, open_from = held.rows()[0]
    on, posting = value_on.toordinal(), posting_period(value_on.toordinal())
    lines = _Lines([], [], [], [], [])
    items, undone, from_credit = _reopen(cursor, account, payment_no, number, lines)
    from_credit += to_credit
    short = max(from_credit - credit, 0)
    if short and not owe_back:
        raise Refusal(
            "credit_used", "The credit from this payment has been used.", "该笔缴费形成的预存已被使用，不能冲正。",
            field="payment_no", value=str(payment_no),
        )  # fmt: skip
    taken_back = _take_back_late(cursor, account, payment_no, number, items, lines, unit, on)
    if undone:
        lines.moved.append(
            (account, posting, PAYMENT_REVERSED, number, 1, unit, accounts.RECEIVABLE, source, undone, on)
        )
    if from_credit:
        lines.moved.append(
            (account, posting, PAYMENT_REVERSED, number, 2, unit, accounts.CREDIT, source, from_credit, on)
        )
    lines.changed = [tuple(item) for item in items.values()]
    owed += undone - taken_back
    if short:
        owed, credit = owed + short, credit + short
        open_from = min(open_from or posting, posting)
        _owe_refund(cursor, account, unit, on, short, lines)
    opened = [item[1] for item in items.values() if item[7] > 0]
    open_from = min([*opened, open_from or 10**6]) if owed else 0
    after = Locked.of([(account, unit, owed, credit - from_credit, open_from)])
    tell(cursor.connection, [writing(lines.entries(after), clock.now())])
    return from_credit, owed


NEXT_OTHER_SQL = """
SELECT greatest(max(seq), %s) + 1 FROM open_item WHERE account_id = %s AND period = %s AND kind = 3
"""
OTHER_SEQ = 99  # items that no bill stands behind are numbered above every bill's seq


def next_other_seq(cursor: Cursor, account: int, period: int) -> int:
    """The seq of the next item of an account in a period that no bill stands behind."""
    cursor.execute(NEXT_OTHER_SQL, [OTHER_SEQ, account, period])
    row = cursor.fetchone()
    assert row is not None
    return int(row[0])


def _owe_refund(cursor: Cursor, account: int, unit: int, on: int, short: int, lines: _Lines) -> None:
    """The credit that a payment had given was used and the money is given back all the same: it is owed."""
    period, due = posting_period(on), on + GRACE_DAYS
    seq = next_other_seq(cursor, account, period)
    lines.fresh.append((account, period, ITEM_OTHER, seq, unit, 0, short, short, on, due, due, 0, 0, 0))
    lines.moved.append(
        (account, period, ADJUSTMENT, period * SOURCE_OF_SEQ + seq, 1, unit, accounts.RECEIVABLE, accounts.CREDIT,
         short, on)
    )  # fmt: skip


_ItemMap = dict[tuple[int, int, int], list[int]]


def _reopen(cursor: Cursor, account: int, payment_no: int, number: int, lines: _Lines) -> tuple[_ItemMap, int, int]:
    """Open again what the payment had paid: (items by period, kind, seq; sum undone; sum released to credit before)."""
    items: _ItemMap = {}
    undone = released = 0
    cursor.execute(PAYMENT_PARTS_SQL, [account, payment_no])
    for period, kind, seq, part, unit, class_code, amount, open_, *rest in cursor.fetchall():
        if amount - open_ < part:  # its bill was cancelled since: the money is in the credit already
            released += part
            continue
        items[period, kind, seq] = [account, period, kind, seq, unit, class_code, amount, open_ + part, *rest]
        undone += part
        lines.parts.append((account, number, len(lines.parts) + 1, period, kind, seq, -part))
    return items, undone, released


def _take_back_late(
    cursor: Cursor, account: int, payment_no: int, number: int, items: _ItemMap, lines: _Lines, unit: int, on: int
) -> int:
    """Take back the late charges that arose with the payment: the sum."""
    total = 0
    cursor.execute(LATE_OF_PAYMENT_SQL, [account, payment_no])
    for n, (period, seq, principal, from_on, upto_on, amount) in enumerate(cursor.fetchall(), 1):
        late = _item(cursor, items, account, period, ITEM_LATE, seq)
        bill = _item(cursor, items, account, period, ITEM_BILL, seq // LATE_SEQ)
        if (
            late is None
            or bill is None
            or late[6] != amount
            or late[7] != amount
            or bill[10] != upto_on
            or bill[7] != principal
        ):
            continue
        late[6] = late[7] = 0
        bill[10], bill[11] = from_on, bill[11] - amount
        bill[13] -= _accrued(bill, principal, from_on, upto_on)
        total += amount
        lines.late.append((account, number, n, period, seq, principal, from_on, upto_on, -amount))
        lines.moved.append(
            (account, posting_period(on), LATE_CHARGE_REVERSED, number, n, unit, accounts.LATE_REVENUE,
             accounts.RECEIVABLE, amount, on)
        )  # fmt: skip
        items[period, ITEM_LATE, seq] = late
        items[period, ITEM_BILL, seq // LATE_SEQ] = bill
    return total


def _accrued(bill: list[int], principal: int, from_on: int, upto_on: int) -> int:
    """What had accrued on a principal of a bill's item between two days."""
    one, zero = np.ones(1, np.int64), np.zeros(1, np.int64)
    account, period, _, seq, _, class_code, *_ = bill
    due = one * bill[9]
    row = terms.rows(one * class_code, due)
    off = off_days(one * account, one * class_code, one * period, one * seq, due, one * from_on, upto_on, row)
    return int(late_charge_of(one * principal, due, one * from_on, upto_on, row, zero, zero, off)[0][0])


def _item(cursor: Cursor, items: _ItemMap, account: int, period: int, kind: int, seq: int) -> list[int] | None:
    found = items.get((period, kind, seq))
    if found is not None:
        return found
    cursor.execute(ITEM_SQL, [account, period, kind, seq])
    row = cursor.fetchone()
    return None if row is None else list(row)
