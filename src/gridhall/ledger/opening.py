"""Transactions that hold accounts: new accounts get their row first, in a commit of its own.

Whoever holds rows of accounts takes them in rising order. A row that is inserted while others are held would break that
order (and two who do so could wait for each other for ever), so the transaction is given up, the rows are made, and it
begins again. It happens once in the life of an account.
"""

from collections.abc import Callable
from typing import TypeVar

import numpy as np
import psycopg
from django.db import OperationalError, connection, transaction

from gridhall.columns.arrays import Int8, column_cursor, fetch
from gridhall.ledger.entries import Connection, Ints, Locked

T = TypeVar("T")

TRIES = 5  # a batch may meet new accounts and a deadlock, hardly ever both and hardly ever twice

KNOWN_SQL = "SELECT array_agg(id ORDER BY id) FROM customers_account WHERE id = ANY(%s)"

OPEN_SQL = """
INSERT INTO balance (account_id, unit_id, owed, credit, open_from)
SELECT id, unit_id, 0, 0, 0 FROM customers_account WHERE id = ANY(%s) ORDER BY id
ON CONFLICT (account_id) DO NOTHING
"""


class NewAccounts(Exception):
    """Accounts that have no balance row yet; `in_order` makes the rows and begins again."""

    def __init__(self, account_ids: Ints) -> None:
        super().__init__(f"{len(account_ids)} accounts have no balance yet")
        self.account_ids = account_ids


def refuse_new(raw: Connection, account_ids: Ints, held: Locked) -> None:
    """Raise `NewAccounts` where some of the accounts are not held though customers have them."""
    if len(held.account_id) == len(account_ids):
        return
    missing = np.setdiff1d(account_ids, held.account_id)
    new = fetch(column_cursor(raw), KNOWN_SQL, [Int8(missing)])[0]
    if len(new):
        raise NewAccounts(new)


def in_order(work: Callable[[], T]) -> T:
    """Do the work in a transaction (a savepoint within an outer one), again where accounts were new to the ledger or
    the database ended a deadlock at our cost."""
    for _ in range(TRIES - 1):
        try:
            with transaction.atomic():
                return work()
        except NewAccounts as new:
            with transaction.atomic():
                column_cursor(connection.connection).execute(OPEN_SQL, [Int8(new.account_ids)])
        except (psycopg.errors.DeadlockDetected, OperationalError) as error:
            if not isinstance(error.__cause__ or error, psycopg.errors.DeadlockDetected):
                raise
    with transaction.atomic():
        return work()
