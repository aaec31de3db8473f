"""Bad debts: open items given up against an expense (6702), and owed again when somebody pays after all.

A write-off allocates to the items as a payment does, under a number of its own, but brings no money. Late charge that
has arisen and was not charged yet is in no books and is given up with its bill.
"""

from collections.abc import Iterable, Sequence
from datetime import date

from django.db import connection

from gridhall.ledger import accounts
from gridhall.ledger.entries import (
    Cursor,
    Entries,
    Items,
    LateRows,
    Locked,
    Moved,
    Parts,
    posting_period,
)
from gridhall.ledger.models import ITEM_BILL, WRITE_OFF_REINSTATED, WRITTEN_OFF

ItemKey = tuple[int, int, int]  # period, kind, seq

# What is written off and not owed again, item by item, the oldest first.
WRITTEN_OFF_SQL = """
SELECT i.account_id, i.period, i.kind, i.seq, i.unit_id, i.class_code, i.amount, i.open,
    i.issued_on - date '0001-01-01' + 1, i.due_on - date '0001-01-01' + 1, i.late_upto - date '0001-01-01' + 1,
    i.late_charged, i.late_n, i.late_accrued, w.amount::bigint
FROM (
    SELECT a.account_id, a.item_period, a.item_kind, a.item_seq, sum(a.amount) AS amount
    FROM movement AS m JOIN allocation AS a ON a.account_id = m.account_id AND a.payment_no = m.source
    WHERE m.account_id = ANY(%s) AND m.kind IN (16, 17) AND m.n = 1
    GROUP BY a.account_id, a.item_period, a.item_kind, a.item_seq HAVING sum(a.amount) > 0
) AS w JOIN open_item AS i
    ON i.account_id = w.account_id AND i.period = w.item_period AND i.kind = w.item_kind AND i.seq = w.item_seq
ORDER BY i.account_id, i.due_on, i.period, i.kind DESC, i.seq
"""


def written_off(account_ids: Iterable[int]) -> dict[int, int]:
    """What is written off of accounts and was not owed again since, minor units; those without are missing."""
    with connection.cursor() as cursor:
        cursor.execute(WRITTEN_OFF_SQL, [list(account_ids)])
        sums: dict[int, int] = {}
        for row in cursor.fetchall():
            sums[row[0]] = sums.get(row[0], 0) + row[14]
        return sums


def write_off(held: Locked, items: Items, chosen: Sequence[ItemKey], number: int, on: date) -> Entries:
    """What gives up the chosen open items of the one account in `held`. Pure."""
    account, unit, owed, credit, _ = held.rows()[0]
    wanted = set(chosen)
    rows = items.rows()
    given_up = [row for row in rows if row[1:4] in wanted]
    total, day = sum(row[7] for row in given_up), on.toordinal()
    parts = [(account, number, n, *row[1:4], row[7]) for n, row in enumerate(given_up, 1)]
    left = [row[1] for row in rows if row[1:4] not in wanted]
    moved = (
        account, posting_period(day), WRITTEN_OFF, number, 1, unit, accounts.BAD_DEBT, accounts.RECEIVABLE, total, day,
    )  # fmt: skip
    return Entries(
        Items.of(), Items.of([(*row[:7], 0, *row[8:]) for row in given_up]), LateRows.of(), Parts.of(parts),
        Moved.of([moved] if total else []), Locked.of([(account, unit, owed - total, credit, min(left, default=0))]),
    )  # fmt: skip


def reinstate(cursor: Cursor, held: Locked, amount: int, number: int, on: date) -> Entries | None:
    """What makes a part of the written-off debt of the one account in `held` owed again, the oldest first; None where
    less than `amount` is written off. No late charge is counted for the time it was given up."""
    account, unit, owed, credit, open_from = held.rows()[0]
    cursor.execute(WRITTEN_OFF_SQL, [[account]])
    changed: list[tuple[int, ...]] = []
    parts: list[tuple[int, ...]] = []
    day, rest = on.toordinal(), amount
    for *item, given_up in cursor.fetchall():
        part = min(int(given_up), rest)
        if part:
            item[7] += part
            if item[2] == ITEM_BILL:
                item[10] = max(item[10], day)
            changed.append(tuple(item))
            parts.append((account, number, len(parts) + 1, *item[1:4], -part))
            rest -= part
    if rest:
        return None
    moved = (
        account, posting_period(day), WRITE_OFF_REINSTATED, number, 1, unit, accounts.RECEIVABLE, accounts.BAD_DEBT,
        amount, day,
    )  # fmt: skip
    first = min([open_from or 10**6, *(row[1] for row in changed)])
    return Entries(
        Items.of(), Items.of(changed), LateRows.of(), Parts.of(parts), Moved.of([moved]),
        Locked.of([(account, unit, owed + amount, credit, first)]),
    )  # fmt: skip


def is_written_off(cursor: Cursor, account_id: int, period: int, seqs: Sequence[tuple[int, int]]) -> bool:
    """Whether one of the items (kind, seq) of a period is written off, in part or whole."""
    cursor.execute(WRITTEN_OFF_SQL, [[account_id]])
    wanted = set(seqs)
    return any(row[1] == period and (row[2], row[3]) in wanted for row in cursor.fetchall())
