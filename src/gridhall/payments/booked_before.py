"""What of our books a line of a statement is the bank's side of: cash that was brought to the bank, transfers of banks
and agents for reconciled days, cheques, credit paid out to bank accounts, settlements between units and with card
agents, and what rooms above have booked there (debits). Those stand on 1002 already and must not be booked again."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import connection

from gridhall.kernel import clock
from gridhall.payments.statement_data import EntryIn

# What stands on 1002 and has not been seen on a statement. Movements of kind 11, 13 and 25 are the supplier's own.
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
    UNION ALL
    SELECT 'cheque:' || id, amount, ended_on, number
    FROM payments_cheque WHERE state = 'cleared' AND ended_on >= %(since)s
    UNION ALL
    SELECT 'refund:' || done_no, -amount, (decided_at AT TIME ZONE %(zone)s)::date, ''
    FROM payments_moneyact
    WHERE act = 'refund' AND state = 'done' AND (told ->> 'session_id')::bigint = 0 AND decided_at >= %(since)s
    UNION ALL
    SELECT concat_ws(':', 'units', m.source, m.unit_id), CASE WHEN m.debit = 1002 THEN m.amount ELSE -m.amount END,
        m.value_on, s.transfer
    FROM movement AS m JOIN payments_unitsettlement AS s ON s.id = m.source
    WHERE m.account_id = 0 AND m.kind = 13 AND (m.debit = 1002 OR m.credit = 1002) AND m.value_on >= %(since)s
    UNION ALL
    SELECT 'agent:' || source, CASE WHEN debit = 1002 THEN amount ELSE -amount END, value_on, ''
    FROM movement
    WHERE account_id = 0 AND kind = 25 AND (debit = 1002 OR credit = 1002) AND value_on >= %(since)s
    UNION ALL
    SELECT what, amount, "on", reference
    FROM unnest(%(whats)s::text[], %(amounts)s::bigint[], %(days)s::date[], %(references)s::text[])
        AS above (what, amount, "on", reference)
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
    """A booking at our bank. `what`: banking:<id>, day:<id>, cheque:<id>, refund:<number>, units:<id>:<unit>,
    agent:<id>, or as a room above names it; `reference`: the slip's, the transfer's or the cheque's, empty where the
    bank's line tells none (then a person confirms it). Below zero: it left our bank."""

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


Source = Callable[[date], list[Booked]]
_sources: list[Source] = []


def add_booked(source: Source) -> None:
    """Let a room above tell what it has booked at our bank from a day on."""
    _sources.append(source)


def booked_before(since: date, amount: int = 0) -> BookedBefore:
    """Bookings at our bank from `since` on that no statement has confirmed, the oldest first; `amount`: of it alone."""
    above = [each for source in _sources for each in source(since)]
    asked: dict[str, Any] = {
        "since": since, "amount": amount, "zone": str(clock.zone()), "whats": [each.what for each in above],
        "amounts": [each.amount for each in above], "days": [each.on for each in above],
        "references": [each.reference for each in above],
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(BOOKED_SQL, asked)
        found = [Booked(*row) for row in cursor.fetchall()]
    left = BookedBefore()
    for each in found:
        left.by_amount.setdefault(each.amount, []).append(each)
    return left
