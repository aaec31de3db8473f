"""What accounts owe on a day of debit, over columns, with their balances held where a file is at stake."""

from datetime import date, datetime, time

import numpy as np
from django.db import connection

from gridhall.columns.copy import array_text
from gridhall.debits.data import Ints
from gridhall.kernel import clock
from gridhall.ledger import public as ledger

OWED_SQL = """
SELECT b.account_id, b.owed, EXISTS (
    SELECT FROM open_item AS i
    WHERE i.account_id = b.account_id AND i.period >= b.open_from AND i.open > 0 AND i.due_on < %(on)s
)
FROM balance AS b WHERE b.account_id = ANY(%(accounts)s::bigint[]) ORDER BY b.account_id
"""
HELD_SQL = OWED_SQL + " FOR SHARE OF b"  # whoever pays meanwhile waits till the file stands


def owed_on(accounts: Ints, on: date, *, hold: bool = False) -> Ints:
    """What each of the accounts (sorted, each once) owes on a day with its late charge: minor units. `hold`: keep
    payments waiting to the end of the transaction."""
    owed = np.zeros(len(accounts), np.int64)
    with connection.cursor() as cursor:
        cursor.execute(HELD_SQL if hold else OWED_SQL, {"on": on, "accounts": array_text(accounts)})
        rows = cursor.fetchall()
    if not rows:
        return owed
    known = np.array([row[0] for row in rows], np.int64)
    owed[np.searchsorted(accounts, known)] = np.array([row[1] for row in rows], np.int64)
    late = [row[0] for row in rows if row[2]]
    if late:
        moment = datetime.combine(on, time(12), clock.zone())
        for account, found in ledger.owed_of(late, moment).items():
            owed[np.searchsorted(accounts, account)] = found.total
    return owed
