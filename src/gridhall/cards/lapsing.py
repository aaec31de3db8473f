"""Cards that have run out: what was owed for them becomes income, day by day and unit by unit.

How long a card is good is data of its kind; a supplier whose law lets no value lapse gives his kinds a long term.
"""

from django.db import connection, transaction

from gridhall.cards import models, states
from gridhall.columns.arrays import column_cursor
from gridhall.kernel import audit, clock
from gridhall.kernel.access import Actor
from gridhall.ledger.public import closed_refusal, guard_periods, post_cards_lapsed, prepare_movements

AT_ONCE = 50_000

# Cards that can be used no more, in the order of serials; one that is being redeemed just now is left.
RUN_OUT_SQL = """
SELECT c.serial FROM card AS c WHERE c.state = 4 AND c.expires_on <= %s ORDER BY c.serial LIMIT %s
FOR UPDATE SKIP LOCKED
"""
EXPIRE_SQL = """
WITH run_out AS (
    UPDATE card SET state = %s WHERE serial = ANY(%s) RETURNING order_id, agent_id
)
SELECT a.unit_id, count(*), sum(t.face)::bigint FROM run_out AS r
JOIN cards_cardorder AS o ON o.id = r.order_id JOIN cards_cardtype AS t ON t.id = o.type_id
JOIN cards_agent AS a ON a.id = r.agent_id
GROUP BY a.unit_id ORDER BY a.unit_id
"""


def expire_cards(actor: Actor) -> int:
    """Let the cards lapse that have run out by today: how many. Run it daily; again, it finds the next ones. Refuses:
    not_allowed, period_closed."""
    actor.require("cards.approve")
    today = clock.today()
    period = today.year * 100 + today.month
    prepare_movements(period)
    count = 0
    while done := _some(actor, period):
        count += done
    return count


def _some(actor: Actor, period: int) -> int:
    today = clock.today()
    with transaction.atomic(), connection.cursor() as cursor:
        closed = guard_periods(connection.connection)
        cursor.execute(RUN_OUT_SQL, [today, AT_ONCE])
        serials = [row[0] for row in cursor.fetchall()]
        if not serials:
            return 0
        cursor.execute(EXPIRE_SQL, [states.EXPIRED, serials])
        for unit_id, count, face in cursor.fetchall():
            if closed.get(unit_id, 0) >= period:
                raise closed_refusal(unit_id, period)
            made = models.CardLapse.objects.create(unit_id=unit_id, on=today, count=count, face=face)
            post_cards_lapsed(column_cursor(connection.connection), made.pk, unit_id, face, today)
        audit.record(
            actor,
            "cards.expire",
            f"cards:{serials[0]:012d}",
            after={"last": f"{serials[-1]:012d}", "count": len(serials)},
        )
    return len(serials)
