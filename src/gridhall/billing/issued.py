"""The bills of a stretch of a run, as the fact about them names it."""

from dataclasses import dataclass
from datetime import date

from django.db import connection

ISSUED_SQL = """
SELECT account_id, seq, amount, due_on FROM bill
WHERE period = %s AND run_id = %s AND account_id BETWEEN %s AND %s AND state = 1 ORDER BY account_id, seq
"""


@dataclass(frozen=True)
class IssuedRow:
    """A bill as a notice tells it. `amount`: minor units."""

    account_id: int
    seq: int
    amount: int
    due_on: date


def issued_in(run_id: int, period: int, accounts: tuple[int, int]) -> list[IssuedRow]:
    """The bills of a run between two accounts: one query."""
    with connection.cursor() as cursor:
        cursor.execute(ISSUED_SQL, [period, run_id, *accounts])
        return [IssuedRow(*row) for row in cursor.fetchall()]
