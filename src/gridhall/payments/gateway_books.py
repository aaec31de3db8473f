"""What stands in our books of a gateway's day: payments under their order's number, refunds below zero under theirs."""

from collections.abc import Mapping, Sequence
from datetime import date

from django.db import connection

from gridhall.customers import public as customers
from gridhall.payments.day_comparing import OurRow

DOOR = "online"

# What stands in our books of a gateway: refunds, and paid orders, also where the money went back by a refund since
# (which is a row of its own day), but not where the payment was undone because it never came.
STANDING_SQL = """
SELECT s.serial, s.account_id, s.no, s.amount
FROM (
    SELECT o.order_no AS serial, o.account_id, o.payment_no AS no, p.amount, p.unit_id, o.gateway, o.paid_on
    FROM payments_gatewayorder AS o
    JOIN payment AS p ON p.account_id = o.account_id AND p.no = o.payment_no
    LEFT JOIN payment AS r ON r.account_id = p.account_id AND r.reverses = p.no AND r.kind = 2 AND r.method <> 6
    LEFT JOIN payments_refundorder AS b
        ON b.account_id = p.account_id AND b.payment_no = p.no AND b.state = 'booked'
    WHERE o.state = 'paid' AND (r.no IS NULL OR b.id IS NOT NULL)
    UNION ALL
    SELECT refund_no, account_id, payment_no, -amount, unit_id, gateway, paid_on
    FROM payments_refundorder WHERE state IN ('confirmed', 'booked')
) AS s
WHERE s.gateway = %(gateway)s
"""
OUR_DAY_SQL = STANDING_SQL + "AND s.paid_on = %(on)s ORDER BY s.serial"
OTHER_DAYS_SQL = STANDING_SQL + "AND s.paid_on <> %(on)s AND s.serial = ANY(%(serials)s)"
BY_UNIT_SQL = OUR_DAY_SQL.replace("s.serial, s.account_id, s.no, s.amount", "s.unit_id, sum(s.amount)::bigint").replace(
    "ORDER BY s.serial", "GROUP BY s.unit_id ORDER BY s.unit_id"
)

# What the gateway's bill says that it keeps, on the orders and refunds that it names.
ORDER_FEES_SQL = """
UPDATE payments_gatewayorder AS o SET fee = b.fee
FROM unnest(%(serials)s::text[], %(fees)s::bigint[]) AS b (serial, fee)
WHERE o.gateway = %(gateway)s AND o.order_no = b.serial
"""
REFUND_FEES_SQL = """
UPDATE payments_refundorder AS o SET fee = b.fee
FROM unnest(%(serials)s::text[], %(fees)s::bigint[]) AS b (serial, fee)
WHERE o.gateway = %(gateway)s AND o.refund_no = b.serial
"""
FEES_BY_UNIT_SQL = """
SELECT unit_id, sum(fee)::bigint
FROM (
    SELECT p.unit_id, o.fee
    FROM payments_gatewayorder AS o
    JOIN payment AS p ON p.account_id = o.account_id AND p.no = o.payment_no
    WHERE o.gateway = %(gateway)s AND o.state = 'paid' AND o.paid_on = %(on)s
    UNION ALL
    SELECT unit_id, fee FROM payments_refundorder
    WHERE gateway = %(gateway)s AND state IN ('confirmed', 'booked') AND paid_on = %(on)s
) AS s
GROUP BY unit_id HAVING sum(fee) <> 0 ORDER BY unit_id
"""


def counterparty_of(gateway: str) -> str:
    return f"{DOOR}:{gateway}"


def gateway_of(counterparty: str) -> str:
    """The gateway that a counterparty is; empty where it is none."""
    door, _, name = counterparty.partition(":")
    return name if door == DOOR else ""


def our_gateway_day(gateway: str, on: date) -> list[OurRow]:
    """What stands in our books of a day of a gateway's books."""
    return _standing(OUR_DAY_SQL, gateway, on, [])


def on_other_days(gateway: str, on: date, serials: Sequence[str]) -> list[OurRow]:
    """What stands under these serials on other days of a gateway's books."""
    return _standing(OTHER_DAYS_SQL, gateway, on, serials)


def _standing(sql: str, gateway: str, on: date, serials: Sequence[str]) -> list[OurRow]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"gateway": gateway, "on": on, "serials": list(serials)})
        rows = cursor.fetchall()
    numbers = customers.account_numbers({account for _, account, *_ in rows})
    return [OurRow(serial, account, numbers.get(account, ""), no, amount) for serial, account, no, amount in rows]


def keep_fees(gateway: str, fees: Mapping[str, int]) -> None:
    """Note what the gateway's bill says that it keeps of each order and refund, by serial."""
    with connection.cursor() as cursor:
        for sql in (ORDER_FEES_SQL, REFUND_FEES_SQL):
            cursor.execute(sql, {"gateway": gateway, "serials": list(fees), "fees": list(fees.values())})


def by_unit(gateway: str, on: date) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """The money of a gateway's day by unit of the accounts, and the fees of it."""
    with connection.cursor() as cursor:
        cursor.execute(BY_UNIT_SQL, {"gateway": gateway, "on": on})
        amounts = list(cursor.fetchall())
        cursor.execute(FEES_BY_UNIT_SQL, {"gateway": gateway, "on": on})
        return amounts, list(cursor.fetchall())
