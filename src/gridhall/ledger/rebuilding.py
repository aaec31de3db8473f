"""Putting derived figures right: what is open on an item and what an account owes, from the rows they are sums of."""

from django.db import connection, transaction

from gridhall.kernel import audit
from gridhall.kernel.access import Actor
from gridhall.ledger.data import Broken, Rebuilt

# Nothing is posted meanwhile; reading goes on.
LOCK_SQL = "LOCK TABLE balance, open_item, allocation, movement IN SHARE ROW EXCLUSIVE MODE"

ITEMS_SQL = """
WITH paid AS (
    SELECT account_id, item_period AS period, item_kind AS kind, item_seq AS seq, sum(amount)::bigint AS amount
    FROM allocation GROUP BY account_id, item_period, item_kind, item_seq
), wrong AS (
    SELECT i.account_id, i.period, i.kind, i.seq, i.open AS was, i.amount - coalesce(p.amount, 0) AS now_open
    FROM open_item AS i LEFT JOIN paid AS p USING (account_id, period, kind, seq)
    WHERE i.open <> i.amount - coalesce(p.amount, 0) AND coalesce(p.amount, 0) BETWEEN 0 AND i.amount
), put_right AS (
    UPDATE open_item AS i SET open = w.now_open FROM wrong AS w
    WHERE i.account_id = w.account_id AND i.period = w.period AND i.kind = w.kind AND i.seq = w.seq
)
SELECT concat_ws('/', account_id, period, kind, seq), was::text, now_open::text FROM wrong ORDER BY account_id, period
"""

BALANCES_SQL = """
WITH owing AS (
    SELECT account_id, sum(open)::bigint AS owed, min(period) AS oldest, min(unit_id) AS unit_id
    FROM open_item WHERE open > 0 GROUP BY account_id
), saved AS (
    SELECT account_id, sum(CASE WHEN credit = 2203 THEN amount ELSE -amount END)::bigint AS credit,
        min(unit_id) AS unit_id
    FROM movement WHERE debit = 2203 OR credit = 2203 GROUP BY account_id
), right_ones AS (
    SELECT coalesce(b.account_id, o.account_id, s.account_id) AS account_id,
        coalesce(b.unit_id, o.unit_id, s.unit_id) AS unit_id, coalesce(o.owed, 0) AS owed,
        coalesce(s.credit, 0) AS credit, coalesce(o.oldest, 0) AS oldest,
        b.account_id IS NULL AS missing, b.owed AS was_owed, b.credit AS was_credit, b.open_from AS was_from
    FROM balance AS b FULL JOIN owing AS o USING (account_id) FULL JOIN saved AS s USING (account_id)
), wrong AS (
    SELECT * FROM right_ones
    WHERE credit >= 0 AND (
        (missing AND (owed > 0 OR credit > 0)) OR was_owed <> owed OR was_credit <> credit
        OR (oldest > 0 AND (was_from = 0 OR was_from > oldest))
    )
), put_right AS (
    INSERT INTO balance (account_id, unit_id, owed, credit, open_from)
    SELECT account_id, unit_id, owed, credit, oldest FROM wrong
    ON CONFLICT (account_id) DO UPDATE
    SET owed = excluded.owed, credit = excluded.credit, open_from = excluded.open_from
)
SELECT account_id::text, concat_ws(' ', was_owed, was_credit, was_from), concat_ws(' ', owed, credit, oldest)
FROM wrong ORDER BY account_id
"""


def rebuild(actor: Actor) -> Rebuilt:
    """Compute what is open on each item from its allocations, and each balance from items and movements; what was wrong
    is put right and told. Movements and allocations are never touched: where those are wrong, `check` still says so."""
    actor.require("ledger.close")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LOCK_SQL)
        cursor.execute(ITEMS_SQL)
        items = [Broken("item_open", "open_item", *row) for row in cursor.fetchall()]
        cursor.execute(BALANCES_SQL)
        accounts = [Broken("balance", "balance", *row) for row in cursor.fetchall()]
        audit.record(actor, "ledger.rebuild", "ledger:all", after={"items": len(items), "balances": len(accounts)})
    return Rebuilt(len(items), len(accounts), (*items, *accounts))
