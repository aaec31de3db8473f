"""Which debits a cycle makes: debts of accounts with an active mandate, guarded against shocks."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from django.db import connection, transaction

from gridhall.columns.copy import INT2, INT4, INT8, copy_in
from gridhall.debits.data import Ints
from gridhall.debits.models import Cycle, GuardTerm
from gridhall.debits.owing import owed_on
from gridhall.rules.debit_guard import reason_to_hold

ACCOUNTS_AT_ONCE = 20_000
UNIT_LOCK = 0x64656269  # with the unit: one cycle of a unit issues at a time

# Active mandates whose account owes, without those of which a debit is under way or may be tried again. What is usual:
# the mean of the last six debits, else of the last twelve bills before the newest.
CANDIDATES_SQL = """
SELECT m.account_id, m.id, m.bank_id, m."limit", coalesce(
    (SELECT sum(r.amount) / count(*) FROM (
        SELECT amount FROM debit_result AS r WHERE r.account_id = m.account_id AND r.outcome = 1
        ORDER BY r.cycle_id DESC, r.attempt DESC LIMIT 6
    ) AS r),
    (SELECT sum(i.amount) / count(*) FROM (
        SELECT amount FROM open_item AS i WHERE i.account_id = m.account_id AND i.kind = 1
        ORDER BY i.period DESC, i.seq DESC OFFSET 1 LIMIT 12
    ) AS i),
    0
)::bigint
FROM debits_mandate AS m
JOIN customers_account AS a ON a.id = m.account_id AND a.unit_id = %(unit)s
JOIN balance AS b ON b.account_id = m.account_id AND b.owed > 0
WHERE m.state = 'active' AND m.account_id > %(after)s AND m.preferred_day IN (0, %(day)s) AND NOT EXISTS (
    SELECT FROM debit_now AS o JOIN debits_cycle AS c ON c.id = o.cycle_id
    WHERE o.account_id = m.account_id AND (o.state IN (1, 2, 3, 4, 7) OR (o.state = 6 AND c.state <> 'closed'))
)
ORDER BY m.account_id LIMIT %(limit)s
"""
DEBIT_SHAPE = {
    "account_id": INT8, "cycle_id": INT8, "attempt": INT2, "mandate_id": INT8, "bank_id": INT4, "amount": INT8,
    "usual": INT8, "held": INT2,
}  # fmt: skip


@dataclass(frozen=True)
class Issued:
    """What a stretch came to: `last` account looked at (0: no more), debits made and those of them that are held."""

    last: int
    made: int
    held: int


def guard_of(on: date) -> GuardTerm:
    """The terms of the guard on a day; LookupError where none are entered."""
    found = GuardTerm.objects.filter(since__lte=on).order_by("-since").first()
    if found is None:
        raise LookupError("the guard against shocks has no terms: enter a row of GuardTerm")
    return found


def issue_stretch(cycle: Cycle) -> Issued:
    """Make the debits of the next stretch of accounts, in the open transaction that holds the cycle."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [UNIT_LOCK, cycle.unit_id])
        cursor.execute(
            CANDIDATES_SQL,
            {
                "unit": cycle.unit_id, "after": cycle.issued_upto, "day": cycle.debit_on.day, "limit": ACCOUNTS_AT_ONCE,
            },
        )  # fmt: skip
        rows = cursor.fetchall()
    if not rows:
        return Issued(0, 0, 0)
    account, mandate, bank, limit, usual = (np.array(column, np.int64) for column in zip(*rows, strict=True))
    amount = owed_on(account, cycle.debit_on)
    held = _held(amount, usual, limit, guard_of(cycle.debit_on))
    keep = amount > 0
    write(cycle.pk, cycle.attempt, account[keep], mandate[keep], bank[keep], amount[keep], usual[keep], held[keep])
    return Issued(int(account[-1]), int(keep.sum()), int((held[keep] > 0).sum()))


def _held(amount: Ints, usual: Ints, limit: Ints, terms: GuardTerm) -> Ints:
    rows = zip(amount.tolist(), usual.tolist(), limit.tolist(), strict=True)
    return np.array(
        [reason_to_hold(*row, terms.permille, terms.spare, terms.first_most) for row in rows], np.int64
    )  # fmt: skip


def write(
    cycle_id: int, attempt: int, account: Ints, mandate: Ints, bank: Ints, amount: Ints, usual: Ints, held: Ints
) -> None:
    """Append debits by COPY in the open transaction."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("debits are made in the transaction that holds their cycle")
    columns = {
        "account_id": account, "cycle_id": cycle_id, "attempt": attempt, "mandate_id": mandate, "bank_id": bank,
        "amount": amount, "usual": usual, "held": held,
    }  # fmt: skip
    if len(account):
        with connection.cursor() as cursor:
            copy_in(cursor, "debit", DEBIT_SHAPE, columns)
