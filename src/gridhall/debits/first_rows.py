"""The guard's terms that come with the program, where there are none."""

from datetime import date
from typing import Any

# From three times the usual and 200.00 above it a debit is asked about; a first one above 2,000.00. Minor units.
SINCE, PERMILLE, SPARE, FIRST_MOST = date(2000, 1, 1), 3000, 20_000, 200_000


def ensure(using: str = "default", **_: Any) -> None:
    """Called after each `migrate`; changes nothing that is there."""
    from django.db import connections

    with connections[using].cursor() as cursor:
        cursor.execute("SELECT to_regclass('debits_guardterm') IS NOT NULL")
        if cursor.fetchone() == (True,):
            cursor.execute(
                "INSERT INTO debits_guardterm (since, permille, spare, first_most) VALUES (%s, %s, %s, %s)"
                " ON CONFLICT (since) DO NOTHING",
                [SINCE, PERMILLE, SPARE, FIRST_MOST],
            )
