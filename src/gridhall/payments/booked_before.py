"""What of our books a line of a statement is the bank's side of: cash that was brought to the bank, and transfers of
banks and agents for reconciled days. Those stand on 1002 already and must not be booked again."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db import connection

from gridhall.payments.statement_data import EntryIn

# What stands on 1002 by a slip of cash or by the transfer of a reconciled day, and has not been seen on a statement.
BOOKED_SQL = """
SELECT what, amount, "on", reference
FROM (
    SELECT 'banking:' || id AS what, amount, banked_on AS "on", slip AS reference
    FROM payments_banking WHERE state = 'booked' AND banked_on >= %(since)s
    UNION ALL
    SELECT 'day:' || d.id, m.amount, d.settled_on, d.transfer
    FROM payments_dayreconciliation AS d
    CROSS JOIN LATERAL (
        SELECT sum(CASE WHEN debit = 1002 THEN amount ELSE -amount END)::bigint AS amount
        FROM movement WHERE account_id = 0 AND kind = 11 AND source = d.id AND (debit = 1002 OR credit = 1002)
    ) AS m
    WHERE d.state = 'settled' AND d.settled_on >= %(since)s
) AS booked
WHERE (%(amount)s = 0 OR amount = %(amount)s)
    AND NOT EXISTS (SELECT FROM payments_statemententry WHERE confirms = what)
    AND NOT EXISTS (SELECT FROM payments_suspenseact WHERE confirms = what AND state <> 'declined')
ORDER BY "on", what
"""

DAYS_BACK = timedelta(days=120)  # how long after its day a booking may still come on a statement
REFERENCE_LEAST = 4  # characters: a shorter slip number would be found in anything


@dataclass(frozen=True)
class Booked:
    """A booking at our bank. `what`: banking:<id> or day:<id>; `reference`: the slip's or the transfer's."""

    what: str
    amount: int
    on: date
    reference: str


@dataclass
class BookedBefore:
    """Bookings whose line on a statement has not come yet; each is taken once."""

    by_amount: dict[int, list[Booked]] = field(default_factory=dict)

    def take(self, entry: EntryIn) -> str:
        """What a line is the bank's side of: amount and reference are the same. Empty where there is nothing."""
        waiting = self.by_amount.get(entry.amount, [])
        said = f"{entry.bank_ref}\n{entry.text}"
        for place, each in enumerate(waiting):
            if len(each.reference) >= REFERENCE_LEAST and each.reference in said:
                del waiting[place]
                return each.what
        return ""


def booked_before(since: date, amount: int = 0) -> BookedBefore:
    """Bookings at our bank from `since` on that no statement has confirmed, the oldest first; `amount`: of it alone."""
    with connection.cursor() as cursor:
        cursor.execute(BOOKED_SQL, {"since": since, "amount": amount})
        found = [Booked(*row) for row in cursor.fetchall()]
    left = BookedBefore()
    for each in found:
        left.by_amount.setdefault(each.amount, []).append(each)
    return left
