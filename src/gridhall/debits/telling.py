"""Facts of a cycle for the rooms above: one for each stretch of accounts, so that notices are made in sets."""

from typing import Any

from django.db import connection

from gridhall.debits.models import FAILED, INSUFFICIENT, Cycle
from gridhall.kernel import outbox

ACCOUNTS_AT_ONCE = 10_000

STRETCHES_SQL = """
SELECT min(account_id), max(account_id), count(*), sum(amount)::bigint
FROM (
    SELECT account_id, amount, (row_number() OVER (ORDER BY account_id) - 1) / %(size)s AS stretch
    FROM debit_now WHERE cycle_id = %(cycle)s AND attempt = %(attempt)s AND state = ANY(%(states)s)
        AND (NOT %(last)s OR NOT EXISTS (
            SELECT FROM debit AS l WHERE l.account_id = debit_now.account_id AND l.cycle_id = debit_now.cycle_id
                AND l.attempt > debit_now.attempt
        ))
) AS one GROUP BY stretch ORDER BY stretch
"""

# The same of one result file, from its own rows: 1 is money, 20 is not known.
RESULT_SQL = """
SELECT min(account_id), max(account_id), count(*), sum(amount)::bigint
FROM (
    SELECT account_id, amount, (row_number() OVER (ORDER BY account_id) - 1) / %(size)s AS stretch
    FROM debit_result WHERE result_id = %(result)s AND cycle_id = %(cycle)s AND attempt = %(attempt)s
        AND outcome <> 20 AND (outcome = 1) = %(made)s
) AS one GROUP BY stretch ORDER BY stretch
"""

# Accounts that are to be debited and had too little at their last debit.
LOW_SQL = """
SELECT min(account_id), max(account_id), count(*), sum(amount)::bigint
FROM (
    SELECT d.account_id, d.amount, (row_number() OVER (ORDER BY d.account_id) - 1) / %(size)s AS stretch
    FROM debit_now AS d WHERE d.cycle_id = %(cycle)s AND d.attempt = %(attempt)s AND d.state = ANY(%(states)s)
        AND (
            SELECT r.outcome FROM debit_result AS r WHERE r.account_id = d.account_id
            ORDER BY r.cycle_id DESC, r.attempt DESC LIMIT 1
        ) = %(low)s
) AS one GROUP BY stretch ORDER BY stretch
"""


def tell(kind: str, cycle: Cycle, attempt: int, states: tuple[int, ...]) -> int:
    """Publish a fact of a kind for the debits of an attempt in these states: how many debits it was about."""
    return _publish(kind, STRETCHES_SQL, cycle, attempt, states, {}, {})


def tell_results(kind: str, cycle: Cycle, attempt: int, result_id: int, *, made: bool, **more: Any) -> int:
    """Publish a fact of a kind for the debits of an attempt that a result file says were made, or were not."""
    return _publish(kind, RESULT_SQL, cycle, attempt, (), {"result": result_id, "made": made}, more)


def tell_unpaid(cycle: Cycle, attempt: int) -> int:
    """Publish `debit_unpaid` for what failed in an attempt and was not tried again after it."""
    return _publish("debit_unpaid", STRETCHES_SQL, cycle, attempt, (FAILED,), {"last": True}, {})


def tell_low(cycle: Cycle, attempt: int, states: tuple[int, ...]) -> int:
    """Publish `debit_balance_low` for debits of accounts that had too little money at their last one."""
    return _publish("debit_balance_low", LOW_SQL, cycle, attempt, states, {}, {})


def _publish(
    kind: str,
    sql: str,
    cycle: Cycle,
    attempt: int,
    states: tuple[int, ...],
    which: dict[str, Any],
    more: dict[str, Any],
) -> int:
    asked: dict[str, Any] = {
        "cycle": cycle.pk,
        "attempt": attempt,
        "states": list(states),
        "size": ACCOUNTS_AT_ONCE,
        "last": False,
        "low": INSUFFICIENT,
        **which,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, asked)
        rows = cursor.fetchall()
    for low, high, count, amount in rows:
        told = {
            "cycle": cycle.pk, "attempt": attempt, "unit": cycle.unit_id, "debit_on": cycle.debit_on.isoformat(),
            "count": count, "amount": amount, **more,
        }  # fmt: skip
        outbox.publish(kind, told, (low, high))
    return sum(row[2] for row in rows)
