"""Posting bills: columnar, in the caller's transaction."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import psycopg
from django.db import connection, transaction

from gridhall.columns.arrays import Int4, Int8, column_cursor, fetch
from gridhall.columns.copy import copy_in
from gridhall.kernel import clock, partitions
from gridhall.kernel.refusal import Refusal
from gridhall.ledger import accounts, books
from gridhall.ledger.data import BillsPosted, BillsToPost
from gridhall.ledger.entries import ITEM_SHAPE, MOVEMENT_SHAPE, Cursor, posting_periods
from gridhall.ledger.models import BILL, ITEM_BILL, SOURCE_OF_SEQ

Ints = npt.NDArray[np.int64]

BILLS_MAX = 31  # of an account in a period: late charges take bill seq × LATE_SEQ + n, which must fit a smallint
AMOUNT_MAX = 1 << 53

# The balance rows are locked by this very statement, in the order of accounts. Answers who has both credit and debt.
BALANCE_SQL = """
WITH posted AS (
    INSERT INTO balance AS b (account_id, unit_id, owed, credit, open_from)
    SELECT * FROM unnest(%s, %s, %s, %s, %s) AS v (account_id, unit_id, owed, credit, open_from) ORDER BY v.account_id
    ON CONFLICT (account_id) DO UPDATE SET
        owed = b.owed + excluded.owed,
        credit = b.credit + excluded.credit,
        open_from = CASE
            WHEN excluded.open_from = 0 THEN b.open_from
            WHEN b.open_from = 0 THEN excluded.open_from
            ELSE least(b.open_from, excluded.open_from)
        END
    RETURNING account_id, owed, credit
)
SELECT array_agg(account_id ORDER BY account_id) FROM posted WHERE owed > 0 AND credit > 0
"""

_prepared: set[tuple[str, int]] = set()  # partitions that this process has seen


def prepare(period: int, issued_on: date) -> None:
    """Make the partitions that bills of a period, issued on a day, are posted into. Call before the transaction."""
    prepare_items(period)
    prepare_movements(issued_on.year * 100 + issued_on.month)


def prepare_items(period: int) -> None:
    """The partition of open items of a bill period, with room in its pages so that updates stay in place."""
    name = f"open_item_{int(period)}"
    if ("open_item", period) in _prepared:
        return
    partitions.ensure(["open_item"], period)
    with connection.cursor() as cursor:
        cursor.execute("SELECT reloptions IS NULL FROM pg_class WHERE oid = to_regclass(%s)", [name])
        if cursor.fetchone() == (True,):
            cursor.execute(f"ALTER TABLE {connection.ops.quote_name(name)} SET (fillfactor = 50)")
    _remember("open_item", period)


def prepare_movements(period: int) -> None:
    """The partition of movements of a posting period."""
    if ("movement", period) not in _prepared:
        partitions.ensure(["movement"], period)
        _remember("movement", period)


def _remember(table: str, period: int) -> None:
    # only once it is committed: a partition made in a transaction that fails is not there
    transaction.on_commit(lambda: _prepared.add((table, period)))


# The same for accounts that are there already, one bill each: a merge along the key, which also takes the locks in the
# order of accounts (`_merging` sees to it that the planner does). About a third cheaper than trying to insert first.
UPDATE_SQL = """
WITH v AS MATERIALIZED (SELECT * FROM unnest(%s, %s) AS v (account_id, net)), posted AS (
    UPDATE balance AS b SET
        owed = b.owed + greatest(v.net, 0),
        credit = b.credit + greatest(-v.net, 0),
        open_from = CASE WHEN v.net <= 0 THEN b.open_from WHEN b.open_from = 0 THEN %s ELSE least(b.open_from, %s) END
    FROM v WHERE b.account_id = v.account_id AND b.account_id BETWEEN %s AND %s
    RETURNING b.account_id, b.owed, b.credit
)
SELECT array_agg(account_id ORDER BY account_id) FILTER (WHERE owed > 0 AND credit > 0) FROM posted
"""

THERE_SQL = "SELECT array_agg(account_id) FROM balance WHERE account_id BETWEEN %s AND %s"

NEW_SQL = """
WITH made AS (
    INSERT INTO balance (account_id, unit_id, owed, credit, open_from)
    SELECT * FROM unnest(%s, %s, %s, %s, %s) AS v (account_id, unit_id, owed, credit, open_from) ORDER BY v.account_id
    ON CONFLICT (account_id) DO NOTHING RETURNING account_id
)
SELECT array_agg(account_id) FROM made
"""


def post_bills(raw: psycopg.Connection[Any], bills: BillsToPost, posted_at: datetime | None = None) -> BillsPosted:
    """Post bills in the transaction that is open on `raw`: open items, movements and balances.

    `raw`: a psycopg connection (Django's: `connection.connection`). Call it last in a slice's transaction, since it
    locks the accounts until the end, and `prepare` before the transaction. Refuses as a whole: `period_closed`,
    `bad_amount`, `bad_seq`; a bill that stands already is a unique violation of the database.
    """
    amount = bills.by_class.sum(axis=1)
    _refuse_bad(bills, amount)
    moment = posted_at or clock.now()
    cursor = column_cursor(raw)
    _refuse_closed(raw, zip(bills.unit_id.tolist(), posting_periods(bills.issued_on).tolist(), strict=True))
    to_set_off = _post_balances(cursor, bills, amount)
    owing = np.flatnonzero(amount > 0)
    due = bills.due_on[owing]
    items = copy_in(cursor, "open_item", ITEM_SHAPE, {
        "account_id": bills.account_id[owing], "period": bills.period, "kind": ITEM_BILL, "seq": bills.seq[owing],
        "unit_id": bills.unit_id[owing], "class_code": bills.class_code[owing], "amount": amount[owing],
        "open": amount[owing], "issued_on": bills.issued_on[owing], "due_on": due, "late_upto": due,
        "late_charged": 0, "late_n": 0, "late_accrued": 0,
    })  # fmt: skip
    movements = copy_in(cursor, "movement", MOVEMENT_SHAPE, _movements(bills, amount, moment))
    return BillsPosted(len(amount), items, movements, to_set_off)


def _refuse_bad(bills: BillsToPost, amount: Ints) -> None:
    if (np.abs(bills.by_class) > AMOUNT_MAX).any():
        row = int(np.argmax((np.abs(bills.by_class) > AMOUNT_MAX).any(axis=1)))
        raise Refusal("bad_amount", "An amount is beyond all bounds.", "金额超出范围。", field="by_class", row=row,
                      value=str(int(amount[row])))  # fmt: skip
    wrong = (bills.seq < 1) | (bills.seq > BILLS_MAX)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise Refusal("bad_seq", f"An account can have {BILLS_MAX} bills in a period at most.", "同一账期账单过多。",
                      field="seq", row=row, value=str(int(bills.seq[row])))  # fmt: skip


def _refuse_closed(raw: psycopg.Connection[Any], pairs: Iterable[tuple[int, int]]) -> None:
    closed = books.guard_periods(raw)
    for unit, period in set(pairs):
        if period <= closed.get(unit, 0):
            raise books.closed_refusal(unit, period)


def _post_balances(cursor: Cursor, bills: BillsToPost, amount: Ints) -> Ints:
    """Add the bills to the balances; the accounts that have both credit and debt now."""
    account, first, inverse = np.unique(bills.account_id, return_index=True, return_inverse=True)
    if len(account) == len(bills.account_id) and len(account):
        return _update_balances(cursor, bills, amount)
    owed, credit = np.zeros(len(account), np.int64), np.zeros(len(account), np.int64)
    np.add.at(owed, inverse, np.maximum(amount, 0))
    np.add.at(credit, inverse, np.maximum(-amount, 0))
    open_from = np.where(owed > 0, bills.period, 0)
    return fetch(
        cursor, BALANCE_SQL, [Int8(account), Int4(bills.unit_id[first]), Int8(owed), Int8(credit), Int4(open_from)]
    )[0]


def _update_balances(cursor: Cursor, bills: BillsToPost, amount: Ints) -> Ints:
    """One bill an account: insert the balances that are new, then update those that are there.

    New ones first: nobody can hold a row that is not there, so that no row is waited for out of the order of accounts.
    """
    order = np.argsort(bills.account_id)
    account = bills.account_id[order]
    span = [int(account[0]), int(account[-1])]
    there = fetch(cursor, THERE_SQL, span)[0]
    rows = order[~np.isin(account, there)]
    if len(rows):
        owed, credit = np.maximum(amount[rows], 0), np.maximum(-amount[rows], 0)
        open_from = np.where(owed > 0, bills.period, 0)
        columns = [Int8(bills.account_id[rows]), Int4(bills.unit_id[rows]), Int8(owed), Int8(credit), Int4(open_from)]
        # one that somebody else has made meanwhile is updated like the others
        order = order[~np.isin(account, fetch(cursor, NEW_SQL, columns)[0])]
    if not len(order):
        return np.zeros(0, np.int64)
    with _merging(cursor):
        parameters = [Int8(bills.account_id[order]), Int8(amount[order]), bills.period, bills.period, *span]
        return fetch(cursor, UPDATE_SQL, parameters)[0]


@contextmanager
def _merging(cursor: Cursor) -> Iterator[None]:
    """Joins by merging alone, for the statements inside."""
    cursor.execute("SET LOCAL enable_nestloop = off")
    cursor.execute("SET LOCAL enable_hashjoin = off")
    yield
    cursor.execute("SET LOCAL enable_nestloop = on")
    cursor.execute("SET LOCAL enable_hashjoin = on")


def _movements(bills: BillsToPost, amount: Ints, moment: datetime) -> dict[str, Any]:
    """A movement for each ledger class of each bill that is not zero, n = its class."""
    row, which = np.nonzero(bills.by_class)
    value = bills.by_class[row, which]
    other = np.array(accounts.OF_CLASS, np.int64)[which]
    # what the customer owes; where the bill as a whole gives money back, the customer's credit
    own = np.where(amount[row] >= 0, accounts.RECEIVABLE, accounts.CREDIT)
    return {
        "account_id": bills.account_id[row], "period": posting_periods(bills.issued_on)[row], "kind": BILL,
        "source": bills.period * SOURCE_OF_SEQ + bills.seq[row], "n": which, "unit_id": bills.unit_id[row],
        "debit": np.where(value > 0, own, other), "credit": np.where(value > 0, other, own), "amount": np.abs(value),
        "value_on": bills.issued_on[row], "posted_at": int(moment.timestamp() * 1_000_000),
    }  # fmt: skip
